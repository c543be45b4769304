"""Which files are meant, where results go, and writing them so that no half file is ever seen."""

from __future__ import annotations

import os
import re
import secrets
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from core.errors import PhotoError

PHOTO_SUFFIXES = frozenset(
    [
        ".jpg",
        ".jpeg",
        ".jpe",
        ".jfif",
        ".png",
        ".webp",
        ".tif",
        ".tiff",
        ".bmp",
        ".gif",
        ".ppm",
        ".pgm",
        ".heic",
        ".heif",
        ".avif",
    ]
)
"""What counts as a photo inside a folder. A file that is named outright is read whatever it is called."""


@dataclass(frozen=True)
class InputFile:
    """A file to restore. `relative` is its path below the folder it was found in, or its name."""

    path: Path
    relative: Path


def find_photos(
    inputs: Iterable[Path], recursive: bool = False, leave_out: Path | None = None
) -> Iterator[InputFile]:
    """Files and the photos in folders, each once, in the order given and by name (2 before 10) inside a folder.

    `recursive` looks into subfolders; `leave_out` is a folder whose files are never taken (the results').
    A path that does not exist is passed on: reading it gives the error.
    """
    seen: set[Path] = set()
    excluded = leave_out.resolve() if leave_out is not None else None
    for start in inputs:
        for found in _in_folder(start, recursive) if start.is_dir() else [InputFile(start, Path(start.name))]:
            resolved = found.path.resolve()
            hidden_result = excluded is not None and start.resolve() != excluded and excluded in resolved.parents
            if resolved not in seen and not (start.is_dir() and hidden_result):
                seen.add(resolved)
                yield found


def _in_folder(folder: Path, recursive: bool) -> Iterator[InputFile]:
    paths = folder.rglob("*") if recursive else folder.iterdir()
    photos = [
        p for p in paths if p.suffix.lower() in PHOTO_SUFFIXES and not p.name.startswith(".") and p.is_file()
    ]
    for path in sorted(photos, key=lambda p: _natural(str(p.relative_to(folder)))):
        yield InputFile(path, path.relative_to(folder))


def _natural(text: str) -> list[tuple[int, int, str]]:
    parts = re.split(r"(\d+)", text.casefold())
    return [(0, int(part), "") if part.isdigit() else (1, 0, part) for part in parts]


def unique_path(path: Path, taken: Iterable[Path] = ()) -> Path:
    """`path`, or the first of name-1, name-2, ... that neither exists nor is `taken`."""
    reserved = set(taken)
    candidate, number = path, 0
    while candidate in reserved or candidate.exists() or candidate.is_symlink():
        number += 1
        candidate = path.with_name(f"{path.stem}-{number}{path.suffix}")
    return candidate


def make_folder(folder: Path) -> None:
    """Make `folder` and its parents. Raises PhotoError when that is not possible."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise PhotoError(f"The folder '{folder}' cannot be made ({reason(error)}); choose another one.") from error


def write_atomically(path: Path, data: bytes) -> None:
    """Write beside `path` and move into place, so that `path` is either the old file or the whole new one.

    Raises PhotoError.
    """
    make_folder(path.parent)
    temporary = path.with_name(f".{path.stem[:80]}.{secrets.token_hex(4)}.part")
    try:
        try:
            with temporary.open("xb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            temporary.replace(path)
        finally:
            temporary.unlink(missing_ok=True)
    except OSError as error:
        raise PhotoError(
            f"'{path}' cannot be written ({reason(error)}); free some space or choose another folder with -o."
        ) from error


def reason(error: OSError) -> str:
    """What the system says of an error, without number and path."""
    return (error.strerror or str(error)).strip().rstrip(".").lower()
