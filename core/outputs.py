"""Where results go: one name for each, never an input's, and what happens where a file is already there."""

from __future__ import annotations

import os
from collections.abc import Iterable
from enum import StrEnum
from pathlib import Path

from core.errors import PhotoError


class OnExists(StrEnum):
    """What to do where a result of an earlier run is in the way."""

    UNIQUE = "unique"
    OVERWRITE = "overwrite"
    SKIP = "skip"


class Outputs:
    """Gives out the paths of one run's results below `folder`.

    Two results of one run never get the same path (not even on disks that ignore case): the second is
    called name-1. `inputs` are never given out.
    """

    def __init__(self, folder: Path, on_exists: OnExists, inputs: Iterable[Path] = ()) -> None:
        self._folder = folder
        self._on_exists = on_exists
        self._inputs = {_identity(path) for path in inputs}
        self._claimed: set[str] = set()

    def claim(self, relative: Path) -> Path | None:
        """A path for a result called `relative`, or None where it exists and is to be skipped.

        Raises PhotoError where an input would be overwritten.
        """
        wanted = self._folder / relative
        path, number = wanted, 0
        while self._is_taken(path):
            number += 1
            path = wanted.with_name(f"{wanted.stem}-{number}{wanted.suffix}")
        self._claimed.add(_identity(path))
        if os.path.lexists(path):
            if self._on_exists is OnExists.SKIP:
                return None
            if _identity(path) in self._inputs:
                raise PhotoError(
                    f"'{path}' is one of the input photos, which are never overwritten; "
                    "choose another folder with -o, or add --suffix."
                )
        return path

    def _is_taken(self, path: Path) -> bool:
        if _identity(path) in self._claimed:
            return True
        return self._on_exists is OnExists.UNIQUE and os.path.lexists(path)


def _identity(path: Path) -> str:
    # realpath and not Path.resolve, which raises for links that lead in a circle.
    return os.path.realpath(path).casefold()
