"""`compute.py` and `objective.py`: the notebook to the letter, known optima, dead filters."""

import keras
import numpy as np
import pytest

from convviz_tb import FilterPatterns, filter_patterns
from convviz_tb.model import precision
from convviz_tb.patterns import ascent, graph
from convviz_tb.patterns import compute as patterns
from convviz_tb.patterns.recipes import MODES
from support.references import gray_start, notebook_pattern, small_net


@pytest.fixture(scope="module")
def net():
    """Three convolutions; odd sides, since those once made the order of filters matter."""
    return small_net(side=37)


def one_layer(kernel: np.ndarray, bias: float = 0.0, activation=None, side=32) -> keras.Model:
    """A single convolution with a kernel `(h, w, c, filters)` set by hand."""
    layer = keras.layers.Conv2D(kernel.shape[-1], kernel.shape[:2], activation=activation, name="c")
    model = keras.Sequential([keras.Input((side, side, kernel.shape[2])), layer])
    layer.set_weights([kernel.astype(np.float32), np.full(kernel.shape[-1], bias, np.float32)])
    return model


def gabors(angles: list[float], frequency: float) -> np.ndarray:
    """Waves under a bell `(13, 13, 1, n)` of mean 0, running along `angles` (radians, x to y)."""
    y, x = np.mgrid[-6:7, -6:7]
    along = [x * np.cos(angle) + y * np.sin(angle) for angle in angles]
    waves = np.cos(2 * np.pi * frequency * np.stack(along, axis=-1))
    waves *= np.exp(-(x**2 + y**2) / (2 * 3.0**2))[..., None]
    return (waves - waves.mean(axis=(0, 1)))[:, :, None]


def main_wave(picture: np.ndarray, falling: float = 0) -> tuple[float, float]:
    """Angle (radians, 0 to pi) and frequency of the strongest wave in a picture `(h, w)`.

    Stronger than in pictures whose amplitudes fall with the frequency to that power, that is.
    """
    spectrum = np.abs(np.fft.fft2(picture - picture.mean()))
    waves = (np.fft.fftfreq(side) for side in picture.shape)
    spectrum *= np.hypot(*np.meshgrid(*waves, indexing="ij")) ** falling
    row, column = np.unravel_index(spectrum.argmax(), spectrum.shape)
    fy, fx = (np.fft.fftfreq(n)[i] for n, i in zip(spectrum.shape, (row, column), strict=True))
    return np.arctan2(fy, fx) % np.pi, np.hypot(fy, fx)


def correlation(one: np.ndarray, other: np.ndarray) -> float:
    return float(np.corrcoef(np.ravel(one), np.ravel(other))[0, 1])


@pytest.mark.parametrize(("layer", "filters"), [("one", [0, 5]), ("two", [2, 4]), ("three", [0])])
def test_notebook_mode_is_the_notebook(layer, filters):
    """From the same start, a literal port and we end less than 1e-3 grey levels apart."""
    model = small_net(side=48)
    start = gray_start(len(filters), 48)
    found = filter_patterns(model, layer, filters, mode="notebook", start=start).images
    for i, filter_ in enumerate(filters):
        expected = notebook_pattern(model, layer, filter_, start[i])
        assert np.abs(expected - start[i]).max() > 10  # it moved
        assert np.abs(found[i] - expected).max() < 1e-3


def test_the_default_start_is_the_notebooks(net):
    """Gray with noise: 128 to 148 of 0..255, in the range that the model takes."""
    for low, high in ((0.0, 255.0), (-1.0, 1.0)):
        found = filter_patterns(
            net, "one", [0], steps=1, step_size=1e-6, value_range=(low, high), mode="smooth"
        ).images
        levels = (found - low) / (high - low) * 255
        assert 128 <= levels.min() < 129 and 147 < levels.max() <= 148


@pytest.mark.parametrize("mode", MODES)
def test_same_seed_same_picture(mode):
    """In a fresh model with the same weights, too; another seed gives another picture."""
    found = [
        filter_patterns(small_net(side=37), "two", 3, mode=mode, seed=seed).images
        for seed in (0, 0, 1)
    ]
    assert np.array_equal(found[0], found[1])
    assert np.abs(found[0] - found[2]).max() > 1


