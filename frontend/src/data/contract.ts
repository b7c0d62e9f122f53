// Made by frontend/contract.py from convviz_tb/schema.py and what it imports: change it there.
// The types of what the backend answers (docs/http_api.md, docs/data_format.md); the metrics.

/** The kinds that have tiles. */
export type Kind = "patterns" | "heatmaps";

/** One run that holds our data; `problem` only where none of it can be read. */
export interface RunEntry {
  readonly run: string;
  readonly name: string;
  readonly step: number;
  readonly wall_time: number;
  readonly problem?: string;
}

/** Everything stored of one run, but no pictures. */
export interface RunIndex {
  readonly run: string;
  readonly name: string;
  readonly series: readonly Series[];
  /** Of the newest step that can be read. */
  readonly model: ModelFacts | null;
  /** How training ended, if it has not gone on since. */
  readonly end: EndFacts | null;
  readonly failures: readonly StepFailure[];
  readonly problems: readonly Problem[];
}

/** One readable series; each step has its wall time. */
export interface Series {
  readonly tag: string;
  readonly kind: "patterns" | "heatmaps" | "feature_maps" | "examples" | "inputs" | "pictures" | "model" | "end";
  readonly layer: string;
  readonly steps: readonly number[];
  readonly wall_times: readonly number[];
}

/** A failure of the callback, with the step it happened at. */
export interface StepFailure {
  readonly tag: string;
  readonly reason: string;
  readonly step: number;
}

/** A fault the callback survived, or what it left out: the series it hit and why. */
export interface Failure {
  readonly tag: string;
  readonly reason: string;
}

/** Something stored that cannot be read, and why. */
export interface Problem {
  readonly tag: string;
  readonly reason: string;
}

/** Names one event: facts and a sheet. */
export interface Ref {
  readonly run: string;
  readonly tag: string;
  readonly step: number;
  /** The wall time, as the index gives it: a step may be written again. */
  readonly at: number;
}

/** A metric that Keras logged of the training, over our steps; what is not finite is null. */
export interface Curve {
  readonly metric: string;
  readonly part: "train" | "validation";
  readonly steps: readonly number[];
  readonly wall_times: readonly number[];
  readonly values: readonly (number | null)[];
}

/** The metrics of one layer by their names, and when it was trained. */
export interface LayerProfile {
  readonly layer: string;
  readonly numbers: Readonly<Record<string, Course>>;
  readonly trainable?: Turns;
}

/** A metric of a layer over the steps; what is not finite is null. */
export interface Course {
  readonly steps: readonly number[];
  readonly values: readonly (number | null)[];
}

/** Whether a layer is trained, at the first step and at each that differs from the last. */
export interface Turns {
  readonly steps: readonly number[];
  readonly values: readonly boolean[];
}

/** The state of the callback at one step. */
export interface ModelFacts {
  /** How many steps were written to this run so far, with this one. */
  readonly written: number;
  readonly layers: readonly LayerFacts[];
  readonly failures: readonly Failure[];
  /** The step at which this fit ends. */
  readonly planned?: number | null;
  /** Fingerprint of the weights at first; equal ones make filters comparable. */
  readonly baseline?: string | null;
  /** Brief fingerprint of the weights at this step: whether a training goes on. */
  readonly weights?: string | null;
  /** How long training waited for this step. */
  readonly seconds?: number | null;
  /** Processor time of encoding and writing. */
  readonly writing_seconds?: number | null;
  /** Training time of an epoch since the last log. */
  readonly epoch_seconds?: number | null;
  /** At the end of the epoch, that of a schedule too. */
  readonly learning_rate?: number | null;
  /** Variables that hold NaN or infinity, and "loss" where that is NaN. */
  readonly broken?: readonly string[];
  /** The share of the training time that may be spent. */
  readonly budget?: number | null;
  /** What the budget did not allow. */
  readonly skipped?: readonly Failure[];
  readonly findings?: readonly Finding[];
  readonly confusion?: Confusion;
}

/** How a training ended, behind all callbacks, where the facts of its last step cannot say it. */
export interface EndFacts {
  /** Faults since the last step was written. */
  readonly failures: readonly Failure[];
  /** The step whose weights the model was left with; null for that of none. */
  readonly kept?: number | null;
  /** Before the step that was planned. */
  readonly stopped?: boolean;
}

