"""One photo after another, whatever is wrong with any of them."""

from __future__ import annotations

import argparse
import logging
import signal
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

from app.cli.exit_codes import INTERRUPTED, OK, SOME_FAILED
from app.cli.reporting import Reporter
from core.errors import Cancelled, CoreError, UsageError
from core.files import InputFile, find_photos
from core.progress import CancelToken

log = logging.getLogger(__name__)


def input_files(options: argparse.Namespace, leave_out: Sequence[Path]) -> list[InputFile]:
    """The photos that the command line names. Raises UsageError when there are none."""
    files = list(find_photos(options.inputs, options.recursive, leave_out))
    if not files:
        raise UsageError("There is no photo in the given folders; name photos, or add --recursive.")
    return files


def for_each(
    files: Sequence[InputFile],
    reporter: Reporter,
    cancel: CancelToken,
    work: Callable[[InputFile], None],
) -> int:
    """Call `work` on every file; what it raises is told and stops no other file. Returns the exit code."""
    try:
        for file in files:
            cancel.raise_if_cancelled()
            _guarded(file, reporter, work)
    except Cancelled:
        reporter.say(f"Stopped; {reporter.finished} of {len(files)} photos are done.")
        return INTERRUPTED
    return SOME_FAILED if reporter.failed else OK


def _guarded(file: InputFile, reporter: Reporter, work: Callable[[InputFile], None]) -> None:
    try:
        work(file)
    except CoreError as error:
        reporter.failure(file.path, str(error))
    except MemoryError:
        reporter.failure(
            file.path, f"'{file.path}' needs more memory than there is; close other programs or enlarge it less."
        )
    except Cancelled:
        raise
    except Exception as error:
        # A mistake of ours: it must not cost the user the other photos.
        log.info("%s", file.path, exc_info=True)
        reporter.failure(
            file.path,
            f"'{file.path}' met an error that should not happen ({type(error).__name__}: {error}); "
            "please report it with what --verbose prints.",
        )


@contextmanager
def stop_on_interrupt() -> Iterator[CancelToken]:
    """A token that the first Ctrl-C raises; the second interrupts at once."""
    token = CancelToken()

    def stop(_: int, __: FrameType | None) -> None:
        if token.cancelled:
            raise KeyboardInterrupt
        token.cancel()

    before = signal.signal(signal.SIGINT, stop)
    try:
        yield token
    finally:
        signal.signal(signal.SIGINT, before)