@pytest.mark.parametrize("mode", MODES)
def test_a_picture_does_not_depend_on_the_others(mode):
    """Alone, among others, in any order: the same to the last bit, in a net that once failed."""
    keras.utils.set_random_seed(0)
    layers = [
        keras.Input((75, 75, 3)),
        keras.layers.Conv2D(64, 3, strides=2, activation="relu"),
        keras.layers.MaxPooling2D(3, 2),
        keras.layers.Conv2D(16, 1, activation="relu"),
        keras.layers.Conv2D(64, 3, padding="same", activation="relu", name="last"),
    ]
    model, options = keras.Sequential(layers), {"mode": mode, "steps": 10}
    several = filter_patterns(model, "last", [0, 1, 2, 3, 5], **options)
    backwards = filter_patterns(model, "last", [5, 3, 2, 1, 0], **options)
    alone = filter_patterns(model, "last", [5], **options)
    assert np.array_equal(several.images, backwards.images[::-1])
    assert np.array_equal(several.scores, backwards.scores[::-1])
    assert np.array_equal(several.images[4:], alone.images)


def test_bfloat16_changes_the_rounding_only(monkeypatch):
    """Nearly the picture and score of float32, and said; the model and its graphs stay float32."""
    if precision.best() == "float32":
        pytest.skip("no gain by bfloat16 on this machine")
    model, found = small_net(side=48), {}
    for kind in ("float32", "bfloat16"):
        monkeypatch.setattr(graph, "best_precision", lambda model, kind=kind: kind)
        found[kind] = filter_patterns(model, "two", 4, mode="smooth")
        assert found[kind].precision == kind
    exact, rounded = found.values()
    assert not np.array_equal(exact.images, rounded.images)
    np.testing.assert_allclose(rounded.scores, exact.scores, rtol=0.05)
    for one, other in zip(exact.images, rounded.images, strict=True):
        assert correlation(one, other) > 0.9
    assert model(gray_start(1, 48)).dtype == np.float32
    assert filter_patterns(model, "two", 1, mode="notebook").precision == "float32"


def test_depthwise_convolutions_stay_in_float32(monkeypatch):
    """Their kernels are slow in bfloat16, whatever the probe says of others."""
    monkeypatch.setattr(precision, "best", lambda: "bfloat16")
    layers = [keras.layers.DepthwiseConv2D(3), keras.layers.Conv2D(4, 3, name="last")]
    base = keras.Sequential([keras.Input((16, 16, 3)), *layers])
    for model in (base, keras.Sequential([keras.Input((16, 16, 3)), base])):
        assert filter_patterns(model, "last", 1, steps=1).precision == "float32"
    assert filter_patterns(small_net(), "one", 1, steps=1).precision == "bfloat16"


@pytest.mark.parametrize("name", ["smooth", "natural"])
def test_a_picture_settles_over_the_epochs(net, name):
    """Going on from it under the same weights, it hardly moves, and does not get worse."""
    first = found = filter_patterns(net, "two", 4, mode=name)
    mode = MODES[name]
    warm = {"steps": mode.warm_steps, "step_size": mode.warm_step_size, "mode": name}
    for _ in range(6):
        found = filter_patterns(net, "two", 4, start=found.images, **warm)
    for before, after in zip(first.images, found.images, strict=True):
        assert correlation(before, after) > 0.95
    assert (found.scores >= first.scores * (0.9 if name == "natural" else 1)).all()
    most = mode.contrast * (1.25 if name == "natural" else 1)  # the margin counts as well
    assert np.std(found.images, axis=(1, 2, 3)).max() <= most + 0.1


def test_memory_is_bounded_by_smaller_batches(net, monkeypatch):
    """Where pictures are too large for a batch of four they come one by one, and are the same."""
    options = FilterPatterns("two", 3)
    (tap,) = patterns.pattern_taps(net, options)
    traced = graph.prepare(net, tap, options)
    assert ascent._batch_of(traced) == 4
    plenty = filter_patterns(net, "two", 3, steps=2)
    monkeypatch.setattr(ascent, "_MEMORY", 1000)
    assert ascent._batch_of(traced) == 1
    little = filter_patterns(net, "two", 3, steps=2)
    np.testing.assert_allclose(little.scores, plenty.scores, rtol=0.02)


