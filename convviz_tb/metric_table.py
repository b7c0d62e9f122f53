"""The table of metrics: what each is called, means, and how a layer sums it up.

Everything that names a metric is made from this table or tested against it: the checks of the
facts (`schema.py`), the summaries of layers (`metrics/run.py`), the page's types and texts
(`frontend/src/data/contract.ts`) and the tables in the docs. The formulas themselves are code in
`metrics/` and `model/kernels.py`. Imports nothing of TensorFlow or Keras.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, Literal

#: What one value of a metric belongs to.
Of = Literal["filter", "heatmap", "layer"]
#: What a value is: a number, yes or no, the index of a filter, [x, y], or [[channel, weight], ...].
Type = Literal["number", "flag", "index", "point", "channels"]
#: How a number is printed; a probability is a share that is never rounded to certainty.
#: A cosine is shown as its angle, a ratio as what is more or less than 1.
Unit = Literal["plain", "share", "probability", "seconds", "cosine", "ratio"]
#: How a layer sums up its filters or heatmaps: `sum` counts those for which a flag is true.
Summary = Literal["median", "mean", "sum"]
End = Literal["high", "low"]
#: Metrics that belong together on screen; "" are those that every tile has.
Group = Literal["", "drift", "previous", "life", "evidence"]

#: Begins the name of the metric that says how much of a heatmap lies on a region; its name follows.
ON_REGION: Final = "energy_on_"


@dataclass(frozen=True, kw_only=True)
class Metric:
    """One row of the table.

    Attributes:
        name: in the facts, the scalar tags, the CSV files and the addresses of the page.
        of: what one value belongs to.
        title: what it is called on screen.
        text: one sentence that explains it.
        formula: how it is computed, for `docs/metrics.md`.
        range: the values that it can take, for the same.
        trap: how it can mislead, for the same.
        short: what it is called under the heading of its group; by default `title`.
        group: where it stands on screen.
        type: what a value is.
        unit: how a number is printed.
        summary: how a layer sums it up; None where it has no such number.
        good: the end of its range that a network should be at; None where neither is better.
        first: the end of its range that a reader should look at first.
        required: whether readers refuse tiles without it; such fields are as old as the format.
    """

    name: str
    of: Of
    title: str
    text: str
    formula: str
    range: str
    trap: str = ""
    short: str = ""
    group: Group = ""
    type: Type = "number"
    unit: Unit = "plain"
    summary: Summary | None = None
    good: End | None = None
    first: End = "high"
    required: bool = False

    @property
    def has_curve(self) -> bool:
        """Whether layers have a number of this name, and so a curve over the steps."""
        return self.of == "layer" or self.summary is not None


METRICS: Final = (
    # ------------------------------------------------------------------------------- filters
    Metric(
        name="kernel_drift",
        of="filter",
        title="weights moved",
        short="weights",
        text="How far the weights moved from the baseline, against their size there.",
        formula="|w - w0| / |w0|",
        range="0 up; exactly 0 where the layer is frozen",
        trap="weights can move without effect: see `function_drift`. The bias and a normalisation "
        "behind the layer do not count",
        group="drift",
        unit="share",
        summary="median",
    ),
    Metric(
        name="pattern_drift",
        of="filter",
        title="picture changed",
        short="picture",
        text="How different the picture is from that of the baseline, by how the layer responds.",
        formula='1 - cosine of how the layer responds to both pictures, below; in modes "smooth" '
        'and "notebook" of their two textures',
        range="0..1",
        trap="read it against `noise_floor`: below, it means nothing. A picture that is resumed "
        "from the one before keeps for a while what it was (`refreshed: false`); where a filter's "
        'weights have turned by more than 60 degrees since, or (mode "natural") its picture '
        "excites it less than half as much as it did, it is restarted",
        group="drift",
        unit="share",
        summary="median",
    ),
    Metric(
        name="function_drift",
        of="filter",
        title="responses changed",
        short="responses",
        text="How differently the filter responds to the probe images than at the baseline: "
        "100\u2009% is nothing in common.",
        formula="1 - Pearson's correlation of the responses to the probe images, now and at the "
        "baseline",
        range="0..2; 1 where the filter is silent, or the same everywhere, at one of the two; "
        "absent where fewer than 32 responses are compared",
        trap="blind to scale and offset. Layers before it count too: a frozen filter responds "
        "differently when what it sees has changed",
        group="drift",
        unit="share",
        summary="median",
    ),
    Metric(
        name="kernel_cosine",
        of="filter",
        title="weights turned by",
        short="turned by",
        text="How far the direction of the weights turned from the baseline; stored as its cosine.",
        formula="w . w0 / (|w| |w0|)",
        range="-1..1",
        trap="in a space of thousands of weights, 0.9 is a long way",
        group="drift",
        unit="cosine",
        first="low",
    ),
    Metric(
        name="kernel_norm",
        of="filter",
        title="weights grew by",
        short="grew by",
        text="How much larger the weights are than at the baseline; stored as a ratio: 2 is twice.",
        formula="|w| / |w0|",
        range="0 up",
        trap="a normalisation behind the layer takes the scale out again",
        group="drift",
        unit="ratio",
    ),
    Metric(
        name="kernel_drift_previous",
        of="filter",
        title="weights moved since the last log",
        short="weights",
        text="How far the weights moved since the last log, against their size there.",
        formula="`kernel_drift` against the previous step",
        range="0 up",
        group="previous",
        unit="share",
    ),
    Metric(
        name="pattern_drift_previous",
        of="filter",
        title="picture changed since the last log",
        short="picture",
        text="How different the picture is from that of the last log, by how the layer responds.",
        formula="`pattern_drift` against the previous step",
        range="0..1",
        trap="as `pattern_drift`",
        group="previous",
        unit="share",
    ),
    Metric(
        name="active",
        of="filter",
        title="active positions",
        short="active",
        text="Share of the positions of the probe images at which the response is not 0.",
        formula="share of positions where the response is not 0",
        range="0..1",
        trap='only behind a ReLU does it mean "on"',
        group="life",
        unit="share",
        first="low",
    ),
    Metric(
        name="response",
        of="filter",
        title="strongest response",
        text="The largest response to the probe images.",
        formula="the largest response",
        range="any",
        trap="grows with the scale of the layer",
        group="life",
    ),
    Metric(
        name="variation",
        of="filter",
        title="differs between images",
        short="varies",
        text="How much the response differs from one probe image to the next: 0 is the same to "
        "all.",
        formula="RMS of the responses without their mean over the probe images at the same "
        "position, over the RMS of the responses",
        range="0..1; 0 of a silent filter; absent where all probe images are the same",
        trap="a filter with a large constant part differs by little and may still tell them apart",
        group="life",
        unit="share",
        first="low",
    ),
    Metric(
        name="gradient",
        of="filter",
        title="gradient of the score",
        short="gradient",
        text="How much the score still depended on the picture at the last step of the ascent: "
        "0 is not at all.",
        formula="RMS over the pixels of d(score)/d(picture in grey levels), at the last step of "
        "the ascent",
        range="0 up; 0 where nothing in the picture matters to the filter",
        trap="small on a plateau too, where the filter responds well",
        group="life",
        first="low",
    ),
    Metric(
        name="dead",
        of="filter",
        title="dead",
        text="No response but 0 to any probe image, and no gradient ascent wakes it.",
        formula="no response but 0 to any probe image nor to its pattern, and up to 48 steps from "
        "noise and from parts of the images, that raise what goes into the activation at its "
        "highest position, find no response either",
        range="yes, no",
        trap="a filter that no picture of yours excites may still be woken by one that the ascent "
        "makes up, and is not dead then: see `active`. Behind a pooling layer the ascent has no "
        "slope to climb where all is silent. In a convolution whose ReLU is a layer of its own, "
        "watch that layer: before it nothing is silent",
        group="life",
        type="flag",
        summary="sum",
        good="low",
    ),
    Metric(
        name="stuck",
        of="filter",
        title="always on",
        text="On at every position of all probe images, or the same at all of them.",
        formula="behind a ReLU: on at every position of every probe image; else: the same "
        "response, not 0, everywhere",
        range="yes, no",
        trap="a filter of the first layer that smooths is on everywhere by right",
        group="life",
        type="flag",
        summary="sum",
        good="low",
    ),
    Metric(
        name="twin",
        of="filter",
        title="most similar filter",
        text="The filter of the same layer whose responses to the probe images correlate most with "
        "its own.",
        formula="the filter of the same layer whose responses correlate most with its own",
        range="index of a filter",
        trap="a filter that gives the same everywhere has none; nor has any of fewer than 4 probe "
        "images, or 32 responses, of which correlations are chance",
        group="life",
        type="index",
    ),
    Metric(
        name="twin_similarity",
        of="filter",
        title="similarity to the most similar filter",
        short="most similar",
        text="Correlation with the filter of the layer that responds most alike: 1 is a copy.",
        formula="Pearson's correlation of the responses of the two",
        range="-1..1",
        trap="alike on these probe images",
        group="life",
        good="low",
    ),
    Metric(
        name="selectivity",
        of="filter",
        title="class selectivity",
        short="selective",
        text="How much more active the filter is on the pictures of its favourite class than on "
        "others: 0 is alike, 1 on no other.",
        formula="(m - o) / (M + O), m the mean activation above 0 on the pictures of the "
        "favourite class, o the mean of those on each other class (Morcos et al. 2018). For m - o "
        "the class is the favourite of one half of the pictures, measured on the other, mean of "
        "both ways; M and O are of all",
        range="-1..1; around 0 of a filter that knows nothing of classes; absent without labels of "
        "two classes with two pictures each, and of a silent filter",
        trap="a network can do without selective filters, and rely on others. It is measured on "
        "the examples' pictures: with few of a class it is noisy",
        group="life",
        summary="median",
    ),
    Metric(
        name="score",
        of="filter",
        title="score",
        text="Mean activation that the ascent reached.",
        formula='mean activation reached on the final picture, in mode "natural" with the margin '
        "around it that is computed and not shown, and without a ceiling",
        range="any",
        trap="comparable between filters of a layer and steps of a run, not between layers",
        required=True,
    ),
    # ------------------------------------------------------------------------------ heatmaps
    Metric(
        name="energy_inside",
        of="heatmap",
        title="evidence on the object",
        short="on the object",
        text="Share of the evidence that lies on the object, inside its box or mask.",
        formula='share of the sum of m that lies on the object (Wang et al. 2020, "Score-CAM", '
        "4.3); a position that the box cuts counts by the share inside",
        range="0..1",
        trap="compare it with the share of the picture that the box covers",
        group="evidence",
        unit="share",
        summary="mean",
        good="high",
        first="low",
    ),
    Metric(
        name=ON_REGION,
        of="heatmap",
        title="evidence on the …",
        short="on the …",
        text="Share of the evidence that lies on the ….",
        formula="the same for a region other than the object, such as `energy_on_sticker`",
        range="0..1",
        trap="regions may overlap each other and the object: the shares need not add up to 1",
        group="evidence",
        unit="share",
        summary="mean",
    ),
    Metric(
        name="pointing",
        of="heatmap",
        title="points at the object",
        short="hits the object",
        text="Whether the maximum of the map lies on the object, inside its box or mask.",
        formula="whether the centre of the hottest position lies on the object (Zhang et al. 2018, "
        '"Top-down neural attention")',
        range="yes, no",
        trap="no tolerance, where the paper allows 15 pixels",
        group="evidence",
        type="flag",
        good="high",
        first="low",
    ),
    Metric(
        name="overlap_previous",
        of="heatmap",
        title="stayed in place since the last log",
        short="in place, last log",
        text="How much of the evidence lies where it lay at the last log.",
        formula="sum of min(q, q') with the map of the same picture and class at the previous step "
        '(Swain and Ballard 1991; "SIM" in Bylinskii et al. 2019), q = m / sum of m. Maps of 64 or '
        "more positions a side are averaged down first",
        range="0..1; null where one is empty or flat (entropy above 0.999): evidence that lies "
        "nowhere has not moved",
        trap='with `classes="predicted"` there is none where the class has changed',
        group="evidence",
        unit="share",
        summary="mean",
        first="low",
    ),
    Metric(
        name="overlap_baseline",
        of="heatmap",
        title="stayed in place since the baseline",
        short="in place, baseline",
        text="How much of the evidence lies where it lay at the baseline.",
        formula="the same with the map at the baseline",
        range="0..1; null where one is empty or flat",
        trap="as `overlap_previous`",
        group="evidence",
        unit="share",
        first="low",
    ),
    Metric(
        name="area",
        of="heatmap",
        title="area",
        text="Share of the map at or over half its maximum.",
        formula="share of positions with m at or over half its maximum",
        range="0..1",
        trap="depends on the layer's resolution",
        group="evidence",
        unit="share",
        summary="mean",
    ),
    Metric(
        name="entropy",
        of="heatmap",
        title="spread",
        text="Entropy of the map: 0 is all at one place, 1 is the same everywhere.",
        formula="- sum q log q / log(positions), q = m / sum of m",
        range="0: one position; 1: even",
        trap="noise of a weak map looks like spread",
        group="evidence",
    ),
    Metric(
        name="centre",
        of="heatmap",
        title="centre of mass",
        text="Where the middle of the evidence lies, from the left and the top.",
        formula="sum of (x, y) m / sum of m, from the left and the top of the picture",
        range="0..1 each",
        trap="the centre of two spots lies between them",
        group="evidence",
        type="point",
    ),
    Metric(
        name="peak",
        of="heatmap",
        title="hottest place",
        text="Where the map is hottest, from the left and the top.",
        formula="centre of the position of max m, from the left and the top of the picture",
        range="0..1 each; null where the map is empty or flat",
        trap="no finer than the positions of the layer; of two spots it names one",
        group="evidence",
        type="point",
    ),
    Metric(
        name="channels",
        of="heatmap",
        title="channels that contribute most",
        text="The channels that contribute most to the map, with their signed weights.",
        formula="the 5 channels k with the largest |c_k|, c_k = mean of dS/dA_k times mean of "
        "A_k, and c_k / sum of all |c| (Selvaraju et al. 2017, equation 1)",
        range="-1..1 each",
        trap="signed: negative ones speak against the class. Not for Score-CAM",
        group="evidence",
        type="channels",
    ),
    Metric(
        name="probability",
        of="heatmap",
        title="probability",
        text="How sure the network is of the class of the map.",
        formula="of the class that is explained",
        range="0..1",
        trap="a map of a class with 1 % says what would speak for it, not what the network sees",
        unit="probability",
        summary="mean",
        required=True,
    ),
    Metric(
        name="score",
        of="heatmap",
        title="score",
        text="The network's output for the class of the map.",
        formula="the output that is explained; `objective` says which",
        range="any",
        trap="comparable between steps only as far as the outputs are",
        required=True,
    ),
    Metric(
        name="maximum",
        of="heatmap",
        title="map maximum",
        text="The largest raw value of the map.",
        formula="max m",
        range="0 up",
        trap="comparable between steps only as far as the scores are",
        required=True,
    ),
    # -------------------------------------------------------------------------------- layers
    Metric(
        name="seconds",
        of="layer",
        title="seconds",
        text="Time spent on the pictures and numbers of the layer.",
        formula="seconds that training waited for the layer",
        range="0 up",
        trap="encoding and writing run in parallel and are not counted",
        unit="seconds",
    ),
)


def metrics_of(of: Of) -> dict[str, Metric]:
    """The metrics of filters, heatmaps or layers by name, in the order in which they are shown."""
    return {metric.name: metric for metric in METRICS if metric.of == of}


def summarised(of: Of) -> dict[str, Summary]:
    """How a layer sums up its filters or its heatmaps, by the metric's name."""
    return {name: metric.summary for name, metric in metrics_of(of).items() if metric.summary}


def row_of(name: str) -> str:
    """The name of a metric's row: that of every region is `ON_REGION`."""
    return ON_REGION if name.startswith(ON_REGION) else name


def names_of(metrics: Iterable[Metric]) -> list[str]:
    """How their names are written in prose: `energy_on_…` for those of regions."""
    return [metric.name + ("…" if metric.name == ON_REGION else "") for metric in metrics]
