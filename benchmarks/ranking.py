"""Whether the ranking of filters by drift is the run's or chance's: the same fine-tuning, 3 seeds.

The real MobileNet V2 in ../shared/data gets a new head and is fine-tuned on the photographs beside
it, augmented, with its first half frozen; seeds change the head, the augmentation and the order.
Prints the drift of each watched layer, and how alike its filters rank in two runs (Spearman).
"""

import argparse
import itertools
import os
import tempfile
import time
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import keras
import numpy as np
from PIL import Image

from convviz_tb import ConvViz, FilterPatterns

DATA = Path(__file__).parents[2] / "shared" / "data"
PHOTOS = ("elephant.jpg", "cat.jpg", "dog.jpg", "parrot.jpg")
SIDE = 224
LAYERS = ["conv_9", "dw_22", "conv_30", "conv_39", "conv_48"]  # two of them in the frozen half
DRIFTS = ("kernel_drift", "function_drift")


def photographs() -> np.ndarray:
    """In -1..1, as this network takes them."""
    opened = [Image.open(DATA / name).convert("RGB").resize((SIDE, SIDE)) for name in PHOTOS]
    return np.stack([np.asarray(each, np.float32) / 127.5 - 1 for each in opened])


def augmented(photos: np.ndarray, copies: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Flipped, moved, darkened and noisy copies, shuffled; and whose they are."""
    random = np.random.default_rng(seed)
    labels = random.permutation(np.repeat(np.arange(len(photos)), copies))
    images = photos[labels].copy()
    for image in images:
        if random.random() < 0.5:
            image[:] = image[:, ::-1]
        image[:] = np.roll(image, random.integers(-24, 25, 2), axis=(0, 1))
        image *= random.uniform(0.7, 1)
        image += random.normal(0, 0.05, image.shape)
    return images, labels


def fine_tuned(seed: int, copies: int, epochs: int) -> dict[str, dict[str, np.ndarray]]:
    """The drifts of the watched layers' filters at the end of a fine-tuning."""
    keras.utils.set_random_seed(seed)
    base = keras.models.load_model(DATA / "mobilenet_v2_imagenet.keras", compile=False)
    pooled = base.get_layer("global_average_pooling2d").output
    flat = keras.layers.Reshape((1280,))(pooled)
    head = keras.layers.Dense(len(PHOTOS), activation="softmax")(flat)
    model = keras.Model(base.inputs[0], head)
    for layer in model.layers[: len(model.layers) // 2]:
        layer.trainable = False
    model.compile(keras.optimizers.Adam(1e-4), "sparse_categorical_crossentropy")
    photos = photographs()
    images, labels = augmented(photos, copies, seed)
    probes = np.concatenate([photos, photos[:, :, ::-1]])
    with tempfile.TemporaryDirectory() as log_dir:
        patterns = FilterPatterns(LAYERS, 64, steps=1, probes=probes)
        convviz = ConvViz(log_dir, patterns=patterns, every=epochs)
        model.fit(images, labels, batch_size=8, epochs=epochs, verbose=0, callbacks=[convviz])
        history = convviz.history
    for finding in history["findings"]:
        print(f"  seed {seed}: {finding['text']}", flush=True)
    return {
        layer: {name: np.array(numbers[name][-1], float) for name in DRIFTS}
        for layer, numbers in history["filters"].items()
    }


def spearman(one: np.ndarray, other: np.ndarray) -> float:
    """The correlation of two rankings."""
    ranks = (np.argsort(np.argsort(each)).astype(float) for each in (one, other))
    return float(np.corrcoef(*ranks)[0, 1])


def main() -> None:
    """Prints the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--copies", type=int, default=16, help="of each photograph")
    parser.add_argument("--epochs", type=int, default=3)
    options = parser.parse_args()
    if not DATA.is_dir():
        raise SystemExit(f"No {DATA.name} folder beside the repository.")
    started, runs = time.perf_counter(), []
    for seed in range(options.seeds):
        runs.append(fine_tuned(seed, options.copies, options.epochs))
    print(f"{'layer':10} {'number':16} {'medians':>24} {'largest':>9} {'rank correlations':>24}")
    for layer, name in itertools.product(LAYERS, DRIFTS):
        found = [run[layer][name] for run in runs]
        medians = " ".join(f"{np.median(each):.4f}" for each in found)
        largest = max(each.max() for each in found)
        ranks = "-"
        if largest > 0:
            pairs = itertools.combinations(found, 2)
            ranks = " ".join(f"{spearman(one, other):.2f}" for one, other in pairs)
        print(f"{layer:10} {name:16} {medians:>24} {largest:9.4f} {ranks:>24}")
    print(f"{options.seeds} runs in {time.perf_counter() - started:.0f} s")


if __name__ == "__main__":
    main()
