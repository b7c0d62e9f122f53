"""Small models of every kind: each builder makes a fresh one, the same for the same seed."""

from collections.abc import Callable
from typing import Any

import keras
import numpy as np
import tensorflow as tf
from keras import layers

from convviz_tb.model.inputs import Spec, input_spec

SIDE = 16
CLASSES = 3
RGB = (SIDE, SIDE, 3)


def conv(filters: int = 4, **options: Any) -> layers.Layer:
    return layers.Conv2D(filters, 3, **{"padding": "same", "activation": "relu"} | options)


def head(classes: int = CLASSES, activation: str | None = "softmax", **options: Any) -> list[Any]:
    return [layers.GlobalAveragePooling2D(), layers.Dense(classes, activation, **options)]


def sequential() -> keras.Model:
    return keras.Sequential(
        [keras.Input(RGB), conv(name="first"), layers.MaxPooling2D(), conv(6, name="last"), *head()]
    )


def one_convolution(filters: int = 4) -> keras.Model:
    return keras.Sequential(
        [keras.Input(RGB), layers.Conv2D(filters, 3, activation="relu", name="conv"), *head(2)]
    )


def never_built() -> keras.Model:
    return keras.Sequential([conv(name="first"), conv(6, name="last"), *head()])


def sequential_built_by_calling() -> keras.Model:
    model = never_built()
    model(np.zeros((1, *RGB), np.float32))
    return model


def nested_twice() -> keras.Model:
    base = keras.Sequential(
        [keras.Input(RGB), conv(name="first"), conv(6, name="last")], name="base"
    )
    middle = keras.Sequential([keras.Input(RGB), base, layers.MaxPooling2D()], name="middle")
    return keras.Sequential([keras.Input(RGB), middle, *head()])


def branches() -> keras.Model:
    inputs = keras.Input(RGB)
    left = conv(name="left")(inputs)
    right = conv(name="right")(inputs)
    x = layers.Concatenate(name="joined")([left, right])
    x = layers.Add(name="sum")([conv(8, name="last")(x), x])
    return keras.Model(inputs, apply(head(), x))


def shared() -> keras.Model:
    inputs = keras.Input(RGB)
    twice = conv(3, name="twice")
    return keras.Model(inputs, apply(head(), twice(twice(inputs))))