/** One watched layer, as the model facts list it in network order. */
export interface LayerFacts {
  readonly layer: string;
  readonly class_name: string;
  readonly filters: number;
  /** Which kinds of series are logged of it. */
  readonly kinds: readonly string[];
  /** Of the output, without the batch axis. */
  readonly shape?: readonly (number | null)[];
  readonly trainable?: boolean;
  /** Metrics of the layer as a whole at this step; old logs have none. */
  readonly numbers?: Readonly<Record<string, number | null>>;
}

/** A sentence about a run up to a step, and where to see what it says. */
export interface Finding {
  readonly text: string;
  readonly kind?: string | null;
  readonly layer?: string | null;
  readonly filter?: number | null;
  readonly image?: number | null;
  /** Since which it holds. */
  readonly step?: number | null;
  /** "bad" of damage; absent where nothing is. */
  readonly severity?: string | null;
}

/** How often pictures of one class are taken for another, of the set that is predicted. */
export interface Confusion {
  /** At most 20, those that are confused most. */
  readonly classes: readonly number[];
  /** One row per true class, one column per predicted one. */
  readonly counts: readonly (readonly number[])[];
  /** How many pictures were predicted, those of other classes too. */
  readonly pictures: number;
  /** The share that is right. */
  readonly accuracy: number | null;
}

/** The filter patterns of one layer at one step. */
export interface PatternFacts {
  readonly sheet: Sheet;
  readonly tiles: readonly PatternTile[];
  readonly mode?: string;
  /** Sides of the pictures in pixels; a tile may be a little larger. */
  readonly size?: readonly number[];
  readonly objective?: string;
  /** "strips" or "central slice" of inputs that are no pictures. */
  readonly view?: string;
  readonly ascent_steps?: number | null;
  readonly seed?: number | null;
  readonly value_range?: readonly [number | null, number | null];
  /** "value_range", "size": what neither options nor pictures tell; absent for none. */
  readonly assumed?: readonly string[];
  /** What convolutions were computed in: float32 or bfloat16. */
  readonly precision?: string;
  /** Started from the seed, not from the picture before. */
  readonly refreshed?: boolean;
  /** No weight that the layer depends on has changed: pictures of the step before. */
  readonly unchanged?: boolean;
  /** The step that change is measured against. */
  readonly baseline_step?: number | null;
  /** The pattern drift that means nothing. */
  readonly noise_floor?: number | null;
  /** "use" or "spread": how these filters of the layer were chosen; absent where named. */
  readonly filters_by?: string;
  /** How many probe images the filters were watched on. */
  readonly probes?: number | null;
  readonly trainable?: boolean;
  /** How long training waited for them. */
  readonly seconds?: number | null;
}

/** One filter; its metrics are those of the table. */
export interface PatternTile {
  readonly filter: number;
  /** The step at which this picture was computed; older where a budget kept it. */
  readonly computed?: number | null;
  /** Why it is dead or always on. */
  readonly reason?: string;
  /** The class, where the filters of the layer are classes. */
  readonly name?: string;
  /** How far the weights moved from the baseline, against their size there. */
  readonly kernel_drift?: number | null;
  /** How different the picture is from that of the baseline, by how the layer responds. */
  readonly pattern_drift?: number | null;
  /** How differently the filter responds to the probe images than at the baseline: 100 % is nothing in common. */
  readonly function_drift?: number | null;
  /** How far the direction of the weights turned from the baseline; stored as its cosine. */
  readonly kernel_cosine?: number | null;
  /** How much larger the weights are than at the baseline; stored as a ratio: 2 is twice. */
  readonly kernel_norm?: number | null;
  /** How far the weights moved since the last log, against their size there. */
  readonly kernel_drift_previous?: number | null;
  /** How different the picture is from that of the last log, by how the layer responds. */
  readonly pattern_drift_previous?: number | null;
  /** Share of the positions of the probe images at which the response is not 0. */
  readonly active?: number | null;
  /** The largest response to the probe images. */
  readonly response?: number | null;
  /** How much the response differs from one probe image to the next: 0 is the same to all. */
  readonly variation?: number | null;
  /** How much the score still depended on the picture at the last step of the ascent: 0 is not at all. */
  readonly gradient?: number | null;
  /** No response but 0 to any probe image, and no gradient ascent wakes it. */
  readonly dead?: boolean;
  /** On at every position of all probe images, or the same at all of them. */
  readonly stuck?: boolean;
  /** The filter of the same layer whose responses to the probe images correlate most with its own. */
  readonly twin?: number | null;
  /** Correlation with the filter of the layer that responds most alike: 1 is a copy. */
  readonly twin_similarity?: number | null;
  /** How much more active the filter is on the pictures of its favourite class than on others: 0 is alike, 1 on no other. */
  readonly selectivity?: number | null;
  /** Mean activation that the ascent reached. */
  readonly score: number | null;
}

