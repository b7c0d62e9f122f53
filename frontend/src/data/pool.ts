// A bounded memory of things that cost a request: shared while they load, disposed of when they leave.

interface Waiting<T> {
  readonly result: Promise<T>;
  readonly stop: AbortController;
  waiters: number;
}

export class Pool<T> {
  private readonly kept = new Map<string, { thing: T; cost: number }>();
  private readonly waiting = new Map<string, Waiting<T>>();
  private cost = 0;

  constructor(
    private readonly limit: number,
    private readonly weigh: (thing: T) => number,
    private readonly dispose: (thing: T) => void,
    private readonly inUse: (thing: T) => boolean = () => false,
  ) {}

  get(key: string): T | undefined {
    const entry = this.kept.get(key);
    if (!entry) return undefined;
    this.kept.delete(key);
    this.kept.set(key, entry);
    return entry.thing;
  }

  /** From memory, from a load that is under way, or by `make`; aborted when its last waiter leaves. */
  async load(key: string, make: (signal: AbortSignal) => Promise<T>, signal: AbortSignal): Promise<T> {
    const known = this.get(key);
    if (known !== undefined) return known;
    const waiting = this.waiting.get(key) ?? this.start(key, make);
    waiting.waiters += 1;
    const leave = (): void => {
      waiting.waiters -= 1;
      if (waiting.waiters === 0) {
        if (this.waiting.get(key) === waiting) this.waiting.delete(key);
        waiting.stop.abort();
      }
    };
    return new Promise<T>((resolve, reject) => {
      const aborted = (): void => {
        leave();
        reject(signal.reason);
      };
      if (signal.aborted) return aborted();
      signal.addEventListener("abort", aborted, { once: true });
      waiting.result.then(resolve, reject).finally(() => signal.removeEventListener("abort", aborted));
    });
  }

  private start(key: string, make: (signal: AbortSignal) => Promise<T>): Waiting<T> {
    const stop = new AbortController();
    const result = make(stop.signal).then((thing) => {
      if (stop.signal.aborted) {
        this.dispose(thing);
        throw stop.signal.reason;
      }
      this.keep(key, thing);
      return thing;
    });
    const waiting: Waiting<T> = { result, stop, waiters: 0 };
    this.waiting.set(key, waiting);
    const done = (): void => {
      if (this.waiting.get(key) === waiting) this.waiting.delete(key);
    };
    result.then(done, done);
    return waiting;
  }

  private keep(key: string, thing: T): void {
    const cost = this.weigh(thing);
    this.kept.set(key, { thing, cost });
    this.cost += cost;
    for (const [old, entry] of this.kept) {
      if (this.cost <= this.limit) break;
      if (old === key || this.inUse(entry.thing)) continue;
      this.kept.delete(old);
      this.cost -= entry.cost;
      this.dispose(entry.thing);
    }
  }
}
