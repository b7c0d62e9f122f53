"""The callback in real `fit`s: what it logs, when, and that it never stops training."""

import logging
import threading
from pathlib import Path

import keras
import numpy as np
import pytest

from convviz_tb import ConvViz, FilterPatterns, GradCAM
from convviz_tb.log import prepare
from support.events import Event, curves, images_tags, read_run

PATTERNS = FilterPatterns(layers="conv2", filters=4, steps=2)


def pictures(count: int = 12) -> np.ndarray:
    return np.random.default_rng(0).integers(0, 256, (count, 24, 24, 3)).astype("uint8")


LABELS = np.arange(12) % 3


def model() -> keras.Model:
    keras.utils.set_random_seed(1)
    layers = keras.layers
    base = keras.Sequential(
        [
            keras.Input((24, 24, 3)),
            layers.Rescaling(1 / 255),
            layers.Conv2D(6, 3, activation="relu", name="conv1"),
            layers.Conv2D(8, 3, activation="relu", name="conv2"),
        ],
        name="base",
    )
    head = [layers.GlobalAveragePooling2D(), layers.Dense(3, activation="softmax")]
    whole = keras.Sequential([base, *head])
    whole.compile("sgd", "sparse_categorical_crossentropy")
    return whole


def fit(net: keras.Model, *callbacks: keras.callbacks.Callback, epochs: int = 2, **options):
    options = {"verbose": 0, "batch_size": 4} | options
    return net.fit(pictures(), LABELS, epochs=epochs, callbacks=list(callbacks), **options)


#: All that are logged of a layer with patterns and heatmaps.
KINDS_OF_LAYERS = ("patterns", "heatmaps", "feature_maps", "examples")


def steps(events: dict[str, list[Event]], tag: str) -> list[int]:
    return [event.step for event in events[tag]]


