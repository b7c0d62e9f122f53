import type { ComponentChild, VNode } from "preact";

/** What components without hooks draw, as markup: handlers are left out, children follow. */
export function markup(node: ComponentChild): string {
  if (node === null || node === undefined || typeof node === "boolean") return "";
  if (Array.isArray(node)) return node.map(markup).join("");
  if (typeof node !== "object") return String(node);
  const { type, props } = node as VNode<Record<string, unknown>>;
  if (typeof type === "function") return markup((type as (props: object) => ComponentChild)(props));
  const { children, ...attributes } = props;
  const shown = Object.entries(attributes)
    .filter(([, value]) => value !== undefined && typeof value !== "function")
    .map(([name, value]) => ` ${name}="${typeof value === "object" ? JSON.stringify(value) : value}"`);
  const inside = markup(children as ComponentChild);
  return type ? `<${type}${shown.join("")}>${inside}</${type}>` : inside;
}
