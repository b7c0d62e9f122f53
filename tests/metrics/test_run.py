"""What is planted in a training is found by the numbers, and nothing else is."""

import dataclasses
from typing import Any

import keras
import numpy as np
import pytest
import tensorflow as tf

from convviz_tb import ConvViz, FilterPatterns, GradCAM, filter_patterns, images
from convviz_tb.metrics import baseline, drift
from convviz_tb.patterns import tracking
from convviz_tb.patterns.waking import Woken, wake
from support.events import read_run

DRIFTS = ("kernel_drift", "pattern_drift", "function_drift")
REBORN, ZEROED, COPIED = [3, 7, 11], [1, 4], (5, 9)
LABELS = np.arange(8) % 2


def gratings(count: int, seed: int) -> np.ndarray:
    """Kernels `(7, 7, 3, count)`: waves of many directions, lengths and colours."""
    random = np.random.default_rng(seed)
    y, x = np.mgrid[-3:4, -3:4]
    window = np.exp(-(x**2 + y**2) / 8)
    kernels = []
    for angle in np.pi * (np.arange(count) + random.random()) / count:
        across = x * np.cos(angle) + y * np.sin(angle)
        wave = np.cos(2 * np.pi * across / random.uniform(2.5, 7)) * window
        kernels.append((wave - wave.mean())[..., None] * random.normal(size=3))
    return np.stack([each / np.sqrt((each**2).sum()) for each in kernels], axis=-1)


def pictures(count: int = 8, side: int = 24) -> np.ndarray:
    """Smooth blobs in 0..1."""
    noise = np.random.default_rng(0).normal(size=(count, side + 8, side + 8, 3))
    summed = noise.cumsum(axis=1).cumsum(axis=2)
    blurred = summed[:, 8:, 8:] - summed[:, :-8, 8:] - summed[:, 8:, :-8] + summed[:, :-8, :-8]
    return (0.5 + blurred / 24).clip(0, 1).astype(np.float32)


def net() -> keras.Model:
    keras.utils.set_random_seed(1)
    layers = keras.layers
    model = keras.Sequential(
        [
            keras.Input((24, 24, 3)),
            layers.Conv2D(4, 1, activation="relu", name="frozen", trainable=False),
            layers.Conv2D(16, 7, activation="relu", name="planted"),
            layers.Conv2D(6, 3, activation="relu", name="scaled"),
            layers.ReLU(name="without_kernel"),
            layers.GlobalAveragePooling2D(),
            layers.Dense(2, activation="softmax"),
        ]
    )
    colours = np.eye(3, 4) + 0.2 * np.random.default_rng(2).random((3, 4))
    model.get_layer("frozen").kernel.assign(colours[None, None])
    planted = np.concatenate([gratings(16, 0), np.zeros((7, 7, 1, 16))], axis=2)
    model.get_layer("planted").set_weights([planted, np.full(16, 0.02)])
    model.compile(keras.optimizers.SGD(1e-3), "sparse_categorical_crossentropy")
    return model


class Plant(keras.callbacks.Callback):
    """Changes weights behind the optimizer's back, before the callback looks."""

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        {1: self.reborn, 2: self.zeroed_and_copied}.get(epoch, lambda: None)()

    def reborn(self) -> None:
        """Three filters begin anew, as long as before; another layer doubles."""
        layer = self.model.get_layer("planted")
        kernel, bias = layer.get_weights()
        kernel[:, :, :3, REBORN] = gratings(3, seed=5)
        layer.set_weights([kernel, bias])
        scaled = self.model.get_layer("scaled")
        scaled.kernel.assign(2 * scaled.kernel)

    def zeroed_and_copied(self) -> None:
        layer = self.model.get_layer("planted")
        kernel, bias = layer.get_weights()
        kernel[..., ZEROED], bias[ZEROED] = 0, 0
        kernel[..., COPIED[1]], bias[COPIED[1]] = kernel[..., COPIED[0]], bias[COPIED[0]]
        layer.set_weights([kernel, bias])


