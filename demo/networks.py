"""Classifiers to train: a small convnet, or a MobileNetV2 that is already pretrained."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import keras
from keras import layers


@dataclass(frozen=True)
class Network:
    """A classifier on top of a base, and the layers of the base to visualise by name."""

    model: keras.Model
    base: keras.Model
    pattern_layers: list[str]
    heatmap_layers: list[str]
    is_pretrained: bool = False

    @property
    def measured_layer(self) -> str:
        """Path of the layer whose heatmaps are reported: the last one."""
        return f"{self.base.name}/{self.heatmap_layers[-1]}"


def small_network(classes: int, side: int) -> Network:
    """Four convolutions, to be trained from scratch."""
    inputs = keras.Input((side, side, 3))
    x = layers.Rescaling(1 / 127.5, offset=-1)(inputs)
    # Each colour of each picture to mean 0, deviation 1: brightness and tint alone say nothing.
    x = layers.GroupNormalization(groups=3, center=False, scale=False, name="standardize")(x)
    names = [f"block{block}_conv" for block in (1, 2, 3, 4)]
    x = layers.Conv2D(24, 5, padding="same", activation="relu", name=names[0])(x)
    for block, filters in ((1, 48), (2, 96), (3, 128)):
        # Few training steps: the moving averages must follow quickly.
        x = layers.BatchNormalization(momentum=0.9, name=f"block{block}_norm")(x)
        x = layers.MaxPooling2D(name=f"block{block}_pool")(x)
        x = layers.Conv2D(filters, 3, padding="same", activation="relu", name=names[block])(x)
    base = keras.Model(inputs, x, name="base")
    return Network(with_head(base, classes), base, names, names[2:])


def imagenet_network(classes: int, side: int) -> Network:
    """MobileNetV2 at 192 pixels, whose maps of 12 x 12 positions are still readable.

    Raises:
        SystemExit: the weights cannot be loaded.
    """
    try:
        base = keras.applications.MobileNetV2((192, 192, 3), include_top=False)
    except Exception as error:  # Keras raises a bare Exception when a download fails
        raise SystemExit(f"--weights imagenet: the weights cannot be loaded. {error}") from error
    preprocessing = [keras.Input((side, side, 3)), layers.Resizing(192, 192)]
    preprocessing.append(layers.Rescaling(1 / 127.5, offset=-1))
    patterns = ["Conv1", "block_3_expand_relu", "block_6_expand_relu", "block_13_expand_relu"]
    model = with_head(base, classes, preprocessing)
    return Network(model, base, patterns, patterns[-1:], is_pretrained=True)


def with_head(base: keras.Model, classes: int, preprocessing: Sequence[Any] = ()) -> keras.Model:
    """A classifier that contains the base as one layer."""
    head = layers.Dense(classes, activation="softmax", name="head")
    return keras.Sequential([*preprocessing, base, layers.GlobalAveragePooling2D(), head])