/** The heatmaps of one layer at one step. */
export interface HeatmapFacts {
  readonly sheet: Sheet;
  readonly tiles: readonly HeatmapTile[];
  readonly method?: string;
  /** What was explained: logit, probability, output or custom. */
  readonly objective?: string;
  readonly view?: string;
  /** Over which source of the input pictures the maps lie; 0 if absent. */
  readonly source?: number;
  /** Where in the picture the maps lie; absent where they cover it. */
  readonly field?: readonly [number, number, number, number];
  /** False where it is not known where in the picture they lie, as in a model that warps it. */
  readonly placed?: boolean;
  /** What has been done to the layer's own maps to lay them there. */
  readonly turned?: readonly string[];
  /** The step that change is measured against. */
  readonly baseline_step?: number | null;
  /** Regions thinner than a cell: the share of a map's evidence that can lie on them. */
  readonly most_on?: Readonly<Record<string, number | null>>;
  readonly trainable?: boolean;
  /** How long training waited for them. */
  readonly seconds?: number | null;
}

/** One map; its metrics are those of the table. */
export interface HeatmapTile {
  readonly image: number;
  readonly class_index: number;
  readonly predicted: number | null;
  /** The raw value of black. */
  readonly minimum: number | null;
  /** Share of the evidence that lies on the object, inside its box or mask. */
  readonly energy_inside?: number | null;
  /** Share of the evidence that lies on the region. */
  readonly [region: `energy_on_${string}`]: number | null | undefined;
  /** Whether the maximum of the map lies on the object, inside its box or mask. */
  readonly pointing?: boolean;
  /** How much of the evidence lies where it lay at the last log. */
  readonly overlap_previous?: number | null;
  /** How much of the evidence lies where it lay at the baseline. */
  readonly overlap_baseline?: number | null;
  /** Share of the map at or over half its maximum. */
  readonly area?: number | null;
  /** Entropy of the map: 0 is all at one place, 1 is the same everywhere. */
  readonly entropy?: number | null;
  /** Where the middle of the evidence lies, from the left and the top. */
  readonly centre?: readonly [number, number] | null;
  /** Where the map is hottest, from the left and the top. */
  readonly peak?: readonly [number, number] | null;
  /** The channels that contribute most to the map, with their signed weights. */
  readonly channels?: readonly (readonly [number, number | null])[];
  /** How sure the network is of the class of the map. */
  readonly probability: number | null;
  /** The network's output for the class of the map. */
  readonly score: number | null;
  /** The largest raw value of the map. */
  readonly maximum: number | null;
}

/** The feature maps of one layer at one step: activations of some filters on some pictures. */
export interface FeatureFacts {
  readonly sheet: Sheet;
  readonly tiles: readonly FeatureTile[];
  /** Over which source of the input pictures the maps lie; 0 if absent. */
  readonly source?: number;
  /** Where in the picture the maps lie; absent where they cover it. */
  readonly field?: readonly [number, number, number, number];
}

/** What one filter sees: its activations on one picture. */
export interface FeatureTile {
  readonly image: number;
  readonly filter: number;
  /** The raw value of black. */
  readonly minimum: number | null;
  /** The raw value of white; null of a map that is not finite. */
  readonly maximum: number | null;
}

/** The examples of the filters of one layer at one step. */
export interface ExampleFacts {
  readonly tiles: readonly ExampleTile[];
  readonly field?: Field;
  /** How many pictures were searched. */
  readonly count?: number;
  /** The series that holds the pictures: pictures or inputs. */
  readonly source?: string;
  readonly trainable?: boolean;
  /** How long training waited for them. */
  readonly seconds?: number | null;
}

/** The examples of one filter. */
export interface ExampleTile {
  readonly filter: number;
  /** Numbers of the pictures, that of the strongest first. */
  readonly pictures: readonly number[];
  /** How strongly each excites the filter, above 0. */
  readonly activations: readonly number[];
  /** Where in the feature map: row and column. */
  readonly positions: readonly (readonly number[])[];
  /** The class on which it is most active. */
  readonly favourite?: number | null;
}

/** Which rectangle of a picture a position sees: from offset + stride * position, so large. */
export interface Field {
  /** Height, width in pixels; the picture may be smaller. */
  readonly size: readonly number[];
  /** Negative where the model mirrors its pictures. */
  readonly stride: readonly number[];
  readonly offset: readonly number[];
  /** Of the pictures as the model takes them. */
  readonly sides: readonly number[];
  /** Size of the receptive field, where the rectangle is its effective part. */
  readonly whole?: readonly number[];
}

