"""The log, and what ends up in it that nobody caught."""

from __future__ import annotations

import logging
import sys
from collections.abc import Callable
from logging.handlers import RotatingFileHandler
from pathlib import Path
from types import TracebackType

LOG = "log.txt"
"""Its name in the data folder; the one before it ends with .1."""

_MOST_BYTES = 1_000_000
_OWN = ("app", "core", "trainer")

log = logging.getLogger(__name__)


def keep_log(folder: Path) -> None:
    """From now on write warnings, and what the program tells its user, into the folder's log."""
    try:
        handler = RotatingFileHandler(
            folder / LOG, maxBytes=_MOST_BYTES, backupCount=1, encoding="utf-8", delay=False
        )
    except OSError as error:
        log.warning("no log will be written: %s", error)
        return
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s"))
    logging.getLogger().addHandler(handler)
    for name in _OWN:
        logging.getLogger(name).setLevel(logging.INFO)


def report_uncaught(tell: Callable[[str], None]) -> None:
    """Write exceptions that nobody caught to the log, and `tell` each in one line; the program goes on."""

    def report(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        if issubclass(kind, KeyboardInterrupt):
            sys.__excepthook__(kind, error, trace)
            return
        log.error("an exception that nobody caught", exc_info=(kind, error, trace))
        tell(f"{kind.__name__}: {error}")

    sys.excepthook = report
