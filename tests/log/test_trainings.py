"""Trainings with steps of their own, and layers of other libraries: all of it is logged."""

import keras
import numpy as np
import pytest
import tensorflow as tf
from keras import layers, ops

from convviz_tb import ConvViz, FilterPatterns, GradCAM
from support import zoo
from support.events import read_run

IMAGES = np.random.default_rng(0).random((4, *zoo.RGB), np.float32)
LABELS = np.arange(4) % zoo.CLASSES
FEW = FilterPatterns("last", filters=1, steps=1)


def logged(directory, model, watch=None, targets=LABELS, **options):
    """The series of a fit of two epochs, every step of which is logged whole."""
    watch = watch or ConvViz(directory, patterns=FEW, **options)
    data = (IMAGES,) if targets is None else (IMAGES, targets)
    model.fit(*data, epochs=2, verbose=0, callbacks=[watch])
    series = read_run(directory)
    assert [event.step for event in series["model"]] == [0, 1, 2]
    assert not any(event.facts["failures"] for event in series["model"])
    for tag, events in series.items():
        assert tag == "inputs" or [event.step for event in events] == [0, 1, 2], tag
    return series


class WithLoss(keras.Model):
    """Trains by a loss of its own."""

    def train_step(self, data):
        images, labels, _ = keras.utils.unpack_x_y_sample_weight(data)
        with tf.GradientTape() as tape:
            loss = self.own_loss(images, labels)
        weights = self.trainable_variables
        self.optimizer.apply(tape.gradient(loss, weights), weights)
        return {"loss": loss}


class SimClr(WithLoss):
    """Contrasts two views of each picture; its `call` is the encoder."""

    def __init__(self):
        super().__init__()
        self.augment = keras.Sequential([layers.RandomFlip(seed=1), layers.RandomZoom(0.2, seed=2)])
        self.encoder = keras.Sequential(
            [keras.Input(zoo.RGB), zoo.conv(name="last"), layers.GlobalAveragePooling2D()]
        )
        self.project = layers.Dense(4)

    def call(self, images):
        return self.encoder(images)

    def own_loss(self, images, _):
        views = (self.project(self(self.augment(images, training=True))) for _ in range(2))
        one, two = (ops.normalize(view, axis=-1) for view in views)
        like = ops.matmul(one, ops.transpose(two)) / 0.1
        pairs = ops.arange(ops.shape(like)[0])
        return ops.mean(keras.losses.sparse_categorical_crossentropy(pairs, like, True))


class Vae(WithLoss):
    """Draws a code for each picture, and gives it back from that."""

    def __init__(self):
        super().__init__()
        self.last = zoo.conv(name="last", strides=4)
        self.code = layers.Dense(4, name="code")
        self.grow = layers.Conv2DTranspose(3, 4, strides=4, activation="sigmoid", name="grow")
        self.seeds = keras.random.SeedGenerator(1)

    def call(self, images):
        mean, spread = ops.split(self.code(self.last(images)), 2, axis=-1)
        drawn = mean + ops.exp(spread) * keras.random.normal(ops.shape(mean), seed=self.seeds)
        return self.grow(drawn)

    def own_loss(self, images, _):
        return ops.mean(ops.square(self(images) - images))


class Distiller(WithLoss):
    """A student that learns from a teacher; its `call` is the student."""

    def __init__(self):
        super().__init__()
        self.student, self.teacher = zoo.sequential(), zoo.sequential()
        self.teacher.trainable = False

    def call(self, images):
        return self.student(images)

    def own_loss(self, images, _):
        taught = self.teacher(images, training=False)
        return ops.mean(keras.losses.kl_divergence(taught, self(images)))


def test_contrastive_learning(tmp_path):
    model = SimClr()
    model(IMAGES[:1])
    model.compile("sgd")
    series = logged(tmp_path, model, targets=None, heatmaps=GradCAM(IMAGES[:2], classes=0))
    assert {tag.partition("/")[0] for tag in series} >= {"patterns", "heatmaps"}


def test_an_autoencoder_that_draws(tmp_path):
    model = Vae()
    model(IMAGES[:1])
    model.compile("sgd")
    score = {"score": lambda outputs: ops.mean(outputs, axis=(1, 2, 3))}
    series = logged(tmp_path, model, targets=None, heatmaps=GradCAM(IMAGES[:2], "last", **score))
    assert {"patterns/last", "heatmaps/last"} <= set(series)


