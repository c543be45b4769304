"""How long the queue still takes, from how long its photos took."""

from __future__ import annotations

from collections import deque

_REMEMBERED = 8


class Pace:
    """Counts the photos of a queue. `total` and `done` start anew once a queue was worked through."""

    def __init__(self) -> None:
        self.total = 0
        self.done = 0
        self._seconds: deque[float] = deque(maxlen=_REMEMBERED)

    def begin(self, waiting: int) -> None:
        """`waiting` photos are in the queue now."""
        if self.done >= self.total:
            self.total = self.done = 0
        self.total = max(self.total, self.done + waiting)

    def photo_done(self, seconds: float) -> None:
        """A photo took so long."""
        self._seconds.append(seconds)
        self.done += 1

    def photo_left_out(self) -> None:
        """A photo failed, or was taken out."""
        self.done = min(self.done + 1, self.total)

    def seconds_left(self, waiting: int, share: float) -> float | None:
        """An estimate for the photo that runs, of which `share` is done, and `waiting` ones; None before the first
        is finished."""
        if not self._seconds:
            return None
        each = sum(self._seconds) / len(self._seconds)
        return each * (waiting + 1 - share)
