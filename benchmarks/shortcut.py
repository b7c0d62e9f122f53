"""Whether the findings name the run that learned a shortcut, and only that, over several seeds.

Tells the story of `demo_train.py` without its patterns and prints, for each run, what the findings
say of the heatmaps of the marked class, and the energies that they say it from. Ends with an error
where a shortcut run is not said to have moved to the sticker, or a clean one is.
"""

import argparse
import os
import re
import sys
import tempfile
from pathlib import Path
from typing import Any

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import keras

import demo_train as demo
from convviz_tb import ConvViz

_watching: list[ConvViz] = []
_whole = demo.conv_viz
_NAMED = re.compile(
    rf"On class {demo.MARKED_CLASS} the heatmaps moved from the object to the sticker at epoch \d+:"
)


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
    wrong = []
    for seed in options.seeds:
        data = demo.drawn_data(seed)
        keras.utils.set_random_seed(seed)
        network = demo.small_network(len(data.class_names), demo.SIDE)
        with tempfile.TemporaryDirectory() as log_dir:
            outcomes = demo.tell(data, network, Path(log_dir), options.epochs, seed)
        for outcome, convviz in zip(outcomes, _watching[-2:], strict=True):
            by_region = energies(convviz, network.heatmap_layers[-1], data.marked_class)
            print(f"seed {seed} {outcome.run}: sticker leads {outcome.moved_at}; {by_region}")
            print(f"  {outcome.told or 'nothing'}", flush=True)
            if not is_right(outcome):
                wrong.append(f"seed {seed} {outcome.run}")
    sys.exit(f"The findings are wrong of: {', '.join(wrong)}" if wrong else None)


def is_right(outcome: demo.Outcome) -> bool:
    """Whether the sticker is named in the shortcut run, and nothing alike said of the clean one."""
    if outcome.run == "shortcut":
        return any(map(_NAMED.match, outcome.told))
    return not any(
        f"class {demo.MARKED_CLASS}" in each or "sticker" in each for each in outcome.told
    )


def energies(convviz: ConvViz, layer: str, marked: int) -> str:
    """The mean energy of the marked class' heatmaps on object and sticker, step by step."""
    numbers = convviz.history["pictures"][f"base/{layer}"]
    told = []
    for name in ("energy_inside", "energy_on_sticker"):
        means = []
        for classes, values in zip(numbers["class_index"], numbers[name], strict=True):
            known = [
                value
                for each, value in zip(classes, values, strict=True)
                if each == marked and value is not None
            ]
            means.append(sum(known) / len(known) if known else float("nan"))
        told.append(f"{name} " + " ".join(f"{each:.2f}" for each in means))
    return "; ".join(told)


if __name__ == "__main__":
    main()
