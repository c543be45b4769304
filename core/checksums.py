"""Checksums of files: one that tells contents apart, and one that finds damage and is six times faster."""

from __future__ import annotations

import hashlib
import json
import time
import zlib
from contextlib import suppress
from pathlib import Path

from core.files import replace_file

_SETTLED = 2.0  # seconds after which a file's time of change would show another change
_CHUNK = 1 << 20


def file_sha256(path: Path) -> str:
    """SHA-256 of a file's content, in hexadecimal. Raises OSError."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def file_crc32(path: Path) -> int:
    """CRC-32 of a file's content. Raises OSError."""
    checksum = 0
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            checksum = zlib.crc32(chunk, checksum)
    return checksum


def remembered_sha256(path: Path, memory: Path) -> str:
    """`file_sha256`, looked up in the file `memory` while size, times and inode of `path` are as they were then.

    Large weights take a second to read through, which every start would pay. Raises OSError.
    """
    found = path.stat()
    mark = [found.st_size, found.st_mtime_ns, found.st_ctime_ns, found.st_ino]
    known = _read(memory)
    name = str(path.resolve())
    if name in known and known[name][:-1] == mark:
        return str(known[name][-1])
    checksum = file_sha256(path)
    if time.time() - found.st_mtime > _SETTLED:
        kept = {other: entry for other, entry in known.items() if Path(other).exists()}
        with suppress(OSError):
            memory.parent.mkdir(parents=True, exist_ok=True)
            replace_file(memory, json.dumps({**kept, name: [*mark, checksum]}).encode())
    return checksum


def _read(memory: Path) -> dict[str, list[int | str]]:
    try:
        known = json.loads(memory.read_text(encoding="utf-8"))
        return {name: entry for name, entry in known.items() if len(entry) == 5}
    except (OSError, ValueError, AttributeError, TypeError):
        return {}