def test_the_global_random_state_is_left_alone(net):
    """What the user draws next is what it would have been."""
    expected = np.random.RandomState(3).random_sample()
    np.random.seed(3)
    filter_patterns(net, "one", 2)
    assert np.random.random_sample() == expected


@pytest.mark.parametrize("mode", MODES)
def test_the_objective_rises(net, mode):
    """With more steps every filter that is alive answers more to its pattern."""
    options = FilterPatterns("two", "all", mode=mode)
    (tap,) = patterns.pattern_taps(net, options)
    few, many = (
        ascent.ascend(net, tap, options, np.arange(8, dtype=np.int32), steps=steps).scores
        for steps in (1, 20)
    )
    alive = few > 0
    assert alive.sum() >= 4 and (many > 1.5 * few)[alive].all() and (many >= few).all()


@pytest.mark.parametrize("mode", MODES)
def test_gabor_kernels_are_recovered(mode):
    """The strongest wave of a pattern has the kernel's direction and frequency."""
    angles, frequency = np.pi * np.arange(4) / 4, 0.2
    model = one_layer(gabors(angles, frequency), activation="relu", side=64)
    found = filter_patterns(model, "c", "all", mode=mode)
    for angle, picture in zip(angles, found.images[..., 0], strict=True):
        found_angle, found_frequency = main_wave(picture, 1.25 if mode == "natural" else 0)
        apart = abs((found_angle - angle + np.pi / 2) % np.pi - np.pi / 2)
        tolerance = 0.05 if mode == "natural" else 0.04  # pictures have more of longer waves
        assert apart < np.radians(8) and abs(found_frequency - frequency) < tolerance


@pytest.mark.parametrize("mode", MODES)
def test_colour_edges_are_recovered(mode):
    """Left red and right green: red and green alternate along x, blue does nothing."""
    kernel = np.zeros((8, 8, 3, 1))
    kernel[:, :4, 0], kernel[:, 4:, 0] = 1, -1
    kernel[:, :4, 1], kernel[:, 4:, 1] = -1, 1
    picture = filter_patterns(one_layer(kernel, activation="relu"), "c", 1, mode=mode).images[0]
    red, green, blue = np.moveaxis(picture, -1, 0)
    assert correlation(red, green) < -0.9
    assert blue.std() < (0.9 if mode == "natural" else 0.5) * red.std()  # pictures have blue
    angle, _ = main_wave(red)
    assert min(angle, np.pi - angle) < np.radians(5)


@pytest.mark.parametrize("mode", MODES)
def test_one_neuron_of_a_linear_convolution_shows_its_kernel(mode):
    """The optimum is known: the kernel itself, where that neuron looks, and nothing elsewhere."""
    kernel = np.random.default_rng(0).normal(size=(7, 7, 3, 1))
    model = one_layer(kernel, side=15)
    start = np.full((1, 15, 15, 3), 128, np.float32)
    found = filter_patterns(model, "c", 1, mode="notebook", objective="neuron", start=start).images
    change = found[0] - start[0]
    seen = change[4:11, 4:11]
    assert correlation(seen, kernel) > 0.999
    assert np.abs(change).sum() == pytest.approx(np.abs(seen).sum(), rel=1e-3)
    if mode == "smooth":
        options = {"objective": "neuron", "start": start, "mode": mode}
        found = filter_patterns(model, "c", 1, **options).images
        assert correlation((found - start)[0, 4:11, 4:11], kernel) > 0.5


