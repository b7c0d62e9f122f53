"""Examples in the log: numbers at each step, pictures once, filters chosen by use and kept."""

from pathlib import Path

import keras
import numpy as np
import pytest

from convviz_tb import ConvViz, Examples, FilterPatterns, GradCAM, schema
from support.events import read_run

SIDE, CLASSES = 24, 2


def model(seed: int = 0) -> keras.Model:
    keras.utils.set_random_seed(seed)
    layers = keras.layers
    net = keras.Sequential(
        [
            keras.Input((SIDE, SIDE, 3)),
            layers.Conv2D(12, 3, strides=2, activation="relu", name="first"),
            layers.Conv2D(16, 3, activation="relu", name="second"),
            layers.GlobalAveragePooling2D(),
            layers.Dense(CLASSES, activation="softmax"),
        ]
    )
    net.compile(keras.optimizers.Adam(0.01), "sparse_categorical_crossentropy")
    return net


def pictures(count: int = 40) -> tuple[np.ndarray, np.ndarray]:
    """Noise, brighter at the top of class 0 and at the bottom of class 1."""
    random = np.random.default_rng(0)
    images = random.random((count, SIDE, SIDE, 3), dtype=np.float32) * 0.5
    labels = np.arange(count) % CLASSES
    images[labels == 0, : SIDE // 2] += 0.5
    images[labels == 1, SIDE // 2 :] += 0.5
    return images, labels


def fitted(log_dir: Path, epochs: int = 2, net: keras.Model | None = None, **given) -> ConvViz:
    images, labels = pictures()
    options = {"patterns": FilterPatterns(["first", "second"], 4, steps=2, size=24)} | given
    convviz = ConvViz(log_dir, **options)
    (net or model()).fit(images, labels, epochs=epochs, verbose=0, callbacks=[convviz])
    return convviz


@pytest.fixture(scope="module")
def logged(tmp_path_factory):
    log_dir = tmp_path_factory.mktemp("run")
    images, labels = pictures()
    convviz = fitted(log_dir, examples=Examples(images, labels, class_names=["top", "bottom"]))
    return convviz, read_run(log_dir)


def test_each_step_has_the_examples_of_every_shown_filter(logged):
    _, run = logged
    for layer in ("first", "second"):
        events = run[f"examples/{layer}"]
        assert [event.step for event in events] == [0, 1, 2]
        for event, patterns in zip(events, run[f"patterns/{layer}"], strict=True):
            filters = [tile["filter"] for tile in patterns.facts["tiles"]]
            assert [tile["filter"] for tile in event.facts["tiles"]] == filters
            assert event.facts["count"] == 40
            assert event.sheet is None


def test_examples_name_pictures_that_are_stored_at_or_before_their_step(logged):
    images, labels = pictures()
    _, run = logged
    stored: dict[int, int] = {}
    for event in run["pictures"]:
        assert event.facts["class_names"] == ["top", "bottom"]
        for i, tile in enumerate(event.facts["tiles"]):
            assert tile["picture"] not in stored, "stored once"
            assert tile["label"] == labels[tile["picture"]]
            height, width = event.facts["sheet"]["tile"]
            columns = event.facts["sheet"]["columns"]
            left, top = i % columns * width, i // columns * height
            drawn = np.asarray(event.sheet)[top : top + height, left : left + width] / 255
            assert np.abs(drawn - images[tile["picture"]]).mean() < 0.1
            stored[tile["picture"]] = event.step
    for layer in ("first", "second"):
        for event in run[f"examples/{layer}"]:
            for tile in event.facts["tiles"]:
                assert all(stored[number] <= event.step for number in tile["pictures"])
                assert tile["activations"] == sorted(tile["activations"], reverse=True)


def test_the_field_cuts_the_part_that_excites_the_filter(logged):
    """The same weights on the part alone give the same activation."""
    convviz, run = logged
    images, _ = pictures()
    facts = run["examples/second"][-1].facts
    field = facts["field"]
    net = convviz.model
    kernels = [net.get_layer(name) for name in ("first", "second")]
    for tile in facts["tiles"]:
        rows = zip(tile["pictures"], tile["activations"], tile["positions"], strict=True)
        for number, activation, position in rows:
            start = [
                int(field["offset"][axis] + field["stride"][axis] * position[axis])
                for axis in range(2)
            ]
            y, x = start
            part = images[number][None, y : y + field["size"][0], x : x + field["size"][1]]
            output = kernels[1](kernels[0](part))
            assert output.shape[1:3] == (1, 1)
            assert float(output[0, 0, 0, tile["filter"]]) == pytest.approx(activation, rel=1e-3)


def test_class_selectivity_is_a_number_of_each_filter_and_of_the_layer(logged):
    convviz, run = logged
    tiles = run["patterns/second"][-1].facts["tiles"]
    assert all(-1 <= tile["selectivity"] <= 1 for tile in tiles if tile["selectivity"] is not None)
    assert len(convviz.history["layers"]["second"]["selectivity"]) == 3


def test_auto_takes_the_pictures_of_the_heatmaps(tmp_path):
    images, labels = pictures(8)
    fitted(tmp_path, 1, heatmaps=GradCAM(images, ["second"], labels=labels), examples="auto")
    run = read_run(tmp_path)
    facts = run["examples/second"][0].facts
    assert (facts["source"], facts["count"]) == ("inputs", 8)
    assert "pictures" not in run
    known = {tile["image"] for tile in run["inputs"][0].facts["tiles"]}
    assert {number for tile in facts["tiles"] for number in tile["pictures"]} <= known


def test_by_default_the_pictures_of_the_heatmaps_serve(tmp_path):
    images, _ = pictures(8)
    fitted(tmp_path / "auto", 1, heatmaps=GradCAM(images, ["second"]))
    assert read_run(tmp_path / "auto")["examples/second"][0].facts["source"] == "inputs"
    fitted(tmp_path / "none", 1, heatmaps=GradCAM(images, ["second"]), examples=None)
    assert not [tag for tag in read_run(tmp_path / "none") if tag.startswith("examples/")]


def test_labels_and_names_need_not_be_given_twice(tmp_path):
    images, labels = pictures()
    labelled = Examples(images, labels, class_names=["top", "bottom"])
    convviz = ConvViz(tmp_path, heatmaps=GradCAM(images[:8]), examples=labelled)
    assert convviz.heatmaps.single_classes == labels[:8].tolist()
    assert convviz.heatmaps.names == ("top", "bottom")
    heatmaps = GradCAM(images, labels=labels, class_names={1: "b", 0: "a"}, choose="worst")
    examples = ConvViz(tmp_path, heatmaps=heatmaps, examples=Examples(images)).examples
    assert examples.labels.tolist() == labels.tolist()
    assert examples.class_names == ("a", "b")


def test_labels_of_other_pictures_are_not_taken(tmp_path):
    images, labels = pictures()
    heatmaps = GradCAM(images[::-1][:8])
    assert (
        ConvViz(tmp_path, heatmaps=heatmaps, examples=Examples(images, labels)).heatmaps is heatmaps
    )


def shown(run, layer="second"):
    return [tile["filter"] for tile in run[f"patterns/{layer}"][-1].facts["tiles"]]


USED = FilterPatterns(["first", "second"], 4, steps=2, size=24, filters_by="use")


@pytest.mark.parametrize("given_as", ["examples", "heatmaps"])
def test_the_filters_that_the_pictures_use_most_are_shown(tmp_path, given_as):
    """Of 16 filters four respond; these are found, wherever they are."""
    images, _ = pictures()
    given = {"examples": Examples(images), "heatmaps": GradCAM(images[:8], ["second"])}
    net = model()
    kernel, bias = net.get_layer("second").get_weights()
    awake = [2, 3, 9, 14]
    bias[:] = -10
    bias[awake] = 10
    net.get_layer("second").set_weights([kernel, bias])
    fitted(tmp_path, 1, net, patterns=USED, **{given_as: given[given_as]})
    run = read_run(tmp_path)
    assert shown(run) == awake
    assert run["patterns/second"][0].facts["filters_by"] == "use"


def test_they_can_be_evenly_spread_and_named_ones_are_named(tmp_path):
    images, _ = pictures()
    assert FilterPatterns().filters_by == "use"
    spread = FilterPatterns(["second"], 4, steps=2, filters_by="spread")
    fitted(tmp_path / "a", 1, examples=Examples(images), patterns=spread)
    run = read_run(tmp_path / "a")
    assert shown(run) == [0, 5, 10, 15]
    assert run["patterns/second"][0].facts["filters_by"] == "spread"
    named = FilterPatterns(["second"], [7, 1], steps=2)
    fitted(tmp_path / "b", 1, examples=Examples(images), patterns=named)
    run = read_run(tmp_path / "b")
    assert shown(run) == [7, 1]
    assert "filters_by" not in run["patterns/second"][0].facts


def test_the_choice_holds_for_the_run_also_in_another_fit_and_another_process(tmp_path):
    images, labels = pictures()
    convviz = fitted(tmp_path, 1, patterns=USED, examples=Examples(images))
    first = shown(read_run(tmp_path))
    other = model(seed=5)  # whose filters are used otherwise
    other.fit(images, labels, initial_epoch=1, epochs=2, verbose=0, callbacks=[convviz])
    assert shown(read_run(tmp_path)) == first
    # A new callback knows nothing but what the directory holds, as one of another process.
    images, labels = pictures()
    again = ConvViz(tmp_path, patterns=USED, examples=Examples(images))
    other.fit(images, labels, initial_epoch=2, epochs=3, verbose=0, callbacks=[again])
    run = read_run(tmp_path)
    assert run["patterns/second"][-1].step == 3
    assert shown(run) == first


def test_another_model_gets_a_run_and_filters_of_its_own(tmp_path):
    images, labels = pictures()
    convviz = fitted(tmp_path, 1, patterns=USED, examples=Examples(images))
    other = model(seed=5)
    kernel, bias = other.get_layer("second").get_weights()
    bias[:] = -10
    bias[[1, 4, 7, 8]] = 10
    other.get_layer("second").set_weights([kernel, bias])
    other.fit(images, labels, epochs=1, verbose=0, callbacks=[convviz])
    run = read_run(tmp_path / "model_2")
    assert shown(run) == [1, 4, 7, 8]
    assert [event.step for event in run["examples/second"]] == [0, 1]


def test_a_step_costs_numbers_not_pixels(logged):
    """Below 100 bytes for each example."""
    _, run = logged
    for layer in ("first", "second"):
        for event in run[f"examples/{layer}"]:
            examples = sum(len(tile["pictures"]) for tile in event.facts["tiles"])
            assert len(schema.encode(event.facts)) < 100 * examples


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"examples": np.zeros((2, 8, 8, 3))}, r"examples: received ndarray; Examples"),
        (
            {"examples": Examples(np.zeros((2, 8, 8, 3))), "patterns": None},
            r"examples: .*patterns=",
        ),
    ],
)
def test_a_bad_argument_is_named(tmp_path, arguments, message):
    images, _ = pictures(4)
    with pytest.raises(ValueError, match=message):
        ConvViz(tmp_path, heatmaps=GradCAM(images), **arguments)


