"""A thousand photos in one process: what it holds after each of them."""

from __future__ import annotations

import subprocess
import tempfile
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import psutil
from scipy.stats import theilslopes

from benchmarks.soaking.material import Place, temporary_in

WARM_UP = 50
"""Photos after which memory should not grow any more."""

BLOCK = 25
"""Photos whose mean is one point of the slope: single values depend on the moment."""


@dataclass
class Course:
    """How a process got on. `resident` are megabytes after each photo; `threads` and `handles` (open files) after
    `WARM_UP` photos and at the end; `left` are temporary files that it left behind."""

    photos: int
    seconds: float = 0.0
    resident: list[float] = field(default_factory=list)
    threads: list[int] = field(default_factory=list)
    handles: list[int] = field(default_factory=list)
    left: int = 0

    def slope(self, after: int = WARM_UP) -> tuple[float, float, float]:
        """Megabytes in 100 photos, and the limits of what that may be with 95 % confidence (Theil-Sen's slope and
        Sen's interval, of the means of blocks)."""
        blocks = np.array(self.resident[after:])
        blocks = blocks[: len(blocks) // BLOCK * BLOCK].reshape(-1, BLOCK).mean(axis=1)
        slope, _, low, high = theilslopes(blocks * 100 / BLOCK, alpha=0.95)
        return float(slope), float(low), float(high)


def through_the_command_line(place: Place, count: int) -> Course:
    """Restore a folder with `gfpgan-desktop restore`."""
    photos, results = place.photos("photos for restore", count), place.folder / "restored"
    course = _watch(place, place.restoring(photos, results), lambda line: line.startswith("{"), count)
    course.left = len(temporary_in([results])) + len(place.left_in_temporary())
    assert len(list(results.iterdir())) == count
    return course


def through_the_queue(place: Place, count: int) -> Course:
    """Restore all photos of a folder that is open in the window, whose caches are made small."""
    photos, data = place.photos("photos for the window", count), place.data("data")
    course = _watch(place, place.window(data, photos, "--small-caches"), lambda line: line == "done\n", count)
    course.left = len(temporary_in([data])) + len(place.left_in_temporary())
    return course


def _watch(place: Place, command: list[str], tells_of_photo: Callable[[str], bool], count: int) -> Course:
    course, start = Course(count), time.monotonic()
    with (
        tempfile.TemporaryFile("w+") as errors,
        subprocess.Popen(
            command, env=place.variables, stdout=subprocess.PIPE, stderr=errors, text=True, cwd=_somewhere(place)
        ) as child,
    ):
        process, before, last = psutil.Process(child.pid), (0, 0), (0, 0)
        for line in child.stdout or ():
            # The last photo may be told of by a process that is gone before it is looked at.
            with suppress(psutil.Error):
                if tells_of_photo(line):
                    course.resident.append(process.memory_info().rss / 1e6)
                    last = process.num_threads(), process.num_fds()
                    before = last if len(course.resident) == min(WARM_UP, count // 2) else before
        child.wait()
        errors.seek(0)
        assert child.returncode == 0, errors.read()[-2000:]
    course.threads, course.handles = [[early, late] for early, late in zip(before, last, strict=True)]
    course.seconds = time.monotonic() - start
    return course


def _somewhere(place: Place) -> Path:
    """Not the project's folder, from which Python would take its modules."""
    return place.folder
