"""Models that the user has already: files, other programs' folders, and archives."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from core.errors import ModelError
from core.files import reason
from core.models.archives import MAX_BYTES, MODEL_SUFFIXES, is_archive, unpack
from core.models.folders import is_file, models_folder
from core.models.installing import Candidate, ImportOptions, install
from core.models.recognition import Recognition, recognise
from core.progress import CancelToken


@dataclass(frozen=True)
class Imported:
    """A file that is in the models folder now: where it was, what it is, where it is, and how it came ("linked",
    "copied", "converted", or "here already")."""

    source: str
    what: Recognition
    place: Path
    done: str


@dataclass(frozen=True)
class Refused:
    """A file that was left out, and why, in a sentence. `named` tells what the user named from what lay in a
    folder or archive."""

    source: str
    why: str
    named: bool


def import_models(
    sources: Sequence[Path], options: ImportOptions | None = None, cancel: CancelToken | None = None
) -> Iterator[Imported | Refused]:
    """Take over the models in files, folders and archives, one after the other, whatever is wrong with any of
    them. Sources are never changed. Raises Cancelled."""
    options, cancel = options or ImportOptions(), cancel or CancelToken()
    for source in sources:
        empty = True
        try:
            for outcome in _from(source, options, cancel):
                empty = False
                yield outcome
        except ModelError as error:
            yield Refused(str(source), str(error), named=True)
        except OSError as error:
            yield Refused(str(source), f"'{source}' could not be read ({reason(error)}); check it.", named=True)
        else:
            if empty:
                yield Refused(str(source), f"There is no weights file in '{source}'.", named=True)


def _from(source: Path, options: ImportOptions, cancel: CancelToken) -> Iterator[Imported | Refused]:
    if source.is_dir():
        for path in sorted(source.rglob("*")):
            cancel.raise_if_cancelled()
            if path.suffix.lower() in MODEL_SUFFIXES and is_file(path):
                yield _take(Candidate(path, path.name, str(path)), options, cancel, named=False)
    elif is_file(source) and is_archive(source):
        yield from _from_archive(source, options, cancel)
    else:
        yield _take(Candidate(source, source.name, str(source)), options, cancel, named=True)


def _from_archive(archive: Path, options: ImportOptions, cancel: CancelToken) -> Iterator[Imported | Refused]:
    models_folder().mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".import-", dir=models_folder()) as folder:
        for name, unpacked in unpack(archive, Path(folder), cancel):
            shown = f"{archive}: {name}"
            if isinstance(unpacked, ModelError):
                yield Refused(shown, str(unpacked), named=False)
            else:
                candidate = Candidate(unpacked, name, shown, is_temporary=True)
                yield _take(candidate, options, cancel, named=False)


def _take(candidate: Candidate, options: ImportOptions, cancel: CancelToken, named: bool) -> Imported | Refused:
    try:
        if is_file(candidate.path) and candidate.path.stat().st_size > MAX_BYTES:
            raise ModelError(f"'{candidate.name}' is too large to be a model of this program.")
        what = recognise(candidate.path, candidate.name)
        place, done = install(candidate, what, options, cancel)
    except ModelError as error:
        return Refused(candidate.shown, str(error), named)
    return Imported(candidate.shown, what, place, done)
