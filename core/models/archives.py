"""Weights files out of zip and tar archives, safely: names in an archive are only read, never written to."""

from __future__ import annotations

import functools
import lzma
import tarfile
import zipfile
import zlib
from collections.abc import Callable, Generator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import IO, cast

from core.errors import ModelError
from core.models.folders import WEIGHTS_SUFFIXES, check_space
from core.progress import CancelToken

MAX_BYTES = 2 << 30
"""The largest file that can be a model here."""

MAX_UNPACKED = 16 << 30
"""What all members of an archive together may take."""

MAX_RATIO = 100
"""Weights hardly compress: what is packed tighter is there to fill the disk."""

MODEL_SUFFIXES = (*WEIGHTS_SUFFIXES, ".onnx")
_OF_PYTORCH = ("data.pkl", "constants.pkl")
_COMPRESSED = (b"\x1f\x8b", b"BZh", b"\xfd7zXZ\x00")
_USTAR = slice(257, 262)
_CHUNK = 1 << 20


@dataclass(frozen=True)
class _Member:
    """A file in an archive. `packed` is how many bytes it takes there, where that can be told."""

    path: str
    size: int
    packed: int
    open: Callable[[], IO[bytes]]


_DAMAGED = (zipfile.BadZipFile, tarfile.TarError, zlib.error, lzma.LZMAError, EOFError, NotImplementedError)


def is_archive(path: Path) -> bool:
    """Whether a file is a zip or tar archive of files. PyTorch's own files are zip archives too, but of one model.
    Raises OSError."""
    if _is_tar(path):
        return True
    try:
        if not zipfile.is_zipfile(path):
            return False
        with zipfile.ZipFile(path) as archive:
            return not any(_name(member) in _OF_PYTORCH for member in archive.namelist())
    except _DAMAGED:
        return True


def _is_tar(path: Path) -> bool:
    # Not tarfile.is_tarfile: it reads on and on in a file of zeros, as broken downloads leave them. And before
    # zipfile.is_zipfile, which takes a tar archive for the zip archive that is its last member.
    with path.open("rb") as file:
        head = file.read(_USTAR.stop)
    return head.startswith(_COMPRESSED) or head[_USTAR] == b"ustar"


def unpack(path: Path, folder: Path, cancel: CancelToken) -> Generator[tuple[str, Path | ModelError], None, None]:
    """Unpack the weights files of an archive into `folder`, one after the other.

    Yields the name of each and where it was unpacked, or why it was left out. An unpacked file is deleted when the
    next one is asked for.

    Raises ModelError when the archive cannot be read, OSError when nothing can be written, and Cancelled.
    """
    try:
        with closing(_members(path)) as members:
            for member in members:
                if objection := _objection(member):
                    yield member.path, ModelError(f"'{member.path}' {objection}, and was left out.")
                    continue
                name = _name(member.path)
                place = folder / f"member{PurePosixPath(name).suffix.lower()}"
                try:
                    check_space(folder, name, member.size)
                    _copy(member, place, cancel)
                    yield name, place
                finally:
                    place.unlink(missing_ok=True)
    except _DAMAGED as error:
        raise ModelError(f"'{path.name}' is damaged ({error}); get it again.") from error
    except RuntimeError as error:
        # So zipfile says that a member is encrypted.
        raise ModelError(f"'{path.name}' cannot be unpacked ({error}); unpack it yourself first.") from error


def _objection(member: _Member) -> str:
    """What speaks against a member, "" for nothing."""
    if _leads_out(member.path):
        return "has a path that leads out of the archive"
    if member.size > MAX_BYTES or member.size > MAX_RATIO * member.packed:
        return "is too large, or packed too tight, for a model"
    return ""


def _members(path: Path) -> Generator[_Member, None, None]:
    """The weights files among the members. Raises ModelError where it all together is too much."""
    unpacked = 0
    for member in _in_tar(path) if _is_tar(path) else _in_zip(path):
        unpacked += member.size
        if unpacked > MAX_UNPACKED:
            raise ModelError(f"'{path.name}' holds more than {MAX_UNPACKED >> 30} GB; unpack it yourself first.")
        if _is_model(member.path):
            yield member


def _in_zip(path: Path) -> Generator[_Member, None, None]:
    with zipfile.ZipFile(path) as archive:
        for row in archive.infolist():
            if not row.is_dir():
                opened = functools.partial(archive.open, row)
                yield _Member(row.filename, row.file_size, max(row.compress_size, 1), opened)


def _in_tar(path: Path) -> Generator[_Member, None, None]:
    with tarfile.open(path) as archive:
        for row in archive:
            # Links, devices and the like are no models.
            if row.isreg():
                opened = functools.partial(archive.extractfile, row)
                yield _Member(row.name, row.size, max(row.size, 1), cast(Callable[[], IO[bytes]], opened))


def _copy(member: _Member, place: Path, cancel: CancelToken) -> None:
    left = member.size
    with member.open() as stream, place.open("wb") as file:
        while left:
            cancel.raise_if_cancelled()
            chunk = stream.read(min(_CHUNK, left))
            if not chunk:
                raise EOFError("a file in it is shorter than it says")
            file.write(chunk)
            left -= len(chunk)


def _name(member: str) -> str:
    return PurePosixPath(member.replace("\\", "/")).name


def _leads_out(member: str) -> bool:
    parts = member.replace("\\", "/").split("/")
    return ".." in parts or parts[0] == "" or parts[0].endswith(":")


def _is_model(member: str) -> bool:
    name = _name(member)
    return PurePosixPath(name).suffix.lower() in MODEL_SUFFIXES and not name.startswith(".")
