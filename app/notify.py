"""What the program has to say to its user: one place, on the main thread, in sentences."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from PySide6.QtCore import QObject, Signal, Slot

log = logging.getLogger(__name__)


class Level(StrEnum):
    """How much a notice matters."""

    INFO = "info"
    WARNING = "warning"
    ERROR = "error"


@dataclass(frozen=True, eq=False)
class Notice:
    """A sentence; `details` are for those who want to know more; `action` is a next step: its label and what it
    does. It takes the place of one with the same `topic`, if that is still to be read."""

    sentence: str
    level: Level = Level.INFO
    details: str = ""
    action: tuple[str, Callable[[], None]] | None = None
    topic: str = ""


class Notifier(QObject):
    """Takes notices, logs them, and passes them to whoever shows them."""

    told = Signal(object)  # Notice

    @Slot(str, str)
    def say(self, level: str, sentence: str) -> None:
        """Tell a sentence, for signals."""
        self.tell(sentence, Level(level))

    def tell(
        self,
        sentence: str,
        level: Level = Level.INFO,
        details: str = "",
        action: tuple[str, Callable[[], None]] | None = None,
        topic: str = "",
    ) -> Notice:
        """Tell a sentence that a user can act on; returns it."""
        # Not as errors of the log: those are mistakes of the program's.
        log.info("%s: %s%s", level, sentence, f"\n{details}" if details else "")
        notice = Notice(sentence, level, details, action, topic)
        self.told.emit(notice)
        return notice
