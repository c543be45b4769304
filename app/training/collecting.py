"""What is done to a collection of faces off the GUI thread: photos are added, decisions are written down."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from app.settings.settings import AppSettings
from app.translation import translated
from core.errors import Cancelled, PhotoError
from core.files import find_photos, make_folder
from core.progress import CancelToken
from core.types import RestoreOptions
from trainer.dataset import INDEX, Dataset, FaceRecord, read_dataset
from trainer.quality import Limits

Decisions = Mapping[str, bool]
"""Whether to learn from a face, by its file, where the user has decided that."""


@dataclass(frozen=True)
class Progress:
    """One more photo is through: what was found in it, and what there is to say of it."""

    done: int
    total: int
    photo: str
    faces: tuple[FaceRecord, ...] = ()
    note: str = ""


@dataclass(frozen=True)
class Collected:
    """A collection as it lies on the disk now. new: photos that were added; known: those that were in it already;
    problems: a sentence for each photo that could not be used."""

    faces: tuple[FaceRecord, ...]
    new: int = 0
    known: int = 0
    problems: tuple[str, ...] = ()


def open_collection(folder: Path, decisions: Decisions | None = None) -> Collected:
    """The faces in a folder, none where there is nothing yet; decisions are written down. Raises DatasetError and
    PhotoError."""
    dataset = _dataset(folder)
    if decisions:
        dataset.faces = [_decided(face, decisions) for face in dataset.faces]
        dataset.save()
    return Collected(tuple(dataset.faces))


def add_photos(
    folder: Path,
    paths: Sequence[Path],
    limits: Limits,
    settings: AppSettings,
    decisions: Decisions,
    cancel: CancelToken,
    tell: Callable[[object], None],
) -> Collected:
    """Find the faces of photos and of those in folders, align and judge them. Where it is cancelled, what was done
    stays. Raises CoreError."""
    try:
        found = [file.path for file in find_photos(paths, recursive=True, cancel=cancel)]
    except Cancelled:
        return open_collection(folder, decisions)
    photos = [path for path in found if not path.is_relative_to(folder)]
    make_folder(folder)
    dataset = _dataset(folder)
    dataset.faces = [_decided(face, decisions) for face in dataset.faces]
    tell(Progress(0, len(photos), ""))
    from trainer.prepare import Preparation

    # Without photos the faces that are there are judged anew, and nothing is detected.
    detector: Any = _detector(settings) if photos else None
    preparation = Preparation(dataset, detector, limits, RestoreOptions())
    new, known, problems = 0, 0, []
    try:
        for number, path in enumerate(photos, 1):
            cancel.raise_if_cancelled()
            note = ""
            faces: tuple[FaceRecord, ...] = ()
            try:
                outcome = preparation.add(path, cancel=cancel)
            except PhotoError as error:
                note = translated(str(error))
                problems.append(note)
            else:
                known += outcome is None
                new += outcome is not None
                faces = () if outcome is None else outcome.faces
            tell(Progress(number, len(photos), path.name, faces, note))
    except Cancelled:
        pass
    finally:
        preparation.save()
    return Collected(tuple(dataset.faces), new, known, tuple(problems))


def _dataset(folder: Path) -> Dataset:
    return read_dataset(folder) if (folder / INDEX).exists() else Dataset(folder)


def _detector(settings: AppSettings) -> Any:
    from core.assembly import load_detector
    from core.devices import choose_target

    target = choose_target(*settings.target)
    return load_detector(target=target)[0]


def _decided(face: FaceRecord, decisions: Decisions) -> FaceRecord:
    if face.file not in decisions:
        return face
    accepted = decisions[face.file]
    return replace(face, accepted=accepted, by_user=True)
