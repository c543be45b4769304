"""Weights files out of zip and tar archives, safely: names in an archive are only read, never written to."""

from __future__ import annotations

import lzma
import tarfile
import zipfile
import zlib
from collections.abc import Generator, Iterator
from contextlib import closing
from pathlib import Path, PurePosixPath
from typing import IO

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
_CHUNK = 1 << 20
_Member = tuple[str, int, bool, IO[bytes]]
"""Name without folders, size, whether it is packed too tight, and content."""

_DAMAGED = (zipfile.BadZipFile, tarfile.TarError, zlib.error, lzma.LZMAError, EOFError, NotImplementedError)


def is_archive(path: Path) -> bool:
    """Whether a file is a zip or tar archive of files. PyTorch's own files are zip archives too, but of one model.
    Raises OSError."""
    if zipfile.is_zipfile(path):
        try:
            with zipfile.ZipFile(path) as archive:
                return not any(_name(member) in _OF_PYTORCH for member in archive.namelist())
        except _DAMAGED:
            return True
    return tarfile.is_tarfile(path)


def unpack(path: Path, folder: Path, cancel: CancelToken) -> Iterator[tuple[str, Path | ModelError]]:
    """The weights files of an archive, one after the other: each one's name, and a file in `folder` with what it
    holds, which is gone once the next one is asked for; or why it was left out.

    Raises ModelError when the archive cannot be read, OSError when nothing can be written, and Cancelled.
    """
    unpacked = 0
    try:
        with closing(_members(path)) as members:
            for name, size, tight, stream in members:
                unpacked += size
                if size > MAX_BYTES or tight or unpacked > MAX_UNPACKED:
                    yield name, ModelError(f"'{name}' is too large, or packed too tight, for a model.")
                    continue
                place = folder / f"member{PurePosixPath(name).suffix.lower()}"
                try:
                    check_space(folder, name, size)
                    _copy(stream, place, size, cancel)
                    yield name, place
                finally:
                    place.unlink(missing_ok=True)
    except _DAMAGED as error:
        raise ModelError(f"'{path.name}' is damaged ({error}); get it again.") from error
    except RuntimeError as error:
        # So zipfile says that a member is encrypted.
        raise ModelError(f"'{path.name}' cannot be unpacked ({error}); unpack it yourself first.") from error


def _members(path: Path) -> Generator[_Member, None, None]:
    """The weights files among the members."""
    if zipfile.is_zipfile(path):
        with zipfile.ZipFile(path) as archive:
            for row in archive.infolist():
                if not row.is_dir() and _is_model(row.filename):
                    tight = row.file_size > MAX_RATIO * max(row.compress_size, 1)
                    with archive.open(row) as stream:
                        yield _name(row.filename), row.file_size, tight, stream
        return
    with tarfile.open(path) as tar:
        for member in tar:
            content = tar.extractfile(member) if member.isreg() and _is_model(member.name) else None
            if content is not None:
                yield _name(member.name), member.size, False, content


def _copy(stream: IO[bytes], place: Path, size: int, cancel: CancelToken) -> None:
    left = size
    with place.open("wb") as file:
        while left:
            cancel.raise_if_cancelled()
            chunk = stream.read(min(_CHUNK, left))
            if not chunk:
                raise EOFError("a file in it is shorter than it says")
            file.write(chunk)
            left -= len(chunk)


def _name(member: str) -> str:
    return PurePosixPath(member.replace("\\", "/")).name


def _is_model(member: str) -> bool:
    name = _name(member)
    return PurePosixPath(name).suffix.lower() in MODEL_SUFFIXES and not name.startswith(".")
