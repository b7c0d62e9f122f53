// Tokens that no theme changes (sizes, corners, layers) -> put into the rules when building: half a per cent of the bundle.

import type { Declaration, Plugin, Root } from "postcss";

const CONSTANT = /^--(type|space|control|round|pill|layer)/;
const USED = /var\((--[\w-]+)\)/g;

export function constants(): Plugin {
  return { postcssPlugin: "constants", OnceExit: insert };
}

function insert(root: Root): void {
  const values = new Map<string, string>();
  root.walkDecls(CONSTANT, ({ prop, value, parent }) => {
    if (parent?.type === "rule") values.set(prop, value);
  });
  root.walkDecls((declaration: Declaration) => {
    if (CONSTANT.test(declaration.prop)) declaration.remove();
    else declaration.value = declaration.value.replace(USED, (whole, name: string) => values.get(name) ?? whole);
  });
}
