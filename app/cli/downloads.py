"""How the command line shows a download."""

from __future__ import annotations

import contextlib
import json
import sys
from dataclasses import asdict
from types import TracebackType

from tqdm import tqdm

from core.models.download_progress import DownloadProgress

_LINES = 10
"""Where nobody watches a bar, a line is written after each of so many parts."""


class DownloadDisplay:
    """A bar on a terminal, now and then a line elsewhere, or JSON lines on standard output."""

    def __init__(self, as_json: bool) -> None:
        self._json = as_json
        self._bar: tqdm | None = None
        self._note = ""
        self._part = -1

    def __enter__(self) -> DownloadDisplay:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._bar is not None:
            self._bar.close()

    def show(self, progress: DownloadProgress) -> None:
        """A DownloadSink."""
        if self._json:
            print(json.dumps({"event": "progress", **asdict(progress)}), flush=True)
        elif sys.stderr is None:
            return
        elif sys.stderr.isatty():
            self._draw(progress)
        else:
            self._write(progress)

    def _draw(self, progress: DownloadProgress) -> None:
        if self._bar is None:
            self._bar = tqdm(
                desc=progress.name, total=progress.total, unit="B", unit_scale=True, unit_divisor=1000
            )
        if progress.note:
            self._bar.write(f"{progress.name}: {progress.note}", file=sys.stderr)
            return
        if self._bar.total is None:
            self._bar.total = progress.total
        if self._bar.n == 0:
            # What came earlier is no part of the speed.
            self._bar.initial = progress.done
        self._bar.update(progress.done - self._bar.n)

    def _write(self, progress: DownloadProgress) -> None:
        if progress.note:
            text = progress.note
        else:
            part = progress.done * _LINES // progress.total if progress.total else progress.done // 10_000_000
            if part == self._part:
                return
            self._part = part
            text = _sentence(progress)
        with contextlib.suppress(OSError):
            print(f"{progress.name}: {text}", file=sys.stderr, flush=True)


def _sentence(progress: DownloadProgress) -> str:
    done = f"{progress.done / 1e6:,.1f}"
    of = f" of {progress.total / 1e6:,.1f}" if progress.total is not None else ""
    to_go = f", {progress.remaining:,.0f} s to go" if progress.remaining is not None else ""
    return f"{done}{of} MB, {progress.speed / 1e6:,.1f} MB/s{to_go}"
