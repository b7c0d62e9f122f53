"""Can somebody who sees a filter's picture tell which of two photographs the filter answers to?

    python benchmarks/interpretability.py ../shared/data --ways natural smooth lucid maco

After Borowski et al. 2021 and Zimmermann et al. 2023, with other networks in place of people. For
each filter, crops of photographs are ranked by how much they excite it; a judge, a network that is
not the one looked at, says of a strongly and a middling exciting one which is nearer to the
filter's picture. The share of all such pairs where it is right is the score: 0.5 by chance. Nearer
means: by the cosine of the means and deviations over all positions of the channels of several
layers, each standardised by what it is on the crops.

A judge is as easily taken in by faint noise as the network that is looked at, and a person is not;
so all are shown to it at half the resolution. A person also gets used to the style that all
pictures of a kind share; so for `centred` the mean over the pictures of a layer is taken off.

    own      the picture as it is
    centred  less the mean over the pictures of the layer
    other    centred, but the picture of another filter: 0.5, if all is well
    CPU s    seconds of the processor per picture, tracing left out

Errors are standard errors over layers. The folder holds the networks of `NETS`, whichever are
there, and `photos`, or `--photos` another folder of some hundred pictures. Mode "natural" was
chosen on the first two networks; the others, made by `from_tflite.py`, are summed up apart.
"""

import argparse
import os
import time
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import keras
import numpy as np
import tensorflow as tf
from PIL import Image

from convviz_tb import filter_patterns, images

Array = np.ndarray
#: Shares of the crops, by how much a filter answers.
STRONG, WEAK = 0.06, (0.2, 0.8)
MEAN_BGR = np.float32([103.939, 116.779, 123.68])


@dataclass(frozen=True)
class Case:
    """A network to look at and to judge with.

    Attributes:
        file: its name in the folder.
        value_range: of its input.
        caffe: whether it takes BGR less a mean.
        looks: the layers that it judges by.
        layers: the layers that are looked at, with the side of the crops in pixels, about what a
            position of the layer sees.
        tuned: whether mode "natural" was chosen on it.
    """

    file: str
    value_range: tuple[float, float]
    caffe: bool
    looks: Sequence[str]
    layers: dict[str, int]
    tuned: bool = False


NETS = [
    Case(
        "squeezenet_imagenet_notop.keras",
        (-124.0, 131.0),
        True,
        ["fire2_concat", "fire3_concat", "fire5_concat", "fire7_concat", "fire9_concat"],
        {
            "fire3_expand3x3": 48,
            "fire4_expand3x3": 64,
            "fire6_expand3x3": 128,
            "fire8_expand3x3": 160,
            "fire9_expand3x3": 160,
        },
        tuned=True,
    ),
    Case(
        "mobilenet_v2_imagenet.keras",
        (-1.0, 1.0),
        False,
        ["relu_3", "relu_9", "relu_21", "relu_36", "relu_51"],
        {"relu_9": 48, "conv_21": 96, "relu_30": 160, "relu_36": 160, "conv_42": 160},
        tuned=True,
    ),
    Case(
        "mobilenet_v1_0.75_192_quant.keras",
        (-1.0, 1.0),
        False,
        ["relu_2", "relu_6", "relu_10", "relu_18", "relu_26"],
        {"relu_6": 48, "relu_10": 96, "relu_14": 160, "relu_20": 160, "relu_24": 160},
    ),
    Case(
        "mobilenet_v2_1.0_224_inat_bird_quant.keras",
        (-1.0, 1.0),
        False,
        ["relu_3", "relu_10", "relu_24", "relu_43", "relu_61"],
        {"relu_10": 48, "relu_17": 96, "relu_24": 160, "relu_36": 160, "relu_43": 160},
    ),
]


