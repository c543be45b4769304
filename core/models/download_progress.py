"""How far a download is, how fast, and for how long still."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

_REPORT = 0.1
"""Seconds between two reports; the speed is that of the last 50."""


@dataclass(frozen=True)
class DownloadProgress:
    """Where a download is: bytes done and in all (None: the server does not say), bytes a second over the last
    seconds, seconds to go (None: not known). `note` says why nothing moves, "" while it does."""

    name: str
    done: int
    total: int | None
    speed: float = 0.0
    remaining: float | None = None
    note: str = ""


DownloadSink = Callable[[DownloadProgress], None]
"""Called some times a second from the thread that downloads."""


class DownloadMeter:
    """Counts the bytes of one download and reports them to `progress`, ten times a second at most."""

    def __init__(self, name: str, done: int, total: int | None, progress: DownloadSink) -> None:
        self.name, self.done = name, done
        self.total, self._progress = total, progress
        self._marks = deque([(time.monotonic(), done)], maxlen=50)

    def add(self, count: int) -> None:
        """More bytes came."""
        self.done += count
        if time.monotonic() - self._marks[-1][0] >= _REPORT:
            self.show()

    def show(self) -> None:
        """Report now."""
        now, (since, done) = time.monotonic(), self._marks[0]
        self._marks.append((now, self.done))
        speed = (self.done - done) / (now - since) if now - since >= _REPORT else 0.0
        remaining = (self.total - self.done) / speed if self.total is not None and speed else None
        self._progress(DownloadProgress(self.name, self.done, self.total, speed, remaining))
