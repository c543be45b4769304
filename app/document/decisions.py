"""What the user decided about a photo: frozen records, replaced and never changed; undo keeps the old ones."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, fields, replace
from typing import Any

from core.geometry import Geometry
from core.strokes import Stroke
from core.types import BlendOptions, Face, RestoreOptions

FaceKey = tuple[Geometry, bytes, str | None]
"""What a restored crop depends on: the photo's geometry, the face's landmarks, and the model's name."""


@dataclass(frozen=True, eq=False)
class FaceDecision:
    """What becomes of a face. `blend` and `model` are the photo's where None; `drawn` faces are the user's."""

    face: Face
    included: bool = True
    drawn: bool = False
    blend: BlendOptions | None = None
    model: str | None = None


@dataclass(frozen=True, eq=False)
class Decisions:
    """What shall become of a photo.

    `faces` are those of the photo as `geometry` leaves it, largest first; None while nobody looked for them.
    `seen` is the fingerprint of the picture that they were found in, None where that is not known.
    `blend` and `model` (a name; the best one for None) are for all faces that have none of their own. `upscale`
    and `background` are as on the command line.
    """

    geometry: Geometry = Geometry()  # noqa: RUF009
    faces: tuple[FaceDecision, ...] | None = None
    strokes: tuple[Stroke, ...] = ()
    blend: BlendOptions = BlendOptions()  # noqa: RUF009
    model: str | None = None
    upscale: int = 1
    background: str = "auto"
    seen: tuple[int, int, int] | None = None

    @property
    def included(self) -> tuple[FaceDecision, ...]:
        """The faces to restore."""
        return tuple(face for face in self.faces or () if face.included)

    @property
    def is_searched(self) -> bool:
        """Whether a detector looked for faces; those that are drawn do not tell."""
        return self.seen is not None or any(not face.drawn for face in self.faces or ())

    @property
    def options(self) -> RestoreOptions:
        """What the engine is asked for."""
        return RestoreOptions(blend=self.blend, upscale=self.upscale)

    def key(self, face: FaceDecision) -> FaceKey:
        """What tells the restored crop of a face from all others."""
        return self.geometry, face.face.landmarks.tobytes(), face.model or self.model

    def blends(self) -> dict[int, BlendOptions]:
        """How each of `included` is blended, by its index there."""
        return {index: face.blend or self.blend for index, face in enumerate(self.included)}

    def with_faces(self, faces: Iterable[Face], seen: tuple[int, int, int] | None = None) -> Decisions:
        """The same for the faces a detector found; those that the user drew stay."""
        drawn = tuple(face for face in self.faces or () if face.drawn)
        return replace(self, faces=(*map(FaceDecision, faces), *drawn), seen=seen)

    def without_places(self) -> Decisions:
        """The same for another picture: what was decided at places of the old one is gone."""
        return replace(self, faces=None, strokes=(), seen=None)

    def with_face(self, index: int, **changes: Any) -> Decisions:
        """The same with another decision about one face, by its index in `faces`."""
        faces = list(self.faces or ())
        faces[index] = replace(faces[index], **changes)
        return replace(self, faces=tuple(faces))

    def with_drawn(self, face: Face) -> Decisions:
        """The same with a face that the detector missed."""
        return replace(self, faces=(*(self.faces or ()), FaceDecision(face, drawn=True)))

    def without_face(self, index: int) -> Decisions:
        """The same without a face that is none."""
        faces = self.faces or ()
        return replace(self, faces=(*faces[:index], *faces[index + 1 :]))

    def with_geometry(self, geometry: Geometry) -> Decisions:
        """The same of a photo turned or cropped anew, which is another picture."""
        return self if geometry == self.geometry else replace(self.without_places(), geometry=geometry)

    def with_model(self, model: str | None) -> Decisions:
        """The same with one model for all faces, present and to come."""
        faces = self.faces and tuple(replace(face, model=None) for face in self.faces)
        return replace(self, model=model, faces=faces)

    def for_all(self, blend: BlendOptions) -> Decisions:
        """The same with this blend for all faces, present and to come."""
        faces = self.faces and tuple(replace(face, blend=None) for face in self.faces)
        return replace(self, blend=blend, faces=faces)

    def changed_for_all(self, blend: BlendOptions) -> Decisions:
        """The same with what is another way in `blend` for all faces, present and to come; each keeps the
        rest of its own."""
        changed = {
            field.name: getattr(blend, field.name)
            for field in fields(blend)
            if getattr(blend, field.name) != getattr(self.blend, field.name)
        }
        faces = self.faces and tuple(
            face if face.blend is None else replace(face, blend=replace(face.blend, **changed))
            for face in self.faces
        )
        return replace(self, blend=blend, faces=faces)
