"""Other libraries, each in a virtual environment of its own, asked over a pipe.

Run as a script inside such an environment, this file answers one request per line: a JSON object
in, a JSON object out. Imported, it makes the environments and asks.
"""

import json
import os
import subprocess
import sys
import time
from importlib import metadata
from pathlib import Path
from typing import Any

ENVIRONMENTS = Path(__file__).parent.parent / "build" / "bench"
#: What pip is told beside TensorFlow; those that pin another TensorFlow come without dependencies.
NEEDS = {
    "tf-keras-vis": ([["tf-keras-vis"]], "tf_keras_vis"),
    "xplique": (
        [
            ["--no-deps", "xplique"],
            ["deprecated", "scipy", "scikit-image", "scikit-learn", "matplotlib", "einops"],
            ["opencv-python-headless", "tf-keras", "tensorflow-probability[tf]"],
        ],
        "xplique.features_visualizations",
    ),
    "tf-explain": (
        [["--no-deps", "tf-explain"], ["opencv-python-headless"]],
        "tf_explain.core.grad_cam",
    ),
}


class Peer:
    """A library in a process of its own.

    Args:
        name: what pip calls it.

    Raises:
        OSError: it cannot be installed or imported; the message says why.
    """

    def __init__(self, name: str) -> None:
        python = _environment(name)
        environment = {**os.environ, "CUDA_VISIBLE_DEVICES": "", "TF_CPP_MIN_LOG_LEVEL": "3"}
        environment.pop("PYTHONPATH", None)
        self._process = subprocess.Popen(
            [python, __file__, name],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            env=environment,
        )

    def ask(self, **request: Any) -> Any:
        """Sends a request, waits for the answer."""
        assert self._process.stdin and self._process.stdout
        self._process.stdin.write(json.dumps(request) + "\n")
        self._process.stdin.flush()
        answer = self._process.stdout.readline()
        if not answer:
            raise OSError(f"it ended with status {self._process.wait()}")
        return json.loads(answer)

    def close(self) -> None:
        """Ends the process."""
        assert self._process.stdin
        self._process.stdin.close()
        self._process.wait()


def _tensorflow() -> str:
    """The package that TensorFlow came with."""
    try:
        metadata.version("tensorflow")
    except metadata.PackageNotFoundError:
        return "tensorflow-cpu"
    return "tensorflow"


def _environment(name: str) -> Path:
    """The Python of the environment of a library, made where it is not there."""
    folder = ENVIRONMENTS / name
    python, ready = folder / "bin" / "python", folder / "ready"
    if ready.exists():
        return python
    steps, module = NEEDS[name]
    versions = [f"{each}=={metadata.version(each)}" for each in (_tensorflow(), "keras")]
    commands = [[sys.executable, "-m", "venv", str(folder)]]
    commands += [[str(python), "-m", "pip", "install", *step] for step in (versions, *steps)]
    commands.append([str(python), "-c", f"import {module}"])
    for command in commands:
        done = subprocess.run(command, capture_output=True, text=True)
        if done.returncode:
            raise OSError(f"{' '.join(command[1:5])}: {done.stderr.strip().splitlines()[-1]}")
    ready.touch()
    return python


def _patterns_of_tf_keras_vis(model: Any, request: dict[str, Any]) -> list[Any]:
    import numpy as np
    from tf_keras_vis.activation_maximization import ActivationMaximization
    from tf_keras_vis.activation_maximization.callbacks import Callback
    from tf_keras_vis.utils.scores import CategoricalScore

    kept = []

    class Keep(Callback):
        def __call__(self, i: int, values: Any, *args: Any, **kwargs: Any) -> None:
            if i + 1 in request["keep"]:
                kept.append(np.array(values[0]))

    filters, steps = request["filters"], max(request["keep"])
    start = np.load(request["start"])
    ActivationMaximization(model, clone=False)(
        CategoricalScore(filters), seed_input=start, steps=steps, callbacks=[Keep()]
    )
    return kept


def _patterns_of_xplique(model: Any, request: dict[str, Any]) -> list[Any]:
    from xplique.features_visualizations import Objective, optimize

    keep = request["keep"]
    objective = Objective.channel(model, -1, request["filters"])
    kept, _ = optimize(
        objective, nb_steps=max(keep), values_range=(0, 255), custom_shape=None, save_every=keep[0]
    )
    return [kept[count // keep[0] - 1].numpy() for count in keep]


def _heatmaps_of_tf_keras_vis(model: Any, images: Any, classes: list[int], layer: str) -> Any:
    from tf_keras_vis.gradcam import Gradcam
    from tf_keras_vis.utils.scores import CategoricalScore

    camera = Gradcam(model, clone=False)
    return camera(CategoricalScore(classes), images, penultimate_layer=layer)


def _heatmaps_of_xplique(model: Any, images: Any, classes: list[int], layer: str) -> Any:
    import numpy as np
    from xplique.attributions import GradCAM

    targets = np.eye(model.output_shape[-1], dtype=np.float32)[classes]
    return GradCAM(model, conv_layer=layer, batch_size=len(images))(images, targets)


def _heatmaps_of_tf_explain(model: Any, images: Any, classes: list[int], layer: str) -> Any:
    from tf_explain.core.grad_cam import GradCAM

    explainer = GradCAM()
    return [
        explainer.explain((images[i : i + 1], None), model, class_index=class_, layer_name=layer)
        for i, class_ in enumerate(classes)
    ]


def _serve(name: str) -> None:
    import keras
    import numpy as np

    kind = name.replace("-", "_")
    models: dict[str, Any] = {}
    answers, sys.stdout = sys.stdout, sys.stderr  # what the library prints is no answer
    for line in sys.stdin:
        request = json.loads(line)
        path = request["model"]
        if path not in models:
            models[path] = keras.models.load_model(path, compile=False)
        started = np.array([time.perf_counter(), time.process_time()])
        if request["kind"] == "patterns":
            found = globals()[f"_patterns_of_{kind}"](models[path], request)
            ended = np.array([time.perf_counter(), time.process_time()])
            if request.get("out"):
                np.save(request["out"], np.stack(found))
        else:
            images = np.load(request["images"])
            started = np.array([time.perf_counter(), time.process_time()])
            for layer in request["layers"]:
                of_layer = globals()[f"_heatmaps_of_{kind}"]
                of_layer(models[path], images, request["classes"], layer)
            ended = np.array([time.perf_counter(), time.process_time()])
        seconds, cpu_seconds = (ended - started).tolist()
        answers.write(json.dumps({"seconds": seconds, "cpu_seconds": cpu_seconds}) + "\n")
        answers.flush()


if __name__ == "__main__":
    if len(sys.argv) > 1:
        _serve(sys.argv[1])
    else:
        print("Nothing to measure in itself: patterns.py and heatmaps.py use it.")
