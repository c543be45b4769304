"""The child process: reads damaged files one after another, writes what it read, and tells what went wrong."""

from __future__ import annotations

import faulthandler
import json
import os
import re
import resource
import signal
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import psutil

from core.encoding import CONTAINERS, OutputFormat, container, write_photo
from core.errors import PhotoError
from core.photo import read_photo
from core.photos.xmp import HistoryEntry
from core.types import Photo
from tests.fuzz.mutations import mutated

SECONDS = 10
"""How long a file may take."""

_FOLDER = "/dev/shm" if Path("/dev/shm").is_dir() else None  # in memory, where bringing files to the disk is quick
_LIBTIFF = re.compile(r"\w+(\.tif)?: |\w+Decode\w*: ")
_UNAVOIDABLE = {"tiff": _LIBTIFF, "tiff-packed": _LIBTIFF, "tiff-others": _LIBTIFF, "tiff-deep": _LIBTIFF} | {
    "raw": re.compile("unknown file: ")
}
"""What Pillow's libtiff and LibRaw print about a file, which nothing but a process of its own silences."""

_BYTES_PER_PIXEL = 100
_MEMORY = 300_000_000  # bytes, beside those of the pixels: of metadata and of decoders
_BRAKE = 3_000_000_000  # bytes beyond which nothing is allocated, so that the machine goes on
_WRITTEN = 20_000  # pixels up to which what was read is written too
_WRITES = 10  # of so many photos one is written
_Tell = Callable[[str], None]
_Printed = Callable[[re.Pattern[str] | None], str | None]
_ENTRY = HistoryEntry("the fuzzer", "", datetime(2026, 1, 1, tzinfo=UTC))


def main(kind: str, seeds: Path, seed: int, first: int, count: int, max_pixels: int) -> None:
    """Read `count` files of a kind from number `first` on, and tell of each on standard output: a line with its
    number before, a line of JSON after, with `outcome` (photo or sentence) and `problem` (None or what is wrong).

    A crash or a hang ends the process, with the stack on standard error.
    """
    originals = [path.read_bytes() for path in sorted(seeds.iterdir())]
    _limit_memory()
    with tempfile.TemporaryDirectory(dir=_FOLDER) as folder, _chatter(Path(folder)) as (tell, chatter):
        memory = _Memory(_MEMORY + max_pixels * _BYTES_PER_PIXEL)
        for number in range(first, first + count):
            tell(str(number))
            path = Path(folder) / "photo"
            path.write_bytes(mutated(kind, originals, seed, number))
            signal.setitimer(signal.ITIMER_REAL, SECONDS)
            try:
                outcome, problem = _read(path, number, max_pixels), None
            except Exception as error:
                outcome, problem = "error", f"{type(error).__name__}: {error}"
            signal.setitimer(signal.ITIMER_REAL, 0)
            problem = problem or chatter(_UNAVOIDABLE.get(kind)) or memory.excess()
            tell(json.dumps({"outcome": outcome, "problem": problem}))


def _read(path: Path, number: int, max_pixels: int) -> str:
    try:
        photo = read_photo(path, max_pixels)
    except PhotoError as error:
        _check_sentence(str(error), path)
        return "sentence"
    height, width = photo.rgb.shape[:2]
    assert photo.samples.shape[:2] == (height, width), f"{photo.samples.shape} and {photo.rgb.shape}"
    assert all(note and "\n" not in note and "Error" not in note for note in photo.notes), photo.notes
    if number % _WRITES == 0 and height * width <= _WRITTEN:
        others = list(CONTAINERS)
        for name in {container(photo, OutputFormat.KEEP), others[number // _WRITES % len(others)]}:
            _write(photo, path.with_name("result"), name)
    return "photo"


def _write(photo: Photo, path: Path, name: str) -> None:
    """Write a photo with a restored face, and read it again."""
    rgb = photo.rgb.copy()
    rgb[:8, :8] //= 2
    try:
        write_photo(photo, rgb, path, name, entry=_ENTRY)
    except PhotoError as error:
        _check_sentence(str(error), path)
        return
    except Exception as error:
        raise AssertionError(f"writing {name}: {type(error).__name__}: {error}") from error
    try:
        again = read_photo(path)
    except PhotoError as error:
        raise AssertionError(f"what was written as {name} is not read: {error}") from error
    assert np.array_equal(again.rgb.shape, rgb.shape), f"written as {name}: {again.rgb.shape} and not {rgb.shape}"


def _check_sentence(sentence: str, path: Path) -> None:
    assert sentence.endswith("."), sentence
    assert str(path) in sentence, sentence
    assert "\n" not in sentence, sentence
    assert len(sentence) < 400, sentence


def _limit_memory() -> None:
    limit = psutil.Process().memory_info().vms + _BRAKE
    resource.setrlimit(resource.RLIMIT_AS, (limit, limit))


class _Memory:
    """Watches the most memory that this process ever had."""

    def __init__(self, allowed: int) -> None:
        self._allowed = self._peak() + allowed

    @staticmethod
    def _peak() -> int:
        return 1024 * resource.getrusage(resource.RUSAGE_SELF).ru_maxrss

    def excess(self) -> str | None:
        peak = self._peak()
        if peak <= self._allowed:
            return None
        excess, self._allowed = peak - self._allowed, peak
        return f"{excess / 1e6:.0f} MB more memory than allowed"


@contextmanager
def _chatter(
    folder: Path,
) -> Iterator[tuple[_Tell, _Printed]]:
    """Keep what libraries print away from our output: what tells there, and what returns what they printed."""
    with os.fdopen(os.dup(1), "w") as out, (folder / "chatter").open("w+b") as file:
        errors = os.dup(2)
        faulthandler.enable(errors)
        faulthandler.register(signal.SIGALRM, errors, chain=True)
        os.dup2(file.fileno(), 1)
        os.dup2(file.fileno(), 2)

        def tell(line: str) -> None:
            out.write(line + "\n")
            out.flush()

        def printed(allowed: re.Pattern[str] | None) -> str | None:
            if not os.fstat(file.fileno()).st_size:
                return None
            file.seek(0)
            lines = file.read().decode(errors="replace").splitlines()
            file.seek(0)
            file.truncate()
            others = [line for line in lines if allowed is None or not allowed.match(line)]
            return f"printed: {others[0]}" if others else None

        try:
            yield tell, printed
        finally:
            os.dup2(errors, 2)


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), *map(int, sys.argv[3:]))
