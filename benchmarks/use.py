"""What filters chosen by use gain over evenly spread ones, on a real MobileNet V2 and photographs.

One crop of each of 100 photographs. Of six layers 32 filters: the median response (mean of the five
strongest pictures), and how many of the five top channels of Grad-CAM maps are among them, over the
36 pictures whose evidence was not used to choose. Needs ../shared/data.
"""

import os
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import keras
import numpy as np
from PIL import Image

from convviz_tb import Examples, GradCAM
from convviz_tb.examples import PictureSet, strongest_responses
from convviz_tb.heatmaps import compute_heatmaps
from convviz_tb.metrics.use import most_used
from convviz_tb.model import picture_input, survey
from convviz_tb.patterns import evenly_spread

DATA = Path(__file__).parents[2] / "shared" / "data"
LAYERS = ("relu_6", "relu_18", "relu_30", "relu_42", "relu_48", "relu_51")
SIDE, COUNT, FILTERS, USED = 224, 100, 32, 64


def crops() -> np.ndarray:
    """A square part of each photograph, in -1..1."""
    random = np.random.default_rng(0)
    files = sorted([*DATA.glob("*.jpg"), *DATA.glob("*.png"), *DATA.glob("photos/*.jpg")])
    parts = []
    for file in files[:COUNT]:
        photograph = Image.open(file).convert("RGB")
        width, height = photograph.size
        side = int(min(width, height) * random.uniform(0.4, 1))
        left, top = random.integers(0, width - side + 1), random.integers(0, height - side + 1)
        part = photograph.crop((left, top, left + side, top + side)).resize((SIDE, SIDE))
        parts.append(np.asarray(part, np.float32) / 127.5 - 1)
    return np.stack(parts)


def main() -> None:
    """Prints the table."""
    if not DATA.is_dir():
        print(f"No {DATA.name} folder beside the repository.")
        return
    model = keras.models.load_model(DATA / "mobilenet_v2_imagenet.keras", compile=False)
    photographs = crops()
    source = PictureSet(model, Examples(photographs))
    taps = [tap for tap in survey(model, picture_input(model, None).spec) if tap.path in LAYERS]
    used = most_used(model, taps, FILTERS, source, None)
    responses = strongest_responses(model, taps, source, COUNT)
    maps = compute_heatmaps(model, taps, GradCAM(photographs[USED:]))
    heads = ("layer", "filters", "response", "spread", "top shown", "spread")
    print("{:8} {:>7} {:>9} {:>7} {:>10} {:>7}".format(*heads))
    for tap in taps:
        ways = (used[tap.path], evenly_spread(FILTERS, tap.filters))
        response = [np.median(responses[tap.path][filters]) for filters in ways]
        shown = [np.isin(maps[tap.path].channels, filters).mean() for filters in ways]
        print(
            f"{tap.path:8} {tap.filters:7} {response[0]:9.1f} {response[1]:7.1f}"
            f" {shown[0]:10.0%} {shown[1]:7.0%}"
        )


if __name__ == "__main__":
    main()
