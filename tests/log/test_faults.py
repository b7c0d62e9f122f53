"""Faults at every step of the callback: training goes on, or stops, exactly as without it.

A step is a call that the callback, its jobs or its writer make into another room or the file
system. They are found in the sources, so a new one is tried without being named here. At each an
exception is raised, at its first call before training and at one in the midst of it.
"""

import ast
import contextlib
import dataclasses
import errno
import inspect
import itertools
import logging
import resource
import shutil
import subprocess
import threading
from collections.abc import Callable, Iterator
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any, NamedTuple

import keras
import numpy as np
import pytest
import tensorflow as tf

import convviz_tb
from convviz_tb import ConvViz, FilterPatterns, GradCAM
from convviz_tb.log import callback
from support import zoo
from support.events import loaded_steps, read_run

EPOCHS = 2
IMAGES = (255 * np.random.default_rng(0).random((8, *zoo.RGB))).astype("float32")
LABELS = np.arange(8) % zoo.CLASSES
PATTERNS = FilterPatterns("last", filters=1, steps=1)
HEATMAPS = GradCAM(IMAGES[:2], "last")


PACKAGE = Path(convviz_tb.__file__).parent


def modules_of(room: str, apart_from: set[str]) -> list[ModuleType]:
    """The modules of a folder, those left out that have no calls of their own to try."""
    names = {path.stem for path in (PACKAGE / room).glob("[!_]*.py")}
    assert apart_from < names
    return [import_module(f"convviz_tb.{room}.{name}") for name in sorted(names - apart_from)]


#: The training side, and what keeps the state of a run for it. What its writer and its lock do
#: themselves is tried at the calls into the file system, what formulas do at the calls of them.
ROOMS = modules_of("log", apart_from={"writer", "event_file", "lock", "heartbeat", "owner"})
ROOMS += modules_of("metrics", apart_from={"drift", "responses", "baseline", "findings"})
ROOMS += [import_module("convviz_tb.patterns.tracking")]
OURS = {
    ".".join(("convviz_tb", *path.relative_to(PACKAGE).with_suffix("").parts))
    for path in PACKAGE.rglob("*.py")
}


class Unprintable(Exception):
    """An error that cannot say what it is."""

    def __str__(self) -> str:
        raise RuntimeError("no words")


FAULTS: dict[str, Callable[[], BaseException]] = {
    "error": lambda: RuntimeError("a fault"),
    "bad value": lambda: ValueError("a fault"),
    "out of memory": lambda: tf.errors.ResourceExhaustedError(None, None, "a fault"),
    "out of host memory": lambda: MemoryError("a fault"),
    "disk full": lambda: OSError(errno.ENOSPC, "a fault"),
    "too deep": lambda: RecursionError("a fault"),
    "unprintable": Unprintable,
    "interrupt": lambda: KeyboardInterrupt("a fault"),
    "exit": lambda: SystemExit("a fault"),
}


class Step(NamedTuple):
    """A call that the callback makes."""

    owner: Any
    name: str

    @property
    def title(self) -> str:
        owner = getattr(self.owner, "__name__", str(self.owner)).removeprefix("convviz_tb.")
        return f"{owner}.{self.name}"

    @property
    def module(self) -> str:
        """Where it is defined, wherever it is called."""
        return str(getattr(getattr(self.owner, self.name), "__module__", ""))


def steps() -> list[Step]:
    """Every step, each once."""
    found = [step for room in ROOMS for step in _calls_of(room)]
    for kind in _kinds():
        public = [name for name in vars(kind) if not name.startswith("_")]
        found += [Step(kind, name) for name in ("__init__", "__call__", *public)]
    found += [Step(tf.io.TFRecordWriter, name) for name in ("write", "flush", "close")]
    found += [
        Step(tf.io.gfile, name) for name in ("makedirs", "listdir", "exists", "remove", "rename")
    ]
    # Checks of what the user gave stop before training, by whatever they raise.
    found = [step for step in found if not step.name.startswith("check_")]
    is_function = [step for step in found if inspect.isroutine(vars(step.owner).get(step.name))]
    return list({(id(step.owner), step.name): step for step in is_function}.values())


