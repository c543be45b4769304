"""How a running job tells where it is, and how it is asked to stop."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from core.errors import Cancelled


@dataclass(frozen=True)
class Progress:
    """`done` of `total` steps of a stage ("detect", "restore", "background", "compose") are finished."""

    stage: str
    done: int
    total: int


ProgressSink = Callable[[Progress], None]
"""Called from the thread that does the work."""


def ignore_progress(_: Progress) -> None:
    """A sink for those who do not watch."""


class CancelToken:
    """A flag that any thread may raise and the working thread polls, once a tile and once a batch of faces."""

    def __init__(self) -> None:
        self._event = threading.Event()

    def cancel(self) -> None:
        """Ask the job to stop at its next poll."""
        self._event.set()

    @property
    def cancelled(self) -> bool:
        """Whether the job was asked to stop."""
        return self._event.is_set()

    def raise_if_cancelled(self) -> None:
        """Raises Cancelled once `cancel` was called."""
        if self._event.is_set():
            raise Cancelled

    def wait(self, seconds: float) -> None:
        """Pause. Raises Cancelled as soon as `cancel` is called."""
        if self._event.wait(seconds):
            raise Cancelled


@dataclass
class Stopwatch:
    """How long the stages of a job took, in seconds."""

    seconds: dict[str, float] = field(default_factory=dict)

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        """Time the block as the stage `name`."""
        start = time.perf_counter()
        yield
        self.seconds[name] = time.perf_counter() - start