class WithControlFlow(keras.Model):
    """Subclassed: layers in a list, a Python loop, a branch on `training`."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.blocks = [conv(4, name=f"block{i}") for i in range(3)]
        self.drop = layers.Dropout(0.5, seed=1)
        self.pool = layers.GlobalAveragePooling2D()
        self.head = layers.Dense(CLASSES)

    def call(self, inputs: Any, training: bool = False) -> Any:
        x = inputs
        for i, block in enumerate(self.blocks):
            x = block(x) if i == 0 else x + block(x)
        if training:
            x = self.drop(x, training=True)
        return keras.ops.softmax(self.head(self.pool(x)))


def subclassed_and_never_built() -> keras.Model:
    return WithControlFlow()


def subclassed() -> keras.Model:
    model = WithControlFlow()
    model(np.zeros((1, *RGB), np.float32))
    return model


class WithEqualNames(keras.Model):
    """Subclassed: two layers of one name."""

    def __init__(self) -> None:
        super().__init__()
        self.a = conv(4, name="same")
        self.b = conv(5, name="same")
        self.tail = keras.Sequential(head())

    def call(self, inputs: Any) -> Any:
        return self.tail(self.b(self.a(inputs)))


def equal_names() -> keras.Model:
    model = WithEqualNames()
    model(np.zeros((1, *RGB), np.float32))
    return model


class WithSeveralArguments(keras.Model):
    """Subclassed: `call` takes pictures and, as an argument of its own, a number each."""

    def __init__(self) -> None:
        super().__init__()
        self.last = conv(4, name="last")
        self.pool = layers.GlobalAveragePooling2D()
        self.head = layers.Dense(CLASSES)

    def call(self, image: Any, weight: Any) -> Any:
        return self.head(self.pool(self.last(image)) * weight)


def several_arguments() -> keras.Model:
    model = WithSeveralArguments()
    model(np.zeros((1, *RGB), np.float32), np.zeros((1, 1), np.float32))
    return model


def two_inputs() -> keras.Model:
    picture, numbers = keras.Input(RGB, name="picture"), keras.Input((5,), name="numbers")
    x = layers.GlobalAveragePooling2D()(conv(name="last")(picture))
    x = layers.Concatenate()([x, numbers])
    return keras.Model([picture, numbers], layers.Dense(CLASSES, "softmax")(x))


def inputs_by_name() -> keras.Model:
    inputs = {"picture": keras.Input(RGB, name="picture"), "extra": keras.Input((5,), name="extra")}
    x = layers.GlobalAveragePooling2D()(conv(name="last")(inputs["picture"]))
    x = layers.Concatenate()([x, inputs["extra"]])
    return keras.Model(inputs, layers.Dense(CLASSES, "softmax")(x))


def two_outputs() -> keras.Model:
    inputs = keras.Input(RGB)
    x = layers.GlobalAveragePooling2D()(conv(name="last")(inputs))
    kind = layers.Dense(CLASSES, "softmax", name="kind")(x)
    return keras.Model(inputs, [kind, layers.Dense(1, name="weight")(x)])


def outputs_by_name() -> keras.Model:
    inputs = keras.Input(RGB)
    x = layers.GlobalAveragePooling2D()(conv(name="last")(inputs))
    kind = layers.Dense(CLASSES, "softmax", name="dense_a")(x)
    return keras.Model(inputs, {"kind": kind, "weight": layers.Dense(1, name="dense_b")(x)})


def augmented() -> keras.Model:
    return keras.Sequential(
        [
            keras.Input(RGB),
            layers.RandomFlip(seed=3),
            layers.RandomRotation(0.2, seed=4),
            layers.Rescaling(1 / 255),
            layers.GaussianNoise(0.1, seed=5),
            conv(name="first"),
            layers.BatchNormalization(name="norm"),
            layers.SpatialDropout2D(0.3, seed=6),
            conv(6, name="last"),
            layers.Dropout(0.5, seed=7),
            *head(),
        ]
    )


def frozen() -> keras.Model:
    model = nested_twice()
    model.layers[0].trainable = False
    return model


def partly_frozen() -> keras.Model:
    model = augmented()
    for layer in model.layers[:-4]:
        layer.trainable = False
    return model


def _mixed(policy: str) -> keras.Model:
    return keras.Sequential(
        [
            keras.Input(RGB),
            conv(name="first", dtype=policy),
            layers.BatchNormalization(dtype=policy),
            conv(6, name="last", dtype=policy),
            layers.GlobalAveragePooling2D(dtype=policy),
            layers.Dense(CLASSES, "softmax", dtype="float32"),
        ]
    )


def mixed_float16() -> keras.Model:
    return _mixed("mixed_float16")


def mixed_bfloat16() -> keras.Model:
    return _mixed("mixed_bfloat16")


def wholly_float16() -> keras.Model:
    layers_ = [conv(name="last", dtype="mixed_float16"), *head(dtype="mixed_float16")]
    return keras.Sequential([keras.Input(RGB), *layers_])


def channels_first() -> keras.Model:
    options = {"data_format": "channels_first"}
    return keras.Sequential(
        [
            keras.Input((3, SIDE, SIDE)),
            conv(name="first", **options),
            layers.MaxPooling2D(**options),
            layers.BatchNormalization(axis=1, name="norm"),
            layers.ReLU(name="relu"),
            conv(6, name="last", **options),
            layers.GlobalAveragePooling2D(**options),
            layers.Dense(CLASSES, "softmax"),
        ]
    )


def gray() -> keras.Model:
    return keras.Sequential([keras.Input((SIDE, SIDE, 1)), conv(name="last"), *head()])


def five_channels() -> keras.Model:
    return keras.Sequential([keras.Input((SIDE, SIDE, 5)), conv(name="last"), *head()])


def any_size() -> keras.Model:
    return keras.Sequential([keras.Input((None, None, 3)), conv(name="last"), *head()])


def conv1d() -> keras.Model:
    return keras.Sequential(
        [
            keras.Input((32, 2)),
            layers.Conv1D(4, 3, activation="relu", name="first"),
            layers.Conv1D(4, 3, activation="relu", name="last"),
            layers.GlobalAveragePooling1D(),
            layers.Dense(CLASSES, "softmax"),
        ]
    )


def conv3d() -> keras.Model:
    return keras.Sequential(
        [
            keras.Input((9, SIDE, SIDE, 1)),
            layers.Conv3D(4, 3, activation="relu", padding="same", name="last"),
            layers.GlobalAveragePooling3D(),
            layers.Dense(CLASSES, "softmax"),
        ]
    )


def depthwise() -> keras.Model:
    last = layers.DepthwiseConv2D(3, depth_multiplier=2, activation="relu", name="last")
    return keras.Sequential([keras.Input(RGB), last, *head()])


def separable() -> keras.Model:
    last = layers.SeparableConv2D(6, 3, activation="relu", name="last")
    return keras.Sequential([keras.Input(RGB), last, *head()])


def transposed() -> keras.Model:
    last = layers.Conv2DTranspose(4, 3, strides=2, activation="relu", name="last")
    return keras.Sequential([keras.Input(RGB), last, *head()])


def grouped() -> keras.Model:
    return keras.Sequential(
        [keras.Input(RGB), conv(4, name="first"), conv(6, groups=2, name="last"), *head()]
    )


def dilated() -> keras.Model:
    return keras.Sequential([keras.Input(RGB), conv(4, dilation_rate=2, name="last"), *head()])


def linear_head() -> keras.Model:
    return keras.Sequential([keras.Input(RGB), conv(name="last"), *head(activation=None)])


def sigmoid_head() -> keras.Model:
    return keras.Sequential([keras.Input(RGB), conv(name="last"), *head(1, "sigmoid")])


def multi_label() -> keras.Model:
    return keras.Sequential([keras.Input(RGB), conv(name="last"), *head(4, "sigmoid")])


def regression() -> keras.Model:
    return keras.Sequential([keras.Input(RGB), conv(name="last"), *head(1, None)])


def softmax_layer() -> keras.Model:
    return keras.Sequential(
        [keras.Input(RGB), conv(name="last"), *head(activation=None), layers.Softmax()]
    )


def lambda_softmax() -> keras.Model:
    return keras.Sequential(
        [
            keras.Input(RGB),
            conv(name="last"),
            *head(activation=None),
            layers.Lambda(lambda x: keras.ops.softmax(x)),
        ]
    )


def nested_head() -> keras.Model:
    classifier = keras.Sequential([keras.Input((SIDE, SIDE, 4)), *head()], name="classifier")
    return keras.Sequential([keras.Input(RGB), conv(name="last"), classifier])


def segmentation() -> keras.Model:
    return keras.Sequential(
        [
            keras.Input(RGB),
            conv(name="first", strides=2),
            layers.Conv2DTranspose(4, 3, 2, padding="same", activation="relu", name="last"),
            layers.Conv2D(CLASSES, 1, activation="softmax", name="classes"),
        ]
    )


def segmentation_channels_first() -> keras.Model:
    options = {"data_format": "channels_first"}
    return keras.Sequential(
        [
            keras.Input((3, SIDE, SIDE)),
            conv(name="last", **options),
            layers.Conv2D(CLASSES, 1, name="classes", **options),
            layers.Softmax(axis=1),
        ]
    )


def odd_names() -> keras.Model:
    """Every kind of character in a layer's name that Keras can train with."""
    names = ["x.y-z", "a>b", "_9"]
    return keras.Sequential([keras.Input(RGB), *(conv(name=name) for name in names), *head()])


