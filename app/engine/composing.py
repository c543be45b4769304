"""Photo, decisions and what is on the shelf -> the picture, without any network."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from app.document.decisions import Decisions, FaceKey
from app.engine.shelf import BackgroundKey, Shelf, background_key
from core.result import RestoredFaces
from core.strokes import coverage
from core.types import BlendOptions, FaceCrop, Photo


@dataclass(frozen=True, eq=False)
class Ingredients:
    """What there is of a photo to compose it from. `faces` are the included ones that have a restored crop, by
    their index in the decisions; `missing` are those that have none yet."""

    photo: Photo
    decisions: Decisions
    faces: dict[int, FaceCrop]
    missing: tuple[int, ...]
    restored: RestoredFaces
    recipe: tuple[tuple[FaceKey, ...], BackgroundKey | int | None]

    @property
    def left_as_they_were(self) -> tuple[int, ...]:
        """The included faces that are not restored: not yet, or because it failed."""
        failed = (index for index, crop in self.faces.items() if crop.restored is None)
        return tuple(sorted((*self.missing, *failed)))

    @property
    def blends(self) -> dict[int, BlendOptions]:
        """How each of the crops in `restored` is blended."""
        return blends_of(self.decisions, tuple(self.faces))


def gather(photo: Photo, path: Path, decisions: Decisions, shelf: Shelf) -> Ingredients:
    """Take from the shelf what there is of a photo, which is as its decisions' geometry leaves it."""
    faces, missing = {}, []
    for index, face in enumerate(decisions.faces or ()):
        if face.included:
            crop = shelf.crop(path, decisions.key(face))
            if crop is None:
                missing.append(index)
            else:
                faces[index] = crop
    key = background_key(decisions)
    background = None if key is None else shelf.background(path, key)
    restored = RestoredFaces(
        photo=photo,
        options=decisions.options,
        crops=tuple(faces.values()),
        background=background,
        coverage=coverage(decisions.strokes, photo.size),
    )
    recipe = (
        tuple(decisions.key((decisions.faces or ())[index]) for index in faces),
        decisions.upscale if background is None else key,
    )
    return Ingredients(photo, decisions, faces, tuple(missing), restored, recipe)


def blends_of(decisions: Decisions, indices: tuple[int, ...]) -> dict[int, BlendOptions]:
    """How the crops of these faces are blended, by their place in `indices`."""
    faces = decisions.faces or ()
    return {place: faces[index].blend or decisions.blend for place, index in enumerate(indices)}
