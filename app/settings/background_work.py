"""The work of a settings page off the GUI thread, one piece after the other."""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Callable, Hashable

from PySide6.QtCore import QObject, Signal, Slot

from app.threads import WorkThread
from app.translation import translated
from core.errors import Cancelled, CoreError
from core.progress import CancelToken

log = logging.getLogger(__name__)

Work = Callable[[CancelToken, Callable[[object], None]], object]
"""Takes a token and a sink for progress; returns its outcome. Raises CoreError and Cancelled."""


class BackgroundWork(QObject):
    """Runs it. Each piece ends in one of `returned`, `failed` and `cancelled`."""

    progressed = Signal(object)
    returned = Signal(object)
    failed = Signal(str)
    cancelled = Signal()
    _ended = Signal(object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._thread = WorkThread(self)
        self._running: tuple[Hashable, CancelToken] | None = None
        self._waiting: deque[tuple[Hashable, Work]] = deque()
        self._ended.connect(self._on_ended)

    @property
    def busy(self) -> bool:
        """Whether something runs or waits."""
        return bool(self._running or self._waiting)

    def has(self, key: Hashable) -> bool:
        """Whether the piece of work with this key runs or waits."""
        return any(key == each[0] for each in (self._running, *self._waiting) if each)

    def runs(self, key: Hashable) -> bool:
        """Whether it runs now."""
        return self._running is not None and key == self._running[0]

    def start(self, work: Work, key: Hashable = None) -> None:
        """Run it when all that was started before has ended; nothing with the same key (None: none) runs twice."""
        if key is None or not self.has(key):
            self._waiting.append((key, work))
            self._go_on()

    def cancel(self, key: Hashable = None) -> None:
        """Ask what runs to stop, and drop what waits: only the piece with this key where one is given."""
        waiting = [each for each in self._waiting if key not in (None, each[0])]
        dropped = len(self._waiting) > len(waiting)
        self._waiting = deque(waiting)
        if self._running is not None and key in (None, self._running[0]):
            self._running[1].cancel()
        elif dropped:
            self.cancelled.emit()

    def close(self) -> None:
        """Stop all of it, and wait."""
        self._waiting.clear()
        self.cancel()
        self._thread.close()

    def _go_on(self) -> None:
        if self._running is None and self._waiting:
            key, work = self._waiting.popleft()
            cancel = CancelToken()
            self._running = key, cancel
            self._thread.run(lambda: self._do(work, cancel))

    def _do(self, work: Work, cancel: CancelToken) -> None:
        try:
            outcome = work(cancel, self.progressed.emit)
        except Cancelled:
            self._ended.emit(self.cancelled.emit)
        except CoreError as error:
            sentence = translated(str(error))
            self._ended.emit(lambda: self.failed.emit(sentence))
        except Exception as error:
            log.warning("background work", exc_info=error)
            sentence = translated(f"It met an error that should not happen ({type(error).__name__}: {error}).")
            self._ended.emit(lambda: self.failed.emit(sentence))
        else:
            self._ended.emit(lambda: self.returned.emit(outcome))

    @Slot(object)
    def _on_ended(self, tell: Callable[[], None]) -> None:
        self._running = None
        tell()
        self._go_on()
