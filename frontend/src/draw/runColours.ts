// Colours of runs as TensorBoard's own Scalars and Images give them: by the place of the run in its list.

/** Its palette for eyes that tell few colours apart. */
const PALETTE = ["#ff7043", "#0077bb", "#cc3311", "#33bbee", "#ee3377", "#009988", "#bbbbbb"] as const;

/** The colour of a run; null where TensorBoard does not list it. */
export function colourOf(all: readonly string[], run: string): string | null {
  const at = all.indexOf(run);
  return at < 0 ? null : (PALETTE[at % PALETTE.length] ?? null);
}

/** Runs that a filter leaves, as TensorBoard's list of runs does; all of them where it leaves none, or is none. */
export function filtered<T extends { readonly run: string }>(runs: readonly T[], filter: string): readonly T[] {
  if (!filter) return runs;
  try {
    const wanted = new RegExp(filter, "i");
    const left = runs.filter(({ run }) => wanted.test(run));
    return left.length ? left : runs;
  } catch {
    return runs;
  }
}