def test_distillation_watches_the_student(tmp_path):
    model = Distiller()
    model(IMAGES[:1])
    model.compile("adam")
    watch = ConvViz(tmp_path, patterns=None, heatmaps=GradCAM(IMAGES[:2]))
    series = logged(tmp_path, model, watch)
    (tag,) = [tag for tag in series if tag.startswith("heatmaps/")]
    scores = [event.facts["tiles"][0]["score"] for event in series[tag]]
    assert len(set(scores)) == 3  # it is the one that learns


class SpectralGan(keras.Model):
    """Generator and discriminator; the layers of the latter are normalised by their spectrum."""

    def __init__(self):
        super().__init__()
        normal = [layers.SpectralNormalization(zoo.conv(4, strides=2, name="inner"), name="last")]
        self.discriminator = keras.Sequential(
            [keras.Input(zoo.RGB), *normal, layers.GlobalAveragePooling2D(), layers.Dense(1)]
        )
        self.generator = keras.Sequential(
            [keras.Input((4,)), layers.Dense(768, "sigmoid"), layers.Reshape(zoo.RGB)]
        )

    def compile(self):
        super().compile()
        self.optimizers = [keras.optimizers.Adam() for _ in range(2)]

    def train_step(self, images):
        noise = tf.random.normal((4, 4))
        for part, sign, optimizer in zip(
            (self.discriminator, self.generator), (1, -1), self.optimizers, strict=True
        ):
            with tf.GradientTape() as tape:
                fake = self.discriminator(self.generator(noise), training=True)
                loss = sign * ops.mean(fake - self.discriminator(images, training=True))
            weights = part.trainable_variables
            optimizer.apply(tape.gradient(loss, weights), weights)
        return {"loss": loss}


class OfDiscriminator(ConvViz):
    def set_model(self, model):
        super().set_model(model.discriminator)


def test_a_discriminator_of_normalised_layers(tmp_path):
    """The estimate of the spectrum is a state of the layer, which looking at it must not change."""
    states = []
    for directory in ("watched", None):
        keras.utils.set_random_seed(3)
        gan = SpectralGan()
        gan.compile()
        if directory:
            heatmaps = GradCAM(IMAGES[:2], "last")
            watch = OfDiscriminator(tmp_path, patterns=FEW, heatmaps=heatmaps)
            series = logged(tmp_path, gan, watch, targets=None)
            assert {"patterns/last", "heatmaps/last"} <= set(series)
        else:
            gan.fit(IMAGES, epochs=2, verbose=0)
        states.append(gan.discriminator.get_weights())
    for one, other in zip(*states, strict=True):
        np.testing.assert_array_equal(one, other)


def test_a_saved_model_as_a_layer(tmp_path):
    """`TFSMLayer`: its inside cannot be read, the layers around it can."""
    inner = keras.Sequential([keras.Input(zoo.RGB), zoo.conv(4, name="within")])
    inner.export(tmp_path / "saved", verbose=False)
    inputs = keras.Input(zoo.RGB)
    features = layers.TFSMLayer(str(tmp_path / "saved"), call_endpoint="serve")(inputs)
    x = zoo.conv(name="last")(features)
    model = keras.Model(inputs, zoo.apply(zoo.head(), x))
    model.compile("sgd", "sparse_categorical_crossentropy")
    series = logged(tmp_path / "run", model, heatmaps=GradCAM(IMAGES[:2]))
    assert {"patterns/last", "heatmaps/last"} <= set(series)


def test_what_is_only_within_a_saved_model_is_told(tmp_path):
    inner = keras.Sequential([keras.Input(zoo.RGB), zoo.conv(4), *zoo.head()])
    inner.export(tmp_path / "saved", verbose=False)
    inputs = keras.Input(zoo.RGB)
    layer = layers.TFSMLayer(str(tmp_path / "saved"), call_endpoint="serve")
    model = keras.Model(inputs, layer(inputs))
    model.compile("sgd", "sparse_categorical_crossentropy")
    with pytest.raises(ValueError, match=r'^layers: "auto" found no'):
        model.fit(IMAGES, LABELS, verbose=0, callbacks=[ConvViz(tmp_path / "run")])