def _kinds() -> list[type]:
    """The classes of other rooms whose objects the callback keeps, data left out."""
    known = [each for room in ROOMS for each in vars(room).values()]
    classes = [each for each in known if inspect.isclass(each) and each.__module__ in OURS]
    # What Keras itself calls does nothing but call what is guarded.
    own = [each for each in classes if not issubclass(each, keras.callbacks.Callback)]
    return [each for each in own if not dataclasses.is_dataclass(each)]


def _calls_of(room: ModuleType) -> Iterator[Step]:
    for node in ast.walk(ast.parse(inspect.getsource(room))):
        if not isinstance(node, ast.Call):
            continue
        owner, name = room, node.func
        if isinstance(name, ast.Attribute) and isinstance(name.value, ast.Name):
            owner, name = vars(room).get(name.value.id), name.attr
        else:
            name = getattr(name, "id", "")
        found = getattr(owner, name, None) if inspect.ismodule(owner) else None
        ours = getattr(found, "__module__", None) or ""
        if not ours.startswith("convviz_tb.") or ours == callback.__name__:
            continue
        if inspect.isclass(found):
            yield Step(found, "__init__")
        else:
            yield Step(owner, name)


class Injected:
    """Counts the calls of a step, and raises at one of them.

    Args:
        step: the step.
        at: which of its calls fails, from 0; None for none.
        fault: makes what is raised.
    """

    def __init__(
        self, step: Step, at: int | None = None, fault: Callable[[], BaseException] | None = None
    ) -> None:
        self._step = step
        self._at = at
        self._fault = fault
        self.calls: list[tuple[bool, bool]] = []  # while training, in the main thread
        self.raised: BaseException | None = None

    @contextlib.contextmanager
    def in_place(self, training: Callable[[], bool]) -> Iterator[None]:
        original = getattr(self._step.owner, self._step.name)

        def call(*args: Any, **kwargs: Any) -> Any:
            main = threading.current_thread() is threading.main_thread()
            self.calls.append((training(), main))
            if self._fault and len(self.calls) - 1 == self._at:
                self.raised = self._fault()
                raise self.raised
            return original(*args, **kwargs)

        setattr(self._step.owner, self._step.name, call)
        try:
            yield
        finally:
            setattr(self._step.owner, self._step.name, original)


class Bench:
    """One model, trained again and again from the same weights, so that it is traced once."""

    def __init__(self) -> None:
        keras.utils.set_random_seed(3)
        self.model = zoo.sequential()
        self.model.compile(keras.optimizers.SGD(0.1, momentum=0.9), LOSS)
        self.model.optimizer.build(self.model.trainable_variables)
        self._start = [variable.numpy() for variable in self._variables()]
        self.training = False
        self.weights: list[list[np.ndarray]] = []  # at the begin of the training, of each epoch end
        self.plain = self.fit()
        self.plain_weights = self.weights

    def _variables(self) -> list[Any]:
        return [*self.model.variables, *self.model.optimizer.variables]

    def fit(
        self, *callbacks: keras.callbacks.Callback, again: bool = False, epochs: int = EPOCHS
    ) -> dict[str, Any]:
        if not again:
            for variable, value in zip(self._variables(), self._start, strict=True):
                variable.assign(value)
        self.training, self.weights = False, []

        def note(*_: Any) -> None:
            self.training = True
            self.weights.append(self.model.get_weights())

        around = keras.callbacks.LambdaCallback(
            on_epoch_begin=lambda epoch, logs: epoch or note(),
            on_epoch_end=note,
        )
        options = {"batch_size": 4, "shuffle": False, "verbose": 0, "epochs": epochs}
        found = self.model.fit(IMAGES, LABELS, callbacks=[around, *callbacks], **options)
        return {"history": found.history, "end": [each.numpy() for each in self._variables()]}


LOSS = "sparse_categorical_crossentropy"


def same(left: Any, right: Any) -> bool:
    pairs = zip(tf.nest.flatten(left), tf.nest.flatten(right), strict=True)
    return all(np.array_equal(one, other, equal_nan=True) for one, other in pairs)


