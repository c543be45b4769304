"""One photo after another, whatever is wrong with any of them."""

from __future__ import annotations

import argparse
import logging
import signal
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

from app.cli.exit_codes import INTERRUPTED, OK, SOME_FAILED
from app.cli.reporting import Reporter
from core.errors import Cancelled, CoreError, UsageError
from core.files import InputFile, find_photos
from core.progress import CancelToken

LARGE = 256_000_000
"""Bytes of pixels up to which a photo stays in memory beside the next one."""

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

    def in_one_step(file: InputFile) -> Iterator[int]:
        work(file)
        yield 0

    try:
        for file in files:
            cancel.raise_if_cancelled()
            job = _Job(file, in_one_step(file))
            job.go_on()
            job.tell_failure(reporter)
    except Cancelled:
        return _stopped(files, reporter)
    return SOME_FAILED if reporter.failed else OK


def for_each_overlapped(
    files: Sequence[InputFile],
    reporter: Reporter,
    cancel: CancelToken,
    work: Callable[[InputFile], Iterator[int]],
) -> int:
    """`for_each` for work in three steps, of which the first of the next file and the last of the file before run
    in threads of their own while this thread does the second.

    `work` yields after its first and its second step how many bytes it holds. Work that holds more than `LARGE`
    does not share the memory: the next file waits. Last steps run in the order of the files, and what a step
    raises is told in the file's turn; only they may report.
    """
    jobs = (_Job(file, work(file)) for file in files)

    def finish(job: _Job) -> None:
        job.go_on()
        job.tell_failure(reporter)

    try:
        with ThreadPoolExecutor(1, "first step") as first, ThreadPoolExecutor(1, "last step") as last:
            coming, begun, finished = next(jobs, None), None, None
            while (job := coming) is not None:
                cancel.raise_if_cancelled()
                held = (begun or first.submit(job.go_on)).result()
                coming = next(jobs, None)
                begun = first.submit(coming.go_on) if coming is not None and held <= LARGE else None
                held = job.go_on()
                if finished is not None:
                    finished.result()
                finished = last.submit(finish, job)
                if held > LARGE:
                    finished.result()
    except Cancelled:
        return _stopped(files, reporter)
    return SOME_FAILED if reporter.failed else OK


def _stopped(files: Sequence[InputFile], reporter: Reporter) -> int:
    reporter.say(f"Stopped; {reporter.finished} of {len(files)} photos are done.")
    return INTERRUPTED


class _Job:
    """The work on one file, a step at a time."""

    def __init__(self, file: InputFile, steps: Iterator[int]) -> None:
        self._file = file
        self._steps = steps
        self._error: Exception | None = None

    def go_on(self) -> int:
        """Run the next step, unless there is none or an earlier one failed; returns the bytes held after it."""
        if self._error is None:
            try:
                return next(self._steps, 0)
            except Cancelled:
                raise
            except Exception as error:
                self._error = error
        return 0

    def tell_failure(self, reporter: Reporter) -> None:
        """Tell what stopped the work, if anything did, and forget it."""
        # An error holds on to its frames, and so to the photo, and with this job in one of them to itself.
        error, self._error = self._error, None
        if error is not None:
            reporter.failure(self._file.path, _sentence(self._file.path, error))


def _sentence(path: Path, error: Exception) -> str:
    if isinstance(error, CoreError):
        return str(error)
    if isinstance(error, MemoryError):
        return f"'{path}' needs more memory than there is; close other programs or enlarge it less."
    # A mistake of ours: it must not cost the user the other photos.
    log.info("%s", path, exc_info=error)
    return (
        f"'{path}' met an error that should not happen ({type(error).__name__}: {error}); "
        "please report it with what --verbose prints."
    )


@contextmanager
def stop_on_interrupt() -> Iterator[CancelToken]:
    """A token that the first Ctrl-C raises, or whatever else ends programs; the second interrupts at once."""
    token = CancelToken()

    def stop(_: int, __: FrameType | None) -> None:
        if token.cancelled:
            raise KeyboardInterrupt
        token.cancel()

    before = {number: signal.signal(number, stop) for number in _stopping_signals()}
    try:
        yield token
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _stopping_signals() -> list[signal.Signals]:
    """Ctrl-C, the system's call to end, and the closing of the terminal, unless nohup keeps that away."""
    closing = [signal.Signals[name] for name in ("SIGHUP",) if hasattr(signal, name)]
    heeded = [number for number in closing if signal.getsignal(number) is not signal.SIG_IGN]
    return [signal.SIGINT, signal.SIGTERM, *heeded]
