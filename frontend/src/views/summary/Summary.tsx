// Summary: what happened to the run, on one page; everything on it leads to where it can be seen in full.

import type { ComponentChildren } from "preact";
import type { Series } from "../../data/contract";
import { wantedOf } from "../../data/series";
import { aspect, positionOf } from "../../data/tiles";
import { change, goTo } from "../../state/actions";
import { classes, entry, index, kept, metric, steps } from "../../state/store";
import { changedFilters, changedMaps, costs } from "../../state/summary";
import { best, bestInWords } from "../../state/trained";
import { Icon } from "../../ui/Icon";
import { shortName, verdict } from "../../words/classification";
import { isBad } from "../../words/findings";
import { duration, percent, plural, split } from "../../words/format";
import { meaning, print } from "../../words/metrics";
import { Picture } from "../grid/Picture";
import { Curve } from "../time/Curve";
import { LayerChart } from "../time/LayerChart";
import { TimeMarks } from "../time/TimeMarks";
import { FindingList } from "../top/FindingList";
import { useSheets } from "../useSheet";

export function Summary() {
  const findings = index.value?.model?.findings;
  const [first, last] = [steps.value[0], steps.value.at(-1)];
  return (
    <main class="summary">
      <div>
        <section class="summary-verdict" aria-label="Verdict">
          <Verdict />
          <p class="quiet">
            {entry.value?.name}, {first === last ? `step ${last ?? "\u2026"}` : `steps ${first} to ${last}`}
            {best.value && `; ${bestInWords.value} after epoch ${best.value.step}`}
          </p>
          {findings && findings.length > 0 && <FindingList all={findings} />}
          <Kept />
          <p class="quiet">{costText()}</p>
        </section>
        <Course />
      </div>
      <Maps />
      <Filters />
    </main>
  );
}

/** The one thing to know, in a line. */
function Verdict() {
  const model = index.value?.model;
  const findings = model?.findings;
  if (!index.value) return <h1 class="verdict">{"\u2026"}</h1>;
  if (steps.value.length < 2) {
    return <h1 class="verdict">Only the first step is stored yet: what changes appears here with the next.</h1>;
  }
  if (!findings) return <h1 class="verdict">This log was written before findings were measured.</h1>;
  const bad = findings.filter(isBad).length;
  const words = bad
    ? `Something is wrong: ${plural(bad, "finding")} of damage`
    : findings.length
      ? `No damage found; ${plural(findings.length, "finding")}`
      : "No damage found, and nothing stands out";
  return (
    <h1 class={`verdict ${bad ? "verdict-bad" : "verdict-good"}`}>
      <Icon name={bad ? "warning" : "check"} />
      {words}
    </h1>
  );
}

/** What the model was left with, where that is not the last step: early stopping puts the best weights back. */
function Kept() {
  const step = kept.value;
  if (step === undefined) return null;
  if (step === null) return <p>When training ended, other weights were put in: those of no step of this log.</p>;
  if (!steps.value.includes(step)) {
    return <p>When training ended, the weights of step {step} were put back, which was not logged.</p>;
  }
  return (
    <button type="button" class="finding" title="Go there" onClick={() => goToKept(step)}>
      <Icon name="info" />
      <span>When training ended, the weights of step {step} were put back: those are the model's now.</span>
      <Icon name="right" />
    </button>
  );
}

function goToKept(step: number): void {
  change({ page: "tiles" });
  goTo(step);
}

function costText(): string {
  const cost = costs.value;
  if (!cost) return "";
  const trained = cost.epoch > 0 ? `, training it ${duration(cost.epoch)}` : "";
  return `Logging the last step took ${duration(cost.seconds)}${trained}.`;
}

interface SectionProps {
  readonly title: string;
  readonly hint: string;
  readonly class?: string;
  readonly children: ComponentChildren;
}

