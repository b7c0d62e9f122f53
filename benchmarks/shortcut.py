"""Whether the findings name the run that learned a shortcut, and only that, over several seeds.

Tells the story of `demo_train.py` without its patterns and prints, for each run, what the findings
say of the heatmaps of the marked class, and what the demo's own measure says beside it.
"""

import argparse
import os
import tempfile
from pathlib import Path
from typing import Any

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import keras

import demo_train as demo
from convviz_tb import ConvViz

_watching: list[ConvViz] = []
_whole = demo.conv_viz


def heatmaps_alone(*arguments: Any) -> ConvViz:
    """The demo's callback without its patterns, kept to be asked afterwards."""
    *_, log_dir = arguments
    _watching.append(ConvViz(log_dir, patterns=None, heatmaps=_whole(*arguments).heatmaps))
    return _watching[-1]


def main() -> None:
    """Prints the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seeds", type=int, nargs="+", default=list(range(5)))
    parser.add_argument("--epochs", type=int, default=8)
    options = parser.parse_args()
    demo.conv_viz = heatmaps_alone
    for seed in options.seeds:
        data = demo.drawn_data(seed)
        keras.utils.set_random_seed(seed)
        network = demo.small_network(len(data.class_names), demo.SIDE)
        with tempfile.TemporaryDirectory() as log_dir:
            outcomes = demo.tell(data, network, Path(log_dir), options.epochs, seed)
        for outcome, convviz in zip(outcomes, _watching[-2:], strict=True):
            found = [
                finding["text"]
                for finding in convviz.history["findings"]
                if f"class {demo.MARKED_CLASS} " in finding["text"]
            ]
            by_class = energies(convviz, network.heatmap_layers[-1], data.marked_class)
            print(f"seed {seed} {outcome.run}: sticker leads {outcome.moved_at}; {by_class}")
            print(f"  {found or 'nothing of the marked class'}", flush=True)


def energies(convviz: ConvViz, layer: str, marked: int) -> str:
    """The mean energy on the object over the marked class' heatmaps, step by step."""
    numbers = convviz.history["pictures"][f"base/{layer}"]
    means = [
        sum(e for c, e in zip(classes, values, strict=True) if c == marked and e is not None)
        / max(sum(c == marked for c in classes), 1)
        for classes, values in zip(numbers["class_index"], numbers["energy_inside"], strict=True)
    ]
    return "on the object " + " ".join(f"{each:.2f}" for each in means)


if __name__ == "__main__":
    main()
