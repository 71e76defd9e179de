"""What is at work: checks and runs in threads of their own, and how far each of them is."""

from __future__ import annotations

import threading
import time
from collections import Counter, deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from importer.errors import ImporterError, InternalError
from importer.model.delivery import RowResult
from importer.model.summary import Summary
from importer.observer import Observer, Steering
from importer.web.i18n import N_, PageError

RATE_SECONDS = 10.0
MOST_NOTES = 50
JOIN_SECONDS = 20.0

Task = Callable[["Work"], Summary]
Sort = Literal["check", "import", "resume", "settle"]


class Work(Observer):
    """One check or run. Told by the thread that does it, asked by those that show it."""

    def __init__(
        self, sort: Sort, draft: str | None = None, on_begun: Callable[[str], object] = lambda _run: None
    ) -> None:
        self.sort = sort
        self.draft = draft
        self.revision: int | None = None
        """Of the draft, when it began."""
        self._on_begun = on_begun
        self.run: str | None = None
        self.stage_name = ""
        self.rows = 0
        self.invalid = 0
        self.total = 0
        self.counts: Counter[str] = Counter()
        self.throttled = 0
        self.notes: list[str] = []
        self.held = False
        self.stopping = False
        self.summary: Summary | None = None
        self.error: ImporterError | None = None
        self.named = threading.Event()
        """Set once the run has its id, or could not begin."""
        self.over = threading.Event()
        self.began = time.monotonic()
        self._steering: Steering | None = None
        self._moments: deque[tuple[float, int]] = deque([(self.began, 0)], maxlen=600)

    @property
    def done(self) -> int:
        """Rows that have ended since sending began."""
        return self.counts.total()

    @property
    def is_over(self) -> bool:
        """Whether it has ended, in whatever way."""
        return self.over.is_set()

    def rate(self) -> float:
        """Rows a second that ended of late."""
        now = time.monotonic()
        recent = [moment for moment in tuple(self._moments) if now - moment[0] <= RATE_SECONDS]
        if not recent:
            return 0.0
        then, count = recent[0]
        return max(self.done - count, 0) / max(now - then, 0.5)

    def seconds_left(self) -> float | None:
        """How long it will take from now on, if that can be said."""
        rate = self.rate()
        left = self.total - self.done
        return left / rate if rate > 0 and left > 0 and not self.held else None

    def hold(self) -> None:
        """Send nothing more for now."""
        self.held = True
        if self._steering is not None:
            self._steering.pause()

    def go_on(self) -> None:
        """Send again."""
        self.held = False
        if self._steering is not None:
            self._steering.resume()

    def stop(self) -> None:
        """Stop; what has left is still answered."""
        self.stopping = True
        if self._steering is not None:
            self._steering.stop()

    def begun(self, run: str, file: str) -> None:  # noqa: ARG002 - an observer is told more than this one shows
        self._on_begun(run)
        self.run = run
        self.named.set()

    def stage(self, name: str) -> None:
        self.stage_name = name
        self._refuse_when_stopped()

    def checked(self, rows: int, invalid: int) -> None:
        self.rows, self.invalid = rows, invalid
        self._refuse_when_stopped()

    def sending(self, rows: int, target: str) -> None:  # noqa: ARG002 - an observer is told more than this one shows
        self.total = rows
        self._moments.append((time.monotonic(), 0))
        self._refuse_when_stopped()

    def steering(self, steering: Steering | None) -> None:
        self._steering = steering
        if steering is not None and self.held:
            steering.pause()
        if steering is not None and self.stopping:
            steering.stop()

    def answered(self, http_status: int | None, seconds: float) -> None:  # noqa: ARG002 - an observer is told more than this one shows
        self.throttled += http_status == 429

    def sent(self, result: RowResult) -> None:
        self.counts[result.status] += 1
        now = time.monotonic()
        if now - self._moments[-1][0] >= 0.5:
            self._moments.append((now, self.done))

    def note(self, text: str) -> None:
        if len(self.notes) < MOST_NOTES and text not in self.notes:
            self.notes.append(text)

    def _refuse_when_stopped(self) -> None:
        """Before anything was sent there is nothing to be answered: the run ends as if it had not begun."""
        if self.stopping and not self.done and self.stage_name != "writing the reports":
            raise PageError(N_("Stopped before anything more was sent."))


@dataclass(frozen=True, slots=True)
class _Entry:
    work: Work
    thread: threading.Thread


class TaskRegistry:
    """Everything that is at work, or was, since the server began."""

    def __init__(self) -> None:
        self._entries: dict[str, _Entry] = {}
        self._lock = threading.Lock()

    def start(self, key: str, work: Work, task: Task) -> Work:
        """Begin this, unless something of that key is at work: then that."""
        with self._lock:
            known = self._entries.get(key)
            if known is not None and not known.work.is_over:
                return known.work
            thread = threading.Thread(target=_do, args=(work, task), name=key, daemon=True)
            self._entries[key] = _Entry(work, thread)
            thread.start()
            return work

    def get(self, key: str) -> Work | None:
        """What was begun under this key last."""
        entry = self._entries.get(key)
        return entry.work if entry else None

    def of_run(self, run: str) -> Work | None:
        """What is at work for a run, or was last."""
        found = [entry.work for entry in tuple(self._entries.values()) if entry.work.run == run]
        return max(found, key=lambda work: (not work.is_over, work.began), default=None)

    def forget_run(self, run: str) -> None:
        """Nothing is to be said any more of what was at work for a run."""
        with self._lock:
            self._entries = {
                key: entry for key, entry in self._entries.items() if entry.work.run != run or not entry.work.is_over
            }

    def end(self, key: str) -> bool:
        """Stop what is at work under this key, and wait for its end; whether it came."""
        entry = self._entries.get(key)
        if entry is None:
            return True
        entry.work.stop()
        entry.thread.join(JOIN_SECONDS)
        self.forget(key)
        return not entry.thread.is_alive()

    def forget(self, key: str) -> None:
        """Nothing is to be said of it any more."""
        with self._lock:
            entry = self._entries.get(key)
            if entry is not None and entry.work.is_over:
                del self._entries[key]

    def stop_all(self) -> None:
        """Stop everything, and wait for the answers that are under way."""
        entries = [entry for entry in tuple(self._entries.values()) if not entry.work.is_over]
        for entry in entries:
            entry.work.stop()
        until = time.monotonic() + JOIN_SECONDS
        for entry in entries:
            entry.thread.join(max(0.0, until - time.monotonic()))


def _do(work: Work, task: Task) -> None:
    try:
        work.summary = task(work)
    except ImporterError as error:
        work.error = error
    except Exception as error:  # noqa: BLE001 - a thread's failure must be shown, whatever it is
        work.error = InternalError(f"internal error: {type(error).__name__}: {error}")
    finally:
        work.named.set()
        work.over.set()
