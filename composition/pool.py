"""Processes that compose, and the thread that feeds each."""

import subprocess
import sys
import threading
from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import suppress
from queue import SimpleQueue

from composition import errors
from composition.order import Composed, Look
from composition.worker import Failure, Task

_START = "import sys; sys.path[:] = {path!r}; from composition.worker import main; main()"

Answer = Composed | errors.CompositionError | None
"""A rendition, the error that ends the work, or None at the end of a batch."""


class Pool:
    """So many workers of one look. They stay until they are closed."""

    def __init__(self, look: Look, count: int) -> None:
        self._look = look
        self._count = count
        self._workers: list[_Worker] = []

    def run(self, batches: Sequence[Sequence[Task]]) -> Iterator[Composed]:
        """Yield the renditions of batches as they are done.

        Raises:
            CompositionError: An order cannot be made.
            WorkerDied: A process ended; the error names the order that it worked on.

        """
        answers: SimpleQueue[tuple[_Worker, Answer]] = SimpleQueue()
        waiting = deque(batches)
        while len(self._workers) < min(self._count, len(batches)):
            self._workers.append(_Worker(self._look))
        busy = 0
        try:
            for worker in self._workers[: len(batches)]:
                worker.begin(waiting.popleft(), answers)
                busy += 1
            while busy:
                worker, answer = answers.get()
                if isinstance(answer, Composed):
                    yield answer
                elif answer is not None:
                    raise answer  # noqa: TRY301 - the answer is the error
                elif waiting:
                    worker.begin(waiting.popleft(), answers)
                else:
                    busy -= 1
        except BaseException:
            # A process in the middle of a batch would answer the next call with this one's.
            self.close()
            raise

    def close(self) -> None:
        """End the processes, whatever they do."""
        for worker in self._workers:
            worker.stop()
        self._workers = []


class _Worker:
    def __init__(self, look: Look) -> None:
        self._process = subprocess.Popen(  # noqa: S603 - our own interpreter and code
            [sys.executable, "-c", _START.format(path=sys.path)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            encoding="utf-8",
        )
        self._first = look.model_dump_json() + "\n"
        self._thread: threading.Thread | None = None

    def begin(self, batch: Sequence[Task], answers: "SimpleQueue[tuple[_Worker, Answer]]") -> None:
        """Compose a batch in the background; None is put after its last answer."""
        self._thread = threading.Thread(target=self._run, args=(batch, answers), daemon=True)
        self._thread.start()

    def stop(self) -> None:
        self._process.kill()
        if self._thread:
            self._thread.join()
        self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe:
                with suppress(BrokenPipeError):
                    pipe.close()

    def _run(self, batch: Sequence[Task], answers: "SimpleQueue[tuple[_Worker, Answer]]") -> None:
        for task in batch:
            answer = self._ask(task)
            answers.put((self, answer))
            if not isinstance(answer, Composed):
                return
        answers.put((self, None))

    def _ask(self, task: Task) -> Composed | errors.CompositionError:
        to, back = self._process.stdin, self._process.stdout
        line = ""
        with suppress(BrokenPipeError):
            if to and back:
                to.write(self._first + task.model_dump_json() + "\n")
                to.flush()
                self._first = ""
                line = back.readline()
        if not line:
            return errors.WorkerDied(str(task.order.name), self._process.wait())
        if line.startswith('{"error"'):
            failure = Failure.model_validate_json(line)
            kind: type[errors.CompositionError] = getattr(errors, failure.error)
            return kind(failure.message)
        return Composed.model_validate_json(line)