@pytest.fixture(scope="module")
def bench() -> Bench:
    return Bench()


def looking(directory: Path) -> ConvViz:
    return ConvViz(directory, patterns=PATTERNS, heatmaps=HEATMAPS)


@pytest.fixture(scope="module")
def calls(bench: Bench, tmp_path_factory: pytest.TempPathFactory) -> dict[Step, Any]:
    """The calls of each step in a training without faults."""
    counted = {step: Injected(step) for step in steps()}
    bench.fit(looking(tmp_path_factory.mktemp("traced")))
    watching = looking(tmp_path_factory.mktemp("counted"))
    with contextlib.ExitStack() as stack:
        for injected in counted.values():
            stack.enter_context(injected.in_place(lambda: bench.training))
        found = bench.fit(watching)
    assert same(found, bench.plain)
    return {step: injected.calls for step, injected in counted.items() if injected.calls}


def positions(calls: list[tuple[bool, bool]]) -> list[int]:
    """The first call before training, and one in the midst of it."""
    before = [i for i, (training, _) in enumerate(calls) if not training]
    during = [i for i, (training, _) in enumerate(calls) if training]
    return [*before[:1], *during[len(during) // 3 :][:1]]


def inject(
    bench: Bench, calls: dict[Step, Any], faults: list[str], root: Path, everything: bool = True
) -> tuple[int, list[str]]:
    """Tries `faults` in turn at every step (and call); how many, and what went wrong."""
    count, wrong, turn = 0, list[str](), itertools.cycle(faults)
    for number, (step, made) in enumerate(calls.items()):
        tried = positions(made)
        for at in tried if everything else [tried[number % len(tried)]]:
            name = next(turn)
            while name in ("interrupt", "exit") and not made[at][1]:  # go to the main thread only
                name = next(turn)
            directory = root / f"{count}"
            title = f"{name} at call {at} of {step.title}"
            injected = Injected(step, at, FAULTS[name])
            try:
                _check(bench, injected, made[at][0], directory, title)
            except AssertionError as error:
                wrong.append(str(error).splitlines()[0])
            count += 1
    return count, wrong


def _check(bench: Bench, injected: Injected, training: bool, directory: Path, title: str) -> None:
    watching, said, found = looking(directory), _Said(), None
    with injected.in_place(lambda: bench.training), said.kept():
        try:
            found = bench.fit(watching)
        except BaseException as error:
            stopped = error
    assert injected.raised is not None, f"{title}: never reached"
    if found:
        assert same(found, bench.plain), f"{title}: training went another way"
        told = (type(injected.raised).__name__, "a fault")
        assert all(any(each in line for each in told) for line in said.lines), title
        assert len(said.lines) == 1 or not (said.lines or _lost(directory)), title
        _check_log(directory, injected.raised, title)
        return
    told = "a fault" in str(stopped) and isinstance(stopped, OSError)  # with what was tried
    assert stopped is injected.raised or told, title
    if isinstance(stopped, Exception):
        assert not training and isinstance(stopped, (ValueError, OSError)), title
        assert bench.weights == [], title
    else:
        _check_interrupted(bench, watching, directory, title)


def _check_interrupted(bench: Bench, watching: ConvViz, directory: Path, title: str) -> None:
    """What was trained until then is as without the callback, and a next `fit` goes on."""
    for mine, plain in zip(bench.weights, bench.plain_weights, strict=False):
        assert same(mine, plain), title
    assert not any("call" in vars(layer) for layer in bench.model._flatten_layers()), title
    bench.fit(watching, again=True)
    written = [event.step for event in read_run(directory)["model"]]
    assert written == sorted(set(written)) and len(written) >= EPOCHS, title


def _check_log(directory: Path, error: BaseException, title: str) -> None:
    """Every step once and in order; the reason in the tab as soon as anything can be written."""
    series = read_run(directory)
    for tag, events in series.items():
        written = [event.step for event in events]
        assert written == sorted(set(written)), f"{title}: {tag} at {written}"
    announced = series.get("model", [])
    reasons = [fault["reason"] for event in announced for fault in event.facts["failures"]]
    told = any(type(error).__name__ in each or "could not be written" in each for each in reasons)
    last_is_missing = not announced or announced[-1].step < EPOCHS
    assert told or last_is_missing or not _lost(directory), f"{title}: {reasons}"


def _lost(directory: Path) -> bool:
    """Whether anything is missing that is logged at each step."""
    series = read_run(directory)
    return any(
        [event.step for event in series.get(tag, [])] != list(range(EPOCHS + 1))
        for tag in ("model", "patterns/last", "heatmaps/last")
    )


class _Said(logging.Handler):
    """The warnings of the package."""

    def __init__(self) -> None:
        super().__init__()
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(record.getMessage())

    @contextlib.contextmanager
    def kept(self) -> Iterator[None]:
        logger = logging.getLogger("convviz_tb")
        logger.addHandler(self)
        try:
            yield
        finally:
            logger.removeHandler(self)


def test_every_room_the_callback_enters_is_tried(calls):
    modules = {step.module.removeprefix("convviz_tb.") for step in calls}
    assert {
        "model.weights",
        "patterns.compute",
        "patterns.tracking",
        "heatmaps.compute",
        "metrics.baseline",
        "metrics.drift",
        "metrics.findings",
        "metrics.history",
        "metrics.probes",
        "metrics.responses",
        "metrics.run",
        "log.background",
        "log.events",
        "log.writer",
    } <= modules
    assert len(calls) > 30


def test_no_fault_at_any_step_changes_or_ends_a_training(bench, calls, tmp_path):
    count, wrong = inject(bench, calls, list(FAULTS), tmp_path, everything=False)
    assert not wrong, "\n".join(wrong)
    assert count == len(calls) > 50


@pytest.mark.endure
@pytest.mark.parametrize("fault", FAULTS)
def test_each_fault_at_each_step(bench, calls, tmp_path, fault):
    beside = ["error"] if fault in ("interrupt", "exit") else []  # in the writing thread
    count, wrong = inject(bench, calls, [fault, *beside], tmp_path)
    print(f"{fault}: {count} injected")
    assert not wrong, "\n".join(wrong)


def gone(directory: Path) -> None:
    shutil.rmtree(directory)


def gone_for_good(directory: Path) -> None:
    shutil.rmtree(directory)
    directory.write_text("in the way")


def read_only(directory: Path) -> None:
    mounted = ["mount", "-t", "tmpfs", "-o", "ro", "none", str(directory)]
    if subprocess.run(mounted, capture_output=True).returncode:
        pytest.skip("may not mount a file system here")


def on_a_full_disk(directory: Path) -> None:
    mounted = ["mount", "-t", "tmpfs", "-o", "size=4k", "none", str(directory)]
    if subprocess.run(mounted, capture_output=True).returncode:
        pytest.skip("may not mount a file system here")


def over_quota(directory: Path) -> None:
    _, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (300, hard))


def files_deleted(directory: Path) -> None:
    for file in directory.rglob("*tfevents*"):
        file.unlink()


ENVIRONMENT = {  # what happens after the first epoch; the steps that are told of afterwards; why
    gone: ([2, 3, 4], None),
    files_deleted: ([2, 3, 4], None),
    gone_for_good: ([], "OSError: cannot write to"),
    read_only: ([], "Read-only file system"),
    on_a_full_disk: ([], "No space left on device"),
    over_quota: ([0, 1], "File too large"),
}


@pytest.fixture
def restore(tmp_path) -> Iterator[Callable[[], None]]:
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)

    def lift() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)

    yield lift
    lift()
    subprocess.run(["umount", "--lazy", str(tmp_path / "run")], capture_output=True)


