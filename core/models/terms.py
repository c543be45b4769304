"""The licences of the models that restored a photo, for its metadata."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from core.errors import ModelError
from core.models.recognition import metadata_of, recognise
from core.models.store import ModelFile, find_model


def usage_terms(models: Iterable[str | None]) -> str:
    """A sentence that names the restorers (by what `find_model` takes, each once) and their licences."""
    return f"Faces restored by {' and '.join(dict.fromkeys(map(_named, models)))}."


def _named(model: str | None) -> str:
    try:
        file = find_model(model, "restorer")
    except ModelError:
        return f"{model} (licence not known)"  # removed after it restored
    return f"{file.title} (licence: {licence_of(file) or 'not known'})"


def licence_of(file: ModelFile) -> str:
    """The terms of a model on this machine, as the catalogue or the file itself tells them; "" for none."""
    if file.info is not None:
        return file.info.licence
    return metadata_of(file.path).get("licence") or _recognised(file.path)


def _recognised(path: Path) -> str:
    try:
        return recognise(path, path.name).licence
    except ModelError:
        return ""
