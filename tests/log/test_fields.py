"""Every field that a real training writes is one that the schema knows, and checks."""

import json
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest
from tensorboard.backend.event_processing.event_file_loader import EventFileLoader

from convviz_tb import ConvViz, Examples, FilterPatterns, GradCAM, metric_table, schema
from convviz_tb.schema import KINDS, Kind

Logged = tuple[dict[Kind, list[schema.Facts]], set[tuple[str, str]]]


class PutsBack(keras.callbacks.Callback):
    """The weights of the beginning, once training has ended."""

    def on_train_begin(self, logs: Any = None) -> None:
        self.weights = self.model.get_weights()

    def on_train_end(self, logs: Any = None) -> None:
        self.model.set_weights(self.weights)


@pytest.fixture(scope="module")
def logged(tmp_path_factory: pytest.TempPathFactory) -> Logged:
    """Facts as they lie in the file, by kind, and tags of scalars: of a fit with all there is."""
    log_dir = tmp_path_factory.mktemp("run")
    pictures = np.random.default_rng(0).random((4, 16, 16, 3), dtype=np.float32)
    boxes = np.tile([0.0, 0.0, 8.0, 8.0], (4, 1))
    layers = keras.layers
    model = keras.Sequential([keras.Input((16, 16, 3)), layers.Conv2D(4, 3, activation="relu")])
    model.add(layers.Conv2D(4, 3, activation="relu", name="conv"))
    model.add(layers.GlobalAveragePooling2D())
    model.add(layers.Dense(2, activation="softmax"))
    model.compile("sgd", "sparse_categorical_crossentropy")
    # A kernel of nothing: one of its filters is dead, so there is a reason to tell.
    kernel, bias = model.get_layer("conv").get_weights()
    kernel[..., 0], bias[0] = 0, 0
    model.get_layer("conv").set_weights([kernel, bias])
    convviz = ConvViz(
        log_dir,
        patterns=FilterPatterns(["conv"], "all"),
        heatmaps=GradCAM(
            pictures,
            ["conv"],
            labels=[0, 1, 0, 1],
            class_names=["cat", "dog"],
            boxes={"object": boxes, "sticker": boxes + 8.0},
        ),
        examples=Examples(pictures, labels=[0, 1, 0, 1]),
    )
    watch = [convviz, PutsBack()]
    model.fit(pictures, np.array([0, 1, 0, 1]), epochs=2, verbose=0, callbacks=watch)
    return read(log_dir)


def read(log_dir: Path) -> Logged:
    facts: dict[Kind, list[schema.Facts]] = {kind: [] for kind in KINDS}
    scalars = set()
    for path in (log_dir / schema.RUN_SUFFIX).glob("*tfevents*"):
        for event in EventFileLoader(str(path)).Load():
            for value in event.summary.value:
                plugin = value.metadata.plugin_data
                if plugin.plugin_name == schema.PLUGIN_NAME:
                    kind = schema.parse_metadata(plugin.content).kind
                    facts[kind].append(json.loads(value.tensor.string_val[0]))
                elif plugin.plugin_name == "scalars":
                    scalars.add(value.tag)
    return facts, scalars


def names(items: list[dict[str, Any]]) -> set[str]:
    return {metric_table.row_of(name) for item in items for name in item}


@pytest.mark.parametrize("kind", KINDS)
def test_every_field_that_is_written_is_known(logged: Logged, kind: Kind) -> None:
    events = logged[0][kind]
    assert events
    own, of_items = schema.FIELDS[kind], schema.FIELDS_OF_ITEMS[kind]
    assert names(events) <= {*own.required, *own.optional}
    items = [item for facts in events for item in facts[schema.ITEMS[kind].field]]
    assert names(items) <= {*of_items.required, *of_items.optional}


@pytest.mark.parametrize("kind", KINDS)
def test_and_is_of_its_type(logged: Logged, kind: Kind) -> None:
    for facts in logged[0][kind]:
        assert schema.decode(kind, json.dumps(facts).encode()) == facts


@pytest.mark.parametrize(("kind", "of"), schema.METRICS_IN.items())
def test_every_metric_of_the_table_is_written(logged: Logged, kind: Kind, of: Any) -> None:
    tiles = [tile for facts in logged[0][kind] for tile in facts["tiles"]]
    assert set(metric_table.metrics_of(of)) <= names(tiles)


def test_the_curves_of_a_layer_are_those_that_the_table_gives_it(logged: Logged) -> None:
    layers = [layer for facts in logged[0]["model"] for layer in facts["layers"]]
    told = names([layer["numbers"] for layer in layers])
    assert told == {metric.name for metric in metric_table.METRICS if metric.has_curve}


def test_the_stock_tabs_get_few_scalars_that_sort_after_those_of_keras(logged: Logged) -> None:
    assert logged[1] == {
        *("layers/function_drift/conv", "layers/energy_inside/conv"),
        *("layers/dead", "layers/stuck"),
    }
    assert min(logged[1]) > "epoch_loss"