def at_epoch(epoch: int, action: Callable[[], None]) -> keras.callbacks.Callback:
    return keras.callbacks.LambdaCallback(
        on_epoch_begin=lambda begun, logs: action() if begun == epoch else None
    )


@pytest.mark.parametrize("happens", ENVIRONMENT, ids=lambda happens: happens.__name__)
def test_what_happens_to_the_directory_does_not_happen_to_the_training(
    bench, tmp_path, restore, happens
):
    (kept, reason), said = ENVIRONMENT[happens], _Said()
    event = at_epoch(1, lambda: happens(tmp_path / "run"))
    with said.kept():
        found = bench.fit(event, looking(tmp_path / "run"), epochs=4)
    restore()
    assert same(found, bench.fit(epochs=4))
    assert len(said.lines) == (1 if reason else 0)
    assert all(reason in line for line in said.lines), said.lines
    if kept:
        assert [event.step for event in read_run(tmp_path / "run")["model"]] == kept


def test_steps_that_could_not_be_written_are_told_in_the_tab_later(bench, tmp_path, restore, load):
    events = at_epoch(1, lambda: over_quota(tmp_path / "run")), at_epoch(3, restore)
    watching, said = looking(tmp_path / "run"), _Said()
    with said.kept():
        bench.fit(*events, watching, epochs=4)
    assert len(said.lines) == 1 and "File too large" in said.lines[0]
    events = read_run(tmp_path / "run")["model"]
    assert [event.step for event in events] == [0, 1, 4]
    assert [event.facts["written"] for event in events] == [1, 2, 3]
    (failure,) = events[-1].facts["failures"]
    assert failure == {"tag": "model", "reason": "could not be written: step 2, 3"}
    assert loaded_steps(load, tmp_path)["run/convviz"]["heatmaps/last"] == [0, 1, 4]


