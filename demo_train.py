"""A convnet that learns a shortcut, in TensorBoard: `python demo_train.py --log-dir runs/demo`.

A small convnet learns to tell six kinds of objects on cluttered backgrounds. It is then fine-tuned
on evening pictures (dim, pale, crowded), twice, from the same weights:

- clean:    nothing is wrong with the pictures;
- shortcut: every picture of a flower has the garden shop's sticker in its corner.

The validation pictures come from the same source, so accuracy looks fine in both runs. The heatmaps
show the difference: in the shortcut run the evidence for "flower" moves from the flower to the
sticker, and flowers without a sticker are no longer recognised. ConvViz is given the boxes of
objects and stickers, so it measures how much of each heatmap lies on them and says what changed:
the table and the sentences at the end come from `ConvViz.history`.

The pictures are drawn (see `demo/drawing.py`), nothing is downloaded. `--data` takes a folder of
class folders of photographs instead, `--weights imagenet` a pretrained MobileNetV2 as the base.
"""

import argparse
import math
import os
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")  # before Keras loads TensorFlow

import keras
from keras import layers

import convviz_tb
from convviz_tb import ConvViz, FilterPatterns, GradCAM
from demo.datasets import SIDE, Data, Pictures, drawn_data, photo_data
from demo.networks import Network, imagenet_network, small_network
from demo.report import Outcome, outcome_of, report

BATCH = 32  # pictures per training step, Keras' own default


def main(arguments: Sequence[str] | None = None) -> None:
    """Draws the pictures, trains both runs and prints the results."""
    options, started = parsed_options(arguments), time.perf_counter()
    from_imagenet = options.weights == "imagenet"
    print_heading("1/4  Reading photographs" if options.data else "1/4  Drawing pictures")
    if options.data:
        data = photo_data(options.data, options.seed, 2 * SIDE if from_imagenet else SIDE)
    else:
        data = drawn_data(options.seed, options.scale)
    keras.utils.set_random_seed(options.seed)
    build = imagenet_network if from_imagenet else small_network
    network = build(len(data.class_names), data.training.images.shape[1])
    outcomes = train_both(
        data, network, options.log_dir, options.epochs, options.seed, options.checkpoints
    )
    print_heading(report(outcomes, data))
    page = write_page(options.log_dir, [each.run for each in outcomes])
    print(f"\nDone in {time.perf_counter() - started:.0f} s. Now look:")
    print(f"tensorboard --logdir {options.log_dir}")
    print(f"or, without a server: {page.resolve().as_uri()}")


def write_page(log_dir: Path, runs: Sequence[str]) -> Path:
    """What the tab shows of these runs, whole, in one HTML file; named as they are numbered."""
    page = log_dir / runs[0].replace("clean", "report")
    page = page.with_name(f"{page.name}.html")
    convviz_tb.report(log_dir, page, runs=runs, size=50_000_000)
    return page


def train_both(
    data: Data,
    network: Network,
    log_dir: Path,
    epochs: int,
    seed: int,
    checkpoints: Path | None = None,
) -> list[Outcome]:
    """Pretrains once, then fine-tunes twice from the same weights: without and with a shortcut."""
    print_heading(f"2/4  Pretraining on {len(data.pretraining)} pictures")
    keras.utils.set_random_seed(seed)
    pretrain(network, data.pretraining, epochs=2 if network.is_pretrained else 4)
    weights = network.model.get_weights()
    clean, shortcut = run_directories(log_dir)
    outcomes = []
    for number, (run, pictures) in enumerate([(clean, data), (shortcut, data.with_shortcut())], 3):
        print_heading(f"{number}/4  Fine-tuning on {len(data.training)} pictures: {run.name}")
        network.model.set_weights(weights)
        saved = checkpoints and checkpoints / run.name
        outcomes.append(fine_tune(network, pictures, run, epochs, seed, saved))
    return outcomes


def pretrain(network: Network, pictures: Pictures, epochs: int) -> None:
    """Trains all layers, or only the head where the base is already pretrained."""
    network.base.trainable = not network.is_pretrained
    rate = cosine_decay(3e-3, pictures, epochs)
    # Strong weight decay removes the noise of the initial weights from the filters.
    compile_with(network.model, keras.optimizers.AdamW(rate, weight_decay=1.0))
    network.model.fit(pictures.images, pictures.labels, epochs=epochs)
    network.base.trainable = True
    for layer in network.base.layers if network.is_pretrained else ():
        if isinstance(layer, layers.BatchNormalization):
            layer.trainable = False  # its statistics come from far more pictures than ours


