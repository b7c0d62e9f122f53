// What the backend answers (docs/http_api.md, docs/data_format.md) -> TypeScript types.

export type Kind = "patterns" | "heatmaps";

export interface RunEntry {
  readonly run: string;
  readonly name: string;
  readonly step: number;
  readonly wall_time: number;
  readonly problem?: string;
}

export interface Series {
  readonly tag: string;
  readonly kind: Kind | "inputs" | "model";
  readonly layer: string;
  readonly steps: readonly number[];
  readonly wall_times: readonly number[];
}

export interface LayerFacts {
  readonly layer: string;
  readonly class_name: string;
  readonly shape?: readonly (number | null)[];
  readonly filters: number;
  readonly trainable?: boolean;
  readonly kinds: readonly string[];
  /** Numbers of the layer at this step; old logs have none. */
  readonly numbers?: Readonly<Record<string, number | null>>;
}

/** A sentence about a run up to a step, and where to see what it says. */
export interface Finding {
  readonly text: string;
  readonly kind?: Kind | null;
  readonly layer?: string | null;
  readonly filter?: number | null;
  readonly image?: number | null;
  readonly step?: number | null;
}

export interface Failure {
  readonly step: number;
  readonly tag: string;
  readonly reason: string;
}

export interface Problem {
  readonly tag: string;
  readonly reason: string;
}

export interface ModelFacts {
  readonly written: number;
  readonly planned?: number | null;
  readonly seconds?: number | null;
  readonly layers: readonly LayerFacts[];
  /** Fingerprint of the weights before training; runs that share it share what a filter's number means. */
  readonly baseline?: string | null;
  readonly findings?: readonly Finding[];
  /** Training time of an epoch since the last log, without ours. */
  readonly epoch_seconds?: number | null;
  /** The share of the training time that may be spent; null is no limit. */
  readonly budget?: number | null;
  readonly skipped?: readonly Problem[];
}

/** A number of a layer over the steps; what is not finite is null. */
export interface Course {
  readonly steps: readonly number[];
  readonly values: readonly (number | null)[];
}

export interface LayerProfile {
  readonly layer: string;
  readonly numbers: Readonly<Record<string, Course>>;
}

/** Everything stored of one run, but no pictures. */
export interface RunIndex {
  readonly run: string;
  readonly name: string;
  readonly series: readonly Series[];
  readonly model: ModelFacts | null;
  readonly failures: readonly Failure[];
  readonly problems: readonly Problem[];
}

/** A metric that Keras logged beside the run, over our steps; what is not finite is null. */
export interface Curve {
  readonly metric: string;
  readonly part: "train" | "validation";
  readonly steps: readonly number[];
  readonly wall_times: readonly number[];
  readonly values: readonly (number | null)[];
}

export interface Sheet {
  readonly count: number;
  readonly columns: number;
  /** Height, width in pixels. */
  readonly tile: readonly [number, number];
}

export interface PatternTile {
  readonly filter: number;
  readonly score: number | null;
  /** The step at which this picture was computed, where a budget kept an older one. */
  readonly computed?: number;
  readonly dead?: boolean;
  readonly stuck?: boolean;
  readonly reason?: string;
  /** The filter of the layer that answers most alike. */
  readonly twin?: number | null;
  readonly twin_similarity?: number | null;
}

export interface PatternFacts {
  readonly sheet: Sheet;
  readonly tiles: readonly PatternTile[];
  /** How inputs that are no pictures are shown: "strips" or "central slice", else "picture". */
  readonly view?: string;
  readonly objective?: string;
  readonly mode?: string;
  readonly ascent_steps?: number;
  readonly seed?: number;
  /** Begun anew from the seed, not from the picture before. */
  readonly refreshed?: boolean;
  /** No weight that the layer depends on has changed: the pictures are those of the step before. */
  readonly unchanged?: boolean;
  readonly baseline_step?: number;
  /** The pattern drift that means nothing. */
  readonly noise_floor?: number | null;
  /** How many pictures the filters were probed with. */
  readonly probes?: number;
  readonly trainable?: boolean;
  readonly seconds?: number | null;
}

export interface HeatmapTile {
  readonly image: number;
  readonly class_index: number;
  readonly score: number | null;
  readonly probability: number | null;
  readonly predicted: number | null;
  readonly minimum: number | null;
  readonly maximum: number | null;
  /** The channels that contribute most, with their signed weights. */
  readonly channels?: readonly (readonly [number, number])[];
}

export interface HeatmapFacts {
  readonly sheet: Sheet;
  readonly tiles: readonly HeatmapTile[];
  readonly method?: string;
  readonly objective?: string;
  readonly trainable?: boolean;
  readonly seconds?: number | null;
}

export interface InputTile {
  readonly image: number;
  readonly label: number | null;
  /** Where the object is: left, top, right, bottom as shares of the picture. */
  readonly box?: readonly [number, number, number, number] | null;
  /** Where other regions are, by their names. */
  readonly regions?: Readonly<Record<string, unknown>>;
}

export interface InputFacts {
  readonly sheet: Sheet;
  readonly tiles: readonly InputTile[];
  readonly class_names: readonly string[];
}

/** Names the one event that facts or a sheet come from. */
export interface Ref {
  readonly run: string;
  readonly tag: string;
  readonly step: number;
  readonly at: number;
}
