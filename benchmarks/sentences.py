"""How many of the findings of ordinary trainings are untrue: checked against the whole data.

Trains the networks of `ordinary.py`; `truth.py` judges every sentence of every step: those that
are told, and those that were left out for lack of room too. Prints the untrue ones, their
share, and what ordinary training does to the numbers that the rules compare with their limits. Ends
with an error where a sentence was untrue, or one on what was planted was not told.
"""

import argparse
import os
import re
import signal
import sys
import tempfile
import time
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
sys.path.insert(0, str(Path(__file__).parents[1]))  # the demo is not installed

import keras
import numpy as np
from ordinary import NAMES, Training, compiled, drawn, pretrained, trainings, watched_layers
from truth import FILTERS, Truth

from convviz_tb import ConvViz, FilterPatterns, GradCAM
from convviz_tb.metrics import findings as rules
from convviz_tb.metrics.claims.story import Story

PICTURES = 600  # of the whole data
History = dict[str, Any]


@dataclass(frozen=True)
class Sentence:
    """A sentence that a rule has made at a step, and what is untrue of it."""

    step: int
    rule: str
    finding: dict[str, Any]
    is_told: bool
    wrong: list[str]


@dataclass(frozen=True)
class Verdict:
    """What became of a training."""

    accuracy: float
    sentences: list[Sentence]
    history: History
    seconds: float


class Snapshots(keras.callbacks.Callback):
    """Keeps the weights of each step, and every finding of it."""

    def __init__(self, truth: Truth, convviz: ConvViz) -> None:
        super().__init__()
        self._truth, self._convviz = truth, convviz
        self.found: list[tuple[int, str, dict[str, Any], bool]] = []

    def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
        self._keep()

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        self._keep()

    def _keep(self) -> None:
        history, model = self._convviz.history, self.model
        if not history["steps"] or (step := history["steps"][-1]) in self._truth.weights:
            return
        self._truth.weights[step] = model.get_weights()
        self._truth.filters = {name: each["filter"] for name, each in history["filters"].items()}
        self._truth.trainable[step] = {each.name for each in model.layers if each.trainable}
        told = [each["text"] for each in history["findings"]]
        story = Story(history, NAMES, labels=self._convviz.heatmaps.single_classes)
        is_broken = set(story.broken[-1]) - {"loss"}
        for rule in rules.RULES[:1] if is_broken else rules.RULES:
            for finding in rule(story):
                self.found.append((step, rule.__name__, finding, finding["text"] in told))