def test_pictures_deleted_from_the_disk_are_still_looked_at(bench, tmp_path):
    """Reading an array whose file is cut off kills a process (SIGBUS)."""
    mapped = np.memmap(tmp_path / "pictures", "float32", "w+", shape=(2, *zoo.RGB))
    mapped[:] = IMAGES[:2]
    heatmaps = GradCAM(mapped, "last", display=mapped)
    assert not isinstance(heatmaps.images, np.memmap)
    assert not isinstance(heatmaps.display, np.memmap)

    def delete() -> None:
        (tmp_path / "pictures").write_bytes(b"")
        (tmp_path / "pictures").unlink()

    bench.fit(at_epoch(1, delete), ConvViz(tmp_path / "run", patterns=None, heatmaps=heatmaps))
    series = read_run(tmp_path / "run")
    assert [event.step for event in series["heatmaps/last"]] == [0, 1, 2]
    assert [event.facts["failures"] for event in series["model"]] == [[], [], []]


def nothing_but_numbers(model: keras.Model) -> None:
    for weight in model.weights:
        weight.assign(weight * np.nan)


def without_its_last_convolution(model: keras.Model) -> None:
    for _ in range(3):
        model.pop()
    for layer in zoo.head():
        model.add(layer)


def with_other_layers(model: keras.Model) -> None:
    while model.layers:
        model.pop()
    for layer in zoo.sequential().layers:
        model.add(layer)


MODELS = {
    nothing_but_numbers: "NaN or infinity in the weights",
    without_its_last_convolution: "'last' is not part of the model any more",
    with_other_layers: "'last' is not part of the model any more",
}


@pytest.mark.parametrize("happens", MODELS, ids=lambda happens: happens.__name__)
def test_what_happens_to_the_model_goes_the_way_it_would_go_without_us(tmp_path, happens):
    said, found = _Said(), list[dict[str, Any]]()
    for watched in (False, True):
        bench = Bench()
        event = at_epoch(1, lambda model=bench.model: happens(model))
        beside = [looking(tmp_path / "run")] if watched else []
        with said.kept():
            found.append(bench.fit(event, *beside, epochs=3))
    assert same(*found)
    assert len({line.partition(" failed")[0] for line in said.lines}) == len(said.lines) > 0
    assert all(MODELS[happens] in line for line in said.lines), said.lines
    reasons = [event.facts["failures"] for event in read_run(tmp_path / "run")["model"]]
    assert reasons[0] == reasons[1] == [] and len(reasons) == 4
    assert all(MODELS[happens] in fault["reason"] for faults in reasons[2:] for fault in faults)
    patterns = read_run(tmp_path / "run")["patterns/last"]
    assert [event.step for event in patterns] == [0, 1]
