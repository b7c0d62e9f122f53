import { describe, expect, it } from "vitest";

const SHEETS = import.meta.glob<string>("../src/**/*.css", { query: "?raw", import: "default", eager: true });
const TOKENS = "../src/ui/tokens.css";

/** Declarations of all sheets but the tokens, as "file: property: value". */
const DECLARATIONS = Object.entries(SHEETS)
  .filter(([file]) => file !== TOKENS)
  .flatMap(([file, css]) =>
    [...css.replace(/\/\*.*?\*\//gs, "").matchAll(/([\w-]+):\s*([^;{}]+);/g)].map(
      ([, property, value]) => `${file}: ${property}: ${value}`,
    ),
  );

describe("tokens are the only place", () => {
  it.each([
    ["for colours", /: .*(#[\da-f]{3,8}\b|\b(rgba?|hsla?|okl(ab|ch))\(|: (white|black|gr[ae]y|red)\b)/i],
    ["for sizes of type", /: font(-size)?: .*[1-9]\d*(\.\d+)?(px|r?em|%)/],
    ["for corners", /: border(-\w+)*-radius: .*\dpx/],
    ["for layers", /: z-index: -?\d/],
    ["for steps of space", /: (gap|(row|column)-gap|(padding|margin)(-\w+)*): (.* )?-?(4|8|12|16|24)px/],
  ])("%s", (_, raw) => {
    expect(DECLARATIONS.filter((declaration) => raw.test(declaration))).toEqual([]);
  });

  it("and every one of them is used", () => {
    const [tokens = "", all] = [SHEETS[TOKENS], Object.values(SHEETS).join("\n")];
    const names = [...tokens.matchAll(/^\s+(--[\w-]+):/gm)].map(([, name]) => name);
    expect(names.length).toBeGreaterThan(40);
    expect([...new Set(names)].filter((name) => !all.includes(`var(${name})`))).toEqual([]);
  });
});