def test_a_direction_weights_the_channels():
    """Of a linear layer, the direction (1, -2) climbs to the first kernel less twice the second."""
    kernel = np.random.default_rng(1).normal(size=(5, 5, 3, 2))
    model, start = one_layer(kernel, side=9), np.full((1, 9, 9, 3), 128, np.float32)
    options = {"objective": "neuron", "start": start, "mode": "notebook"}
    found = filter_patterns(model, "c", np.float32([[1, -2]]), **options)
    wanted = kernel[..., 0] - 2 * kernel[..., 1]
    assert correlation((found.images - start)[0, 2:7, 2:7], wanted) > 0.999
    assert found.filters.tolist() == [0]
    one_hot = filter_patterns(model, "c", np.float32([[0, 1]]), **options)
    plain = filter_patterns(model, "c", [1], **options)
    np.testing.assert_allclose(one_hot.images, plain.images, atol=1e-3)


def test_the_border_does_not_count(net):
    """With `border=2`, pixels that only the two outer positions see are left as they are."""
    start = gray_start(1, 37)
    options = {"start": start, "mode": "notebook", "before_activation": True}
    inner = filter_patterns(net, "one", [5], border=2, **options).images
    changed = (inner != start).any(axis=(0, -1))
    assert changed[1:-1, 1:-1].all() and changed.sum() == 35 * 35
    assert (filter_patterns(net, "one", [5], **options).images != start).any(axis=-1).all()


@pytest.mark.parametrize("activation", ["relu", "relu6", "elu", "tanh", "sigmoid", "softplus"])
def test_before_the_activation(activation):
    """The score is then that of the same kernel without activation, however it saturates."""
    kernel = np.random.default_rng(2).normal(size=(3, 3, 3, 2)) / 50
    before, plain = (
        filter_patterns(one_layer(kernel, -3, name), "c", 2, before_activation=asked, mode="smooth")
        for name, asked in ((activation, True), (None, False))
    )
    np.testing.assert_allclose(before.scores, plain.scores, rtol=1e-4)


def test_an_activation_that_cannot_be_seen_through_is_said():
    """Better than a score after the activation that calls itself before."""
    model = one_layer(np.ones((3, 3, 3, 2)), activation="gelu")
    with pytest.raises(ValueError, match=r"before_activation: .*'gelu' of 'c'"):
        filter_patterns(model, "c", 1, before_activation=True)


def test_a_filter_dead_from_gray_is_found():
    """Silent for gray, alive for the right picture: the notebook never gets there, we do."""
    kernel, start = gabors([0.5, 0.5], 0.15), gray_start(2, 64, 1)
    loudest = one_layer(kernel, side=64)(start).numpy().max()
    model = one_layer(kernel, bias=-1.5 * loudest, activation="relu", side=64)
    assert not model(start).numpy().any()
    assert not filter_patterns(model, "c", 2, mode="notebook", start=start).scores.any()
    assert (filter_patterns(model, "c", 2, start=start).scores > 0).all()
    found = filter_patterns(model, "c", 2, start=start, mode="smooth")
    assert (found.scores > 0).all()
    angle, frequency = main_wave(found.images[0, ..., 0])
    assert abs(angle - 0.5) < 0.2 and abs(frequency - 0.15) < 0.03


def test_a_filter_dead_everywhere_is_shown_as_dead():
    """Plain gray instead of the noise that it started from, and said; its neighbour is not."""
    kernel = gabors([0.5, 0.5], 0.15)
    model = one_layer(kernel, activation="relu")
    model.layers[-1].set_weights([kernel * [0, 1], np.float32([-1, 0])])
    found = filter_patterns(model, "c", 2)
    assert found.dead.tolist() == [True, False]
    assert found.scores[0] == found.gradients[0] == 0 < found.gradients[1]
    assert (found.images[0] == 127.5).all() and found.images[1].std() > 10


def test_a_dead_filter_that_comes_alive_gets_a_pattern():
    """Its plain picture is no start to go on from."""
    model = one_layer(gabors([0.5], 0.15), bias=-1e6, activation="relu")
    dead = filter_patterns(model, "c", 1)
    model.layers[-1].set_weights([gabors([0.5], 0.15), np.zeros(1)])
    alive, anew = (filter_patterns(model, "c", 1, start=each) for each in (dead.images, None))
    assert dead.dead.all() and not alive.dead.any()
    np.testing.assert_allclose(alive.start_scores, anew.start_scores)  # of the same noise