def quantised() -> keras.Model:
    model = keras.Sequential([keras.Input(RGB), conv(name="last"), *head(activation=None)])
    model.layers[-1].quantize("int8")
    return model


def time_distributed() -> keras.Model:
    return keras.Sequential(
        [
            keras.Input((4, *RGB)),
            layers.TimeDistributed(conv(name="inner"), name="over_time"),
            layers.GlobalAveragePooling3D(),
            layers.Dense(CLASSES),
        ]
    )


def vision_transformer() -> keras.Model:
    inputs = keras.Input(RGB)
    x = layers.Conv2D(8, 4, 4, name="patches")(inputs)
    x = layers.Reshape((16, 8), name="tokens")(x)
    attention = layers.MultiHeadAttention(2, 4, name="attention")
    x = layers.LayerNormalization(name="norm")(x + attention(x, x))
    x = layers.Add(name="block")([x, layers.Dense(8, "gelu", name="mlp")(x)])
    return keras.Model(inputs, layers.Dense(CLASSES)(layers.GlobalAveragePooling1D()(x)))


class Block(layers.Layer):
    """A layer of layers, as KerasHub's backbones are made of."""

    def __init__(self, filters: int, **options: Any) -> None:
        super().__init__(**options)
        self.steps = [conv(filters, activation=None, name=f"conv{i}") for i in range(2)]
        self.norms = [layers.BatchNormalization(name=f"norm{i}") for i in range(2)]

    def build(self, shape: Any) -> None:
        for step, norm in zip(self.steps, self.norms, strict=True):
            step.build(shape)
            shape = step.compute_output_shape(shape)
            norm.build(shape)

    def call(self, inputs: Any, training: bool | None = None) -> Any:
        for step, norm in zip(self.steps, self.norms, strict=True):
            inputs = keras.ops.relu(norm(step(inputs), training=training))
        return inputs


