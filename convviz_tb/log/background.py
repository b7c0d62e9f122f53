"""One background worker with a bounded queue; it keeps the failures of its tasks."""

import time
from collections.abc import Callable
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from types import TracebackType
from typing import Final

_MOST_WAITING: Final = 2  # tasks; each holds the pictures of a layer


class Background:
    """A worker thread that lives inside `with`; leaving it waits for the tasks that have begun.

    After an exception inside `with` (a KeyboardInterrupt, say) tasks that have not begun are
    dropped.

    Attributes:
        seconds: processor time that the finished tasks took.

    Example:

    ```python
    with Background() as background:
        background.submit("conv1", write_conv1)
        failures = background.finish()
    ```
    """

    def __init__(self) -> None:
        self.seconds = 0.0
        self._executor = ThreadPoolExecutor(1, thread_name_prefix="convviz")
        self._tasks: list[tuple[str, Future[None]]] = []

    def __enter__(self) -> "Background":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._executor.shutdown(wait=True, cancel_futures=kind is not None)

    def submit(self, name: str, task: Callable[[], object]) -> None:
        """Queues a task; waits while too many are unfinished."""
        waiting = [future for _, future in self._tasks if not future.done()]
        if len(waiting) > _MOST_WAITING:
            wait(waiting, return_when=FIRST_COMPLETED)
        self._tasks.append((name, self._executor.submit(self._timed, task)))

    def finish(self) -> list[tuple[str, BaseException]]:
        """Waits for all tasks; the names and errors of those that failed."""
        results = [(name, future.exception()) for name, future in self._tasks]
        return [(name, error) for name, error in results if error is not None]

    def _timed(self, task: Callable[[], object]) -> None:
        started = time.thread_time()
        try:
            task()
        finally:
            self.seconds += time.thread_time() - started