@pytest.fixture(scope="module")
def watched(tmp_path_factory):
    """Three epochs, planted in the second and third, and what was logged."""
    log_dir = tmp_path_factory.mktemp("run")
    names = ["frozen", "planted", "scaled", "without_kernel"]
    convviz = ConvViz(
        log_dir,
        patterns=FilterPatterns(names, "all"),
        heatmaps=GradCAM(pictures(), ["planted"], labels=LABELS, classes="true"),
    )
    callbacks = [Plant(), convviz]
    net().fit(pictures(), LABELS, epochs=3, batch_size=4, verbose=0, callbacks=callbacks)
    return convviz.history, read_run(log_dir)


def tiles(events: Any, layer: str, step: int) -> list[dict[str, Any]]:
    return [tile for tile in events[f"patterns/{layer}"][step].facts["tiles"]]


def of_all(events: Any, layer: str, step: int, name: str) -> np.ndarray:
    return np.array([tile[name] for tile in tiles(events, layer, step)], float)


@pytest.mark.parametrize("number", DRIFTS)
def test_filters_that_began_anew_are_the_top_three_by_every_drift(watched, number):
    _, events = watched
    drifts = of_all(events, "planted", 2, number)
    assert sorted(np.argsort(drifts)[-3:].tolist()) == REBORN
    others = np.delete(drifts, REBORN)
    assert drifts[REBORN].min() > 1.5 * others.max()


def test_at_the_step_before_they_are_nothing_special(watched):
    _, events = watched
    for number in DRIFTS:
        assert of_all(events, "planted", 1, number).max() < 0.05


def test_zeroed_filters_are_dead_in_the_next_log_and_none_before(watched):
    _, events = watched
    dead = [np.flatnonzero(of_all(events, "planted", step, "dead")).tolist() for step in range(4)]
    assert dead == [[], [], [], ZEROED]
    for tile in tiles(events, "planted", 3):
        assert ("reason" in tile) == (tile["dead"] or tile["stuck"])
        if tile["dead"]:
            assert tile["active"] == tile["response"] == tile["gradient"] == tile["score"] == 0
            assert "all 8 probe images" in tile["reason"] and "ascent" in tile["reason"]
            assert tile["twin"] is None and tile["function_drift"] == 1


def test_a_copied_filter_and_its_model_are_twins(watched):
    _, events = watched
    before, after = (tiles(events, "planted", step) for step in (2, 3))
    for one, other in (COPIED, COPIED[::-1]):
        assert after[one]["twin"] == other
        assert after[one]["twin_similarity"] == pytest.approx(1, abs=1e-5)
        assert before[one]["twin_similarity"] < 0.98


def test_a_frozen_layer_has_drifted_by_exactly_nothing(watched):
    _, events = watched
    for step in range(4):
        assert events["patterns/frozen"][step].facts["trainable"] is False
        for number in DRIFTS:
            assert (of_all(events, "frozen", step, number) == 0).all()


def test_a_doubled_kernel_grows_and_does_not_turn(watched):
    _, events = watched
    np.testing.assert_allclose(of_all(events, "scaled", 2, "kernel_norm"), 2, atol=0.01)
    np.testing.assert_allclose(of_all(events, "scaled", 2, "kernel_cosine"), 1, atol=1e-3)
    np.testing.assert_allclose(of_all(events, "scaled", 2, "kernel_drift"), 1, atol=0.01)


def test_what_did_not_change_stays_below_the_noise_floor(watched):
    _, events = watched
    drifts = of_all(events, "planted", 2, "pattern_drift")
    floor = events["patterns/planted"][2].facts["noise_floor"]
    assert np.delete(drifts, REBORN).max() < floor < 0.2


