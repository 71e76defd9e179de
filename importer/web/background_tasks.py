"""Checks and runs in threads of the web app's process, and their progress.

A run is steered through the observer, as Ctrl-C steers the command line: however the process ends, the journal has
every delivery, and the run can be resumed.
"""

from __future__ import annotations

import threading
import time
from collections import Counter, deque
from collections.abc import Callable, Sequence
from enum import StrEnum

from importer.errors import ImporterError, InternalError
from importer.model.delivery import RowResult
from importer.model.summary import Summary
from importer.observer import Observer, Steering
from importer.questions import OpenQuestion
from importer.web.i18n import N_, PageError

RATE_WINDOW_SECONDS = 10.0
RATE_SAMPLE_SECONDS = 0.5
MAX_RATE_SAMPLES = 600
MAX_NOTES = 50
JOIN_SECONDS = 20.0


class TaskKind(StrEnum):
    """The kinds of background tasks."""

    CHECK = "check"  # of a draft
    IMPORT = "import"  # of a draft, as a new run
    RESUME = "resume"  # of a run that stopped
    REPORT = "report"  # on a run whose process was killed
    RESOLVE = "resolve"  # of a run's uncertain rows
    UNDO = "undo"  # of a run: looking for its contacts, and deleting them


class Task(Observer):
    """A check or run with its progress: written by its own thread, read by the threads that serve pages."""

    def __init__(
        self, kind: TaskKind, draft: str | None = None, on_run_started: Callable[[str], object] = lambda _run: None
    ) -> None:
        self.kind = kind
        self.draft = draft
        self.revision: int | None = None  # of the draft, at the start of its check
        self._on_run_started = on_run_started
        self.run: str | None = None
        self.stage_name = ""
        self.rows = 0
        self.invalid = 0
        self.total = 0
        self.counts: Counter[str] = Counter()
        self.throttled = 0
        self.notes: list[str] = []
        self.questions: tuple[OpenQuestion, ...] = ()  # that a check leaves open
        self.is_paused = False
        self.is_stopping = False
        self.summary: Summary | None = None
        self.error: ImporterError | None = None
        self.named = threading.Event()  # set once the run has its id, or could not start
        self.started = time.monotonic()
        self._finished = threading.Event()
        self._thread: threading.Thread | None = None
        self._steering: Steering | None = None
        self._samples: deque[tuple[float, int]] = deque([(self.started, 0)], maxlen=MAX_RATE_SAMPLES)

    @property
    def done(self) -> int:
        """Return the number of rows that have ended since sending began."""
        return self.counts.total()

    @property
    def is_finished(self) -> bool:
        """Return whether the task has ended, with or without an error."""
        return self._finished.is_set()

    @property
    def rate(self) -> float:
        """Return the rows that ended per second, over the last RATE_WINDOW_SECONDS."""
        now = time.monotonic()
        recent = (sample for sample in tuple(self._samples) if now - sample[0] <= RATE_WINDOW_SECONDS)
        then, count = next(recent, (now, self.done))
        return max(self.done - count, 0) / max(now - then, RATE_SAMPLE_SECONDS)

    @property
    def seconds_left(self) -> float | None:
        """Return the seconds until the last row at the current rate; None where there is no rate."""
        rate, left = self.rate, self.total - self.done
        return left / rate if rate > 0 and left > 0 and not self.is_paused else None

    def start(self, function: TaskFunction, name: str) -> None:
        """Run a function with this task in a thread of its own."""
        self._thread = threading.Thread(target=self._call, args=(function,), name=name, daemon=True)
        self._thread.start()

    def join(self, seconds: float) -> bool:
        """Wait for the end of the thread; return whether it came in time."""
        if self._thread is None:
            return True
        self._thread.join(seconds)
        return not self._thread.is_alive()

    def pause(self) -> None:
        """Send nothing until ``resume``; requests in flight are still answered."""
        self.is_paused = True
        if self._steering is not None:
            self._steering.pause()

    def resume(self) -> None:
        """Continue sending after ``pause``."""
        self.is_paused = False
        if self._steering is not None:
            self._steering.resume()

    def stop(self) -> None:
        """Stop; requests in flight are still answered."""
        self.is_stopping = True
        if self._steering is not None:
            self._steering.stop()

    def on_run_started(self, run: str, file: str) -> None:  # noqa: ARG002 - the observer's signature
        self._on_run_started(run)
        self.run = run
        self.named.set()

    def on_stage(self, name: str) -> None:
        self.stage_name = name
        self._raise_if_stopped()

    def on_rows_checked(self, rows: int, invalid: int) -> None:
        self.rows, self.invalid = rows, invalid
        self._raise_if_stopped()

    def on_send_starting(self, rows: int, target: str) -> None:  # noqa: ARG002 - the observer's signature
        self.total = rows
        self._samples.append((time.monotonic(), 0))
        self._raise_if_stopped()

    def on_open_questions(self, questions: Sequence[OpenQuestion]) -> None:
        self.questions = tuple(questions)

    def on_control(self, steering: Steering | None) -> None:
        self._steering = steering
        if steering is not None and self.is_paused:
            steering.pause()
        if steering is not None and self.is_stopping:
            steering.stop()

    def on_response(self, http_status: int | None, seconds: float) -> None:  # noqa: ARG002 - the observer's signature
        self.throttled += http_status == 429

    def on_row_done(self, result: RowResult) -> None:
        self.counts[result.status] += 1
        now = time.monotonic()
        if now - self._samples[-1][0] >= RATE_SAMPLE_SECONDS:
            self._samples.append((now, self.done))

    def on_note(self, text: str) -> None:
        if len(self.notes) < MAX_NOTES and text not in self.notes:
            self.notes.append(text)

    def _call(self, function: TaskFunction) -> None:
        try:
            self.summary = function(self)
        except ImporterError as error:
            self.error = error
        except Exception as error:  # noqa: BLE001 - a failure in a thread must reach the web app, whatever it is
            self.error = InternalError(f"internal error: {type(error).__name__}: {error}")
        finally:
            self.named.set()
            self._finished.set()

    def _raise_if_stopped(self) -> None:
        """Raise PageError when the task was stopped before anything was sent: no request waits for an answer."""
        if self.is_stopping and not self.done and self.stage_name != "writing the reports":
            raise PageError(N_("Stopped before anything more was sent."))


