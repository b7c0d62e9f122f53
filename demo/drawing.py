"""Synthetic pictures: one object on a cluttered background, drawn by formula with NumPy.

Each object is a function of four coordinate arrays in units of its radius: `u` along its axis, `v`
across, and the polar coordinates `(r, t)`. It returns the outline (positive inside, at most 1) and
two masks, for its second and third colour.
"""

import colorsys
from typing import Any

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]

SIDE = 96  # pixels, of a picture
STICKER = 16  # pixels, of the sticker
CORNER = STICKER + 9  # the sticker, one pixel from the edge, and a cell of the heatmap around it

Y, X = np.mgrid[:SIDE, :SIDE].astype(np.float32) + np.float32(0.5)


# ------------------------------------------------------------------------------------- objects


def soft(inside: Array, width: float = 1.0) -> Array:
    """A mask with a smooth edge: 0 where `inside` is negative, 1 where it is positive."""
    return np.clip(inside / width + 0.5, 0, 1)


def ball(u: Array, v: Array, r: Array, t: Array) -> tuple[Array, Array, Array]:
    """A beach ball."""
    return 1 - r, soft(np.sin(3 * t), 0.3), soft(0.18 - r, 0.08)


def donut(u: Array, v: Array, r: Array, t: Array) -> tuple[Array, Array, Array]:
    """A ring with icing and sprinkles."""
    icing = np.minimum(0.9 + 0.05 * np.sin(7 * t) - r, r - 0.46)
    sprinkles = np.sin(9 * u + 2 * v) * np.sin(9 * v - 2 * u) - 0.72
    return np.minimum(1 - r, r - 0.38), soft(icing, 0.08), soft(np.minimum(sprinkles, icing), 0.15)


def fish(u: Array, v: Array, r: Array, t: Array) -> tuple[Array, Array, Array]:
    """A striped body with a tail and an eye."""
    body = 0.55 * (1 - np.hypot((u - 0.2) / 0.8, v / 0.55))
    tail = np.minimum(-0.75 * (u + 0.3) - abs(v), u + 0.85 + 0.3 * abs(v))
    stripes = soft(np.sin(11 * u + 2.2 * np.cos(5 * v)), 0.6) * soft(0.5 - u, 0.1)
    return np.maximum(body, tail), stripes, soft(0.1 - np.hypot(u - 0.65, v + 0.12), 0.06)


def flower(u: Array, v: Array, r: Array, t: Array) -> tuple[Array, Array, Array]:
    """Six petals around a dark centre."""
    petals = np.cos(6 * t)
    return 0.74 + 0.26 * petals - r, soft(0.36 + 0.1 * petals - r, 0.25), soft(0.26 - r, 0.08)


def leaf(u: Array, v: Array, r: Array, t: Array) -> tuple[Array, Array, Array]:
    """A lens shape with veins and a midrib."""
    veins = soft(np.sin(15 * (u - abs(v))) - 0.3, 0.5)
    return 1.2 - np.hypot(u, abs(v) + 0.66), veins, soft(0.045 - abs(v), 0.04)


def star(u: Array, v: Array, r: Array, t: Array) -> tuple[Array, Array, Array]:
    """Five points with facets."""
    from_tip = np.mod(t, 0.4 * np.pi) - 0.2 * np.pi
    along, across = r * np.cos(from_tip), r * np.abs(np.sin(from_tip))
    inside = (0.28 * (1 - along) - 0.61 * across) / np.hypot(0.28, 0.61)
    return inside, soft(from_tip * r, 0.04), np.zeros_like(u)


OBJECTS = {"ball": ball, "donut": donut, "fish": fish, "flower": flower, "leaf": leaf, "star": star}


# ------------------------------------------------------------------------------- whole pictures


def draw_picture(rng: np.random.Generator, kind: str, evening: bool) -> tuple[Array, Array]:
    """A picture, uint8, and the box of its object.

    Args:
        rng: source of all that is random.
        kind: a key of `OBJECTS`.
        evening: dim, with a pale object and more clutter: harder to recognise.

    Returns:
        The picture `(SIDE, SIDE, 3)`, and left, top, right, bottom of the object in pixels.
    """
    canvas = background(rng)
    add_clutter(rng, canvas, int(rng.integers(6, 11) if evening else rng.integers(3, 8)))
    radius = rng.uniform(17, 25) if evening else rng.uniform(18, 27)
    box = add_object(rng, canvas, kind, radius, rng.uniform(0.3, 0.75) if evening else 1.0)
    canvas += rng.normal(0, 0.02, canvas.shape)
    light = rng.uniform(0.65, 1) if evening else 1.0
    return np.uint8(np.clip(255 * light * canvas, 0, 255)), box


