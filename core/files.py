"""Which files are meant, reading them whole, and writing them so that no half file is ever seen."""

from __future__ import annotations

import errno
import importlib.util
import os
import re
import secrets
import stat
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from core.errors import PhotoError
from core.paths import on_disk
from core.progress import CancelToken

_PHOTO_ENDINGS = (
    "jpg jpeg jpe jfif mpo png webp tif tiff bmp gif ppm pgm pbm pnm jp2 j2k j2c jpc jpx jpf heic heif hif avif"
)
_RAW_ENDINGS = "3fr arw cr2 cr3 crw dcr dng erf fff iiq kdc mef mos mrw nef nrw orf pef raf rw2 rwl srw x3f"
RAW_SUFFIXES = frozenset(f".{ending}" for ending in _RAW_ENDINGS.split())
_READS_RAW = importlib.util.find_spec("rawpy") is not None
PHOTO_SUFFIXES = frozenset(f".{ending}" for ending in _PHOTO_ENDINGS.split()) | (
    RAW_SUFFIXES if _READS_RAW else frozenset()
)
"""What counts as a photo inside a folder: camera RAW where it can be read. A file that is named outright is read
whatever it is called."""

STALE_SECONDS = 24 * 60 * 60
"""Age from which a temporary file is no living program's: nothing writes one photo for a day."""

_TEMPORARY = re.compile(r"\.gfpgan-desktop-[0-9a-f]{16}\.part")


@dataclass(frozen=True)
class InputFile:
    """A file to restore. `relative` is its path below the folder it was found in, or its name."""

    path: Path
    relative: Path


def find_photos(
    inputs: Iterable[Path],
    recursive: bool = False,
    leave_out: Iterable[Path] = (),
    cancel: CancelToken | None = None,
) -> Iterator[InputFile]:
    """Files and the photos in folders, each once, in the order given and by name (2 before 10) inside a folder.

    `recursive` looks into subfolders, save those of `leave_out` (the results'). Hidden files and folders are left
    out, and links to folders are not followed. A path that does not exist, or a folder that cannot be listed,
    is passed on: reading it gives the error. Raises Cancelled.
    """
    seen: set[str] = set()
    excluded = {os.path.realpath(folder) for folder in leave_out}
    for start in inputs:
        for found in _in_folder(start, recursive, excluded, cancel) if _is_folder(start) else [_named(start)]:
            # Not Path.resolve, which raises for links that lead in a circle.
            real = os.path.realpath(found.path)
            if real not in seen:
                seen.add(real)
                yield found


def _named(path: Path) -> InputFile:
    return InputFile(path, Path(path.name))


def _in_folder(
    folder: Path, recursive: bool, excluded: set[str], cancel: CancelToken | None
) -> Iterator[InputFile]:
    relatives: list[Path] = []
    unreadable: list[OSError] = []
    top = on_disk(folder, whatever_follows=True)
    for root, folders, names in os.walk(top, onerror=unreadable.append):
        if cancel is not None:
            cancel.raise_if_cancelled()
        inside = Path(root).relative_to(top)
        relatives += [inside / name for name in names if _is_photo(Path(name))]
        entered = [name for name in folders if recursive and not name.startswith(".")]
        folders[:] = [name for name in entered if os.path.realpath(folder / inside / name) not in excluded]
    for relative in sorted(relatives, key=lambda path: (_natural(str(path)), str(path))):
        yield InputFile(folder / relative, relative)
    yield from (_named(Path(error.filename)) for error in unreadable)


def _is_photo(name: Path) -> bool:
    # Broken links and files out of reach count: reading them gives the reason.
    return name.suffix.lower() in PHOTO_SUFFIXES and not name.name.startswith(".")


def _is_folder(path: Path) -> bool:
    """`Path.is_dir` that takes a path out of reach, or too long to be one, for absent."""
    try:
        return on_disk(path).is_dir()
    except OSError:
        return False


def _natural(text: str) -> list[tuple[int, int, str]]:
    parts = re.split(r"(\d+)", text.casefold())
    return [(0, int(part), "") if part.isdecimal() else (1, 0, part) for part in parts]


