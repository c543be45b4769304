"""The engine's work without threads: models that stay warm, and what a job does with them."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from app.document.decisions import FaceDecision, FaceKey
from app.engine.jobs import FindJob, Job, Looked, LookJob, Restored, RestoreJob, TryJob
from app.engine.photo_cache import PhotoCache, fingerprint, is_another
from app.engine.shelf import Shelf, background_key
from core.background import AUTO, LANCZOS
from core.errors import ModelError
from core.models import best_model, find_model
from core.progress import ProgressSink
from core.result import RestoredFaces
from core.types import Face, FaceCrop, Photo, Pixels, RestoreRequest

if TYPE_CHECKING:
    from core.assembly import Assembly
    from core.pipeline import RestorationPipeline

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

    def _look(self, job: LookJob, photo: Photo) -> Looked:
        pipeline = self._looking(job.decisions.model)
        return Looked(pipeline.find_faces(photo, job.decisions.options, job.cancel), fingerprint(job.path, photo))

    def _find(self, job: FindJob, photo: Photo) -> Face | None:
        return self._looking(job.decisions.model).find_face_in(photo, job.box, job.cancel)

    def _looking(self, model: str | None) -> RestorationPipeline:
        """What finds faces: that of the restorer to come, which is warm then; of the best where it is gone."""
        try:
            return self._assembly(_meant(model)).pipeline
        except ModelError:
            if model is None:
                raise
            return self._assembly(_meant(None)).pipeline

    def _restore(self, job: RestoreJob, photo: Photo, progress: ProgressSink) -> Restored:
        decisions, changed = job.decisions, []
        if is_another(job.path, photo, decisions.seen):
            decisions = decisions.without_places()
            changed = ["the file has changed since its faces were found; they were looked for again"]
        if not decisions.is_searched:
            looked = self._look(LookJob(job.key, job.path, decisions, job.cancel), photo)
            decisions = decisions.with_faces(looked.found.faces, looked.seen)
        job = replace(job, decisions=decisions)
        crops, warnings = self._crops(job, photo, decisions.included, progress)
        warnings = [*changed, *warnings, *self._enlarge_background(job, photo, progress)]
        return Restored(job.decisions, tuple(crops), tuple(warnings))

    def _crops(
        self, job: Job, photo: Photo, faces: Iterable[FaceDecision], progress: ProgressSink
    ) -> tuple[list[FaceCrop | None], list[str]]:
        """The restored crops of faces, from the shelf or made now, and what there is to say of the new ones."""
        wanted = list(faces)
        models = {face: _meant(face.model or job.decisions.model) for face in wanted}
        crops: dict[FaceDecision, FaceCrop | None] = {}
        warnings: list[str] = []
        for model in dict.fromkeys(models.values()):
            of_model = [face for face in wanted if models[face] == model]
            made, said = self._crops_by(model, job, photo, of_model, progress)
            crops |= made
            warnings += said
        return [crops[face] for face in wanted], warnings

    def _crops_by(
        self, model: str | None, job: Job, photo: Photo, faces: list[FaceDecision], progress: ProgressSink
    ) -> tuple[dict[FaceDecision, FaceCrop | None], tuple[str, ...]]:
        # By the file that is meant now: the best model changes when others are installed, and one of the same name
        # may take another's place. What the window shows, by the name alone, stays until it is restored again.
        version = _version(model)
        keys: dict[FaceDecision, FaceKey] = {face: (*job.decisions.key(face)[:2], version) for face in faces}
        crops = {face: self._shelf.crop(job.path, key) for face, key in keys.items()}
        missing = [face for face in faces if crops[face] is None]
        warnings: tuple[str, ...] = ()
        if missing:
            request = RestoreRequest(photo, job.decisions.options, faces=tuple(face.face for face in missing))
            restored = self._assembly(model).pipeline.restore_faces(request, progress, job.cancel)
            warnings = restored.warnings
            made = {crop.face.landmarks.tobytes(): crop for crop in restored.crops}
            crops |= {face: made.get(face.face.landmarks.tobytes()) for face in missing}
        for face, crop in crops.items():
            if crop is None:
                continue
            own = job.decisions.key(face)
            # A failure settles a face for the window, and what is only looked at changes nothing that is shown.
            is_new = not self._shelf.has_crop(job.path, own)
            if crop.failure is None:
                crop = crops[face] = self._compared(model, crop)
                self._keep(job.path, keys[face], crop)
            if is_new or (crop.failure is None and not isinstance(job, TryJob)):
                self._keep(job.path, own, crop)
        return crops, warnings

    def _compared(self, model: str | None, crop: FaceCrop) -> FaceCrop:
        """The crop with its likeness, also where it was made before there was a network for it."""
        if crop.likeness is not None or best_model("identity") is None:
            return crop
        (compared,) = self._assembly(model).pipeline.compare_crops([crop])
        return compared

    def _keep(self, path: Path, key: FaceKey, crop: FaceCrop) -> None:
        kept = self._shelf.crop(path, key)
        if kept is None or not _alike(kept, crop):
            self._shelf.put_crop(path, key, crop)

    def _enlarge_background(self, job: RestoreJob, photo: Photo, progress: ProgressSink) -> tuple[str, ...]:
        """Put the background on the shelf, where a network shall enlarge it; returns what there is to say."""
        wanted = job.decisions
        key = background_key(wanted)
        if key is None or self._shelf.background(job.path, key) is not None:
            return ()
        background: Pixels | None = None
        warnings: tuple[str, ...] = ()
        if wanted.background != AUTO or best_model("upscaler") is not None:
            pipeline = self._assembly(_meant(wanted.model), wanted.background).pipeline
            bare = RestoredFaces(photo=photo, options=wanted.options, crops=())
            enlarged = pipeline.upscale_background(bare, progress, job.cancel)
            background, warnings = enlarged.background, enlarged.warnings
        self._shelf.put_background(job.path, key, background)
        return warnings


def _meant(model: str | None) -> str | None:
    """The name of a restorer: that of the best one for None, where there is any."""
    best = best_model("restorer") if model is None else None
    return best.name if best else model


def _version(model: str | None) -> str | None:
    """A restorer's name with the age and size of its file."""
    try:
        found = find_model(model, "restorer").path.stat()
    except (ModelError, OSError):  # opening it tells the reason
        return model
    return f"{model} {found.st_mtime_ns} {found.st_size}"


def _alike(one: FaceCrop, other: FaceCrop) -> bool:
    told = (one.likeness, one.advised_strength) == (other.likeness, other.advised_strength)
    return told and np.array_equal(np.asarray(one.restored), np.asarray(other.restored))
