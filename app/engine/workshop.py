"""The engine's work without threads: models that stay warm, and what a job does with them."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from app.document.decisions import Decisions, FaceDecision, FaceKey
from app.engine.jobs import FindJob, Job, LookJob, Restored, RestoreJob, TryJob
from app.engine.photo_cache import PhotoCache
from app.engine.shelf import Shelf, background_key
from core.background import LANCZOS
from core.models import best_model
from core.progress import ProgressSink
from core.result import RestoredFaces
from core.types import Detection, Face, FaceCrop, Photo, RestoreRequest

if TYPE_CHECKING:
    from core.assembly import Assembly

WARM = 2
"""Pipelines kept beside one another: each holds hundreds of megabytes of networks."""

OpenAssembly = Callable[[str | None, str], "Assembly"]
"""Opens the pipeline of a restorer's name and a background's (`core.assembly.assemble`). Raises CoreError."""


class Workshop:
    """Does jobs. `open_assembly` is called in the thread that works, when a model is first needed."""

    def __init__(self, open_assembly: OpenAssembly, photos: PhotoCache, shelf: Shelf) -> None:
        self._open_assembly, self._photos, self._shelf = open_assembly, photos, shelf
        self._warm: OrderedDict[tuple[str | None, str], Assembly] = OrderedDict()

    def do(self, job: Job, progress: ProgressSink) -> object:
        """Do a job; what it returns is said at its class. Raises CoreError and Cancelled."""
        photo = self._photos.get(job.path, job.decisions.geometry)
        match job:
            case LookJob():
                return self._look(job, photo)
            case FindJob():
                return self._find(job, photo)
            case TryJob():
                return self._crops(job, photo, [job.face], progress)[0][0]
            case RestoreJob():
                return self._restore(job, photo, progress)
        raise TypeError(f"{job} is no job")

    def forget_models(self) -> None:
        """Close all networks: models or the device changed, or somebody needs the memory."""
        self._warm.clear()

    def _assembly(self, model: str | None, background: str = LANCZOS) -> Assembly:
        key = (model, background)
        if key not in self._warm:
            self._warm[key] = self._open_assembly(model, background)
        self._warm.move_to_end(key)
        while len(self._warm) > WARM:
            self._warm.popitem(last=False)
        return self._warm[key]

    def _look(self, job: LookJob, photo: Photo) -> Detection:
        pipeline = self._assembly(_meant(job.decisions.model)).pipeline
        return pipeline.find_faces(photo, job.decisions.options, job.cancel)

    def _find(self, job: FindJob, photo: Photo) -> Face | None:
        return self._assembly(_meant(job.decisions.model)).pipeline.find_face_in(photo, job.box)

    def _restore(self, job: RestoreJob, photo: Photo, progress: ProgressSink) -> Restored:
        if job.decisions.faces is None:
            found = self._look(LookJob(job.key, job.path, job.decisions, job.cancel), photo)
            job = replace(job, decisions=job.decisions.with_faces(found.faces))
        crops, warnings = self._crops(job, photo, job.decisions.included, progress)
        warnings += self._enlarge_background(job, photo, progress)
        return Restored(job.decisions, tuple(crops), tuple(warnings))

    def _crops(
        self, job: Job, photo: Photo, faces: Iterable[FaceDecision], progress: ProgressSink
    ) -> tuple[list[FaceCrop | None], list[str]]:
        """The restored crops of faces, from the shelf or made now, and what there is to say of the new ones."""
        wanted = list(faces)
        keys = [self._key(job.decisions, face) for face in wanted]
        crops = {key: self._shelf.crop(job.path, key) for key in keys}
        warnings: list[str] = []
        for model in dict.fromkeys(model for (_, _, model) in keys):
            missing = [
                face for face, key in zip(wanted, keys, strict=True) if key[2] == model and crops[key] is None
            ]
            if missing:
                request = RestoreRequest(photo, job.decisions.options, faces=tuple(face.face for face in missing))
                restored = self._assembly(model).pipeline.restore_faces(request, progress, job.cancel)
                warnings += restored.warnings
                made = {crop.face.landmarks.tobytes(): crop for crop in restored.crops}
                for face in missing:
                    key, crop = self._key(job.decisions, face), made.get(face.face.landmarks.tobytes())
                    crops[key] = crop
                    if crop is not None and crop.failure is None:
                        self._shelf.put_crop(job.path, key, crop)
        self._compare(job, crops)
        for face, key in zip(wanted, keys, strict=True):
            self._show(job.path, job.decisions.key(face), crops[key])
        return [crops[key] for key in keys], warnings

    def _key(self, decisions: Decisions, face: FaceDecision) -> FaceKey:
        """The key of the crop by the model that is meant now: the best one changes when others are installed, and
        what the one before it made is shown until the photo is restored again."""
        geometry, landmarks, model = decisions.key(face)
        return geometry, landmarks, _meant(model)

    def _show(self, path: Path, key: FaceKey, crop: FaceCrop | None) -> None:
        """Make `crop` what the window shows under `key`, unless it is already."""
        shown = self._shelf.crop(path, key)
        if crop is not None and crop.failure is None and not (shown and _alike(shown, crop)):
            self._shelf.put_crop(path, key, crop)

    def _compare(self, job: Job, crops: dict[FaceKey, FaceCrop | None]) -> None:
        """Measure the likeness of crops that were made before there was a network for it."""
        if best_model("identity") is None:
            return
        for key, crop in crops.items():
            if crop is not None and crop.failure is None and crop.likeness is None:
                (compared,) = self._assembly(key[2]).pipeline.compare_crops([crop])
                crops[key] = compared
                self._shelf.put_crop(job.path, key, compared)

    def _enlarge_background(self, job: RestoreJob, photo: Photo, progress: ProgressSink) -> tuple[str, ...]:
        """Put the background on the shelf, where a network shall enlarge it; returns what there is to say."""
        wanted = job.decisions
        key = background_key(wanted)
        if key is None or self._shelf.background(job.path, key) is not None:
            return ()
        pipeline = self._assembly(_meant(wanted.model), wanted.background).pipeline
        bare = RestoredFaces(photo=photo, options=wanted.options, crops=())
        enlarged = pipeline.upscale_background(bare, progress, job.cancel)
        if enlarged.background is not None:
            self._shelf.put_background(job.path, key, enlarged.background)
        return enlarged.warnings


def _meant(model: str | None) -> str | None:
    """The name of a restorer: that of the best one for None, where there is any."""
    best = best_model("restorer") if model is None else None
    return best.name if best else model


def _alike(one: FaceCrop, other: FaceCrop) -> bool:
    pictures = np.asarray(one.restored), np.asarray(other.restored)
    return one.likeness == other.likeness and np.array_equal(*pictures)