def read_file(path: Path, limit: int) -> bytes:
    """The content of the file at `path`, of at most `limit` bytes. Raises PhotoError."""
    place = on_disk(path)
    try:
        found = place.stat()
        if stat.S_ISDIR(found.st_mode):
            raise PhotoError(f"'{path}' is a folder; name a photo in it.")
        if not stat.S_ISREG(found.st_mode):
            # Reading a device or a pipe may never end.
            raise PhotoError(f"'{path}' is a device or a pipe; name a file.")
        if found.st_size > limit:
            raise PhotoError(
                f"'{path}' has {found.st_size / 1e9:.1f} GB, more than a photo of the largest size may have "
                f"({limit / 1e9:.1f} GB); raise --max-megapixels if it is one."
            )
        return place.read_bytes()
    except FileNotFoundError as error:
        raise PhotoError(f"'{path}' does not exist; check the path.") from error
    except PermissionError as error:
        raise PhotoError(f"'{path}' cannot be read ({reason(error)}); check its permissions.") from error
    except OSError as error:
        raise PhotoError(f"'{path}' cannot be read ({reason(error)}); check its disk.") from error


def make_folder(folder: Path) -> None:
    """Make `folder` and its parents. Raises PhotoError when that is not possible or nothing can be put there."""
    try:
        on_disk(folder).mkdir(parents=True, exist_ok=True)
    except FileExistsError as error:
        raise PhotoError(f"'{folder}' is a file; choose a folder for the results.") from error
    except OSError as error:
        raise PhotoError(f"The folder '{folder}' cannot be made ({reason(error)}); choose another one.") from error


def remove_stale(folder: Path, seconds: float = STALE_SECONDS) -> None:
    """Remove the temporary files that killed runs left in `folder`, from an age on: 0 where nobody else writes."""
    with suppress(OSError):
        left = [entry for entry in os.scandir(on_disk(folder)) if _TEMPORARY.fullmatch(entry.name)]
        if left:
            # The folder's own clock: that of a share may differ from ours.
            now = _clock_of(folder)
            for entry in left:
                if now - entry.stat().st_mtime >= seconds:
                    Path(entry).unlink()


def _clock_of(folder: Path) -> float:
    probe = _temporary_in(folder)
    try:
        probe.touch(exist_ok=False)
        return probe.stat().st_mtime
    finally:
        probe.unlink(missing_ok=True)


def _temporary_in(folder: Path) -> Path:
    return on_disk(folder / f".gfpgan-desktop-{secrets.token_hex(8)}.part")


def write_atomically(path: Path, data: bytes) -> None:
    """Write beside `path` and move into place, so that `path` is either the old file or the whole new one.

    Raises PhotoError.
    """
    make_folder(path.parent)
    try:
        replace_file(path, data)
    except OSError as error:
        raise unwritable(path, error) from error


def replace_file(path: Path, data: bytes) -> None:
    """`write_atomically` into a folder that exists. Raises OSError."""
    with written_beside(path) as temporary, temporary.open("xb") as file:
        file.write(data)


@contextmanager
def written_beside(path: Path) -> Iterator[Path]:
    """A temporary path beside `path` that the block writes a file to; the file then takes its place, whole.

    Where anything fails, `path` is what it was and nothing is left behind. Raises OSError.
    """
    temporary = _temporary_in(path.parent)
    try:
        yield temporary
        with temporary.open("rb+") as file:
            os.fsync(file.fileno())
        temporary.replace(on_disk(path))
    except BaseException:
        # What went wrong first is what counts, and on a disk that is gone nothing can be removed.
        with suppress(OSError):
            temporary.unlink(missing_ok=True)
        raise
    _settle(path.parent)


def _settle(folder: Path) -> None:
    """Bring the new name to the disk, as far as the system lets a program do that."""
    if os.name != "posix":
        return
    # Some network disks cannot; the file is whole all the same.
    with suppress(OSError):
        handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def keep_times(source: Path, target: Path) -> list[str]:
    """Give `target` the times of `source`; returns a sentence where that is not possible."""
    try:
        times = on_disk(source).stat()
        os.utime(on_disk(target), ns=(times.st_atime_ns, times.st_mtime_ns))
    except OSError as error:
        return [f"the time stamps could not be kept ({reason(error)})"]
    return []


def unwritable(path: Path, error: OSError) -> PhotoError:
    """The error for a user where the system refuses a file at `path`."""
    return PhotoError(f"'{path}' cannot be written ({reason(error)}); {_remedy(error)}.")


def _remedy(error: OSError) -> str:
    if error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
        return "free some space, or choose another folder with -o"
    if error.errno == errno.ENAMETOOLONG:
        return "shorten the file's name"
    if error.errno in (errno.EINVAL, errno.EILSEQ):
        return "rename the photo, whose name that disk may not take, or choose another folder with -o"
    return "choose another folder with -o"


def reason(error: OSError) -> str:
    """What the system says of an error, without number and path."""
    return (error.strerror or str(error)).strip().rstrip(".").lower()
