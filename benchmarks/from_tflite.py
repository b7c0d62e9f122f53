"""Writes a quantised classifier of TensorFlow Lite as a float Keras model, to judge patterns with.

    python benchmarks/from_tflite.py mobilenet_v1_0.75_192_quant.tflite ../shared/data

Convolutions, depthwise convolutions, sums and pooling are known, as in MobileNet V1 and V2; such
files are in google-coral/test_data. Layers are called `conv_3`, `dw_3` and `relu_3` by the number
of their operation. The model ends at the first operation that is none of these.
"""

import argparse
from pathlib import Path
from typing import Any

import keras
import numpy as np
import tensorflow as tf

Array = np.ndarray


def weights(interpreter: Any, details: dict[int, dict[str, Any]], index: int) -> Array:
    """A tensor in float32, whatever it was quantised to."""
    quantised = interpreter.get_tensor(index).astype(np.float32)
    scale, zero = (details[index]["quantization_parameters"][k] for k in ("scales", "zero_points"))
    return (quantised - float(zero[0])) * float(scale[0])


def has_ceiling(details: dict[str, Any]) -> bool:
    """Whether a ReLU6 was fused into the operation: what it puts out is in 0..6."""
    scale, zero = details["quantization"]
    return zero == 0 and scale > 0


def layer_of(number: int, op: dict[str, Any], x: Any, kernel: Array, bias: Array, out: Any) -> Any:
    """A convolution with its weights, applied."""
    strides = round(x.shape[1] / out[1]) if out[1] > 1 else 1
    if op["op_name"] == "DEPTHWISE_CONV_2D":
        sides = kernel.shape[1:3]
        layer = keras.layers.DepthwiseConv2D(sides, strides, "same", name=f"dw_{number}")
        kernel = kernel[0][..., None]
    else:
        filters, sides = len(kernel), kernel.shape[1:3]
        layer = keras.layers.Conv2D(filters, sides, strides, "same", name=f"conv_{number}")
        kernel = kernel.transpose(1, 2, 3, 0)
    x = layer(x)
    layer.set_weights([kernel, bias])
    return x


def converted(path: Path) -> keras.Model:
    """The model in a file."""
    interpreter = tf.lite.Interpreter(
        str(path),
        experimental_op_resolver_type=tf.lite.experimental.OpResolverType.BUILTIN_REF,
    )
    interpreter.allocate_tensors()
    details = {each["index"]: each for each in interpreter.get_tensor_details()}
    (given,) = interpreter.get_input_details()
    tensors = {given["index"]: keras.Input(given["shape"][1:])}
    first = x = tensors[given["index"]]
    for number, op in enumerate(interpreter._get_ops_details()):
        known = [tensors[index] for index in op["inputs"] if index in tensors]
        constants = [index for index in op["inputs"] if index not in tensors and index >= 0]
        result, x = op["outputs"][0], known[0]
        if "CONV_2D" in op["op_name"]:
            kernel, bias = (weights(interpreter, details, index) for index in constants)
            x = layer_of(number, op, x, kernel, bias, details[result]["shape"])
            if has_ceiling(details[result]):
                x = keras.layers.ReLU(6.0, name=f"relu_{number}")(x)
        elif op["op_name"] == "ADD":
            x = keras.layers.Add(name=f"add_{number}")(known)
        elif op["op_name"] == "AVERAGE_POOL_2D":
            x = keras.layers.GlobalAveragePooling2D(keepdims=True, name="pool")(x)
        elif op["op_name"] in ("RESHAPE", "SQUEEZE"):
            x = keras.layers.Flatten(name=f"flatten_{number}")(x)
        elif op["op_name"] == "SOFTMAX":
            x = keras.layers.Softmax(name="softmax")(x)
        else:
            return keras.Model(first, known[0])
        tensors[result] = x
    return keras.Model(first, x)


def main() -> None:
    """Converts a file."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("file", type=Path)
    parser.add_argument("folder", type=Path)
    asked = parser.parse_args()
    model = converted(asked.file)
    model.save(asked.folder / asked.file.with_suffix(".keras").name)
    print(f"{model.name}: {model.input.shape} to {model.output.shape}")


if __name__ == "__main__":
    main()
