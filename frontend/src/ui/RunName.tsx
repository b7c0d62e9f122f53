// The name of a run, shortened in the middle where space is short: runs often differ at the end.

const END = 10;

export function RunName({ name }: { name: string }) {
  const cut = name.length > 2 * END ? name.length - END : name.length;
  return (
    <span class={`run-name ${cut < name.length ? "run-name-long" : ""}`} title={name}>
      <span class="run-start">{name.slice(0, cut)}</span>
      {name.slice(cut)}
    </span>
  );
}
