"""Photo -> faces -> crops -> restored crops -> photo. All that the window and the command line call."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

import numpy as np

from core.alignment import FFHQ_TEMPLATE, cut_crop, fit_similarity, invert, transform
from core.background import BackgroundUpscaler
from core.detection import FaceDetector
from core.drawn_faces import find_face_in
from core.errors import RestorationError
from core.identity import IdentityMeter
from core.orientation import detect_any_orientation
from core.parsing import FaceParser
from core.photos.srgb import colours_to_enlarge
from core.progress import CancelToken, Progress, ProgressSink, Stopwatch, ignore_progress
from core.restoration import FaceRestorer
from core.result import RestoredFaces, RestoreResult
from core.types import (
    CROP_SIZE,
    Box,
    Detection,
    Face,
    FaceChoice,
    FaceCrop,
    Matrix,
    Photo,
    RestoreOptions,
    RestoreRequest,
)


class RestorationPipeline:
    """A detector, a restorer and perhaps a parser, an upscaler and a meter of likeness, put to work on one photo
    after another.

    `engine_notes` gives, after each photo, the sentences that their engines have for the user (`LadderEngine`).
    """

    def __init__(
        self,
        detector: FaceDetector,
        restorer: FaceRestorer,
        parser: FaceParser | None = None,
        engine_notes: Callable[[], list[str]] = list,
        upscaler: BackgroundUpscaler | None = None,
        meter: IdentityMeter | None = None,
    ) -> None:
        self._detector = detector
        self._restorer = restorer
        self._parser = parser
        self._engine_notes = engine_notes
        self._upscaler = upscaler
        self._meter = meter

    def find_faces(self, photo: Photo, options: RestoreOptions, cancel: CancelToken | None = None) -> Detection:
        """The faces of a photo that `options` choose, largest first. Raises Cancelled."""
        return find_faces(self._detector, photo, options, cancel)

    def find_face_in(self, photo: Photo, box: Box, cancel: CancelToken | None = None) -> Face | None:
        """The face that a user says is in `box` (left, top, right, bottom, photo pixels). Raises Cancelled."""
        return find_face_in(self._detector, photo.rgb, box, cancel)

    def restore_crops(self, crops: list[FaceCrop]) -> list[FaceCrop]:
        """The crops restored as one batch, and nothing else: for measuring how fast a device is."""
        return self._restorer.restore(crops)

    def compare_crops(self, crops: list[FaceCrop]) -> list[FaceCrop]:
        """The crops with `likeness` set, where there is a network that measures it."""
        return crops if self._meter is None else self._meter.measure(crops)

    def run(
        self,
        request: RestoreRequest,
        progress: ProgressSink = ignore_progress,
        cancel: CancelToken | None = None,
    ) -> RestoreResult:
        """Restore one photo: its faces, its background, then the picture. See `restore_faces`."""
        restored = self.restore_faces(request, progress, cancel)
        restored = self.upscale_background(restored, progress, cancel)
        progress(Progress("compose", 0, 1))
        return restored.composed()

    def restore_faces(
        self,
        request: RestoreRequest,
        progress: ProgressSink = ignore_progress,
        cancel: CancelToken | None = None,
    ) -> RestoredFaces:
        """Find and restore the faces. A face that fails is reported in the warnings and left as it was.

        Raises Cancelled soon after `cancel` was called: between tiles, faces and batches of faces.
        """
        cancel = cancel or CancelToken()
        photo, options, watch = request.photo, request.options, Stopwatch()
        with watch.stage("detect"):
            progress(Progress("detect", 0, 1))
            if request.faces is None:
                detection = self.find_faces(photo, options, cancel)
            else:
                detection = Detection(request.faces)
        with watch.stage("align"):
            crops, unusable = cut_faces(photo, detection.faces, options)
        with watch.stage("restore"):
            crops = self._restore(crops, options.batch, progress, cancel)
        if self._parser is not None and not options.aligned:
            with watch.stage("parse"):
                crops = self._parse(self._parser, crops, cancel)
        if self._meter is not None:
            with watch.stage("compare"):
                crops = self.compare_crops(crops)
        return RestoredFaces(
            photo=photo,
            options=options,
            crops=tuple(crops),
            turned=detection.turned,
            seconds=watch.seconds,
            warnings=(*_warnings(photo, detection, crops, unusable), *self._engine_notes()),
            stamp=request.stamp,
        )

    def upscale_background(
        self,
        restored: RestoredFaces,
        progress: ProgressSink = ignore_progress,
        cancel: CancelToken | None = None,
    ) -> RestoredFaces:
        """The same with `background` set, where there is an upscaler and the options ask for a larger photo.

        A step of its own, because it takes long and may not be wanted for a photo without faces. Where it fails, a
        warning says that Lanczos takes its place. Raises Cancelled between tiles.
        """
        factor = restored.options.upscale
        if self._upscaler is None or factor == 1:
            return restored
        photo = colours_to_enlarge(restored.photo)
        watch, background, notes = Stopwatch(dict(restored.seconds)), None, []
        with watch.stage("background"):
            try:
                background = self._upscaler.upscale(photo, factor, progress, cancel)
            except (MemoryError, RestorationError) as error:
                why = "memory does not suffice" if isinstance(error, MemoryError) else error
                notes = [f"the background is enlarged without a network, for {why}"]
        return replace(
            restored,
            background=background,
            seconds=watch.seconds,
            warnings=(*restored.warnings, *notes, *self._engine_notes()),
        )

    @staticmethod
    def _parse(parser: FaceParser, crops: list[FaceCrop], cancel: CancelToken) -> list[FaceCrop]:
        parsed: list[FaceCrop] = []
        for crop in crops:
            cancel.raise_if_cancelled()
            parsed += parser.parse([crop])
        return parsed

    def _restore(
        self, crops: list[FaceCrop], batch: int, progress: ProgressSink, cancel: CancelToken
    ) -> list[FaceCrop]:
        restored: list[FaceCrop] = []
        for start in range(0, len(crops), batch):
            cancel.raise_if_cancelled()
            progress(Progress("restore", start, len(crops)))
            restored += self._restorer.restore(crops[start : start + batch])
        cancel.raise_if_cancelled()
        progress(Progress("restore", len(crops), len(crops)))
        return restored


def find_faces(
    detector: FaceDetector, photo: Photo, options: RestoreOptions, cancel: CancelToken | None = None
) -> Detection:
    """The faces of a photo that `options` choose, largest first. Raises Cancelled."""
    if options.aligned:
        return Detection((_whole_photo_as_face(photo),))
    found = detect_any_orientation(detector, photo.rgb, options.min_face, cancel)
    return replace(found, faces=chosen(found.faces, options.faces, photo.size))


def chosen(faces: tuple[Face, ...], choice: FaceChoice, size: tuple[int, int]) -> tuple[Face, ...]:
    """All faces, the largest, or the one whose centre is nearest the middle of a photo of (width, height)."""
    if choice is FaceChoice.ALL or not faces:
        return faces
    if choice is FaceChoice.LARGEST:
        return (max(faces, key=lambda face: face.size),)
    middle = np.array(size) / 2
    return (min(faces, key=lambda f: float(np.hypot(*(np.array(f.box).reshape(2, 2).mean(axis=0) - middle)))),)


def cut_faces(photo: Photo, faces: tuple[Face, ...], options: RestoreOptions) -> tuple[list[FaceCrop], list[Face]]:
    """The aligned crops of the faces, and those faces whose landmarks span no face inside the photo."""
    crops, unusable = [], []
    for face in faces:
        try:
            whole = options.aligned
            matrix = _whole_photo_matrix(photo) if whole else fit_similarity(face.landmarks, options.alignment)
            crops.append(FaceCrop(face, matrix, cut_crop(photo.rgb, matrix), whole=whole))
        except ValueError:
            unusable.append(face)
    return crops, unusable


def _whole_photo_matrix(photo: Photo) -> Matrix:
    """Photo -> crop where the photo is an aligned face: its long side fills the crop."""
    width, height = photo.size
    scale = CROP_SIZE / max(width, height)
    offset = (CROP_SIZE - 1) / 2 - np.array([width - 1, height - 1]) / 2 * scale
    return np.array([[scale, 0, offset[0]], [0, scale, offset[1]]])


def _whole_photo_as_face(photo: Photo) -> Face:
    width, height = photo.size
    landmarks = transform(invert(_whole_photo_matrix(photo)), FFHQ_TEMPLATE)
    return Face((0.0, 0.0, float(width), float(height)), landmarks, 1.0)


def _warnings(photo: Photo, detection: Detection, crops: list[FaceCrop], unusable: list[Face]) -> Iterator[str]:
    yield from photo.notes
    if any(crop.whole for crop in crops) and photo.size[0] != photo.size[1]:
        yield "an aligned face is square, and this photo is not; was it meant to be restored without --aligned?"
    if detection.turned:
        yield f"the photo seems to be turned by {detection.turned} degrees clockwise; it is restored as it lies"
    if not detection.faces:
        yield "no face was found"
    for face in unusable:
        yield f"the face at {face.box[0]:.0f}, {face.box[1]:.0f} could not be aligned; it is left as it was"
    for number, crop in enumerate(crops, 1):
        if crop.failure is not None:
            yield f"face {number}: {crop.failure}"