class Net:
    """A network of any input size that tells what its layers do on RGB pictures in 0..255."""

    def __init__(self, folder: Path, case: Case) -> None:
        self.case = case
        self.model = keras.models.load_model(folder / case.file, compile=False)
        self._looks = self._part(case.looks)
        self._features: dict[int, list[Array]] = {}

    def _part(self, layers: Sequence[str], linear: bool = False) -> keras.Model:
        outputs = [self.model.get_layer(layer).output for layer in layers]
        part = keras.Model(self.model.inputs, outputs)
        config = part.get_config()
        for layer in config["layers"]:
            if layer["class_name"] == "InputLayer":
                layer["config"]["batch_shape"] = (None, None, None, 3)
            elif linear and layer["config"]["name"] in layers:
                layer["config"] |= (
                    {"activation": "linear"} if "activation" in layer["config"] else {}
                )
        free = keras.Model.from_config(config)
        free.set_weights(part.get_weights())
        return free

    def prepared(self, pictures: Array) -> Any:
        if self.case.caffe:
            return tf.convert_to_tensor(pictures[..., ::-1] - MEAN_BGR)
        low, high = self.case.value_range
        return tf.convert_to_tensor(pictures * ((high - low) / 255) + low)

    def tiles(self, patterns: Array) -> Array:
        """Patterns as they are shown, in RGB."""
        return images.pattern_tiles(patterns[..., ::-1] if self.case.caffe else patterns)

    def features(self, pictures: Array) -> list[Array]:
        """Per layer the means and deviations of its channels over all positions."""
        call = tf.function(
            lambda batch: [
                tf.concat([tf.reduce_mean(a, [1, 2]), tf.math.reduce_std(a, [1, 2])], 1)
                for a in tf.nest.flatten(self._looks(batch, training=False))
            ],
            reduce_retracing=True,
        )
        batches = [call(self.prepared(part)) for part in in_parts(at_half(pictures))]
        return [np.concatenate(layer) for layer in zip(*batches, strict=True)]

    def features_of_crops(self, crops: Array) -> list[Array]:
        """The same, kept by the side of the crops."""
        side = crops.shape[1]
        if side not in self._features:
            self._features[side] = self.features(crops)
        return self._features[side]

    def answers(self, layer: str, crops: Array) -> Array:
        """Mean over the positions of what goes into the activation, `(crops, channels)`."""
        part = self._part([layer], linear=True)
        outputs = [part(self.prepared(batch), training=False) for batch in in_parts(crops)]
        return np.concatenate([tf.reduce_mean(output, [1, 2]) for output in outputs])


def in_parts(pictures: Array, size: int = 50) -> list[Array]:
    """Batches in float32."""
    return [np.float32(pictures[i : i + size]) for i in range(0, len(pictures), size)]