def test_what_began_anew_rises_above_the_noise_floor_from_the_seed(watched):
    """From the seed, since a picture that goes on keeps for a while what it was."""
    _, events = watched
    model, options = net(), {"value_range": (0.0, 1.0)}
    before = filter_patterns(model, "planted", REBORN, **options)
    kernel, bias = model.get_layer("planted").get_weights()
    kernel[..., REBORN] = np.roll(np.rot90(kernel[..., REBORN]), 1, axis=2)
    model.get_layer("planted").set_weights([kernel, bias])
    after = filter_patterns(model, "planted", REBORN, **options)
    now, then = (drift.textures(images.pattern_tiles(each.images)) for each in (after, before))
    floor = events["patterns/planted"][2].facts["noise_floor"]
    assert drift.pattern_drift(now, then).min() > 2 * floor


def test_a_layer_without_kernel_has_the_numbers_of_the_one_that_feeds_it(watched):
    _, events = watched
    for step in (1, 2, 3):
        own, fed = (tiles(events, layer, step) for layer in ("scaled", "without_kernel"))
        for name in ("kernel_drift", "kernel_cosine", "kernel_norm"):
            assert [tile[name] for tile in fed] == [tile[name] for tile in own]
    for tile in tiles(events, "without_kernel", 2):
        assert tile["function_drift"] >= 0


def test_numbers_against_the_previous_step_begin_with_the_second(watched):
    _, events = watched
    assert "kernel_drift_previous" not in tiles(events, "planted", 0)[0]
    previous = of_all(events, "planted", 3, "kernel_drift_previous")
    assert set(np.argsort(previous)[-3:]) == {*ZEROED, COPIED[1]}
    assert events["patterns/planted"][3].facts["baseline_step"] == 0


def test_the_layers_numbers_are_curves_and_facts(watched):
    history, events = watched
    by_layer = [
        {layer["layer"]: layer["numbers"] for layer in event.facts["layers"]}
        for event in events["model"]
    ]
    assert [numbers["planted"]["dead"] for numbers in by_layer] == [0, 0, 0, 2]
    assert history["layers"]["planted"]["dead"] == [0, 0, 0, 2]
    assert by_layer[3]["frozen"]["kernel_drift"] == 0
    median = np.median(of_all(events, "scaled", 2, "kernel_drift"))
    assert by_layer[2]["scaled"]["kernel_drift"] == pytest.approx(median, rel=1e-4)


def test_the_history_says_what_the_facts_say(watched):
    history, events = watched
    assert history["steps"] == [0, 1, 2, 3]
    filters = history["filters"]["planted"]
    assert filters["filter"] == list(range(16))
    for step in range(4):
        assert filters["active"][step] == of_all(events, "planted", step, "active").tolist()
    pictures_of = history["pictures"]["planted"]
    assert pictures_of["class_index"][0] == LABELS.tolist()
    assert pictures_of["baseline_step"] == filters["baseline_step"] == [0] * 4
    predicted = [tile["predicted"] for tile in events["heatmaps/planted"][3].facts["tiles"]]
    assert pictures_of["predicted"][3] == predicted
    overlaps = [tile["overlap_baseline"] for tile in events["heatmaps/planted"][3].facts["tiles"]]
    assert pictures_of["overlap_baseline"][3] == overlaps


def test_the_findings_name_what_was_planted(watched):
    history, events = watched
    texts = [finding["text"] for finding in events["model"][3].facts["findings"]]
    assert not any("died" in text for text in texts)  # for the first time: one attempt may fail
    assert any("scaled moved most" in text for text in texts)
    assert any(f"Filters {COPIED[0]} and {COPIED[1]} of planted" in text for text in texts)
    assert [finding["text"] for finding in history["findings"]] == texts
    assert events["model"][0].facts["findings"] == []


@pytest.mark.parametrize("wakes", [True, False])
def test_a_silent_filter_that_can_be_woken_is_not_dead(wakes, tmp_path, monkeypatch):
    asked = []

    def attempt(*given: Any, **more: Any) -> Woken:
        asked.append(given[3].tolist())
        woken = wake(*given, **more)
        return dataclasses.replace(woken, awake=np.full(len(woken.awake), wakes))

    monkeypatch.setattr(tracking, "wake", attempt)
    model = net()
    kernel, bias = model.get_layer("planted").get_weights()
    kernel[..., ZEROED], bias[ZEROED] = 0, 0
    model.get_layer("planted").set_weights([kernel, bias])
    patterns = FilterPatterns(["planted"], "all", steps=2)
    convviz = ConvViz(tmp_path, patterns=patterns, heatmaps=GradCAM(pictures(), ["planted"]))
    model.fit(pictures(), LABELS, epochs=1, verbose=0, callbacks=[convviz])
    assert asked == [ZEROED, ZEROED]
    assert convviz.history["layers"]["planted"]["dead"] == [0 if wakes else 2] * 2