def test_pictures_that_do_not_fit_stop_before_training(tmp_path):
    with pytest.raises(ValueError, match=r"images: received shape"):
        fitted(tmp_path, examples=Examples(np.zeros((4, 8, 8, 3), np.float32)))


def test_pictures_that_cannot_be_read_later_do_not_stop_training(tmp_path):
    images, _ = pictures()

    class Gone(np.ndarray):
        is_gone = False

        def __getitem__(self, key):
            if Gone.is_gone and isinstance(key, slice):
                raise OSError("the file is gone")
            return super().__getitem__(key)

    class Breaks(keras.callbacks.Callback):
        def on_epoch_end(self, epoch, logs=None):
            Gone.is_gone = True

    patterns = FilterPatterns(["second"], 4, steps=2, size=24)
    convviz = ConvViz(tmp_path, patterns=patterns, examples=Examples(images.view(Gone)))
    inputs, labels = pictures()
    model().fit(inputs, labels, epochs=2, verbose=0, callbacks=[Breaks(), convviz])
    run = read_run(tmp_path)
    assert run["patterns/second"][-1].step == 2
    assert [event.step for event in run["examples/second"]] == [0]
    reasons = [f["reason"] for event in run["model"] for f in event.facts["failures"]]
    assert any("the file is gone" in reason for reason in reasons)


def test_many_pictures_are_searched_when_it_is_cheap_and_that_is_said_once(tmp_path, caplog):
    images, labels = pictures(300)
    fitted(tmp_path, 4, examples=Examples(images, labels))  # epochs of milliseconds
    run = read_run(tmp_path)
    steps = [event.step for event in run["examples/second"]]
    assert steps[0] == 0 and steps[-1] == 4 and len(steps) < 5
    left_out = next(event for event in run["model"] if event.step not in steps)
    told = {each["tag"]: each["reason"] for each in left_out.facts["skipped"]}
    assert "300 pictures were not searched" in told["examples/second"]
    warnings = [each.message for each in caplog.records if "300 pictures take" in each.message]
    assert len(warnings) == 1


def test_256_pictures_are_searched_at_every_step(tmp_path):
    images, labels = pictures(256)
    fitted(tmp_path, 3, examples=Examples(images, labels))
    assert [event.step for event in read_run(tmp_path)["examples/second"]] == [0, 1, 2, 3]