def at_half(pictures: Array) -> Array:
    """At half the resolution, back at their size."""
    side = pictures.shape[1]
    return np.concatenate(
        [
            tf.image.resize(tf.image.resize(part, [side // 2] * 2, "area"), [side] * 2)
            for part in in_parts(pictures)
        ]
    )


def photographs(folder: Path, side: int = 192) -> Array:
    """The middle of each, its shorter side `side` pixels."""
    found = []
    for path in sorted(folder.iterdir()):
        if path.suffix.lower() not in (".jpg", ".jpeg", ".png"):
            continue
        picture = Image.open(path).convert("RGB")
        scale = side / min(picture.size)
        picture = picture.resize([max(side, round(length * scale)) for length in picture.size])
        left, top = ((length - side) // 2 for length in picture.size)
        found.append(np.asarray(picture.crop((left, top, left + side, top + side))))
    return np.stack(found)


def cut(pictures: Array, side: int) -> Array:
    """One crop of each picture; two of each where they are small."""
    random, room = np.random.default_rng(side), pictures.shape[1] - side + 1
    twice = np.concatenate([pictures] * (2 if 2 * side <= pictures.shape[1] else 1))
    corners = random.integers(0, room, (len(twice), 2))
    return np.stack(
        [p[y : y + side, x : x + side] for p, (y, x) in zip(twice, corners, strict=True)]
    )


def standardised(features: list[Array], crops: list[Array]) -> Array:
    """Features by what they are on the crops, each layer of length 1: `(n, all)`."""
    rows = []
    for one, of_crops in zip(features, crops, strict=True):
        z = ((one - of_crops.mean(0)) / (of_crops.std(0) + 1e-6)).clip(-5, 5)
        rows.append(z / (np.linalg.norm(z, axis=1, keepdims=True) + 1e-9))
    return np.concatenate(rows, 1)


def ranked(answers: Array, filters: Array) -> list[tuple[Array, Array]]:
    """For each filter, crops of even number: strongly and middling exciting ones."""
    even, pairs = np.arange(0, len(answers), 2), []
    for number in filters:
        order = even[np.argsort(-answers[even, number])]
        low, high = (int(share * len(order)) for share in WEAK)
        pairs.append((order[: max(8, int(STRONG * len(order)))], order[low:high]))
    return pairs


def share_right(rows: Array, crops: Array, pairs: list[tuple[Array, Array]]) -> Array:
    """Per filter, the share of all pairs where the strong crop is nearer to its row."""
    nearness = [
        (crops[strong] @ row, crops[weak] @ row)
        for row, (strong, weak) in zip(rows, pairs, strict=True)
    ]
    return np.array([(one[:, None] > other[None]).mean() for one, other in nearness])


def scores(rows: Array, crops: Array, pairs: list[tuple[Array, Array]]) -> tuple[float, ...]:
    """own, centred, other."""
    centred = rows - rows.mean(0)
    others = [share_right(np.roll(centred, shift, 0), crops, pairs).mean() for shift in (1, 2, 3)]
    own, apart = (share_right(each, crops, pairs).mean() for each in (rows, centred))
    return float(own), float(apart), float(np.mean(others))


# ------------------------------------------------------------------------- ways to make a picture

Way = Callable[[Net, str, Array], tuple[Array, float]]


def of_mode(mode: str, **options: Any) -> Way:
    """Patterns of this package, and the CPU seconds that each took."""

    def way(net: Net, layer: str, filters: Array) -> tuple[Array, float]:
        asked = {"mode": mode, "value_range": net.case.value_range} | options
        filter_patterns(net.model, layer, filters, **{**asked, "steps": 1})
        began = time.process_time()
        found = filter_patterns(net.model, layer, filters, **asked)
        return net.tiles(found.images), (time.process_time() - began) / len(filters)

    return way


#: Square root of the covariance of colours in ImageNet, as Lucid scales it (Olah et al. 2017).
COLOURS = np.float32([[0.26, 0.09, 0.02], [0.27, 0, -0.05], [0.27, -0.09, 0.03]])
COLOURS /= np.linalg.norm(COLOURS, axis=0).max()
SIDE = 160  # pixels, of the peers' pictures


def frequencies(side: int) -> Array:
    """Of each coefficient of a real Fourier transform, at least that of the longest wave."""
    found = np.hypot(*np.meshgrid(np.fft.fftfreq(side), np.fft.rfftfreq(side), indexing="ij"))
    return np.maximum(found, 1 / side)


def coloured(planes: Any) -> Any:
    """Decorrelated planes `(n, 3, side, side)` as RGB of -1..1 before a sigmoid."""
    return tf.einsum("nkhw,ck->nhwc", planes, COLOURS)


def optimised(
    net: Net,
    layer: str,
    filters: Array,
    variables: list[tf.Variable],
    picture: Callable[[], Any],
    seen: Callable[[Any, int], Any],
    rate: float,
    steps: int,
) -> tuple[Array, float]:
    """Adam on the mean before the activation; `picture` gives RGB in 0..1, `seen` augments it."""
    part, optimizer = net._part([layer], linear=True), keras.optimizers.Adam(rate)
    chosen = tf.constant(filters, tf.int32)

    @tf.function
    def gradients(shift: Any) -> Any:
        with tf.GradientTape() as tape:
            views = seen(picture(), shift)
            output = part(net.prepared(views * 255.0), training=False)
            repeated = tf.tile(chosen, [tf.shape(output)[0] // len(filters)])
            of_filter = tf.gather(output, repeated, axis=-1, batch_dims=1)
            loss = -tf.reduce_sum(tf.reduce_mean(of_filter, [1, 2]))
        return tape.gradient(loss, variables)

    gradients(tf.constant(0))
    began = time.process_time()
    for step in range(steps):
        optimizer.apply(gradients(tf.constant(step)), variables)
    seconds = (time.process_time() - began) / len(filters)
    return picture().numpy() * 255, seconds


def lucid(steps: int = 32, jitter: int = 8) -> Way:
    """After Olah et al. 2017: Fourier coefficients over f, decorrelated colours, jitter."""

    def way(net: Net, layer: str, filters: Array) -> tuple[Array, float]:
        scale = (1 / frequencies(SIDE))[None, None] * SIDE
        noise = np.random.default_rng(0).normal(0, 0.01, (2, len(filters), 3, *scale.shape[2:]))
        coefficients = tf.Variable(noise, dtype=tf.float32)

        def picture() -> Any:
            spectrum = tf.complex(*tf.unstack(coefficients * scale.astype(np.float32)))
            planes = tf.signal.irfft2d(spectrum, fft_length=[SIDE, SIDE]) / 4
            return tf.sigmoid(coloured(planes))

        def seen(pictures: Any, step: Any) -> Any:
            shift = tf.random.stateless_uniform([2], [0, step], -jitter, jitter + 1, tf.int32)
            return tf.roll(pictures, shift, [1, 2])

        rgb, seconds = optimised(net, layer, filters, [coefficients], picture, seen, 0.1, steps)
        return images.pattern_tiles(rgb), seconds

    return way


def maco(photos: Array, steps: int = 32, crops: int = 2) -> Way:
    """After Fel et al. 2023: phases under the amplitudes of photographs, crops and noise."""
    half = photos[::2, :SIDE, :SIDE] / 255.0 - 0.5
    planes = half @ np.linalg.inv(COLOURS).T
    amplitudes = np.abs(np.fft.rfft2(planes, axes=(1, 2))).mean(0).transpose(2, 0, 1)

    def way(net: Net, layer: str, filters: Array) -> tuple[Array, float]:
        shape = (len(filters), *amplitudes.shape)
        phases = tf.Variable(np.random.default_rng(0).normal(0, 1, shape), dtype=tf.float32)

        def picture() -> Any:
            size = tf.constant(amplitudes, tf.float32)
            spectrum = tf.complex(size * tf.cos(phases), size * tf.sin(phases))
            found = coloured(tf.signal.irfft2d(spectrum, fft_length=[SIDE, SIDE]))
            return tf.clip_by_value(found + 0.5, 0.0, 1.0)

        def seen(pictures: Any, step: Any) -> Any:
            drawn = tf.random.stateless_uniform([crops, 3], [1, step])
            views = []
            for i in range(crops):
                side = 0.4 + 0.5 * drawn[i, 0]
                corner = drawn[i, 1:] * (1 - side)
                box = tf.concat([corner, corner + side], 0)[None]
                boxes = tf.repeat(box, len(filters), 0)
                cut = tf.image.crop_and_resize(pictures, boxes, range(len(filters)), [SIDE, SIDE])
                views.append(cut + tf.random.stateless_normal(cut.shape, [2 + i, step]) * 0.03)
            return tf.concat(views, 0)

        rgb, seconds = optimised(net, layer, filters, [phases], picture, seen, 0.3, steps)
        return images.pattern_tiles(rgb), seconds

    return way


WAYS = ("smooth", "natural", "natural 16", "notebook", "lucid", "maco")


def ways_of(names: Sequence[str], photos: Array) -> dict[str, Way]:
    """The ways with those names; the first is what the others are compared with."""
    found: dict[str, Callable[[], Way]] = {
        "natural 16": lambda: of_mode("natural", steps=16),
        "lucid": lucid,
        "maco": lambda: maco(photos),
    }
    return {name: found.get(name, lambda name=name: of_mode(name))() for name in names}


@dataclass(frozen=True)
class Result:
    """What a judge said of the pictures of a layer made in one way."""

    way: str
    net: str
    layer: str
    judge: str
    scores: tuple[float, ...]
    seconds: float
    tuned: bool


def compare(
    net: Net, layer: str, judges: list[Net], photos: Array, ways: dict[str, Way], count: int
) -> tuple[list[Result], dict[str, Array]]:
    """What each judge says of each way, of one layer; and the pictures of each way."""
    crops = cut(photos, net.case.layers[layer])
    answers = net.answers(layer, crops)
    filters = np.linspace(0, answers.shape[1] - 1, count).round().astype(int)
    pairs, found, sheets = ranked(answers, filters), [], {}
    odd = np.arange(1, len(crops), 2)
    standards = [standardised(*[judge.features_of_crops(crops)] * 2) for judge in judges]
    for few in (1, 9):
        best = [odd[np.argsort(-answers[odd, f])[:few]] for f in filters]
        for judge, standard in zip(judges, standards, strict=True):
            rows = np.stack([standard[each].mean(0) for each in best])
            numbers = scores(rows, standard, pairs)
            found.append(
                Result(
                    f"best {few} crops",
                    net.case.file,
                    layer,
                    judge.case.file,
                    numbers,
                    0.0,
                    net.case.tuned,
                )
            )
    for name, way in ways.items():
        sheets[name], seconds = way(net, layer, filters)
        for judge, standard in zip(judges, standards, strict=True):
            rows = standardised(judge.features(sheets[name]), judge.features_of_crops(crops))
            numbers = scores(rows, standard, pairs)
            found.append(
                Result(
                    name, net.case.file, layer, judge.case.file, numbers, seconds, net.case.tuned
                )
            )
    return found, sheets


def line(name: str, results: list[Result]) -> str:
    """A line of the table: means over results."""
    own, centred, other = np.mean([each.scores for each in results], axis=0)
    seconds = np.mean([each.seconds for each in results])
    return f"{name:28} {own:8.3f} {centred:8.3f} {other:8.3f} {seconds:8.3f}"


def summary(results: list[Result], base: str) -> None:
    """Means over layers, and differences to `base` with their standard errors over layers."""
    if not results:
        return
    layers = list(dict.fromkeys((each.net, each.layer) for each in results))
    table: dict[str, dict[Any, Array]] = defaultdict(dict)
    for way in dict.fromkeys(each.way for each in results):
        for layer in layers:
            of_both = [e.scores[:2] for e in results if (e.way, e.net, e.layer) == (way, *layer)]
            table[way][layer] = np.mean(of_both, axis=0)
    kind = "that the mode was chosen on" if results[0].tuned else "of other networks"
    print(f"\n{f'{len(layers)} layers':28}      own  centred    other    CPU s  {kind}")
    for way, of_layers in table.items():
        print(line(way, [each for each in results if each.way == way]), end="")
        if base in table and way != base:
            apart = np.stack([of_layers[layer] - table[base][layer] for layer in layers])
            error = apart.std(axis=0, ddof=1) / np.sqrt(len(layers)) if len(layers) > 1 else [0, 0]
            for mean, deviation in zip(apart.mean(axis=0), error, strict=True):
                print(f"  {mean:+.3f} +- {deviation:.3f}", end="")
        print()


def contact_sheet(rows: list[Array], path: Path, side: int = 160) -> None:
    """One way a row, all tiles at the same side."""
    lines = [
        np.concatenate([np.asarray(Image.fromarray(t).resize((side, side), 3)) for t in row], 1)
        for row in rows
    ]
    Image.fromarray(np.concatenate(lines)).save(path)


def main() -> None:
    """Prints the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path, nargs="?", default=Path("../shared/data"))
    parser.add_argument("--photos", type=Path, help="by default `photos` in the folder")
    parser.add_argument("--ways", nargs="+", default=list(WAYS), choices=WAYS)
    parser.add_argument("--layers", nargs="*", help="only these")
    parser.add_argument("--nets", nargs="*", help="only those whose file begins so are looked at")
    parser.add_argument("--filters", type=int, default=8)
    parser.add_argument("--sheets", type=Path, help="folder for a contact sheet of each layer")
    asked = parser.parse_args()
    folder = asked.photos or asked.folder / "photos"
    if not folder.is_dir():
        print(f"Nothing to judge with: no folder {folder}.")
        return
    pictures = photographs(folder)
    run(asked.folder, pictures, ways_of(asked.ways, pictures), asked)


def run(folder: Path, pictures: Array, ways: dict[str, Way], asked: Any) -> list[Result]:
    """Prints what the judges say of each layer, and the summary."""
    nets = [Net(folder, case) for case in NETS if (folder / case.file).exists()]
    results: list[Result] = []
    print(f"{'layer, way':28}      own  centred    other    CPU s")
    for net in nets:
        judges = [other for other in nets if other is not net]
        for layer in net.case.layers if net.case.file.startswith(tuple(asked.nets or [""])) else []:
            if asked.layers and layer not in asked.layers:
                continue
            found, sheets = compare(net, layer, judges, pictures, ways, asked.filters)
            for way in dict.fromkeys(each.way for each in found):
                print(line(f"{layer} {way}", [e for e in found if e.way == way]), flush=True)
            results += found
            if asked.sheets:
                asked.sheets.mkdir(parents=True, exist_ok=True)
                contact_sheet(
                    list(sheets.values()), asked.sheets / f"{net.case.file[:12]}_{layer}.png"
                )
    for tuned in (True, False):
        summary([each for each in results if each.tuned == tuned], next(iter(ways)))
    return results


if __name__ == "__main__":
    main()
