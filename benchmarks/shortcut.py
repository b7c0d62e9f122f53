"""Whether the findings name the run that learned a shortcut, and only that, over several seeds.

Trains the two runs of `demo_train.py` without its patterns and prints, for each run, what the
findings say of the heatmaps, and the energies behind them. Ends with an error where the findings do
not say that the heatmaps of a shortcut run moved to the sticker, or say it of a clean one.
"""

import argparse
import os
import re
import sys
import tempfile
from pathlib import Path
from typing import Any

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
sys.path.insert(0, str(Path(__file__).parents[1]))  # the demo is not installed

import keras

import demo_train
from convviz_tb import ConvViz
from demo.datasets import MARKED_CLASS, SIDE, drawn_data
from demo.networks import small_network
from demo.report import Outcome

_with_patterns = demo_train.conv_viz
_NAMED = re.compile(
    rf"On class {MARKED_CLASS}(, on \d+ of \d+ pictures,)? the heatmaps moved from the object to "
    r"the sticker at epoch \d+:"
)


def without_patterns(*arguments: Any) -> ConvViz:
    """The demo's callback without its patterns."""
    *_, log_dir = arguments
    return ConvViz(log_dir, patterns=None, heatmaps=_with_patterns(*arguments).heatmaps)


def main() -> None:
    """Prints the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seeds", type=int, nargs="+", default=list(range(5)))
    parser.add_argument("--epochs", type=int, default=8)
    options = parser.parse_args()
    demo_train.conv_viz = without_patterns
    wrong = []
    for seed in options.seeds:
        data = drawn_data(seed)
        keras.utils.set_random_seed(seed)
        network = small_network(len(data.class_names), SIDE)
        with tempfile.TemporaryDirectory() as log_dir:
            outcomes = demo_train.train_both(data, network, Path(log_dir), options.epochs, seed)
        for outcome in outcomes:
            print(f"seed {seed} {outcome.run}: sticker leads {outcome.sticker_leads_from}")
            print(f"  on object {percentages(outcome.on_object)}")
            print(f"  on sticker {percentages(outcome.on_sticker)}")
            print(f"  {outcome.findings or 'nothing'}", flush=True)
            if not is_right(outcome):
                wrong.append(f"seed {seed} {outcome.run}")
    sys.exit(f"The findings are wrong of: {', '.join(wrong)}" if wrong else None)


def is_right(outcome: Outcome) -> bool:
    """Whether the sticker is named in the shortcut run, and nothing alike said of the clean one."""
    if outcome.run == "shortcut":
        return any(map(_NAMED.match, outcome.findings))
    return not any(
        f"class {MARKED_CLASS}" in each or "sticker" in each for each in outcome.findings
    )


def percentages(energies: list[float]) -> str:
    """Energies step by step."""
    return " ".join(f"{each:.0%}" for each in energies)


if __name__ == "__main__":
    main()
