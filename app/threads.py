"""Work off the GUI thread."""

from __future__ import annotations

import logging
from collections.abc import Callable

from PySide6.QtCore import QObject, QRunnable, QThreadPool

log = logging.getLogger(__name__)


class WorkThread(QThreadPool):
    """A thread for work, one piece after the other, until it is closed."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.setMaxThreadCount(1)
        self._closed = False

    def run(self, work: Callable[[], object]) -> None:
        """Do it when all that was given before is done, unless it is closed. It tells of its outcome itself, by a
        signal."""
        if not self._closed:
            self.start(_Task(work))

    def close(self) -> None:
        """Wait for what was given, and take nothing more."""
        # What ended meanwhile is told of afterwards, and whoever hears of it may want to go on.
        self._closed = True
        self.waitForDone()


class _Task(QRunnable):
    # A class of our own, for Qt deletes what QRunnable.create makes without Python's knowledge: whatever lies at
    # its address next, an action say, is a QRunnable for Python.

    def __init__(self, work: Callable[[], object]) -> None:
        super().__init__()
        self._work = work

    def run(self) -> None:
        try:
            self._work()
        except Exception:
            log.exception("background work")
