"""What cannot be shown is said before training, once, with what would do."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from convviz_tb import ConvViz, FilterPatterns, GradCAM, filter_patterns, grad_cam
from convviz_tb.model.supported import cause
from support import zoo
from support.events import read_run

IMAGES = np.random.default_rng(0).random((8, *zoo.RGB), np.float32)
LABELS = np.arange(8) % zoo.CLASSES
PATTERNS = FilterPatterns("last", filters=1, steps=1)


def compiled(model: keras.Model, **options) -> keras.Model:
    model.compile("sgd", "sparse_categorical_crossentropy", **options)
    return model


def fit(model, *callbacks, **options):
    return model.fit(IMAGES, LABELS, verbose=0, callbacks=list(callbacks), **options)


@pytest.mark.parametrize("backend", ["jax", "torch", "numpy"])
def test_another_backend_is_told_before_training(backend, monkeypatch, tmp_path):
    model = zoo.sequential()
    monkeypatch.setattr("keras.config.backend", lambda: backend)
    said = f"^KERAS_BACKEND: received '{backend}'.*= 'tensorflow' before keras is imported"
    for call in (
        lambda: ConvViz(tmp_path),
        lambda: filter_patterns(model, "last"),
        lambda: grad_cam(model, IMAGES),
    ):
        with pytest.raises(ValueError, match=said):
            call()


def test_a_model_of_another_library_is_told(tmp_path):
    other = type("Functional", (), {"__module__": "tf_keras.src.engine.functional", "name": "x"})()
    said = r"^model: received tf_keras.*Functional; .* Keras 3.* without TF_USE_LEGACY_KERAS"
    with pytest.raises(ValueError, match=said):
        ConvViz(tmp_path).set_model(other)
    with pytest.raises(ValueError, match=said):
        grad_cam(other, IMAGES)


class Gan(keras.Model):
    """Two networks and no `call`."""

    def __init__(self):
        super().__init__()
        self.discriminator = zoo.sequential()
        self.step = keras.optimizers.SGD()

    def train_step(self, data):
        with tf.GradientTape() as tape:
            loss = tf.reduce_mean(self.discriminator(data[0], training=True))
        weights = self.discriminator.trainable_variables
        self.step.apply(tape.gradient(loss, weights), weights)
        return {"loss": loss}


class OfDiscriminator(ConvViz):
    def set_model(self, model):
        super().set_model(model.discriminator)


def test_a_gan_is_told_what_works_and_it_does(tmp_path):
    gan = Gan()
    gan.compile()
    with pytest.raises(ValueError, match=r"has no call\(\).* `def set_model\(self, model\)"):
        fit(gan, ConvViz(tmp_path / "whole", heatmaps=GradCAM(IMAGES[:2])))
    fit(gan, OfDiscriminator(tmp_path, patterns=PATTERNS, heatmaps=GradCAM(IMAGES[:2])), epochs=2)
    events = read_run(tmp_path)["model"]
    assert [event.step for event in events] == [0, 1, 2]
    assert not any(event.facts["failures"] for event in events)


class EagerOnly(keras.layers.Layer):
    """Takes the values of its input, which only eager tensors have."""

    def call(self, inputs):
        if not hasattr(inputs, "numpy"):
            raise ValueError("this layer\nruns eagerly only")
        return inputs * float(inputs.numpy().max())

    def compute_output_shape(self, shape):
        return shape

    def compute_output_spec(self, inputs):
        return keras.KerasTensor(inputs.shape, inputs.dtype)


def test_a_layer_that_runs_eagerly_only_stops_no_training_that_would_run(tmp_path, caplog):
    inner = keras.Sequential([EagerOnly(name="eager"), zoo.conv(name="last")], name="inner")
    model = compiled(keras.Sequential([keras.Input(zoo.RGB), inner, *zoo.head()]), run_eagerly=True)
    history = fit(model, ConvViz(tmp_path, heatmaps=GradCAM(IMAGES[:2])), epochs=2)
    assert len(history.history["loss"]) == 2
    events = read_run(tmp_path)["model"]
    assert [event.step for event in events] == [0, 1, 2]
    (failure,) = events[0].facts["failures"]
    assert "ValueError: this layer" in failure["reason"]
    assert "encountered" not in failure["reason"]
    assert caplog.text.count("this layer") == 1


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("plain", "plain"),
        ("", ""),
        (
            "Exception encountered when calling A.call().\n\n\x1b[1mException encountered when "
            "calling B.call().\n\n\x1b[1mthe cause\x1b[0m\n\nArguments received by B.call():\n  "
            "• x\x1b[0m\n\nArguments received by A.call():\n",
            "the cause",
        ),
        (
            'Graph execution error:\n\nDetected at node x defined at\n  File "a.py", line 3\n\n'
            "Indices wrong\n\t [[{{node x}}]] [Op:__inference]",
            "Indices wrong",
        ),
        (
            'in user code:\n\n    File "a.py", line 3\n        x\n\n    TypeError: no\n',
            "TypeError: no",
        ),
        ("Exception encountered when calling A.call().", "Exception encountered"),
    ],
)
def test_the_cause_of_an_error_is_told_not_its_wrapper(text, said):
    assert cause(ValueError(text)).startswith(said)


def test_the_cause_of_a_missing_key_is_told_too():
    """A `KeyError` says its text as Python would write it."""
    wrapped = "Exception encountered when calling A.call().\n\n\x1b[1m'weights'\x1b[0m\n\nArguments"
    assert cause(KeyError(wrapped)) == "'weights'"
    assert cause(KeyError("weights")) == "weights" and cause(KeyError()) == ""


def test_epochs_without_a_beginning_are_told_once(tmp_path, caplog):
    watch = ConvViz(tmp_path)
    watch.set_model(zoo.sequential())
    for epoch in range(3):
        watch.on_epoch_end(epoch)
    assert caplog.text.count("on_train_begin() was not called") == 1


@pytest.mark.parametrize(
    ("shape", "said"),
    [
        ((2, 16), r"received shape \(None, 16\); the output has shape \(None, 16, 16, 3\)"),
        ((2, 8, 8), r"Give one value for each of its positions: \('n', 16, 16\)"),
        ((2, 16, 16, 3), r"received shape \(None, 16, 16, 3\)"),
    ],
)
def test_a_mask_of_another_shape_is_told(shape, said):
    with pytest.raises(ValueError, match=f"^mask: .*{said}"):
        grad_cam(zoo.segmentation(), IMAGES[:2], mask=np.ones(shape, bool))


def test_a_mask_may_have_an_axis_of_one_channel():
    model, mask = zoo.segmentation(), np.zeros((2, 16, 16, 1), bool)
    mask[:, 3:8, 4:9] = True
    with_axis, without = (grad_cam(model, IMAGES[:2], mask=m)["last"] for m in (mask, mask[..., 0]))
    np.testing.assert_array_equal(with_axis.maps, without.maps)