def test_the_score_is_that_of_the_picture_one_could_show(net):
    """Mean activation of the picture clipped to the model's input range."""
    found = filter_patterns(net, "two", 3, precision="float32", mode="smooth")
    outputs = keras.Model(net.inputs[0], net.get_layer("two").output)(found.images.clip(0, 255))
    expected = [outputs[i, ..., f].numpy().mean() for i, f in enumerate(found.filters)]
    np.testing.assert_allclose(found.scores, expected, rtol=1e-4)
    assert (found.images > 255).any() or (found.images < 0).any()


def test_steps_mean_the_same_in_every_input_range():
    """A model for -1..1 that rescales to 0..255 itself has the pictures of the one for 0..255."""
    inner = small_net(side=24)
    x = inputs = keras.Input((24, 24, 3))
    model = keras.Model(inputs, inner(keras.layers.Rescaling(127.5, offset=127.5)(x)))
    wide = filter_patterns(inner, "two", 4, mode="notebook", seed=1, start=gray_start(4, 24))
    narrow = filter_patterns(
        model,
        f"{inner.name}/two",
        4,
        mode="notebook",
        start=gray_start(4, 24) / 127.5 - 1,
        value_range=(-1, 1),
    )
    np.testing.assert_allclose((narrow.images + 1) * 127.5, wide.images, atol=1e-2)


def test_how_filters_are_chosen(net):
    """A count is spread evenly over the layer, indices and "all" are taken as they are."""
    assert filter_patterns(net, "two", 3, steps=1).filters.tolist() == [0, 4, 7]
    assert filter_patterns(net, "two", 99, steps=1).filters.tolist() == list(range(8))
    assert filter_patterns(net, "two", [6, 1], steps=1).filters.tolist() == [6, 1]
    assert filter_patterns(net, "three", "all", steps=1).filters.tolist() == [0, 1, 2, 3, 4]


def test_automatic_layers_are_spread_over_the_network(net):
    """At most four, first and last included."""
    assert [tap.path for tap in patterns.pattern_taps(net, FilterPatterns())] == [
        "one",
        "two",
        "three",
    ]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"mode": "fancy"}, "mode: received 'fancy'"),
        ({"steps": 0}, "steps: received 0"),
        ({"steps": 2.5}, "steps: received 2.5"),
        ({"step_size": 0}, "step_size: received 0"),
        ({"size": 4}, "size: received 4"),
        ({"seed": -1}, "seed: received -1"),
        ({"value_range": (1, 1)}, "value_range: received"),
        ({"objective": "layer"}, "objective: received 'layer'"),
        ({"border": -1}, "border: received -1"),
        ({"filters": 0}, "filters: received 0"),
        ({"filters": [-1]}, r"filters: received \[-1\]"),
        ({"filters": [0.5, 0.5]}, "filters: received"),
        ({"filters": []}, "filters: received"),
        ({"channels": [0, 1]}, "channels: received"),
        ({"channels": [-1]}, "channels: received"),
        ({"image_format": "gif"}, "image_format: received 'gif'"),
        ({"precision": "int8"}, "precision: received 'int8'"),
    ],
)
def test_bad_options(arguments, message):
    """Options that cannot be right are refused when they are written down."""
    with pytest.raises(ValueError, match=message):
        FilterPatterns(**arguments)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"filters": [8]}, "filters: received 8, but 'two' has 8 filters, 0 to 7"),
        ({"filters": np.ones((1, 3))}, "directions of 3 weights; 'two' has 8"),
        ({"size": 40, "mode": "smooth"}, "size: received 40; this model takes"),
        ({"border": 20}, "border: received 20; nothing is left"),
        ({"channels": [3]}, "channels: received .3.; the input has 3 channels, 0 to 2"),
    ],
)
def test_options_that_do_not_fit_the_model(net, arguments, message):
    """What only the model can tell is refused while preparing, before training."""
    options = FilterPatterns("two", **arguments)
    with pytest.raises(ValueError, match=message):
        (tap,) = patterns.pattern_taps(net, options)
        patterns.choose_filters(options.filters, tap)
        graph.prepare(net, tap, options)


