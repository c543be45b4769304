"""What the engine's thread is asked to do, one thing at a time."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from app.document.decisions import Decisions, FaceDecision
from app.engine.photo_cache import Fingerprint
from core.progress import CancelToken
from core.types import Detection, FaceCrop


@dataclass(frozen=True, eq=False)
class Job:
    """Work on the photo `key` at `path`, as `decisions` were when it was asked for."""

    key: int
    path: Path
    decisions: Decisions
    cancel: CancelToken = field(default_factory=CancelToken)


@dataclass(frozen=True, eq=False)
class LookJob(Job):
    """Find the faces. Returns Looked."""


@dataclass(frozen=True, eq=False)
class RestoreJob(Job):
    """Restore the faces that are to be and have no restored crop yet. Returns Restored."""


@dataclass(frozen=True, eq=False)
class FindJob(Job):
    """Find the one face in `box` (left, top, right, bottom), photo pixels. Returns Face or None."""

    box: tuple[float, float, float, float] = (0.0, 0.0, 0.0, 0.0)


@dataclass(frozen=True, eq=False)
class TryJob(Job):
    """Restore one face with another model, by name, to be looked at. Returns FaceCrop."""

    face: FaceDecision = field(kw_only=True)


@dataclass(frozen=True, eq=False)
class Looked:
    """The faces of a photo, and the fingerprint of the picture they are in (`photo_cache.fingerprint`)."""

    found: Detection
    seen: Fingerprint


@dataclass(frozen=True, eq=False)
class Restored:
    """What restoring gave: the decisions it was made of, with the faces found where nobody had looked for them or
    the file had changed since, the crops of their included faces, in that order (None where a face could not be
    aligned), and sentences for the user. An enlarged background is on the shelf."""

    decisions: Decisions
    crops: tuple[FaceCrop | None, ...]
    warnings: tuple[str, ...] = ()