@pytest.fixture(scope="module")
def log_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two epochs with everything on, beside a Keras TensorBoard that leaves a condition active."""
    log_dir = tmp_path_factory.mktemp("run")
    heatmaps = GradCAM(pictures(5), labels=LABELS[:5], classes="true", class_names=["a", "b", "c"])
    beside = keras.callbacks.TensorBoard(log_dir, update_freq=2)
    fit(model(), beside, ConvViz(log_dir, patterns=PATTERNS, heatmaps=heatmaps))
    return log_dir


@pytest.fixture(scope="module")
def logged(log_dir: Path) -> dict[str, list[Event]]:
    return read_run(log_dir)


def test_it_logs_the_baseline_and_every_epoch(logged):
    of_layer = {f"{kind}/base/conv2" for kind in KINDS_OF_LAYERS}
    assert set(logged) == {"inputs", "model"} | of_layer
    for tag in ("model", *of_layer):
        assert steps(logged, tag) == [0, 1, 2]
    assert steps(logged, "inputs") == [0]


def test_facts_say_which_tile_is_what(logged):
    patterns = logged["patterns/base/conv2"][2].facts
    assert len({tile["filter"] for tile in patterns["tiles"]}) == 4
    assert [tile["computed"] for tile in patterns["tiles"]] == [2, 2, 2, 2]
    assert patterns["mode"] == "natural" and patterns["size"] == [24, 24]
    assert patterns["ascent_steps"] == PATTERNS.warm_steps
    assert patterns["value_range"] == [0, 255]  # as the uint8 images of the heatmaps say
    heatmaps = logged["heatmaps/base/conv2"][2].facts
    assert [tile["image"] for tile in heatmaps["tiles"]] == [0, 1, 2, 3, 4]
    assert [tile["class_index"] for tile in heatmaps["tiles"]] == [0, 1, 2, 0, 1]
    assert all(0 <= tile["probability"] <= 1 for tile in heatmaps["tiles"])
    inputs = logged["inputs"][0].facts
    assert [tile["label"] for tile in inputs["tiles"]] == [0, 1, 2, 0, 1]
    assert inputs["class_names"] == ["a", "b", "c"]


def test_sheets_are_as_large_as_their_facts_say(logged):
    for tag in ("inputs", "patterns/base/conv2", "heatmaps/base/conv2"):
        for event in logged[tag]:
            sheet = event.facts["sheet"]
            height, width = sheet["tile"]
            rows = -(-sheet["count"] // sheet["columns"])
            assert event.sheet.size == (sheet["columns"] * width, rows * height)
            assert len(event.facts["tiles"]) == sheet["count"]


def test_heatmap_sheets_are_gray_at_the_resolution_of_the_layer(logged):
    event = logged["heatmaps/base/conv2"][0]
    assert event.sheet.mode == "L" and event.facts["sheet"]["tile"] == [20, 20]


def test_patterns_follow_the_weights(logged):
    first, last = (np.asarray(logged["patterns/base/conv2"][i].sheet, float) for i in (0, 2))
    assert np.abs(first - last).max() > 0


def test_the_model_facts_announce_the_step(logged):
    facts = [event.facts for event in logged["model"]]
    assert [each["written"] for each in facts] == [1, 2, 3]
    assert {each["planned"] for each in facts} == {2}
    assert [each["layer"] for each in facts[0]["layers"]] == ["base/conv2"]
    assert facts[0]["layers"][0]["kinds"] == ["patterns", "heatmaps"]
    assert facts[0]["failures"] == []
    assert len({each["baseline"] for each in facts}) == 1 and facts[0]["baseline"]


def test_runs_from_the_same_weights_have_the_same_baseline(tmp_path):
    for name in ("one", "two"):
        fit(model(), ConvViz(tmp_path / name, patterns=PATTERNS), epochs=1)
    other = model()
    other.layers[-1].bias.assign_add([0.1, 0.0, 0.0])
    fit(other, ConvViz(tmp_path / "other", patterns=PATTERNS), epochs=1)
    baselines = [
        read_run(tmp_path / name)["model"][1].facts["baseline"] for name in ("one", "two", "other")
    ]
    assert baselines[0] == baselines[1] != baselines[2]


def test_the_stock_images_tab_gets_its_pictures(tmp_path):
    fit(model(), ConvViz(tmp_path, patterns=PATTERNS, heatmaps=GradCAM(pictures(2))), epochs=1)
    assert images_tags(tmp_path) == {
        "convviz/patterns/base/conv2": [0, 1],
        "convviz/heatmaps/base/conv2": [0, 1],
    }


@pytest.mark.parametrize(
    ("stock", "steps"), [("ends", [0, 3]), ("all", [0, 1, 2, 3]), (None, None)]
)
def test_stock_images_are_of_the_first_and_the_newest_step_or_of_all(tmp_path, stock, steps):
    watching = ConvViz(tmp_path, patterns=PATTERNS, stock_images=stock)
    fit(model(), watching, epochs=3)
    assert images_tags(tmp_path).get("convviz/patterns/base/conv2") == steps


def test_another_fit_leaves_its_newest_step_in_the_images_tab(tmp_path):
    net = model()
    for epochs in (1, 3):
        fit(net, ConvViz(tmp_path, patterns=PATTERNS), epochs=epochs)
    assert images_tags(tmp_path)["convviz/patterns/base/conv2"] == [0, 1, 4]


def test_stock_images_of_an_unknown_kind_are_refused(tmp_path):
    with pytest.raises(ValueError, match="stock_images: received 'some'"):
        ConvViz(tmp_path, stock_images="some")


def test_defaults_need_nothing_but_images(tmp_path):
    fit(model(), ConvViz(tmp_path, heatmaps=GradCAM(pictures(2))), epochs=1)
    assert {"patterns/base/conv1", "patterns/base/conv2", "heatmaps/base/conv2"} <= set(
        read_run(tmp_path)
    )


def test_every_skips_epochs_but_never_the_last(tmp_path):
    fit(model(), ConvViz(tmp_path, patterns=PATTERNS, every=2), epochs=3)
    assert steps(read_run(tmp_path), "model") == [0, 2, 3]


def test_an_early_stop_is_logged_too(tmp_path):
    stopping = keras.callbacks.EarlyStopping("loss", patience=0, min_delta=1e9)
    net = model()
    fit(net, ConvViz(tmp_path, patterns=PATTERNS, every=5), stopping, epochs=9)
    assert steps(read_run(tmp_path), "model") == [0, 2]


def test_steps_count_on_over_a_second_fit_and_a_new_compile(tmp_path):
    net, callback = model(), ConvViz(tmp_path, patterns=PATTERNS)
    fit(net, callback)
    net.get_layer("base").trainable = False
    net.compile("adam", "sparse_categorical_crossentropy")
    fit(net, callback)
    events = read_run(tmp_path)
    assert steps(events, "model") == [0, 1, 2, 3, 4]
    trainable = [event.facts["layers"][0]["trainable"] for event in events["model"]]
    assert trainable == [True, True, True, False, False]


@pytest.mark.parametrize("initial_epoch", [0, 2])
def test_steps_count_on_in_a_new_process(tmp_path, initial_epoch):
    trained, loaded = model(), model()
    fit(trained, ConvViz(tmp_path, patterns=PATTERNS))
    loaded.set_weights(trained.get_weights())
    fit(
        loaded,
        ConvViz(tmp_path, patterns=PATTERNS),
        epochs=initial_epoch + 1,
        initial_epoch=initial_epoch,
    )
    events = read_run(tmp_path)
    assert steps(events, "model") == [0, 1, 2, 3]
    assert [event.facts["written"] for event in events["model"]] == [1, 2, 3, 4]


def test_the_same_run_twice_gives_the_same_patterns(tmp_path):
    for name in ("one", "two"):
        fit(model(), ConvViz(tmp_path / name, patterns=PATTERNS), epochs=1, shuffle=False)
    one, two = (read_run(tmp_path / name)["patterns/base/conv2"][1] for name in ("one", "two"))
    assert np.array_equal(np.asarray(one.sheet), np.asarray(two.sheet))


BAD = {
    "layer": (dict(patterns=FilterPatterns(layers="conv3")), "Nearest: 'base/conv2'"),
    "filter": (dict(patterns=FilterPatterns(layers="conv2", filters=[8])), "8 filters, 0 to 7"),
    "size": (
        dict(patterns=FilterPatterns(size=32, mode="smooth")),
        r"this model takes \(24, 24\) only",
    ),
    "class": (dict(heatmaps=GradCAM(pictures(2), classes=3)), "the model has 3 classes, 0 to 2"),
    "images": (dict(heatmaps=GradCAM(pictures(2)[:, :20])), r"received shape \(2, 20, 24, 3\)"),
    "heatmap layer": (dict(heatmaps=GradCAM(pictures(2), "cnv2")), "Nearest: 'base/conv2'"),
}


@pytest.mark.parametrize("arguments, message", BAD.values(), ids=BAD)
def test_bad_input_stops_before_training_with_one_message(tmp_path, arguments, message):
    net = model()
    before = [weight.copy() for weight in net.get_weights()]
    with pytest.raises(ValueError, match=message):
        fit(net, ConvViz(tmp_path / "run", **({"patterns": None} | arguments)))
    assert all(map(np.array_equal, before, net.get_weights()))
    assert not (tmp_path / "run").exists()


def test_a_model_without_convolution_stops_before_training(tmp_path):
    dense = keras.Sequential(
        [keras.Input((24, 24, 3)), keras.layers.Flatten(), keras.layers.Dense(3)]
    )
    dense.compile("sgd", "mse")
    with pytest.raises(ValueError, match="found no convolution"):
        dense.fit(pictures(), LABELS, callbacks=[ConvViz(tmp_path)], verbose=0)


def test_an_unwritable_directory_stops_before_training(tmp_path):
    (tmp_path / "file").write_text("in the way")
    net = model()
    before = [weight.copy() for weight in net.get_weights()]
    with pytest.raises(OSError, match="log_dir: cannot write to"):
        fit(net, ConvViz(tmp_path / "file", patterns=PATTERNS))
    assert all(map(np.array_equal, before, net.get_weights()))


@pytest.mark.parametrize(
    "arguments, name",
    [
        (dict(patterns=None), "patterns, heatmaps"),
        (dict(every=0), "every"),
        (dict(every=True), "every"),
    ],
)
def test_arguments_are_checked_at_once(tmp_path, arguments, name):
    with pytest.raises(ValueError, match=f"^{name}: "):
        ConvViz(tmp_path, **arguments)


def test_a_failure_is_told_once_and_training_goes_on(tmp_path, caplog, monkeypatch):
    callback = ConvViz(tmp_path, patterns=PATTERNS, heatmaps=GradCAM(pictures(2)))
    fail = keras.callbacks.LambdaCallback(
        on_epoch_end=lambda epoch, logs: monkeypatch.setattr(
            "convviz_tb.patterns.tracking.ascend", _out_of_memory
        )
    )
    with caplog.at_level(logging.WARNING):
        history = fit(model(), fail, callback, epochs=3)
    assert len(history.history["loss"]) == 3
    ours = [record for record in caplog.records if record.name == "convviz_tb"]
    assert [record.getMessage() for record in ours] == [
        "patterns/base/conv2 failed at step 1: MemoryError: out of memory. Training goes on."
    ]
    events = read_run(tmp_path)
    assert steps(events, "patterns/base/conv2") == [0]
    assert steps(events, "heatmaps/base/conv2") == [0, 1, 2, 3]
    reason = {"tag": "patterns/base/conv2", "reason": "MemoryError: out of memory"}
    assert [event.facts["failures"] for event in events["model"]] == [[], *[[reason]] * 3]


def test_a_picture_that_cannot_be_written_is_told_like_any_other_failure(
    tmp_path, caplog, monkeypatch
):
    monkeypatch.setattr("convviz_tb.log.events.write_patterns", _out_of_memory)
    callback = ConvViz(tmp_path, patterns=PATTERNS, heatmaps=GradCAM(pictures(2)))
    history = fit(model(), callback)
    assert len(history.history["loss"]) == 2
    assert caplog.text.count("patterns/base/conv2 failed at step 0: MemoryError") == 1
    events = read_run(tmp_path)
    assert "patterns/base/conv2" not in events and steps(events, "heatmaps/base/conv2") == [0, 1, 2]
    reason = {"tag": "patterns/base/conv2", "reason": "MemoryError: out of memory"}
    assert [event.facts["failures"] for event in events["model"]] == [[reason]] * 3


def test_between_epochs_and_after_training_no_thread_is_left(tmp_path):
    def ours() -> list[str]:
        return [each.name for each in threading.enumerate() if each.name.startswith("convviz")]

    between = []
    look = keras.callbacks.LambdaCallback(on_epoch_end=lambda *_: between.append(ours()))
    fit(model(), ConvViz(tmp_path, patterns=PATTERNS), look)
    assert between == [[], []] and ours() == []


def test_an_interrupted_training_can_go_on_in_the_same_run(tmp_path, monkeypatch):
    def interrupt(*arguments, **options):
        raise KeyboardInterrupt

    callback = ConvViz(tmp_path, patterns=PATTERNS, heatmaps=GradCAM(pictures(2)))
    net = model()
    during = keras.callbacks.LambdaCallback(
        on_epoch_end=lambda *_: monkeypatch.setattr(
            "convviz_tb.log.jobs.heatmaps.compute_heatmaps", interrupt
        )
    )
    with pytest.raises(KeyboardInterrupt):
        fit(net, during, callback)
    monkeypatch.undo()
    fit(net, callback)
    events = read_run(tmp_path)
    assert steps(events, "model") == [0, 2, 3]  # step 1 was cut off: never announced
    assert steps(events, "heatmaps/base/conv2") == [0, 2, 3]
    assert steps(events, "patterns/base/conv2") in ([0, 2, 3], [0, 1, 2, 3])


def test_seconds_of_each_layer_are_in_the_facts_and_in_no_other_tab(logged, log_dir):
    for event in logged["model"]:
        assert event.facts["layers"][0]["numbers"]["seconds"] > 0
        assert event.facts["writing_seconds"] > 0
    assert not [tag for tag in curves(log_dir) if "seconds" in tag]


def _out_of_memory(*arguments, **options):
    raise MemoryError("out of memory")


def test_a_model_that_cannot_be_traced_is_reported_and_trained(tmp_path, monkeypatch, caplog):
    monkeypatch.setattr("convviz_tb.model.taps.recording", _out_of_memory)
    history = fit(model(), ConvViz(tmp_path, patterns=PATTERNS))
    assert len(history.history["loss"]) == 2
    events = read_run(tmp_path)
    assert set(events) == {"model"} and steps(events, "model") == [0, 1, 2]
    reason = {"tag": "model", "reason": "MemoryError: out of memory"}
    assert all(event.facts["failures"] == [reason] for event in events["model"])
    assert caplog.text.count("out of memory") == 1


def test_weights_that_are_not_numbers_are_reported_not_drawn(tmp_path, caplog):
    net = model()
    ruin = keras.callbacks.LambdaCallback(
        on_epoch_end=lambda epoch, logs: net.set_weights([w * np.nan for w in net.get_weights()])
    )
    fit(net, ruin, ConvViz(tmp_path, patterns=PATTERNS, heatmaps=GradCAM(pictures(2))), epochs=1)
    events = read_run(tmp_path)
    assert steps(events, "patterns/base/conv2") == steps(events, "heatmaps/base/conv2") == [0]
    (failure,) = events["model"][1].facts["failures"]
    assert "NaN or infinity in the weights base/conv1/kernel" in failure["reason"]
    assert "base/conv1/kernel" in caplog.text
    broken = [event.facts["broken"] for event in events["model"]]
    assert broken[0] == [] and broken[1][0] == "base/conv1/kernel"
    (finding,) = events["model"][1].facts["findings"]
    assert finding["text"].startswith("Weights are NaN or infinite since epoch 1 (learning")
    assert finding["layer"] == "base/conv1" or finding["layer"] == "base/conv2"


def test_each_step_knows_its_learning_rate_and_what_was_frozen(tmp_path):
    """A schedule, a callback that changes the rate after the epoch, and unfreezing."""
    net = model()
    net.get_layer("base").trainable = False
    net.compile(keras.optimizers.SGD(0.1), net.loss)
    halve = keras.callbacks.ReduceLROnPlateau("loss", 0.5, patience=0, min_delta=1e9)
    convviz = ConvViz(tmp_path, patterns=PATTERNS)
    fit(net, halve, convviz, epochs=3)
    net.get_layer("base").trainable = True
    rates = keras.optimizers.schedules.PiecewiseConstantDecay([1], [0.02, 0.01])
    net.compile(keras.optimizers.SGD(rates), net.loss)
    fit(net, convviz, epochs=1)
    logged = read_run(tmp_path)["model"]
    rates = [event.facts["learning_rate"] for event in logged]
    assert rates == pytest.approx([0.1, 0.1, 0.1, 0.05, convviz.history["learning_rate"][-1]])
    assert rates[-1] in (0.02, 0.01)
    frozen = [not event.facts["layers"][0]["trainable"] for event in logged]
    assert frozen == [True, True, True, True, False]
    (path,) = convviz.history["trainable"]
    assert convviz.history["trainable"][path] == [not each for each in frozen]


def test_no_graph_is_traced_after_the_first_step(tmp_path, monkeypatch):
    import tensorflow as tf

    traces = []
    original = tf.function
    monkeypatch.setattr(tf, "function", lambda *a, **k: traces.append(a) or original(*a, **k))
    counts = []
    count = keras.callbacks.LambdaCallback(
        on_epoch_end=lambda epoch, logs: counts.append(len(traces))
    )
    callback = ConvViz(tmp_path, patterns=PATTERNS, heatmaps=GradCAM(pictures(2)))
    fit(model(), callback, count, epochs=3)
    assert counts[0] > 0 and len(set(counts)) == 1


def test_the_bar_leaves_an_empty_line_for_keras(capsys, monkeypatch):
    from convviz_tb.log.progress import Progress

    monkeypatch.setattr("convviz_tb.log.progress.is_interactive", lambda: True)
    progress = Progress(2, shown=True)
    progress.next("patterns/conv2")
    progress.close()
    written = capsys.readouterr().out
    assert "0/2 patterns/conv2" in written
    assert written.endswith(" \r") and "\n" not in written


def test_a_silent_fit_stays_silent(tmp_path, capsys, monkeypatch):
    monkeypatch.setattr("convviz_tb.log.progress.is_interactive", lambda: True)
    fit(model(), ConvViz(tmp_path, patterns=PATTERNS), epochs=1)
    assert capsys.readouterr().out == ""


def test_the_bar_shows_where_keras_shows_one(tmp_path, capsys, monkeypatch):
    monkeypatch.setattr("convviz_tb.log.progress.is_interactive", lambda: True)
    fit(model(), ConvViz(tmp_path, patterns=PATTERNS), epochs=1, verbose=1)
    assert "convviz" in capsys.readouterr().out


def test_patterns_take_the_colours_and_spectrum_of_the_callbacks_images():
    """Those of the heatmaps, the probes, or their own, in that order of rising right."""
    shown, probes, own = (pictures(count) for count in (4, 5, 6))
    heatmaps = GradCAM(shown)
    for patterns, images in (
        (FilterPatterns(), heatmaps.images),
        (FilterPatterns(probes=probes), probes),
        (FilterPatterns(probes=probes, images=own), own),
    ):
        for_model = prepare.patterns_for(model(), patterns, heatmaps, is_first=True)
        assert for_model.images is images
    assert prepare.patterns_for(model(), FilterPatterns(), None, is_first=True).images is None


def test_patterns_of_the_last_layer_are_named_by_class(tmp_path):
    """A dense layer, without positions; other layers have no names."""
    names = ["cat", "dog", "cow"]
    net = model()
    fit(
        net,
        ConvViz(
            tmp_path,
            patterns=FilterPatterns(["conv2", net.layers[-1].name], filters=[2, 0], steps=2),
            heatmaps=GradCAM(pictures(4), class_names=names),
        ),
    )
    events = read_run(tmp_path)
    for event in events[f"patterns/{net.layers[-1].name}"]:
        assert [tile["name"] for tile in event.facts["tiles"]] == ["cow", "cat"]
        assert event.facts["probes"] == 4
    assert all("name" not in tile for tile in events["patterns/base/conv2"][0].facts["tiles"])
    assert not events["model"][-1].facts["failures"]