/** Pictures that examples are cut from, as they are first needed. */
export interface PictureFacts {
  readonly sheet: Sheet;
  readonly tiles: readonly PictureTile[];
  readonly class_names?: readonly string[];
}

/** One picture that examples are cut from. */
export interface PictureTile {
  /** The number by which examples name it. */
  readonly picture: number;
  /** The true class. */
  readonly label?: number | null;
}

/** The pictures that heatmaps are of. */
export interface InputFacts {
  readonly sheet: Sheet;
  readonly tiles: readonly InputTile[];
  readonly class_names: readonly string[];
  readonly view?: string;
  /** Names of the inputs or frames shown, where there are several. */
  readonly sources?: readonly string[];
  /** Lowest and highest value that they are taken to have. */
  readonly value_range?: readonly [number | null, number | null];
}

/** One picture that heatmaps are of. */
export interface InputTile {
  readonly image: number;
  /** The true class. */
  readonly label: number | null;
  /** Its index in the set that it was chosen from. */
  readonly number?: number;
  /** Why it was chosen: wrong and sure, changed its mind, and so on. */
  readonly group?: string;
  /** The step at which it was added to those that were chosen together. */
  readonly since?: number;
  /** The true classes, where there are several. */
  readonly labels?: readonly number[];
  /** Which source it is from, an index; 0 if absent. */
  readonly source?: number;
  /** Where the object is: left, top, right, bottom as shares of the picture. */
  readonly box?: readonly [number, number, number, number];
  /** Where other regions are, by their names. */
  readonly regions?: Readonly<Record<string, readonly [number, number, number, number]>>;
}

/** Geometry of a contact sheet: equal tiles in rows, first tile top left. */
export interface Sheet {
  readonly count: number;
  readonly columns: number;
  /** Height, width in pixels. */
  readonly tile: readonly [number, number];
}

/** A row of the table of metrics. */
export interface Metric {
  readonly name: string;
  readonly of: "filter" | "heatmap" | "layer";
  /** By itself, in a menu. */
  readonly title: string;
  /** One sentence. */
  readonly text: string;
  readonly group: "" | "drift" | "previous" | "life" | "evidence";
  readonly unit: "plain" | "share" | "probability" | "seconds" | "cosine" | "ratio" | "flag";
  /** Under the heading of its group, where it has another name there. */
  readonly short?: string;
  /** How a layer sums it up, where it does. */
  readonly summary?: "median" | "mean" | "sum";
  /** The end of its range that is better, where one is. */
  readonly good?: "high" | "low";
  /** That its low end is to be looked at first. */
  readonly first?: "low";
}

/** Begins the name of a metric of a region; the region's name follows. */
export const ON_REGION = "energy_on_";

