"""Published models from the web into the models folder: once, whole, and the right ones."""

from __future__ import annotations

import json
import os
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from urllib.parse import quote

from filelock import FileLock, Timeout

from core.checksums import file_sha256
from core.errors import ModelError
from core.files import reason, remove_stale
from core.models.catalogue import ModelInfo
from core.models.download_progress import DownloadProgress, DownloadSink
from core.models.folders import APP_NAME, MODELS_FOLDER_VARIABLE, is_file
from core.models.records import Record, read_records, remember
from core.models.store import place_of
from core.models.transfer import (
    Patience,
    Wanted,
    discard,
    fetch,
    finish,
)
from core.progress import CancelToken

MIRROR_VARIABLE = "GFPGAN_DESKTOP_MIRROR"
"""Environment variable with the address of a folder that has the published files by their names."""


def download_model(
    info: ModelInfo,
    progress: DownloadSink = lambda _: None,
    cancel: CancelToken | None = None,
    mirror: str | None = None,
    patience: Patience | None = None,
) -> Path:
    """Bring a model of the catalogue into the models folder; returns its file, at once where it is there.

    `mirror` is the address of a folder that has the published files by their names; None takes that of
    `MIRROR_VARIABLE`, else the file's own place. An interrupted download is gone on with. Where another process
    downloads the same file this one waits for it. The file has its name only once its size and checksum are right;
    a checksum that is not published is remembered from the first time.

    Raises ModelError, a sentence to show as it is, and Cancelled.
    """
    cancel = cancel or CancelToken()
    target = place_of(info)
    remove_stale(target.parent)
    if is_file(target):
        return target
    wanted = _wanted(info, mirror)
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with only_process(target, info.file, progress, cancel):
            if not is_file(target):
                _download(info, wanted, target, progress, cancel, patience or Patience())
    except OSError as error:
        raise ModelError(
            f"'{target}' cannot be written ({reason(error)}); check that folder, or name another one with "
            f"{MODELS_FOLDER_VARIABLE}."
        ) from error
    return target


def _wanted(info: ModelInfo, mirror: str | None) -> Wanted:
    if info.url is None:
        raise ModelError(f"'{info.name}' comes with the program and is not there; install the program again.")
    base = mirror or os.environ.get(MIRROR_VARIABLE)
    url = f"{base.rstrip('/')}/{quote(info.file)}" if base else info.url
    return Wanted(info.file, url, info.size, checked=info.is_pinned or info.file in read_records())


@contextmanager
def only_process(target: Path, name: str, progress: DownloadSink, cancel: CancelToken) -> Iterator[None]:
    """Wait until no other process, and no other thread, works on `target`. The system lets go of what a process
    holds when it ends, however it ends. Raises Cancelled."""
    lock = FileLock(target.with_name(f".{target.name}.lock"))
    told = False
    while not lock.is_locked:
        cancel.raise_if_cancelled()
        try:
            lock.acquire(timeout=0.2)
        except Timeout:
            if not told:
                progress(DownloadProgress(name, 0, None, note="another process is at it; waiting for that"))
                told = True
    try:
        yield
    finally:
        lock.release()


def _download(
    info: ModelInfo, wanted: Wanted, target: Path, progress: DownloadSink, cancel: CancelToken, patience: Patience
) -> None:
    part = target.with_name(f"{target.name}.part")
    in_pieces = fetch(wanted, part, progress, cancel, patience)
    problem = _problem(info, part)
    if problem and in_pieces:
        # The pieces may be of different files.
        discard(part)
        fetch(wanted, part, progress, cancel, patience)
        problem = _problem(info, part)
    if problem:
        discard(part)
        raise ModelError(problem)
    if not info.is_pinned:
        # Before the file has its name, so that no file is there without its record.
        sha256, size = file_sha256(part), part.stat().st_size
        remember(info.file, Record(sha256, size, wanted.url, date.today().isoformat()))
    finish(part, target)


def _problem(info: ModelInfo, part: Path) -> str | None:
    """What is wrong with a file that came, as a sentence, or None."""
    size, sha256 = part.stat().st_size, file_sha256(part)
    if info.size not in (None, size):
        return (
            f"What came as {info.file} has {size:,} bytes and not {info.size:,}; it was not taken. Get it again."
        )
    if not info.agrees(sha256):
        return (
            f"What came as {info.file} is another file (its SHA-256 is {sha256}, the published one "
            f"{info.sha256}); it was not taken. Get it again, without a mirror if there is one."
        )
    if info.is_pinned:
        return None
    record = read_records().get(info.file)
    if record is not None and record.sha256 != sha256:
        return changed(info, record, sha256)
    if not is_whole(part):
        return f"What came as {info.file} is damaged or no weights file; it was not taken. Get it again."
    return None


def changed(info: ModelInfo, record: Record, sha256: str) -> str:
    """The sentence for a file that is not what it was."""
    return (
        f"{info.file} is not the file that came on {record.date} from {record.origin} (its SHA-256 was "
        f"{record.sha256} and is {sha256}), and is not taken. If you trust it, forget the old one with "
        f'"{APP_NAME} models remove {info.name} --forget", and get it again.'
    )


def is_whole(path: Path) -> bool:
    """Whether a file without a known checksum is a weights file that nothing was cut off from, as far as its
    format shows without loading it. Raises OSError."""
    with path.open("rb") as file:
        head = file.read(16)
    if head[:2] == b"PK":
        try:
            with zipfile.ZipFile(path) as archive:
                return archive.testzip() is None
        except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError):
            return False
    if head[8:9] == b"{":
        return _safetensors_is_whole(path, int.from_bytes(head[:8], "little"))
    # A pickle of PyTorch's older format has its protocol first; ONNX begins with the number of its version.
    return head[:1] in (b"\x80", b"\x08")


def _safetensors_is_whole(path: Path, header: int) -> bool:
    size = path.stat().st_size
    if 8 + header > size:
        return False
    with path.open("rb") as file:
        file.seek(8)
        try:
            rows = json.loads(file.read(header))
            ends = [row["data_offsets"][1] for name, row in rows.items() if name != "__metadata__"]
        except (ValueError, KeyError, TypeError, AttributeError, IndexError):
            return False
    return 8 + header + max(ends, default=0) == size