class Moved(layers.Layer):
    """Pictures moved by any function."""

    def __init__(self, how: Callable[[Any], Any], **options: Any) -> None:
        super().__init__(**options)
        self.how = how

    def call(self, inputs: Any) -> Any:
        return self.how(inputs)


class Backbone(keras.Model):
    """Functional by inheritance."""

    def __init__(self, **options: Any) -> None:
        inputs = keras.Input((None, None, 3))
        x = Block(4, name="stage0")(layers.Rescaling(1 / 255)(inputs))
        x = Block(6, name="stage1")(layers.MaxPooling2D()(x))
        super().__init__(inputs=inputs, outputs=x, **options)


class Classifier(keras.Model):
    """A task around a backbone."""

    def __init__(self) -> None:
        backbone = Backbone(name="backbone")
        super().__init__(inputs=backbone.input, outputs=apply(head(), backbone(backbone.input)))
        self.backbone = backbone


def backbone() -> keras.Model:
    return Classifier()


class Stateful(layers.Layer):
    """Draws and counts at every call, in inference too."""

    def __init__(self) -> None:
        super().__init__()
        self.seed = keras.random.SeedGenerator(3)
        self.calls = self.add_weight(shape=(), initializer="zeros", trainable=False)

    def call(self, inputs: Any) -> Any:
        self.calls.assign_add(1.0)
        shape = keras.ops.shape(inputs)
        noise = keras.random.normal(shape, seed=self.seed) + keras.random.normal(shape)
        return inputs + 0.01 * noise


def stateful() -> keras.Model:
    last = conv(name="last", activity_regularizer="l2")
    return keras.Sequential([keras.Input(RGB), Stateful(), last, *head()])


class InGraphOfItsOwn(layers.Layer):
    """Its convolution runs in a tf.function."""

    def __init__(self) -> None:
        super().__init__(name="compiled")
        self.inner = conv(name="inner")

    def build(self, shape: Any) -> None:
        self.inner.build(shape)

    @tf.function
    def call(self, inputs: Any) -> Any:
        return self.inner(inputs)


def graph_of_its_own() -> keras.Model:
    return keras.Sequential([keras.Input(RGB), InGraphOfItsOwn(), *head()])


def dense_only() -> keras.Model:
    return keras.Sequential(
        [keras.Input(RGB), layers.Flatten(), layers.Dense(8, "relu"), layers.Dense(CLASSES)]
    )


def apply(layers_: list[Any], x: Any) -> Any:
    for layer in layers_:
        x = layer(x)
    return x


def inputs_of(model: keras.Model, count: int, side: int = SIDE) -> Any:
    """What `model` takes: noise of 0..255, `side` where it leaves a side open."""
    spec = input_spec(model) if model.built else Spec((None, *RGB), "float32")
    rng = np.random.default_rng(0)

    def noise(spec: Spec) -> np.ndarray:
        shape = (count, *(side if size is None else size for size in spec.shape[1:]))
        return (255 * rng.random(shape)).astype("float32")

    return keras.tree.map_structure(noise, spec)


class Task(keras.Model):
    """As KerasHub's tasks are: `fit` and `predict` prepare the pictures, `call` does not."""

    def __init__(self, preprocessor: Any = None) -> None:
        inputs = keras.Input((32, 32, 3))
        super().__init__(inputs, apply([conv(name="last"), *head()], inputs))
        self.preprocessor = preprocessor

    def preprocess_samples(self, x: Any, y: Any = None, sample_weight: Any = None) -> Any:
        if self.preprocessor is not None:
            x = self.preprocessor(x)
        return keras.utils.pack_x_y_sample_weight(x, y, sample_weight)

    def predict(self, x: Any, **options: Any) -> Any:
        return super().predict(self.preprocess_samples(x), **options)

    def fit(self, x: Any, y: Any, **options: Any) -> Any:
        x, y, _ = keras.utils.unpack_x_y_sample_weight(self.preprocess_samples(x, y))
        return super().fit(x, y, **options)


def task() -> keras.Model:
    """It crops pictures to a square, at the size of the network, between 0 and 1."""
    resize = layers.Resizing(32, 32, crop_to_aspect_ratio=True)
    return Task(keras.Sequential([resize, layers.Rescaling(1 / 255)]))