def test_a_start_must_fit(net):
    """One picture per filter, in the model's own shape."""
    for shape in ((1, 37, 37, 3), (2, 36, 37, 3)):
        with pytest.raises(ValueError, match=r"start: received shape .*\(2, 37, 37, 3\) fits"):
            filter_patterns(net, "two", 2, start=np.zeros(shape))


def test_a_graph_is_traced_once(net):
    """Later calls reuse it, and see the weights of their time."""
    options = FilterPatterns("two")
    (tap,) = patterns.pattern_taps(net, options)
    assert graph.prepare(net, tap, options) is graph.prepare(net, tap, options)


def test_size_of_a_model_that_takes_any():
    """`size` sets the sides of the pictures, one for all or one each."""
    inputs = keras.Input((None, None, 1))
    model = keras.Model(inputs, keras.layers.Conv2D(2, 3, name="c")(inputs))
    assert filter_patterns(model, "c", 1, size=24, steps=1).images.shape == (1, 24, 24, 1)
    assert filter_patterns(model, "c", 1, size=(16, 24), steps=1).images.shape == (1, 16, 24, 1)


def test_gradients_of_float16_layers_do_not_vanish():
    """Under mixed precision a pattern is that of float32, with gradients too small for float16."""
    found = []
    for policy in ("float32", "mixed_float16"):
        layer = keras.layers.Conv2D(2, 3, activation="relu", dtype=policy, name="c")
        model = keras.Sequential([keras.Input((48, 48, 3)), layer])
        kernel = np.random.default_rng(0).normal(size=(3, 3, 3, 2)) * 1e-5
        layer.set_weights([kernel, np.zeros(2)])
        found.append(filter_patterns(model, "c", 2).images)
    assert abs(kernel).max() / 46**2 < 2**-24  # the least float16
    assert correlation(*found) > 0.9


def test_a_ceiling_does_not_make_all_filters_alike():
    """Behind a ReLU6 and at the ends of a sigmoid: the same pictures and scores as without."""
    kernel = np.random.default_rng(3).normal(size=(3, 3, 3, 3))
    plain = filter_patterns(one_layer(kernel, activation="relu"), "c", 3)
    assert plain.scores.min() > 60  # ten times the ceiling
    capped = filter_patterns(one_layer(kernel, activation="relu6"), "c", 3)
    assert np.array_equal(capped.images, plain.images)
    assert np.array_equal(capped.scores, plain.scores)
    squashed = filter_patterns(one_layer(kernel / 1e3, activation="sigmoid"), "c", 3)
    assert len(set(squashed.scores.round(3))) == 3


def test_a_dense_layer_has_units_for_filters():
    """Classes by their logits, whether the softmax is in the layer or behind it."""
    found = []
    for activation in ("softmax", None):
        keras.utils.set_random_seed(0)
        inputs = keras.Input((32, 32, 3))
        x = keras.layers.Conv2D(8, 5, activation="relu", name="conv")(inputs)
        x = keras.layers.GlobalAveragePooling2D()(x)
        model = keras.Model(inputs, keras.layers.Dense(5, activation, name="predictions")(x))
        found.append(filter_patterns(model, "predictions", "all", value_range=(-1, 1)))
    for patterns_ in found:
        logits = model(patterns_.images.clip(-1, 1)).numpy()
        assert patterns_.images.shape == (5, 32, 32, 3)
        assert (logits.argmax(axis=0) == np.arange(5)).sum() >= 4  # no other's picture is better
        assert (patterns_.scores >= patterns_.start_scores).all()


@pytest.mark.parametrize("mode", ["natural", "smooth"])
def test_a_picture_that_ends_worse_than_plain_gray_is_not_kept(mode):
    """Here gray is the best there is: whatever differs from its neighbours inhibits."""
    kernel = np.full((3, 3, 1, 1), -1.0)
    kernel[1, 1] = 8
    inputs = keras.Input((32, 32, 1))
    edges = keras.layers.Conv2D(1, 3, use_bias=False)(inputs)
    flat = keras.layers.Lambda(lambda x: keras.ops.exp(-keras.ops.square(x / 5)), name="c")(edges)
    model = keras.Model(inputs, flat)
    model.layers[1].set_weights([kernel])
    gray = np.full((1, 32, 32, 1), 127.5, np.float32)
    found = filter_patterns(model, "c", 1, mode=mode)
    assert found.scores[0] >= model(gray).numpy().mean() == 1
    assert found.scores[0] >= found.start_scores[0]