def tried(training: Training, seed: int) -> Verdict:
    """Trains and judges."""
    started = time.perf_counter()
    keras.backend.clear_session()
    keras.utils.set_random_seed(seed)
    data = drawn(seed // 100, NAMES, PICTURES)
    marked = data.marked("class") if training.marked else data
    if training.pretrained:
        model = pretrained(training, seed)
    else:
        model = training.build(len(NAMES), **training.options)
    watched, shown = watched_layers(model), np.arange(PICTURES)[-training.shown :]
    truth = Truth(model, marked.images, data.labels, data.boxes, shown, NAMES, watched)
    seen = marked[shown]
    heatmaps = GradCAM(
        seen.images,
        watched[-1],
        classes=training.classes,
        labels=seen.labels if training.labels else None,
        class_names=NAMES,
        boxes=seen.boxes if training.boxes else None,
    )
    with tempfile.TemporaryDirectory() as log_dir:
        patterns = FilterPatterns(watched, FILTERS, mode="smooth", steps=4)
        convviz = ConvViz(log_dir, patterns=patterns, heatmaps=heatmaps, every=training.every)
        snapshots, epochs = Snapshots(truth, convviz), 0
        for phase in training.phases:
            for index, layer in enumerate(model.layers[:-1]):
                layer.trainable = index >= phase.frozen
            compiled(model, phase.optimizer())
            epochs += phase.epochs
            pictures = data.marked(phase.marked)[: training.count]
            model.fit(
                *(pictures.images, pictures.labels, 16),
                initial_epoch=epochs - phase.epochs,
                epochs=epochs,
                verbose=0,
                callbacks=[convviz, snapshots],
            )
        history = convviz.history
    accuracy = float((truth.predicted(max(truth.weights)) == data.labels).mean())
    judged = [Sentence(*each, truth.judge(each[2], each[0])) for each in snapshots.found]
    return Verdict(accuracy, judged, history, time.perf_counter() - started)


# --------------------------------------------------------------------------- what numbers do


def numbers_of(history: History) -> dict[str, list[float]]:
    """What a training did to the numbers that rules compare with their limits, by name."""
    found: dict[str, list[float]] = defaultdict(list)
    for layer in history["filters"].values():
        table = {name: _table(layer[name]) for name in layer if name in _OF_FILTERS}
        last = {name: rows[-1] for name, rows in table.items()}
        if "variation" in last:
            found["variation: the highest of a layer"].append(np.nanmax(last["variation"]))
        if "twin_similarity" in last and not np.isnan(table["twin_similarity"]).all():
            found["similarity of twins before training"].append(
                np.nanmax(table["twin_similarity"][0])
            )
            found["similarity of twins at the end"].append(np.nanmax(last["twin_similarity"]))
        if "function_drift" in last and np.nanmedian(last["function_drift"]) > 0:
            ratio = np.nanmax(last["function_drift"]) / np.nanmedian(last["function_drift"])
            found["drift of responses: most of a layer, by its median"].append(ratio)
        if "kernel_drift" in last:
            found["drift of weights: mean of a layer"].append(np.nanmean(last["kernel_drift"]))
    for maps in history["pictures"].values():
        energy = _table(maps["energy_inside"]) if "energy_inside" in maps else np.empty((0, 0))
        if energy.size and len({len(row or ()) for row in maps["image"]}) == 1:
            with np.errstate(all="ignore"):
                change = np.nanmean(energy[-1]) / np.nanmean(energy[len(energy) // 2])
            found["evidence on the object: now by half-way, mean of all"].append(change)
        overlap = [each for each in maps["overlap_baseline"][-1] or () if each is not None]
        found["evidence in the same place as before training"] += overlap
    return found


_OF_FILTERS = ("variation", "twin_similarity", "function_drift", "kernel_drift")


def _table(rows: list[Any]) -> Any:
    width = max(len(row or ()) for row in rows)
    return np.array([[np.nan] * width if row is None else row for row in rows], float)


def main() -> None:
    """Prints the tables."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--only", help="trainings with this in their name")
    parser.add_argument("--part", help="i/n: every n-th training from the i-th on")
    options = parser.parse_args()
    first, step = map(int, (options.part or "0/1").split("/"))
    chosen = [each for each in trainings() if not options.only or options.only in each.name]
    tally = Tally()
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        for number, training in [*enumerate(chosen)][first::step]:
            tally.add(training, tried(training, options.seed * 100 + number))
            sys.stdout.flush()
    except KeyboardInterrupt:
        print("interrupted: what there is so far")
    tally.print()
    if tally.missed or any(counts["untrue"] for counts in tally.said.values()):
        raise SystemExit(1)


@dataclass(frozen=True)
class Tally:
    """What all trainings have shown: sentences by rule, numbers, what was planted and not told."""

    said: dict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    numbers: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    missed: list[str] = field(default_factory=list)
    names: list[str] = field(default_factory=list)

    def add(self, training: Training, verdict: Verdict) -> None:
        """Adds a training, and prints it."""
        print(f"{training.name}: accuracy {verdict.accuracy:.0%}, {verdict.seconds:.0f} s")
        self.names.append(training.name)
        for finding in verdict.history["findings"]:
            print(f"    {finding['text']}")
        for each in verdict.sentences:
            self.said[each.rule] += Counter(said=1, told=each.is_told)
            if each.wrong:
                self.said[each.rule] += Counter(untrue=1, told_untrue=each.is_told)
                print(f"  UNTRUE at {each.step}{'' if each.is_told else ' (not told)'}: ", end="")
                print(f"{each.finding['text']}\n      {'; '.join(each.wrong)}")
        texts = [*(each["text"] for each in verdict.history["findings"]), ""]
        if not any(re.search(training.planted, each) for each in texts):
            self.missed.append(training.name)
            print(f"  NOT SAID: {training.planted}")
        for name, values in () if training.planted else numbers_of(verdict.history).items():
            self.numbers[name] += values

    def print(self) -> None:
        """Sentences by rule; quantiles of numbers in trainings that nothing was wrong with."""
        print(f"\n{len(self.names)} trainings")
        print(f"{'rule':24}{'said':>8}{'untrue':>8}{'told':>8}{'untrue':>8}")
        for rule, counts in [*self.said.items(), ("all", sum(self.said.values(), Counter()))]:
            row = (counts[each] for each in ("said", "untrue", "told", "told_untrue"))
            print(f"{rule:24}" + "".join(f"{each:8}" for each in row))
        print(f"\n{'number':58}{'n':>6}{'1 %':>8}{'50 %':>8}{'99 %':>8}")
        for name, values in self.numbers.items():
            quantiles = np.nanquantile(values, [0.01, 0.5, 0.99])
            print(f"{name:58}{len(values):6}" + "".join(f"{each:8.2f}" for each in quantiles))
        print(f"\nplanted and not told: {', '.join(self.missed) or 'nothing'}")


if __name__ == "__main__":
    main()
