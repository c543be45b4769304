"""Where results go: one name for each, never an input's, and what happens where a file is already there."""

from __future__ import annotations

import os
import re
import unicodedata
from collections.abc import Iterable
from enum import StrEnum
from pathlib import Path

from core.errors import PhotoError
from core.files import InputFile, remove_stale, unwritable
from core.paths import on_disk


class OnExists(StrEnum):
    """What to do where a result of an earlier run is in the way."""

    UNIQUE = "unique"
    OVERWRITE = "overwrite"
    SKIP = "skip"


def without_results(files: Iterable[InputFile], folder: Path, suffix: str) -> list[InputFile]:
    """The files without those that are named, and lie, like results of others among them: results go below
    `folder`, with `suffix` behind their photos' names."""
    if not suffix:
        return list(files)
    files = list(files)
    results = {_identity(folder / file.relative.with_name(file.relative.stem + suffix)) for file in files}

    def is_result(file: InputFile) -> bool:
        names = {file.path.stem, re.sub(r"(?<=.)-\d+$", "", file.path.stem)}
        return any(_identity(file.path.with_name(name)) in results for name in names)

    return [file for file in files if not is_result(file)]


class Outputs:
    """Gives out the paths of one run's results below `folder`, which exists.

    Two results of one run never get the same path (not even on disks that ignore case or how accents are
    encoded): the second is called name-1. `inputs` are never given out.
    """

    def __init__(self, folder: Path, on_exists: OnExists, inputs: Iterable[Path] = ()) -> None:
        self._folder = folder
        self._is_disk = os.path.ismount(folder)
        self._on_exists = on_exists
        self._inputs = {_identity(path) for path in inputs}
        self._claimed: set[str] = set()
        self._reserved: dict[Path, tuple[Path, Path]] = {}
        self._tidied: set[Path] = set()

    def reserve(self, relative: Path, source: Path) -> None:
        """Reserve the path of a source's result, which will most likely be called `relative`.

        Done for all sources before the first result is written, it gives a source the same path in every run,
        whatever becomes of the sources before it. Under UNIQUE, where no run reuses a name of another, nothing is
        reserved.
        """
        if self._on_exists is not OnExists.UNIQUE:
            self._reserved[source] = (relative, self._free(relative))

    def claim(self, relative: Path) -> Path | None:
        """A path for a result called `relative`, or None where it exists and is to be skipped.

        Raises PhotoError as `place` does.
        """
        path = self.place(relative)
        return None if self.skips(path) else path

    def place(self, relative: Path, source: Path | None = None) -> Path:
        """A path for a result called `relative`: the one that is reserved for its source, if it is called so.

        Raises PhotoError where the name is none for this disk, where an input would be overwritten, and where
        the run's folder is gone.
        """
        self.require_folder()
        likely, path = self._reserved.get(source, (None, None)) if source is not None else (None, None)
        if path is None or likely != relative:
            path = self._free(relative)
        self.tidy(path.parent)
        if _exists(path) and _identity(path) in self._inputs:
            raise PhotoError(
                f"'{path}' is one of the input photos, which are never overwritten; "
                "choose another folder with -o, or another --suffix."
            )
        return path

    def skips(self, path: Path) -> bool:
        """Whether there is a file in a result's place that is to be left alone."""
        return self._on_exists is OnExists.SKIP and _exists(path)

    def _free(self, relative: Path) -> Path:
        """The path for `relative` that no other result has; it is given out from now on."""
        wanted = self._folder / relative
        path, number = wanted, 0
        while self._is_taken(path):
            number += 1
            path = wanted.with_name(f"{wanted.stem}-{number}{wanted.suffix}")
        self._claimed.add(_identity(path))
        return path

    def require_folder(self) -> None:
        """Raises PhotoError where the run's folder is gone; to be asked once more before a result is written.

        Made anew, or found empty, it might lie under the name of a disk or a share that was disconnected.
        """
        if not on_disk(self._folder).is_dir() or (self._is_disk and not os.path.ismount(self._folder)):
            raise PhotoError(f"The folder '{self._folder}' is gone; connect its disk, or choose another with -o.")

    def _is_taken(self, path: Path) -> bool:
        if _identity(path) in self._claimed:
            return True
        return self._on_exists is OnExists.UNIQUE and _exists(path)

    def tidy(self, folder: Path) -> None:
        """Remove, once, what killed runs left half-written in a folder, absolute or below the run's own."""
        folder = self._folder / folder
        if folder not in self._tidied:
            self._tidied.add(folder)
            remove_stale(folder)


def _exists(path: Path) -> bool:
    """Whether there is anything at `path`, be it a broken link. Raises PhotoError for a path that can never be."""
    try:
        os.lstat(on_disk(path))
    except (FileNotFoundError, NotADirectoryError):
        return False
    except OSError as error:
        raise unwritable(path, error) from error
    return True


def _identity(path: Path) -> str:
    """The same for all paths that may be one file: links, upper and lower case, accents encoded either way."""
    # realpath and not Path.resolve, which raises for links that lead in a circle.
    return unicodedata.normalize("NFC", unicodedata.normalize("NFD", os.path.realpath(path)).casefold())
