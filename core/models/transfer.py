"""A file from the web into a `.part` file, across any interruption.

Beside the part lies a note of where it comes from and which version of the file it belongs to; a server that has
another version by then sends it from the beginning (If-Range, RFC 9110 section 13.1.5). What the bytes are worth
is for others to check.
"""

from __future__ import annotations

import json
import os
import random
import re
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from importlib.metadata import version
from pathlib import Path
from typing import BinaryIO

from core.errors import ModelError
from core.files import reason, replace_file
from core.models.download_progress import DownloadMeter, DownloadProgress, DownloadSink
from core.models.folders import APP_NAME, check_space
from core.models.http import Answer, Interrupted, get
from core.progress import CancelToken

_BUSY = frozenset({408, 425, 429, 500, 502, 503, 504})
"""Answers that may be better in a while."""

_WORTHWHILE = 64 << 10
"""New bytes that make a connection a success even if it breaks off afterwards."""


@dataclass(frozen=True)
class Patience:
    """When to give up. `failures` in a row that brought nothing worthwhile end a download; between two of them lie
    `pause` seconds, twice as many each time, up to `longest`, and up to half as many again by chance, so that many
    programs do not come back at once. A server may ask for a longer pause, up to `longest`. `stall` is how many
    seconds a connection may bring nothing."""

    failures: int = 6
    pause: float = 1.0
    longest: float = 60.0
    stall: float = 30.0

    def before_next(self, failures: int) -> float:
        """Seconds to wait after so many failures in a row, at least 1."""
        return min(self.longest, self.pause * 2.0 ** (failures - 1)) * random.uniform(1, 1.5)


@dataclass(frozen=True)
class Wanted:
    """A file to fetch. `size` in bytes where it is known; with `checked` the caller knows its checksum, so that
    any beginning of it may be gone on with."""

    name: str
    url: str
    size: int | None = None
    checked: bool = False


@dataclass(frozen=True)
class _Origin:
    """What lies beside a part: which file it is the beginning of. `validator` is its ETag or date, if the server
    names one that can be relied on."""

    url: str
    validator: str | None
    total: int | None


def fetch(
    wanted: Wanted,
    part: Path,
    progress: DownloadSink,
    cancel: CancelToken,
    patience: Patience,
) -> bool:
    """Bring `part` to the whole file, going on where an earlier call was interrupted. Returns whether it was put
    together from several pieces.

    Raises ModelError, a sentence to show as it is, and Cancelled; what came so far stays for the next call.
    """
    furthest, failures = _length(part), 0
    while True:
        try:
            return _attempt(wanted, part, progress, cancel, patience.stall)
        except Interrupted as interruption:
            done = _length(part)
            failures = 1 if done - furthest >= _WORTHWHILE else failures + 1
            furthest = max(furthest, done)
            if failures >= patience.failures:
                raise ModelError(_given_up(wanted, interruption, done)) from interruption
            pause = max(interruption.wait or 0.0, patience.before_next(failures))
            if interruption.wait is not None and interruption.wait > patience.longest:
                raise ModelError(
                    f"The server wants to be left alone for {interruption.wait / 60:.0f} minutes; get "
                    f"{wanted.name} again then: what is here stays."
                ) from interruption
            note = f"{interruption}; trying again in {pause:.0f} s"
            progress(DownloadProgress(wanted.name, done, wanted.size, note=note))
            cancel.wait(pause)


def discard(part: Path) -> None:
    """Delete a part and what lies beside it."""
    part.unlink(missing_ok=True)
    _note(part).unlink(missing_ok=True)


def finish(part: Path, target: Path) -> None:
    """Give a part that is whole its name. Raises OSError."""
    with part.open("rb+") as file:
        os.fsync(file.fileno())
    part.replace(target)
    _note(part).unlink(missing_ok=True)


def _attempt(wanted: Wanted, part: Path, progress: DownloadSink, cancel: CancelToken, stall: float) -> bool:
    """One request; returns whether it went on with what there was. Raises Interrupted, ModelError and
    Cancelled."""
    have, origin = _length(part), _read_origin(part)
    if not have or not _can_go_on(wanted, origin):
        have = 0
    if have and have == (wanted.size or (origin.total if origin else None)):
        return True
    headers = {"User-Agent": f"{APP_NAME}/{version(APP_NAME)}", "Accept-Encoding": "identity"}
    if have:
        headers["Range"] = f"bytes={have}-"
        if origin and origin.validator and origin.url == wanted.url:
            headers["If-Range"] = origin.validator
    with get(wanted.url, headers, stall, cancel) as answer:
        start, told = _start_and_total(wanted, answer, have)
        total = wanted.size if told is None else told
        if start is None:
            # The part is longer than the file: it belongs to another one.
            discard(part)
            raise Interrupted("the file has changed on the server")
        if wanted.size not in (None, total):
            raise ModelError(
                f"{wanted.url} has {total:,} bytes, not the {wanted.size:,} of {wanted.name}; it is another file "
                "and was not taken."
            )
        try:
            check_space(part.parent, wanted.name, (total or start) - start)
            if start == 0:
                _begin(part, _Origin(wanted.url, _validator(answer), total))
            meter = DownloadMeter(wanted.name, start, total, progress)
            with part.open("r+b") as file:
                file.seek(start)
                _receive(answer.chunks, file, meter)
        except OSError as error:
            raise ModelError(
                f"'{part}' cannot be written ({reason(error)}); free some space or check the folder, and get "
                f"{wanted.name} again: what is here stays."
            ) from error
    if total is not None and meter.done < total:
        raise Interrupted(f"the connection ended after {meter.done:,} of {total:,} bytes")
    return start > 0


