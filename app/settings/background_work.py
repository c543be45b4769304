"""One piece of work of a settings page at a time, off the GUI thread."""

from __future__ import annotations

import logging
from collections.abc import Callable

from PySide6.QtCore import QObject, QRunnable, QThreadPool, Signal, Slot

from app.translation import translated
from core.errors import Cancelled, CoreError
from core.progress import CancelToken

log = logging.getLogger(__name__)

Work = Callable[[CancelToken, Callable[[object], None]], object]
"""Takes a token and a sink for progress; returns its outcome. Raises CoreError and Cancelled."""


class BackgroundWork(QObject):
    """Runs it. Ends in one of `returned`, `failed` and `cancelled`."""

    progressed = Signal(object)
    returned = Signal(object)
    failed = Signal(str)
    cancelled = Signal()
    _ended = Signal(object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._pool = QThreadPool(self)
        self._pool.setMaxThreadCount(1)
        self._cancel: CancelToken | None = None
        self._ended.connect(self._on_ended)

    @property
    def busy(self) -> bool:
        """Whether something runs."""
        return self._cancel is not None

    def start(self, work: Work) -> None:
        """Run it, unless something runs."""
        if self._cancel is None:
            self._cancel = CancelToken()
            self._pool.start(_Task(self, work, self._cancel))

    def cancel(self) -> None:
        """Ask it to stop."""
        if self._cancel is not None:
            self._cancel.cancel()

    def close(self) -> None:
        """Stop it, and wait."""
        self.cancel()
        self._pool.waitForDone()

    @Slot(object)
    def _on_ended(self, tell: Callable[[], None]) -> None:
        self._cancel = None
        tell()


class _Task(QRunnable):
    def __init__(self, owner: BackgroundWork, work: Work, cancel: CancelToken) -> None:
        super().__init__()
        self._owner, self._work, self._cancel = owner, work, cancel

    def run(self) -> None:
        owner = self._owner
        try:
            outcome = self._work(self._cancel, owner.progressed.emit)
        except Cancelled:
            owner._ended.emit(owner.cancelled.emit)
        except CoreError as error:
            sentence = translated(str(error))
            owner._ended.emit(lambda: owner.failed.emit(sentence))
        except Exception as error:
            log.warning("background work", exc_info=error)
            sentence = translated(f"It met an error that should not happen ({type(error).__name__}: {error}).")
            owner._ended.emit(lambda: owner.failed.emit(sentence))
        else:
            owner._ended.emit(lambda: owner.returned.emit(outcome))