# --------------------------------------------------------------------------------- heatmaps


def test_boxes_and_masks_measure_the_heatmaps(tmp_path):
    """A map at the hand: its numbers are those of the stored picture."""
    boxes = np.array([[0, 0, 12, 24], [12, 0, 24, 24], [np.nan] * 4])
    masks = np.zeros((3, 24, 24), bool)
    masks[0, :, :12] = masks[1, :, 12:] = True
    found = {}
    for name, given in {"boxes": boxes, "unit": boxes / 24, "masks": masks}.items():
        heatmaps = GradCAM(pictures(3), ["scaled"], 0, boxes=given)
        convviz = ConvViz(tmp_path / name, patterns=None, heatmaps=heatmaps)
        model = net()
        head = model.layers[-1]
        head.kernel.assign(np.abs(head.kernel))  # all channels speak for the class
        model.fit(pictures(3), LABELS[:3], epochs=1, verbose=0, callbacks=[convviz], shuffle=False)
        events = read_run(tmp_path / name)
        found[name] = events["heatmaps/scaled"][0]
        boxed = [tile.get("box") for tile in events["inputs"][0].facts["tiles"]]
        expected = [None] * 3 if name == "masks" else [[0, 0, 0.5, 1], [0.5, 0, 1, 1], None]
        assert boxed == expected
    facts = [event.facts["tiles"] for event in found.values()]
    assert facts[0] == facts[1] == facts[2]
    for i, tile in enumerate(facts[0][:2]):
        level = np.asarray(found["boxes"].sheet, float)
        height, width = found["boxes"].facts["sheet"]["tile"]
        columns = found["boxes"].facts["sheet"]["columns"]
        top, left = i // columns * height, i % columns * width
        span = tile["maximum"] - tile["minimum"]
        raw = level[top : top + height, left : left + width] / 255 * span + tile["minimum"]
        half = raw[:, : width // 2] if i == 0 else raw[:, width // 2 :]
        assert tile["energy_inside"] == pytest.approx(half.sum() / raw.sum(), abs=0.01)
        x = raw.argmax() % width
        assert tile["pointing"] == ((x < width / 2) == (i == 0))
        assert tile["centre"][0] == pytest.approx(
            (raw.sum(axis=0) * (np.arange(width) + 0.5) / width).sum() / raw.sum(), abs=0.01
        )
    assert facts[0][2]["energy_inside"] is None and "pointing" not in facts[0][2]


SIGHT = 16  # side of the pictures of a red object at the left and a green mark at the right
PLACES = {"flower": [[0, 0, 8, 8]] * 3, "mark": [[12, 12, 16, 16]] * 2 + [[np.nan] * 4]}


class TurnsAway(keras.callbacks.Callback):
    """What speaks for the class: red at first, green from an epoch on."""

    def __init__(self, epoch: int | None) -> None:
        super().__init__()
        self.epoch = epoch

    def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
        if self.epoch is not None and epoch + 1 == self.epoch:
            self.model.get_layer("head").kernel.assign([[0.0, 0], [100.0, 0], [0, 0]])


def sees_colours(log_dir: Any, turns_at: int | None) -> tuple[keras.Model, ConvViz]:
    """Three epochs of a net whose layer `see` passes on the colours of its pictures."""
    images = np.zeros((3, SIGHT, SIGHT, 3), np.float32)
    images[:, 2:6, 2:6, 0] = images[:2, 13:15, 13:15, 1] = 1
    model = keras.Sequential(
        [
            keras.Input((SIGHT, SIGHT, 3)),
            keras.layers.Conv2D(3, 1, activation="relu", use_bias=False, name="see"),
            keras.layers.GlobalAveragePooling2D(),
            keras.layers.Dense(2, activation="softmax", use_bias=False, name="head"),
        ]
    )
    model.get_layer("see").kernel.assign(np.eye(3)[None, None])
    model.get_layer("head").kernel.assign([[100.0, 0], [0, 0], [0, 0]])
    model.compile(keras.optimizers.SGD(0.0), "sparse_categorical_crossentropy")
    heatmaps = GradCAM(images, ["see"], 0, class_names=["rose"], boxes=PLACES)
    convviz = ConvViz(log_dir, patterns=None, heatmaps=heatmaps)
    callbacks = [TurnsAway(turns_at), convviz]
    model.fit(images, np.zeros(3), epochs=3, verbose=0, callbacks=callbacks)
    return model, convviz


def test_a_map_that_walks_from_the_object_to_a_mark_is_followed(tmp_path):
    model, convviz = sees_colours(tmp_path, turns_at=2)
    numbers = convviz.history["pictures"]["see"]
    assert numbers["energy_inside"] == [[1, 1, 1]] * 2 + [[0, 0, None]] * 2
    assert numbers["energy_on_mark"] == [[0, 0, None]] * 2 + [[1, 1, None]] * 2
    assert convviz.history["layers"]["see"]["energy_on_mark"] == [0, 0, 1, 1]
    told = (
        "On class rose, on 2 of 3 pictures, the heatmaps moved from the flower "
        "to the mark at epoch 2: evidence on the flower fell from 100% to 0%, on the mark it rose "
        "from 0% to 100%."
    )
    assert [finding["text"] for finding in convviz.history["findings"]] == [told]
    events = read_run(tmp_path)
    assert [tile["energy_on_mark"] for tile in events["heatmaps/see"][3].facts["tiles"]] == [
        1,
        1,
        None,
    ]
    first, _, last = events["inputs"][0].facts["tiles"]
    assert (first["box"], first["regions"]) == ([0, 0, 0.5, 0.5], {"mark": [0.75, 0.75, 1, 1]})
    assert "box" in last and "regions" not in last
    # Another process goes on with the same run.
    again = ConvViz(tmp_path, patterns=None, heatmaps=convviz.heatmaps)
    model.fit(pictures(3, SIGHT), np.zeros(3), verbose=0, callbacks=[again])
    assert [finding["text"] for finding in again.history["findings"]] == [told]


def test_a_map_that_stays_on_the_object_is_not_said_to_have_gone_anywhere(tmp_path):
    _, convviz = sees_colours(tmp_path, turns_at=None)
    assert convviz.history["pictures"]["see"]["energy_on_mark"] == [[0, 0, None]] * 4
    assert convviz.history["findings"] == []


def test_one_named_region_is_the_object_by_another_name(tmp_path):
    """It measures what the same boxes measure without a name."""
    found = []
    for name, boxes in {"plain": [[0, 0, 12, 24]], "named": {"flower": [[0, 0, 12, 24]]}}.items():
        heatmaps = GradCAM(pictures(1), ["scaled"], 0, boxes=boxes)
        callbacks = [ConvViz(tmp_path / name, patterns=None, heatmaps=heatmaps)]
        net().fit(pictures(1), LABELS[:1], verbose=0, callbacks=callbacks)
        events = read_run(tmp_path / name)
        found.append([events[tag][0].facts["tiles"] for tag in ("heatmaps/scaled", "inputs")])
    assert found[0] == found[1] and "energy_inside" in found[0][0][0]


def test_a_box_beyond_the_pictures_stops_before_training(tmp_path):
    heatmaps = GradCAM(pictures(1), boxes=[[0, 0, 25, 24]])
    with pytest.raises(ValueError, match=r"^boxes: received .* 24 x 24 pixels"):
        callback = ConvViz(tmp_path, patterns=None, heatmaps=heatmaps)
        net().fit(pictures(1), LABELS[:1], callbacks=[callback], verbose=0)


# ------------------------------------------------------------------------------------ probes


def logged(
    log_dir, epochs: int = 1, model: keras.Model | None = None, initial_epoch: int = 0, **options
) -> ConvViz:
    few = FilterPatterns("planted", **{"filters": 3, "steps": 2} | options)
    convviz = ConvViz(log_dir, patterns=few)
    model = model or net()
    fit = {"epochs": epochs, "initial_epoch": initial_epoch, "batch_size": 4, "verbose": 0}
    model.fit(pictures(), LABELS, **fit, callbacks=[convviz])
    return convviz


def test_without_probes_their_numbers_are_absent(tmp_path):
    logged(tmp_path)
    facts = read_run(tmp_path)["patterns/planted"][1].facts
    assert facts["probes"] == 0
    assert {"kernel_drift", "pattern_drift"} < set(facts["tiles"][0])
    assert not {"active", "dead", "twin", "function_drift"} & set(facts["tiles"][0])


def test_probes_of_ones_own_are_used_up_to_sixteen(tmp_path):
    logged(tmp_path, probes=pictures(20))
    facts = read_run(tmp_path)["patterns/planted"][1].facts
    assert facts["probes"] == 16 and "active" in facts["tiles"][0]


@pytest.mark.parametrize(
    "probes, message",
    [(pictures()[:0], "no pictures"), (np.full((1, 24, 24, 3), np.nan), "NaN")],
)
def test_probes_are_checked_at_once(probes, message):
    with pytest.raises(ValueError, match=f"^probes: received {message}"):
        FilterPatterns(probes=probes)


def test_directions_have_numbers_too(tmp_path):
    mixed = np.zeros((2, 16), np.float32)
    mixed[0, 2], mixed[1, :2] = 1, [1, -1]
    logged(tmp_path, filters=mixed, probes=pictures())
    tiles = read_run(tmp_path)["patterns/planted"][1].facts["tiles"]
    assert tiles[0]["twin"] == 2 and tiles[0]["twin_similarity"] == pytest.approx(1)
    assert all(0 < tile["kernel_drift"] < 0.1 for tile in tiles)


def test_numbers_that_fail_leave_the_pictures(tmp_path, caplog, monkeypatch):
    def fail(*arguments: Any) -> None:
        raise MemoryError("out of memory")

    monkeypatch.setattr("convviz_tb.metrics.drift.pattern_drift", fail)
    logged(tmp_path)
    events = read_run(tmp_path)
    assert len(events["patterns/planted"]) == 2
    assert events["model"][1].facts["failures"] == [
        {"tag": "numbers/planted", "reason": "MemoryError: out of memory"}
    ]
    assert caplog.text.count("numbers/planted failed") == 1


@pytest.mark.parametrize(("count", "similar"), [(3, False), (4, True)])
def test_few_probe_images_make_no_similar_filters(tmp_path, count, similar):
    """With 2 x 2 positions of one picture strangers are alike."""
    logged(tmp_path, probes=pictures(count))
    tile = read_run(tmp_path)["patterns/planted"][1].facts["tiles"][0]
    assert ("twin" in tile) == ("twin_similarity" in tile) == similar
    assert "active" in tile and "function_drift" in tile


def test_few_positions_make_no_correlations(tmp_path):
    """Of a layer of one position, 8 pictures are 8 numbers."""
    model = keras.Sequential([keras.Input((24, 24, 3)), keras.layers.Conv2D(4, 24, name="planted")])
    model.add(keras.layers.GlobalAveragePooling2D())
    model.compile("sgd", "sparse_categorical_crossentropy")
    logged(tmp_path, model=model, probes=pictures())
    tile = read_run(tmp_path)["patterns/planted"][1].facts["tiles"][0]
    assert not {"twin", "twin_similarity", "function_drift"} & set(tile)


def test_equal_probe_images_do_not_say_that_no_filter_tells_them_apart(tmp_path):
    logged(tmp_path / "one", probes=pictures()[[0, 0, 0]])
    logged(tmp_path / "two", probes=pictures()[:2])
    one, two = (read_run(tmp_path / name)["patterns/planted"][1].facts for name in ("one", "two"))
    assert "variation" not in one["tiles"][0]
    assert all(0.01 < tile["variation"] <= 1 for tile in two["tiles"])


# ---------------------------------------------------------------------------------- resuming


def changed(model: keras.Model) -> keras.Model:
    kernel = model.get_layer("planted").kernel
    kernel.assign(kernel * 3)
    return model


def test_a_new_process_measures_against_the_first_step_of_the_run(tmp_path):
    first = logged(tmp_path, probes=pictures())
    goes_on = {"initial_epoch": 1, "epochs": 2}
    second = logged(tmp_path, model=changed(net()), **goes_on, probes=pictures())
    facts = read_run(tmp_path)["patterns/planted"][2].facts
    assert facts["baseline_step"] == 0
    assert facts["tiles"][0]["kernel_norm"] == pytest.approx(3, rel=0.01)
    assert "kernel_drift_previous" not in facts["tiles"][0]
    assert second.history["steps"] == [0, 1, 2]
    for name in ("kernel_drift", "active", "score"):
        before = first.history["filters"]["planted"][name]
        assert second.history["filters"]["planted"][name][:2] == pytest.approx(np.array(before))


@pytest.mark.parametrize("ruin", ["lost", "cut off", "other filters"])
def test_a_baseline_that_is_lost_begins_anew_and_says_so(tmp_path, ruin):
    logged(tmp_path, probes=pictures())
    file = tmp_path / "convviz" / baseline.FILE
    if ruin == "lost":
        file.unlink()
    elif ruin == "cut off":
        file.write_bytes(file.read_bytes()[:100])
    filters = [7, 8, 9] if ruin == "other filters" else 3
    options = {"filters": filters, "probes": pictures()}
    again = logged(tmp_path, model=changed(net()), initial_epoch=1, epochs=2, **options)
    facts = read_run(tmp_path)["patterns/planted"][2].facts
    assert facts["baseline_step"] == 2 and facts["tiles"][0]["kernel_drift"] == 0
    moved = [finding for finding in again.history["findings"] if "moved" in finding["text"]]
    assert moved == []


def test_other_probes_give_no_function_drift(tmp_path):
    logged(tmp_path, probes=pictures())
    logged(tmp_path, epochs=2, initial_epoch=1, probes=pictures()[:4])
    tile = read_run(tmp_path)["patterns/planted"][2].facts["tiles"][0]
    assert "function_drift" not in tile and tile["kernel_drift"] >= 0 and tile["active"] > 0


def test_a_process_killed_while_it_saves_leaves_the_file_before(tmp_path, monkeypatch):
    state = {"patterns/a": {"kernel": np.ones((2, 3))}}
    baseline.save(str(tmp_path), state)
    monkeypatch.setattr("tensorflow.io.gfile.rename", lambda *_, **__: exit("killed"))
    with pytest.raises(SystemExit):
        baseline.save(str(tmp_path), {"patterns/a": {"kernel": np.zeros((2, 3))}})
    found = baseline.load(str(tmp_path))
    np.testing.assert_array_equal(found["patterns/a"]["kernel"], np.ones((2, 3)))


def test_the_file_is_bounded(tmp_path, monkeypatch, caplog):
    monkeypatch.setattr(baseline, "MOST_BYTES", 100)
    states = {f"patterns/{name}": {"kernel": np.ones(8)} for name in "ab"}
    baseline.save(str(tmp_path), states)
    assert set(baseline.load(str(tmp_path))) == {"patterns/a"}
    assert "patterns/b is too large" in caplog.text


def test_a_log_that_holds_anything_can_be_gone_on_with(tmp_path):
    writer = tf.summary.create_file_writer(str(tmp_path / "convviz"))
    with writer.as_default():
        tf.summary.scalar("strange", 1.0, step=4)
    writer.close()
    convviz = logged(tmp_path)
    assert convviz.history["steps"] == [4, 5]