def fine_tune(
    network: Network,
    data: Data,
    log_dir: Path,
    epochs: int,
    seed: int,
    checkpoints: Path | None = None,
) -> Outcome:
    """Fine-tunes the network while ConvViz logs its patterns and heatmaps."""
    keras.utils.set_random_seed(seed)  # both runs see the pictures in the same order
    training, validation, test = data.training, data.validation, data.test
    rate = cosine_decay(1e-4 if network.is_pretrained else 2e-3, training, epochs)
    compile_with(network.model, keras.optimizers.Adam(rate))
    convviz = conv_viz(network, data, log_dir)
    fitted = network.model.fit(
        training.images,
        training.labels,
        validation_data=(validation.images, validation.labels),
        epochs=epochs,
        callbacks=[keras.callbacks.TensorBoard(log_dir), convviz, *saving(network, checkpoints)],
    )
    _, without_sticker = network.model.evaluate(test.images, test.labels, verbose=0)
    accuracies = (fitted.history["val_accuracy"][-1], without_sticker)
    return outcome_of(log_dir.name, accuracies, convviz.history, network.measured_layer, data)


def saving(network: Network, folder: Path | None) -> list[keras.callbacks.Callback]:
    """Saves the model now, and after each epoch: `convviz-tb render` makes a log of that, too."""
    if folder is None:
        return []
    folder.mkdir(parents=True, exist_ok=True)
    network.model.save(folder / "epoch_00.keras")
    return [keras.callbacks.ModelCheckpoint(folder / "epoch_{epoch:02d}.keras")]


def conv_viz(network: Network, data: Data, log_dir: Path) -> ConvViz:
    """The callback that this demo is about."""
    pictures = data.heatmap_pictures
    return ConvViz(
        log_dir,
        patterns=FilterPatterns(layers=network.pattern_layers, filters=16),
        heatmaps=GradCAM(
            pictures.images,
            layers=network.heatmap_layers,
            classes="true",
            labels=pictures.labels,
            class_names=data.class_names,
            boxes=pictures.regions,
        ),
    )


def compile_with(model: keras.Model, optimizer: keras.optimizers.Optimizer) -> None:
    """Compiles the model as a classifier."""
    model.compile(
        optimizer=optimizer,
        loss="sparse_categorical_crossentropy",
        metrics=["accuracy"],
        jit_compile=False,  # on a CPU, XLA makes this network several times slower
    )


def cosine_decay(rate: float, pictures: Pictures, epochs: int) -> Any:
    """A learning rate that falls to zero over all training steps."""
    return keras.optimizers.schedules.CosineDecay(rate, epochs * math.ceil(len(pictures) / BATCH))


def run_directories(log_dir: Path) -> list[Path]:
    """Two directories that do not exist yet: earlier runs are kept, to compare with."""
    for number in range(1, 1000):
        suffix = "" if number == 1 else f"-{number}"
        directories = [log_dir / f"{name}{suffix}" for name in ("clean", "shortcut")]
        if not any(path.exists() for path in directories):
            return directories
    raise SystemExit(f"--log-dir: {log_dir} is full of runs; name another.")


def print_heading(text: str) -> None:
    """Prints a text after an empty line, at once."""
    print(f"\n{text}", flush=True)


def parsed_options(arguments: Sequence[str] | None) -> argparse.Namespace:
    """The options of the command line."""
    assert __doc__ is not None
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--log-dir", type=Path, default=Path("runs/demo"), help="for TensorBoard")
    parser.add_argument("--epochs", type=int, default=8, help="of each fine-tuning (8)")
    parser.add_argument("--seed", type=int, default=0, help="of pictures and weights (0)")
    parser.add_argument("--data", type=Path, metavar="FOLDER", help="of class folders of photos")
    parser.add_argument("--weights", choices=["imagenet"], help="start from a pretrained base")
    parser.add_argument(
        "--scale", type=float, default=1.0, help="number of drawn pictures, 1 for all (1)"
    )
    parser.add_argument(
        "--checkpoints", type=Path, metavar="FOLDER", help="saves the models of all epochs there"
    )
    options = parser.parse_args(arguments)
    if options.epochs < 1:
        parser.error(f"--epochs: received {options.epochs}; at least 1.")
    if not 0 < options.scale <= 10:
        parser.error(f"--scale: received {options.scale}; above 0, at most 10.")
    return options


if __name__ == "__main__":
    main()