export const METRICS: readonly Metric[] = [
  {
    name: "kernel_drift",
    of: "filter",
    title: "weights moved",
    text: "How far the weights moved from the baseline, against their size there.",
    group: "drift",
    unit: "share",
    short: "weights",
    summary: "median",
  },
  {
    name: "pattern_drift",
    of: "filter",
    title: "picture changed",
    text: "How different the picture is from that of the baseline, by how the layer responds.",
    group: "drift",
    unit: "share",
    short: "picture",
    summary: "median",
  },
  {
    name: "function_drift",
    of: "filter",
    title: "responses changed",
    text: "How differently the filter responds to the probe images than at the baseline: 100\u2009% is nothing in common.",
    group: "drift",
    unit: "share",
    short: "responses",
    summary: "median",
  },
  {
    name: "kernel_cosine",
    of: "filter",
    title: "weights turned by",
    text: "How far the direction of the weights turned from the baseline; stored as its cosine.",
    group: "drift",
    unit: "cosine",
    short: "turned by",
    first: "low",
  },
  {
    name: "kernel_norm",
    of: "filter",
    title: "weights grew by",
    text: "How much larger the weights are than at the baseline; stored as a ratio: 2 is twice.",
    group: "drift",
    unit: "ratio",
    short: "grew by",
  },
  {
    name: "kernel_drift_previous",
    of: "filter",
    title: "weights moved since the last log",
    text: "How far the weights moved since the last log, against their size there.",
    group: "previous",
    unit: "share",
    short: "weights",
  },
  {
    name: "pattern_drift_previous",
    of: "filter",
    title: "picture changed since the last log",
    text: "How different the picture is from that of the last log, by how the layer responds.",
    group: "previous",
    unit: "share",
    short: "picture",
  },
  {
    name: "active",
    of: "filter",
    title: "active positions",
    text: "Share of the positions of the probe images at which the response is not 0.",
    group: "life",
    unit: "share",
    short: "active",
    first: "low",
  },
  {
    name: "response",
    of: "filter",
    title: "strongest response",
    text: "The largest response to the probe images.",
    group: "life",
    unit: "plain",
  },
  {
    name: "variation",
    of: "filter",
    title: "differs between images",
    text: "How much the response differs from one probe image to the next: 0 is the same to all.",
    group: "life",
    unit: "share",
    short: "varies",
    first: "low",
  },
  {
    name: "gradient",
    of: "filter",
    title: "gradient of the score",
    text: "How much the score still depended on the picture at the last step of the ascent: 0 is not at all.",
    group: "life",
    unit: "plain",
    short: "gradient",
    first: "low",
  },
  {
    name: "dead",
    of: "filter",
    title: "dead",
    text: "No response but 0 to any probe image, and no gradient ascent wakes it.",
    group: "life",
    unit: "flag",
    summary: "sum",
    good: "low",
  },
  {
    name: "stuck",
    of: "filter",
    title: "always on",
    text: "On at every position of all probe images, or the same at all of them.",
    group: "life",
    unit: "flag",
    summary: "sum",
    good: "low",
  },
  {
    name: "twin_similarity",
    of: "filter",
    title: "similarity to the most similar filter",
    text: "Correlation with the filter of the layer that responds most alike: 1 is a copy.",
    group: "life",
    unit: "plain",
    short: "most similar",
    good: "low",
  },
  {
    name: "selectivity",
    of: "filter",
    title: "class selectivity",
    text: "How much more active the filter is on the pictures of its favourite class than on others: 0 is alike, 1 on no other.",
    group: "life",
    unit: "plain",
    short: "selective",
    summary: "median",
  },
  {
    name: "score",
    of: "filter",
    title: "score",
    text: "Mean activation that the ascent reached.",
    group: "",
    unit: "plain",
  },
  {
    name: "energy_inside",
    of: "heatmap",
    title: "evidence on the object",
    text: "Share of the evidence that lies on the object, inside its box or mask.",
    group: "evidence",
    unit: "share",
    short: "on the object",
    summary: "mean",
    good: "high",
    first: "low",
  },
  {
    name: "energy_on_",
    of: "heatmap",
    title: "evidence on the \u2026",
    text: "Share of the evidence that lies on the \u2026.",
    group: "evidence",
    unit: "share",
    short: "on the \u2026",
    summary: "mean",
  },
  {
    name: "pointing",
    of: "heatmap",
    title: "points at the object",
    text: "Whether the maximum of the map lies on the object, inside its box or mask.",
    group: "evidence",
    unit: "flag",
    short: "hits the object",
    good: "high",
    first: "low",
  },
  {
    name: "overlap_previous",
    of: "heatmap",
    title: "stayed in place since the last log",
    text: "How much of the evidence lies where it lay at the last log.",
    group: "evidence",
    unit: "share",
    short: "in place, last log",
    summary: "mean",
    first: "low",
  },
  {
    name: "overlap_baseline",
    of: "heatmap",
    title: "stayed in place since the baseline",
    text: "How much of the evidence lies where it lay at the baseline.",
    group: "evidence",
    unit: "share",
    short: "in place, baseline",
    first: "low",
  },
  {
    name: "area",
    of: "heatmap",
    title: "area",
    text: "Share of the map at or over half its maximum.",
    group: "evidence",
    unit: "share",
    summary: "mean",
  },
  {
    name: "entropy",
    of: "heatmap",
    title: "spread",
    text: "Entropy of the map: 0 is all at one place, 1 is the same everywhere.",
    group: "evidence",
    unit: "plain",
  },
  {
    name: "probability",
    of: "heatmap",
    title: "probability",
    text: "How sure the network is of the class of the map.",
    group: "",
    unit: "probability",
    summary: "mean",
  },
  {
    name: "score",
    of: "heatmap",
    title: "score",
    text: "The network's output for the class of the map.",
    group: "",
    unit: "plain",
  },
  {
    name: "maximum",
    of: "heatmap",
    title: "map maximum",
    text: "The largest raw value of the map.",
    group: "",
    unit: "plain",
  },
  {
    name: "seconds",
    of: "layer",
    title: "seconds",
    text: "Time spent on the pictures and numbers of the layer.",
    group: "",
    unit: "seconds",
  },
];