def test_colours_can_be_those_of_the_images_or_the_filters_own():
    """Gray images make gray patterns; without colours the kernel's own are shown."""
    kernel = np.zeros((3, 3, 3, 1))
    kernel[1, 1] = [[1], [-1], [0]]
    model = one_layer(kernel, activation="relu")
    gray = np.random.default_rng(0).normal(size=(6, 32, 32, 1)).cumsum(1).repeat(3, -1)
    own = filter_patterns(model, "c", 1, colours=False).images[0]
    assert own[..., 2].std() < 0.1 * own[..., 0].std()
    wide = np.random.default_rng(0).normal(size=(7, 7, 1, 1)).repeat(3, 2)
    found = filter_patterns(one_layer(wide, activation="relu"), "c", 1, images=gray).images[0]
    assert (found[..., 0] - found[..., 2]).std() < 0.2 * found[..., 0].std()


@pytest.mark.parametrize("mode", ["natural", "smooth"])
def test_a_filter_that_responds_rarely_is_not_dead(mode):
    """To lines finer and stronger than the usual ascent draws; and one that never responds."""
    checks = np.indices((8, 8)).sum(0) % 2 * 2.0 - 1
    kernel = np.stack([checks, np.zeros((8, 8))], axis=-1)[:, :, None]
    most = np.abs(checks).sum() * 127.5
    model = one_layer(kernel, bias=np.float32([-0.6 * most, -1]), activation="relu", side=64)
    wanted = filter_patterns(model, "c", 2, mode=mode)
    assert wanted.dead.tolist() == [False, True]
    assert wanted.scores[0] > 0 and wanted.images[0].std() > 10
    assert (wanted.images[1] == 127.5).all()


def behind_silence(bias: float) -> keras.Model:
    """A filter that gives its bias, but where differences of neighbours wake what it sees."""
    model = keras.Sequential(
        [
            keras.Input((48, 48, 3)),
            keras.layers.Conv2D(2, 5, padding="same", activation="relu", name="seen"),
            keras.layers.Conv2D(1, 3, padding="same", activation="relu", name="c"),
        ]
    )
    edge = np.zeros((5, 5, 3, 2), "float32")
    edge[:, :2], edge[:, 3:] = [[[1, -1]]], [[[-1, 1]]]
    model.get_layer("seen").set_weights([edge / 30, np.float32([-60, -60])])
    model.get_layer("c").set_weights([np.full((3, 3, 2, 1), 0.1, "float32"), np.float32([bias])])
    return model


@pytest.mark.parametrize("mode", ["natural", "smooth"])
def test_a_filter_that_nothing_matters_to_on_gray_starts_from_strong_clouds(mode):
    model = behind_silence(1.0)
    found = filter_patterns(model, "c", 1, mode=mode, size=48)
    assert found.scores[0] > 1.5 and found.gradients[0] > 0
    picture = found.images[0].mean(-1)
    assert np.corrcoef(picture[1:].ravel(), picture[:-1].ravel())[0, 1] > 0.5  # no noise


@pytest.mark.parametrize("mode", ["natural", "smooth"])
def test_a_filter_that_nothing_matters_to_at_all_is_plain_gray_not_noise(mode):
    model = behind_silence(1.0)
    kernel, _ = model.get_layer("seen").get_weights()
    model.get_layer("seen").set_weights([kernel, np.float32([-1e5, -1e5])])
    found = filter_patterns(model, "c", 1, mode=mode, size=48)
    again = filter_patterns(model, "c", 1, mode=mode, size=48, start=found.padded)
    for each in (found, again):
        assert each.scores[0] == pytest.approx(1) and not each.dead[0]
        assert (each.images == 127.5).all()
