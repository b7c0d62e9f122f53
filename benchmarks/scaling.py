"""How the cost of a logged step grows: with filters, steps, tile size, layers, pictures and model.

One line per setting: seconds, and the most memory beyond what the model alone took, each in a
process of its own. `--plot` draws the seconds as an SVG.
"""

import argparse
import json
import os
import resource
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import numpy as np

BASE: dict[str, Any] = {
    "model": "MobileNetV2",
    "side": 160,
    "filters": 8,
    "layers": 1,
    "pictures": 0,
}
SETTINGS: dict[str, list[Any]] = {
    "filters": [4, 8, 32],
    "side": [96, 160, 224],
    "layers": [1, 2, 4],
    "pictures": [8, 32],
    "model": ["small", "MobileNetV2", "VGG16"],
}


def network(name: str, side: int) -> Any:
    """A classifier for ten classes."""
    import keras

    layers = keras.layers
    inputs = x = keras.Input((side, side, 3))
    if name == "small":
        for width in (16, 32, 64):
            x = layers.Conv2D(width, 3, padding="same", activation="relu")(x)
            x = layers.MaxPooling2D()(x)
    else:
        make = getattr(keras.applications, name)
        x = make(include_top=False, weights=None, input_shape=(side, side, 3))(x)
    return keras.Model(inputs, layers.Dense(10)(layers.GlobalAveragePooling2D()(x)))


def measure(setting: dict[str, Any]) -> dict[str, float]:
    """Seconds of a pass after the one that traces, and mebibytes beyond those before the first."""
    import keras

    from convviz_tb import FilterPatterns, GradCAM, patterns
    from convviz_tb.heatmaps import compute as heatmaps

    keras.utils.set_random_seed(0)
    model = network(setting["model"], setting["side"])
    images = np.random.default_rng(0).random((max(setting["pictures"], 1), *model.input_shape[1:]))
    model.predict_on_batch(images[:1])
    before = _most_memory()
    options = FilterPatterns(filters=setting["filters"])
    found = patterns.pattern_taps(model, options)
    from_the_middle = sorted(found, key=lambda tap: abs(found.index(tap) - len(found) // 2))
    taps = from_the_middle[: setting["layers"]]
    pictures = GradCAM(images)
    maps = heatmaps.heatmap_taps(model, pictures)

    def work() -> None:
        if setting["pictures"]:
            heatmaps.compute_heatmaps(model, maps, pictures)
        else:
            for tap in taps:
                chosen = patterns.choose_filters(options.filters, tap)
                patterns.ascend(model, tap, options, chosen)

    work()
    started = np.array([time.perf_counter(), time.process_time()])
    work()
    clock, processor = np.array([time.perf_counter(), time.process_time()]) - started
    return {"seconds": clock, "cpu_seconds": processor, "mebibytes": _most_memory() - before}


def _most_memory() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def apart(setting: dict[str, Any]) -> dict[str, float]:
    """`measure` in a process of its own, since memory is never given back whole."""
    command = [sys.executable, __file__, "--one", json.dumps(setting)]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    answer: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return answer


def plot(rows: list[tuple[str, str, dict[str, float]]], path: Path) -> None:
    """Bars of CPU seconds, one group per thing that was varied."""
    longest, y, lines = max(row["cpu_seconds"] for *_, row in rows), 0, []
    for (varied, value, row), (before, *_) in zip(rows, [("", "", {}), *rows], strict=False):
        y += 34 if varied != before else 18
        width = 300 * row["cpu_seconds"] / longest
        lines.append(f'<text x="150" y="{y}" text-anchor="end">{varied}: {value}</text>')
        lines.append(f'<rect x="158" y="{y - 11}" width="{width:.1f}" height="13" fill="#e8710a"/>')
        label = f"{row['cpu_seconds']:.1f} s, {row['mebibytes']:.0f} MiB"
        lines.append(f'<text x="{164 + width:.0f}" y="{y}">{label}</text>')
    style = "font: 12px sans-serif; background: white"
    size = f'width="600" height="{y + 16}"'
    drawn = "\n".join([f'<svg xmlns="http://www.w3.org/2000/svg" {size} style="{style}">', *lines])
    path.write_text(drawn + "\n</svg>\n")


def main() -> None:
    """Prints the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--one", type=json.loads, help="one setting, in here")
    parser.add_argument("--plot", type=Path)
    asked = parser.parse_args()
    if asked.one:
        print(json.dumps(measure(asked.one)))
        return
    print(f"{'':24} {'seconds':>8} {'CPU seconds':>12} {'MiB more':>9}; else {BASE}")
    rows = []
    for varied, values in SETTINGS.items():
        for value in values:
            row = apart({**BASE, varied: value})
            rows.append((varied, str(value), row))
            numbers = [row[name] for name in ("seconds", "cpu_seconds", "mebibytes")]
            clock, processor, memory = numbers
            print(f"{varied:10} {value!s:13} {clock:8.2f} {processor:12.2f} {memory:9.0f}")
    if asked.plot:
        plot(rows, asked.plot)


if __name__ == "__main__":
    main()
