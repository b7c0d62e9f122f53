"""Straightforward references: eager Keras on an explicitly split model, the papers' formulas in
float64 with plain loops, and the notebook's gradient ascent, line by line."""

from collections.abc import Callable
from typing import Any

import keras
import numpy as np
import tensorflow as tf
from PIL import Image

METHODS = ["gradcam", "gradcam++", "hirescam", "layercam", "xgradcam"]


def small_net(
    side: int = 20, channels: int = 3, classes: int = 4, seed: int = 9, hidden: int = 8
) -> keras.Model:
    """Three convolutions and a head that is not linear (or is, with `hidden=0`)."""
    keras.utils.set_random_seed(seed)
    x = inputs = keras.Input((side, side, channels))
    x = keras.layers.Conv2D(6, 3, activation="relu", padding="same", name="one")(x)
    x = keras.layers.MaxPooling2D()(x)
    x = keras.layers.Conv2D(8, 3, activation="relu", name="two")(x)
    x = keras.layers.Conv2D(5, 3, activation="relu", name="three")(x)
    x = keras.layers.GlobalAveragePooling2D()(x)
    if hidden:
        x = keras.layers.Dense(hidden, activation="relu")(x)
    return keras.Model(inputs, keras.layers.Dense(classes, activation="softmax")(x))


def pictures(count: int, side: int = 20, channels: int = 3, seed: int = 0) -> np.ndarray:
    """Noise in 0..1."""
    return np.random.default_rng(seed).random((count, side, side, channels), np.float32)


def split(model: keras.Model, layer: str) -> tuple[keras.Model, Callable[[Any], Any]]:
    """A chain of layers, cut behind `layer`: up to it, and from it to the logits."""
    at = model.layers.index(model.get_layer(layer)) + 1
    *behind, last = model.layers[at:]

    def logits(activations: Any) -> Any:
        for each in behind:
            activations = each(activations)
        return activations @ last.kernel + last.bias

    return keras.Model(model.inputs[0], model.layers[at - 1].output), logits


def activations_and_gradients(
    model: keras.Model, layer: str, images: np.ndarray, classes: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """A and dy/dA of one class per picture, picture by picture, eagerly."""
    to_layer, logits = split(model, layer)
    found = []
    for image, class_ in zip(images, classes, strict=True):
        activations = to_layer(image[None])
        with tf.GradientTape() as tape:
            tape.watch(activations)
            score = logits(activations)[0, class_]
        found.append((activations[0].numpy(), tape.gradient(score, activations)[0].numpy()))
    return np.stack([a for a, _ in found]), np.stack([g for _, g in found])


def class_activation_map(method: str, activations: np.ndarray, gradients: np.ndarray) -> np.ndarray:
    """One map `(h, w)` of A and g `(h, w, channels)`, channel by channel."""
    total = np.zeros(activations.shape[:2])
    for k in range(activations.shape[-1]):
        a, g = np.float64(activations[..., k]), np.float64(gradients[..., k])
        if method == "gradcam":
            weight = g.mean()
        elif method == "gradcam++":
            fraction = 2 * g**2 + a.sum() * g**3
            alpha = np.divide(g**2, fraction, out=np.zeros_like(g), where=fraction != 0)
            weight = (alpha * np.maximum(g, 0)).sum()
        elif method == "hirescam":
            weight = g
        elif method == "layercam":
            weight = np.maximum(g, 0)
        elif method == "xgradcam":
            weight = (g * a).sum() / a.sum() if a.sum() else 0
        total += weight * a
    return np.maximum(total, 0)


def score_cam(
    to_layer: Callable[[Any], Any],
    from_layer: Callable[[Any], Any],
    image: np.ndarray,
    class_: int,
) -> np.ndarray:
    """Algorithm 1 of Wang et al. 2020, mask by mask, its baseline (black) and all."""
    activations = np.asarray(to_layer(image[None]))[0]
    baseline = np.float64(from_layer(to_layer(np.zeros_like(image)[None])))[0, class_]
    scores = []
    for k in range(activations.shape[-1]):
        size = (image.shape[1], image.shape[0])
        mask = np.asarray(
            Image.fromarray(activations[..., k]).resize(size, Image.Resampling.BILINEAR)
        )
        span = mask.max() - mask.min()
        mask = (mask - mask.min()) / span if span else np.zeros_like(mask)
        masked = (image * mask[..., None])[None]
        scores.append(np.float64(from_layer(to_layer(masked)))[0, class_] - baseline)
    weights = np.exp(scores) / np.exp(scores).sum()
    return np.maximum((activations * weights).sum(axis=-1), 0)


def notebook_pattern(
    model: keras.Model, layer: str, filter_index: int, start: np.ndarray, steps: int = 40
) -> np.ndarray:
    """Deep Learning with Python, section 5.4, `generate_pattern`: ported line by line.

    There: `K.gradients` and `K.function`; here an eager tape, with the same numbers.
    """
    up_to_layer = keras.Model(model.inputs[0], model.get_layer(layer).output)
    input_img_data = tf.constant(start[None])
    step = 1.0
    for _ in range(steps):
        with tf.GradientTape() as tape:
            tape.watch(input_img_data)
            layer_output = up_to_layer(input_img_data)
            loss = tf.reduce_mean(layer_output[:, :, :, filter_index])
        grads = tape.gradient(loss, input_img_data)
        grads /= tf.sqrt(tf.reduce_mean(tf.square(grads))) + 1e-5
        input_img_data += grads * step
    return input_img_data[0].numpy()


def gray_start(count: int, side: int, channels: int = 3, seed: int = 0) -> np.ndarray:
    """The notebook's start: gray with some noise, in 0..255."""
    noise = np.random.default_rng(seed).random((count, side, side, channels))
    return (noise * 20 + 128.0).astype(np.float32)
