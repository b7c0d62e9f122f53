// The page around this one (TensorBoard, or a notebook cell): theme, address, reloads, visibility.
// The only file that touches window.parent. Everything has a fallback: a host may refuse anything.

type Stop = () => void;

const NAME = "convviz";

/** Calls back with the theme now and whenever it changes. */
export function watchTheme(changed: (dark: boolean) => void): Stop {
  try {
    const { body } = window.parent.document;
    if (window.parent === window) throw new Error("no host");
    const tell = (): void => changed(body.classList.contains("dark-mode"));
    const observer = new MutationObserver(tell);
    observer.observe(body, { attributes: true, attributeFilter: ["class"] });
    tell();
    return () => observer.disconnect();
  } catch {
    const query = window.matchMedia("(prefers-color-scheme: dark)");
    const tell = (): void => changed(query.matches);
    query.addEventListener("change", tell);
    tell();
    return () => query.removeEventListener("change", tell);
  }
}

export function readHash(): string {
  try {
    return window.parent.location.hash;
  } catch {
    return window.location.hash;
  }
}

/** Puts the hash into the address, as a page of its own or not, and only while this tab is the one on screen. */
export function writeHash(hash: string, push = false): void {
  try {
    const { location, history } = window.parent;
    const plugin = location.hash.replace(/^#/, "").split("&")[0];
    if ((location.hash === hash && ownsHash()) || (plugin && plugin !== NAME)) return;
    const state: unknown = { ...history.state, [NAME]: true };
    if (push) history.pushState(state, "", hash);
    else history.replaceState(state, "", hash);
  } catch {
    // A notebook's address is not ours to write: the view still works, it just cannot be linked to.
  }
}

/** Whether the address is one that we wrote: without any key it is then the default view, not a tab just opened. */
export function ownsHash(): boolean {
  try {
    return Boolean((window.parent.history.state as Record<string, unknown> | null)?.[NAME]);
  } catch {
    return false;
  }
}

/** The address that leads back to this view. */
export function address(): string {
  try {
    return window.parent.location.href;
  } catch {
    return window.location.href;
  }
}

/** What TensorBoard's list of runs is filtered by, as a regular expression; empty for nothing. */
export function runFilter(): string {
  try {
    return new URLSearchParams(window.parent.location.search).get("runFilter") ?? "";
  } catch {
    return "";
  }
}

/** Calls back when the address is edited or another deep link is followed. */
export function watchHash(changed: () => void): Stop {
  try {
    const host = window.parent;
    host.addEventListener("hashchange", changed);
    return () => host.removeEventListener("hashchange", changed);
  } catch {
    return () => undefined;
  }
}

/** Calls back with whether this tab is on screen: TensorBoard keeps hidden tabs at height 0. */
export function watchVisible(changed: (visible: boolean) => void): Stop {
  let last: boolean | null = null;
  const tell = (): void => {
    const visible = document.visibilityState !== "hidden" && window.innerHeight > 0;
    if (visible === last) return;
    last = visible;
    changed(visible);
  };
  window.addEventListener("resize", tell);
  document.addEventListener("visibilitychange", tell);
  tell();
  return () => {
    window.removeEventListener("resize", tell);
    document.removeEventListener("visibilitychange", tell);
  };
}

/** Lets the keys work without a click first, unless something of the host has the focus. */
export function takeFocus(): void {
  try {
    const { activeElement, body } = window.parent.document;
    if (!activeElement || activeElement === body) window.focus();
  } catch {
    // Another origin around us: the first click brings the focus.
  }
}

/** Calls back when TensorBoard has reloaded its data or its list of runs has changed. */
export function watchReload(changed: () => void): Stop {
  try {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = ({ data }: MessageEvent<unknown>) => {
      const message = read(data);
      if (!message || message.isReply) return;
      // The host waits for a reply to each message it sends.
      port1.postMessage(
        JSON.stringify({ type: message.type, id: message.id, payload: null, error: null, isReply: true }),
      );
      if (message.type === "experimental.DataReloaded" || message.type === "experimental.RunsChanged") changed();
    };
    window.parent.postMessage("experimental.bootstrap", "*", [port2]);
    return () => port1.close();
  } catch {
    return () => undefined;
  }
}

function read(data: unknown): { type?: unknown; id?: unknown; isReply?: unknown } | null {
  try {
    const message: unknown = JSON.parse(String(data));
    return typeof message === "object" ? message : null;
  } catch {
    return null;
  }
}

/** Puts text on the clipboard; false where the browser forbids it. */
export async function copy(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    // Plain http on another machine has no clipboard API: the old way still works there.
    const area = document.createElement("textarea");
    area.value = text;
    area.className = "offscreen";
    document.body.append(area);
    area.select();
    const done = document.execCommand("copy");
    area.remove();
    return done;
  }
}