def _receive(chunks: Iterator[bytes], file: BinaryIO, meter: DownloadMeter) -> None:
    for chunk in chunks:
        if meter.total is not None and meter.done + len(chunk) > meter.total:
            raise ModelError(
                f"The server sends more than the {meter.total:,} bytes of {meter.name}; it is another file."
            )
        # What a killed process has written stays: only the machine itself must not fail.
        file.write(chunk)
        file.flush()
        meter.add(len(chunk))
    meter.show()


def _can_go_on(wanted: Wanted, origin: _Origin | None) -> bool:
    if wanted.checked:
        return True
    return origin is not None and origin.url == wanted.url and origin.validator is not None


def _start_and_total(wanted: Wanted, answer: Answer, have: int) -> tuple[int | None, int | None]:
    """Where the body begins in the file (None: nowhere, the part is too long), and the whole file's length if the
    server says it. Raises Interrupted and ModelError for all that is no body."""
    if answer.status == 416 and have:
        return None, None
    if answer.status == 206 and have:
        found = re.fullmatch(r"bytes (\d+)-\d+/(\d+|\*)", answer.headers.get("Content-Range", "").strip())
        if found is None or int(found[1]) != have:
            raise ModelError(
                f"The server answers with another part of {wanted.name} than it was asked for; get it from "
                "another place and import it."
            )
        return have, None if found[2] == "*" else int(found[2])
    if answer.status != 200:
        raise _refusal(wanted, answer)
    if answer.headers.get_content_type() == "text/html":
        raise ModelError(
            f"{wanted.url} answers with a web page and not with {wanted.name}; perhaps this network wants you to "
            "log in first. Open the address in a browser."
        )
    if answer.headers.get("Content-Encoding", "identity") != "identity":
        raise ModelError(f"The server packs {wanted.name}, though it was asked not to; get it from another place.")
    return 0, answer.number("Content-Length")


def _refusal(wanted: Wanted, answer: Answer) -> Exception:
    if answer.status in _BUSY:
        return Interrupted(f"the server is busy or broken (error {answer.status})", answer.retry_after)
    if answer.status in (404, 410):
        return ModelError(
            f"{wanted.url} is not there (error {answer.status}); look for {wanted.name} elsewhere and import it."
        )
    if answer.status == 407:
        return ModelError("The proxy wants a name and a password: HTTPS_PROXY=http://name:password@host:port.")
    return ModelError(
        f"The server refuses to give {wanted.url} (error {answer.status}); open the address in a browser, and "
        "import what you get."
    )


def _given_up(wanted: Wanted, interruption: Interrupted, done: int) -> str:
    kept = f" What came so far ({done:,} bytes) stays." if done else ""
    return (
        f"{wanted.name} could not be downloaded from {wanted.url}: {interruption}. Check the connection and try "
        f"again.{kept}"
    )


def _validator(answer: Answer) -> str | None:
    """What If-Range takes: a strong ETag, else the date of the last change where it is surely older than the
    answer (RFC 9110, sections 8.8.2.2 and 13.1.5)."""
    etag = answer.headers.get("ETag", "").strip()
    if etag and not etag.startswith("W/"):
        return str(etag)
    changed = answer.headers.get("Last-Modified")
    return changed if changed and changed != answer.headers.get("Date") else None


def _begin(part: Path, origin: _Origin) -> None:
    # In this order: a note never lies beside the bytes of another file.
    part.write_bytes(b"")
    replace_file(_note(part), json.dumps(asdict(origin)).encode())


def _read_origin(part: Path) -> _Origin | None:
    try:
        return _Origin(**json.loads(_note(part).read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError):
        return None


def _note(part: Path) -> Path:
    return part.with_name(f"{part.name}.json")


def _length(part: Path) -> int:
    try:
        return part.stat().st_size
    except OSError:
        return 0
