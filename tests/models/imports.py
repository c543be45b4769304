"""Importing in a line."""

from __future__ import annotations

from pathlib import Path

from core.models.importing import Imported, Refused, import_models
from core.models.installing import ImportOptions


def take(*sources: Path, **options: object) -> list[Imported | Refused]:
    """Import; `options` are those of `ImportOptions`."""
    return list(import_models(sources, ImportOptions(**options)))  # type: ignore[arg-type]


def taken(*sources: Path, **options: object) -> Imported:
    """Import one file, which must be taken."""
    (outcome,) = take(*sources, **options)
    assert isinstance(outcome, Imported), outcome
    return outcome


def refused(*sources: Path, **options: object) -> str:
    """Import one file, which must be refused; returns why."""
    (outcome,) = take(*sources, **options)
    assert isinstance(outcome, Refused), outcome
    return outcome.why
