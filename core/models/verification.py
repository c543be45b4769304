"""Whether the models on this machine still are what they were."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from core.checksums import file_sha256
from core.errors import ModelError
from core.files import reason
from core.models.recognition import look_inside
from core.models.store import ModelFile, present_models
from core.progress import CancelToken


@dataclass(frozen=True)
class Verdict:
    """What verifying a model found: `problem` is a sentence, None for a good model; `checked` says which checksum
    it was compared with."""

    model: ModelFile
    problem: str | None
    checked: str


def verify_models(wanted: Sequence[str] = (), cancel: CancelToken | None = None) -> Iterator[Verdict]:
    """Read the models that are meant (all for none) from end to end, compare their sizes and checksums, and load
    them. Raises ModelError for a name that is no model here, and Cancelled."""
    cancel = cancel or CancelToken()
    present = present_models()
    for name in wanted:
        if not any(model.is_called(name) for model in present):
            raise ModelError(f"There is no model called '{name}' on this machine.")
    for model in present:
        if not wanted or any(model.is_called(name) for name in wanted):
            cancel.raise_if_cancelled()
            yield _verdict(model)


def _verdict(model: ModelFile) -> Verdict:
    checked = "no known checksum"
    if _is_published(model):
        checked = "published checksum"
    elif model.record is not None:
        checked = "its checksum from when it came"
    try:
        problem = _problem(model)
        look_inside(model.path, model.path.name, model.kind)
    except ModelError as error:
        return Verdict(model, str(error), checked)
    except OSError as error:
        return Verdict(model, f"'{model.path}' could not be read ({reason(error)}); check the file.", checked)
    return Verdict(model, problem, checked)


def _is_published(model: ModelFile) -> bool:
    """Whether a file should be, byte by byte, what the catalogue says."""
    return model.info is not None and model.info.is_pinned and model.path.name == model.info.file


def _problem(model: ModelFile) -> str | None:
    path, info = model.path, model.info
    sha256 = file_sha256(path)
    expected = info.sha256 if info and _is_published(model) else model.record.sha256 if model.record else sha256
    if sha256 == expected:
        return None
    return (
        f"'{path.name}' is damaged or was replaced: it has {path.stat().st_size:,} bytes of SHA-256 {sha256}, not "
        f"{expected}. Remove it and get it again."
    )