TaskFunction = Callable[[Task], Summary | None]


def check_key(draft_id: str) -> str:
    """Return the registry's key for the check of a draft."""
    return f"check:{draft_id}"


def import_key(draft_id: str) -> str:
    """Return the registry's key for the import of a draft."""
    return f"import:{draft_id}"


def run_key(run: str) -> str:
    """Return the registry's key for a task that continues a run."""
    return f"run:{run}"


class TaskRegistry:
    """The tasks that are running, and those that ended since the server started, by key."""

    def __init__(self) -> None:
        self._tasks: dict[str, Task] = {}
        self._lock = threading.Lock()

    def start(self, key: str, task: Task, function: TaskFunction) -> Task:
        """Start a task, unless one of that key is running. Return the one that is."""
        with self._lock:
            known = self._tasks.get(key)
            if known is not None and not known.is_finished:
                return known
            self._tasks[key] = task
            task.start(function, key)
            return task

    def get(self, key: str) -> Task | None:
        """Return the last task that was started under a key."""
        return self._tasks.get(key)

    def get_running(self, key: str) -> Task | None:
        """Return the task that is running under a key."""
        task = self._tasks.get(key)
        return task if task is not None and not task.is_finished else None

    def find_by_run(self, run: str) -> Task | None:
        """Return the task that works on a run, or else the last one that did."""
        found = [task for task in tuple(self._tasks.values()) if task.run == run]
        return max(found, key=lambda task: (not task.is_finished, task.started), default=None)

    def forget_run(self, run: str) -> None:
        """Forget the finished tasks of a run."""
        with self._lock:
            self._tasks = {key: task for key, task in self._tasks.items() if task.run != run or not task.is_finished}

    def end(self, key: str) -> bool:
        """Stop the task of a key and wait for its end; return whether it came within JOIN_SECONDS."""
        task = self._tasks.get(key)
        if task is None:
            return True
        task.stop()
        has_ended = task.join(JOIN_SECONDS)
        self.forget(key)
        return has_ended

    def forget(self, key: str) -> None:
        """Forget the task of a key, if it has finished."""
        with self._lock:
            task = self._tasks.get(key)
            if task is not None and task.is_finished:
                del self._tasks[key]

    def stop_all(self) -> None:
        """Stop every running task, and wait up to JOIN_SECONDS for the requests in flight."""
        tasks = [task for task in tuple(self._tasks.values()) if not task.is_finished]
        for task in tasks:
            task.stop()
        deadline = time.monotonic() + JOIN_SECONDS
        for task in tasks:
            task.join(max(0.0, deadline - time.monotonic()))