function Section({ title, hint, class: more, children }: SectionProps) {
  return (
    <section class={more} aria-label={title}>
      <h2>{title}</h2>
      <p class="hint">{hint}</p>
      {children}
    </section>
  );
}

const GONE = { none: "no evidence now", flat: "flat now", "not finite": "not finite now" };

function Maps() {
  if (changedMaps.value.length === 0) return null;
  return (
    <Section
      title={changedMaps.value.every(({ change }) => change !== null) ? "Heatmaps that moved most" : "Heatmaps"}
      hint="The first step and the last: where the layer finds evidence."
    >
      <ol class="summary-row summary-maps">
        {changedMaps.value.map(({ series, tile, change: by, evidence }) => (
          <Pair
            key={`${series.tag} ${tile}`}
            series={series}
            tile={tile}
            text={evidence !== "some" ? GONE[evidence] : by !== null ? `${percent(by)} elsewhere` : ""}
          />
        ))}
      </ol>
    </Section>
  );
}

function Filters() {
  if (changedFilters.value.length === 0) return null;
  return (
    <Section
      class="summary-filters"
      title="Filters that changed most"
      hint="The first step and the last: what excites the filter."
    >
      <ol class="summary-row">
        {changedFilters.value.map(({ series, filter, metric, change: by }) => (
          <Pair
            key={`${series.tag} ${filter}`}
            series={series}
            tile={filter}
            text={`${meaning(metric).short} ${print(by, meaning(metric))}`}
          />
        ))}
      </ol>
    </Section>
  );
}

/** A tile at the first step of its layer and at the last; it leads to the two side by side. */
function Pair({ series, tile, text }: { series: Series; tile: number; text: string }) {
  const held = index.value;
  const ends = [...new Set([series.steps[0] ?? null, series.steps.at(-1) ?? null])];
  const sheets = useSheets(ends.map((step) => held && wantedOf(held, series, step)));
  const kind = series.kind === "heatmaps" ? "heatmaps" : "patterns";
  const last = sheets.at(-1) ?? null;
  const at = last ? positionOf(last, tile, classes.value) : -1;
  const name = titleOf(last, at, tile);
  const go = (): void =>
    change({ page: "tiles", kind, layer: series.layer, tile, step: null, compareMode: "side", compareStep: null });
  return (
    <li>
      <button
        type="button"
        class="card summary-pair"
        aria-label={`Go to ${name} of ${series.layer}: ${text}`}
        onClick={go}
      >
        <span class="summary-pictures" style={last ? { "--aspect": 1 / aspect(last) } : {}}>
          {ends.map((step, end) => {
            const loaded = sheets[end] ?? null;
            const position = loaded ? positionOf(loaded, tile, classes.value) : -1;
            return (
              <span class="picture" key={step}>
                {loaded && position >= 0 && <Picture loaded={loaded} position={position} label="" />}
                <span class="flag on-picture">{step}</span>
              </span>
            );
          })}
        </span>
        <span class="summary-text">
          <b>{name}</b> {split(series.layer)[1]}
          <span class="quiet">{text}</span>
        </span>
      </button>
    </li>
  );
}

function titleOf(loaded: ReturnType<typeof useSheets>[number] | null, at: number, tile: number): string {
  if (loaded?.kind !== "heatmaps") return shortName(loaded?.facts.tiles[at]?.name ?? `filter ${tile}`);
  const map = loaded.facts.tiles[at];
  return map ? shortName(verdict(map, loaded.inputs?.facts ?? null).title) : `picture ${tile}`;
}

/** The layers over the steps, and the loss. */
function Course() {
  if (steps.value.length < 2) return null;
  return (
    <Section title="What happened when" hint="Each row is a layer, each column a step: a press leads there.">
      <div class="summary-course">
        <LayerChart always />
        <p class="summary-curve-name quiet">{metric.value?.replaceAll("_", " ")}</p>
        <div class="summary-curve">
          <div class="track">
            <Curve />
            <TimeMarks />
          </div>
        </div>
      </div>
    </Section>
  );
}
