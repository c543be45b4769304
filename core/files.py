"""Which files are meant, where results go, and writing them so that no half file is ever seen."""

from __future__ import annotations

import errno
import os
import re
import secrets
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from core.errors import PhotoError

_PHOTO_ENDINGS = "jpg jpeg jpe jfif png webp tif tiff bmp gif ppm pgm jp2 heic heif avif"
PHOTO_SUFFIXES = frozenset(f".{ending}" for ending in _PHOTO_ENDINGS.split())
"""What counts as a photo inside a folder. A file that is named outright is read whatever it is called."""


@dataclass(frozen=True)
class InputFile:
    """A file to restore. `relative` is its path below the folder it was found in, or its name."""

    path: Path
    relative: Path


def find_photos(
    inputs: Iterable[Path], recursive: bool = False, leave_out: Iterable[Path] = ()
) -> Iterator[InputFile]:
    """Files and the photos in folders, each once, in the order given and by name (2 before 10) inside a folder.

    `recursive` looks into subfolders, save those of `leave_out` (the results'). Hidden files and folders are left
    out, and links to folders are not followed. A path that does not exist, or a folder that cannot be listed,
    is passed on: reading it gives the error.
    """
    seen: set[str] = set()
    excluded = {os.path.realpath(folder) for folder in leave_out}
    for start in inputs:
        for found in _in_folder(start, recursive, excluded) if _is_folder(start) else [_named(start)]:
            # Not Path.resolve, which raises for links that lead in a circle.
            real = os.path.realpath(found.path)
            if real not in seen:
                seen.add(real)
                yield found


def _named(path: Path) -> InputFile:
    return InputFile(path, Path(path.name))


def _in_folder(folder: Path, recursive: bool, excluded: set[str]) -> Iterator[InputFile]:
    relatives: list[Path] = []
    unreadable: list[OSError] = []
    for root, folders, names in os.walk(folder, onerror=unreadable.append):
        inside = Path(root)
        relatives += [(inside / name).relative_to(folder) for name in names if _is_photo(inside / name)]
        entered = [name for name in folders if recursive and not name.startswith(".")]
        folders[:] = [name for name in entered if os.path.realpath(inside / name) not in excluded]
    for relative in sorted(relatives, key=lambda path: (_natural(str(path)), str(path))):
        yield InputFile(folder / relative, relative)
    yield from (_named(Path(error.filename)) for error in unreadable)


def _is_photo(path: Path) -> bool:
    # Broken links and files out of reach count: reading them gives the reason.
    return path.suffix.lower() in PHOTO_SUFFIXES and not path.name.startswith(".")


def _is_folder(path: Path) -> bool:
    """`Path.is_dir` that takes a path out of reach, or too long to be one, for absent."""
    try:
        return path.is_dir()
    except OSError:
        return False


def _natural(text: str) -> list[tuple[int, int, str]]:
    parts = re.split(r"(\d+)", text.casefold())
    return [(0, int(part), "") if part.isdecimal() else (1, 0, part) for part in parts]


def make_folder(folder: Path) -> None:
    """Make `folder` and its parents. Raises PhotoError when that is not possible or nothing can be put there."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except FileExistsError as error:
        raise PhotoError(f"'{folder}' is a file; choose a folder for the results.") from error
    except OSError as error:
        raise PhotoError(f"The folder '{folder}' cannot be made ({reason(error)}); choose another one.") from error


def write_atomically(path: Path, data: bytes) -> None:
    """Write beside `path` and move into place, so that `path` is either the old file or the whole new one.

    Raises PhotoError.
    """
    make_folder(path.parent)
    try:
        replace_file(path, data)
    except OSError as error:
        raise PhotoError(f"'{path}' cannot be written ({reason(error)}); {_remedy(error)}.") from error


def replace_file(path: Path, data: bytes) -> None:
    """`write_atomically` into a folder that exists. Raises OSError."""
    temporary = path.with_name(f".{secrets.token_hex(8)}.part")
    try:
        with temporary.open("xb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)


def _remedy(error: OSError) -> str:
    if error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
        return "free some space, or choose another folder with -o"
    if error.errno == errno.ENAMETOOLONG:
        return "shorten the file's name"
    return "choose another folder with -o"


def reason(error: OSError) -> str:
    """What the system says of an error, without number and path."""
    return (error.strerror or str(error)).strip().rstrip(".").lower()