def background(rng: np.random.Generator) -> Array:
    """A canvas in muted colours: stripes, checks, dots, waves, a gradient or a plain colour."""
    u, v = rotated(X, Y, rng.uniform(0, np.pi))
    pitch, phase = np.float32(rng.uniform(0.3, 0.9)), np.float32(rng.uniform(0, 6))
    a, b = np.sin(u * pitch + phase), np.sin(v * pitch)
    mask = (
        soft(a, 0.6),
        soft(a * b, 0.4),
        soft(a + b - 1, 0.5),
        soft(np.sin(pitch * u + 1.5 * np.sin(pitch / 2 * v)), 0.8),
        soft(u - u.mean(), 110),
        np.full_like(X, 0.5),
    )[rng.integers(6)]
    hue, dark = rng.uniform(), rng.uniform(0.25, 0.8)
    canvas = filled(colour(rng, hue, (0.1, 0.55), (dark, dark + 0.15)))
    blend(canvas, mask, colour(rng, hue + rng.normal(0, 0.12), (0.1, 0.55), (dark, dark + 0.2)))
    return canvas


def add_clutter(rng: np.random.Generator, canvas: Array, count: int) -> None:
    """Scatters bars, pebbles and splinters with their shadows (in place)."""
    for _ in range(count):
        x, y = rotated(X - rng.uniform(0, SIDE), Y - rng.uniform(0, SIDE), rng.uniform(0, np.pi))
        a, b = rng.uniform(2, 16), rng.uniform(2, 6)
        bar = np.minimum(a - abs(x), b - abs(y))
        pebble = min(a, b) * (1 - np.hypot(x / a, y / b))
        splinter = np.minimum(1.4 * b + y, 1.4 * b - y - 1.7 * abs(x))
        mask = soft((bar, pebble, splinter)[rng.integers(3)])
        blend(canvas, shadow(mask, 2), np.float32(0))
        blend(canvas, mask, colour(rng, rng.uniform(), (0.15, 0.8), (0.3, 0.95)))


def add_object(
    rng: np.random.Generator, canvas: Array, kind: str, radius: float, opacity: float
) -> Array:
    """Draws a shaded object (in place) and returns its box: left, top, right, bottom."""
    x, y = random_centre(rng, radius)
    u, v = rotated((X - x) / radius, (Y - y) / radius, rng.uniform(0, 2 * np.pi))
    outline, second, third = OBJECTS[kind](u, v, np.hypot(u, v), np.arctan2(v, u))
    hue = rng.uniform()
    paint = filled(colour(rng, hue, (0.55, 0.9), (0.75, 1)))
    blend(paint, second, colour(rng, hue + rng.uniform(0.1, 0.9), (0.05, 0.9), (0.75, 1)))
    blend(paint, third, colour(rng, rng.uniform(), (0.3, 0.7), (0.1, 0.3)))
    light = 1.02 - 0.22 * (X - x + Y - y) / radius
    rim = 0.55 + 0.45 * soft(outline * radius - 1.5, 2.5)
    mask = soft(outline * radius)
    blend(canvas, shadow(mask, 3), np.float32(0))
    blend(canvas, opacity * mask, np.clip(paint * (light * rim)[..., None], 0, 1))
    rows, columns = np.nonzero(mask > 0.5)
    return np.array([columns.min(), rows.min(), columns.max() + 1, rows.max() + 1])


def sticker() -> Array:
    """The sticker, uint8: yellow and black stripes with a white edge."""
    y, x = np.mgrid[:STICKER, :STICKER] - (STICKER - 1) / 2
    canvas = np.tile(np.array([255.0, 214, 10]), (STICKER, STICKER, 1))
    blend(canvas, soft(np.sin(0.8 * (x + y)), 0.6), np.array([25, 25, 35]))
    blend(canvas, soft(np.maximum(abs(x), abs(y)) - STICKER / 2 + 1), np.array([255, 255, 255]))
    return np.uint8(canvas)


# ---------------------------------------------------------------------------------------- tools


def random_centre(rng: np.random.Generator, radius: float) -> tuple[float, float]:
    """A centre that keeps an object (almost) inside the picture and off the sticker's corner."""
    while True:
        x, y = rng.uniform(radius - 3, SIDE - radius + 3, 2).tolist()
        if min(x, y) + radius < SIDE - CORNER:
            return x, y


def rotated(x: Array, y: Array, angle: float) -> tuple[Array, Array]:
    """The coordinates in axes rotated by `angle`."""
    c, s = np.float32(np.cos(angle)), np.float32(np.sin(angle))
    return c * x + s * y, c * y - s * x


def colour(
    rng: np.random.Generator,
    hue: float,
    saturation: tuple[float, float],
    value: tuple[float, float],
) -> Array:
    """A random colour of this hue, its saturation and value within the bounds."""
    return np.float32(colorsys.hsv_to_rgb(hue % 1, rng.uniform(*saturation), rng.uniform(*value)))


def filled(paint: Array) -> Array:
    """A canvas of one colour."""
    return np.tile(paint, (SIDE, SIDE, 1))


def shadow(mask: Array, pixels: int) -> Array:
    """The mask of an object's shadow, with the light at the upper left."""
    moved = np.zeros_like(mask)
    moved[pixels:, pixels:] = mask[:-pixels, :-pixels]
    return 0.45 * moved


def blend(canvas: Array, mask: Array, paint: Array) -> None:
    """Paints over the canvas (in place) where the mask is 1."""
    canvas += mask[..., None] * (paint - canvas)
