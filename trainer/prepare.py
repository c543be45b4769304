"""Ordinary photos -> a dataset: find the faces, align them, judge them, write them down."""

from __future__ import annotations

import io
import os
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import numpy.typing as npt
from PIL import Image

from core.alignment import FFHQ_TEMPLATE, quantized, rescaled, resize_crop, transform
from core.checksums import file_sha256
from core.detection import FaceDetector
from core.errors import PhotoError
from core.files import reason, write_atomically
from core.limits import MAX_PIXELS
from core.photo import read_photo
from core.photos.picture import eight_bits
from core.pipeline import cut_faces, find_faces
from core.progress import CancelToken, Progress, ProgressSink, ignore_progress
from core.types import CROP_SIZE, Detection, Face, FaceCrop, Photo, RestoreOptions
from trainer.dataset import FACES, INDEX, Dataset, FaceRecord, PhotoRecord, read_dataset
from trainer.quality import Crop, Duplicates, Limits, Reason, judge, measure

ALIGNED_MIN = 256  # px, side of the smallest picture taken for an aligned face
_OFF_POSITION = 64.0  # crop pixels, RMS distance from the FFHQ position beyond which a face is not aligned
_SAVE_EVERY = 30.0  # seconds; what a killed run may lose
_NAME_LENGTH = 60  # characters of a photo's name in those of its faces, so that they fit any disk

_STRAIGHT = np.array([[1.0, 0.0, 0.0], [0.0, 1.0, 0.0]])


@dataclass(frozen=True)
class PhotoOutcome:
    """What became of one photo: its faces, how it lies (degrees clockwise), sentences, seconds by stage."""

    faces: tuple[FaceRecord, ...]
    turned: int
    notes: tuple[str, ...]
    seconds: dict[str, float]


def open_dataset(folder: Path) -> Dataset:
    """The dataset in `folder`, or an empty one where there is none yet. Raises DatasetError."""
    return read_dataset(folder) if os.path.lexists(folder / INDEX) else Dataset(folder)


class Preparation:
    """Adds photos to a dataset, one after another.

    `limits` judge the faces; of `options`, `faces`, `min_face` and `aligned` count. Photos are known by their
    content. The faces that the dataset has are judged anew; a decision of the user (`accepted` against the
    reasons) stands. Of near-duplicates the one that was there first is kept. Photos of more than `max_pixels` are
    refused. `clock` tells seconds.
    """

    def __init__(
        self,
        dataset: Dataset,
        detector: FaceDetector,
        limits: Limits,
        options: RestoreOptions,
        max_pixels: int = MAX_PIXELS,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._dataset = dataset
        self._detector = detector
        self._limits = limits
        self._options = options
        self._max_pixels = max_pixels
        self._clock = clock
        self._saved = clock()
        self._duplicates = Duplicates()
        dataset.faces = [self._judged(face) for face in dataset.faces]
        self._names = {face.file.casefold() for face in dataset.faces}

    def add(
        self, path: Path, progress: ProgressSink = ignore_progress, cancel: CancelToken | None = None
    ) -> PhotoOutcome | None:
        """Add the faces of the photo at `path`; None for a photo that the dataset knows.

        Raises PhotoError with what is wrong with it, and Cancelled; the dataset is then as it was before.
        """
        progress(Progress("detect", 0, 1))
        digest = content_hash(path)
        if digest in self._dataset.photos:
            return None
        photo = read_photo(path, self._max_pixels)
        start = self._clock()
        detection, crops, notes = (self._aligned if self._options.aligned else self._faces)(photo, cancel)
        found = self._clock()
        names = self._free_names(path, digest, len(crops))
        records = []
        for crop, name in zip(crops, names, strict=True):
            pixels = eight_bits(crop.pixels)
            write_atomically(self._dataset.folder / name, _png(pixels))
            records.append(_record(crop, pixels, name, digest, path, photo.size))
        faces = tuple(self._judged(record) for record in records)
        self._dataset.faces += faces
        self._dataset.photos[digest] = PhotoRecord(path.name, len(faces))
        self._names.update(name.casefold() for name in names)
        if self._clock() - self._saved > _SAVE_EVERY:
            self.save()
        if not crops:
            notes = ["no face was found", *notes]
        seconds = {"detect": found - start, "write": self._clock() - found}
        return PhotoOutcome(faces, detection.turned, (*photo.notes, *notes), seconds)

    def save(self) -> None:
        """Write `dataset.json`. Raises PhotoError."""
        self._dataset.save()
        self._saved = self._clock()

    def _faces(self, photo: Photo, cancel: CancelToken | None) -> tuple[Detection, list[FaceCrop], list[str]]:
        detection = find_faces(self._detector, photo, self._options, cancel)
        crops, unusable = cut_faces(photo, detection.faces, self._options)
        places = (f"{face.box[0]:.0f}, {face.box[1]:.0f}" for face in unusable)
        return detection, crops, [f"the face at {place} could not be aligned; it is left out" for place in places]

    def _aligned(self, photo: Photo, cancel: CancelToken | None) -> tuple[Detection, list[FaceCrop], list[str]]:
        """The one face of a photo that is an aligned face itself; it is scaled to 512 px and nothing else."""
        width, height = photo.size
        if width != height or width < ALIGNED_MIN:
            raise PhotoError(
                f"'{photo.path}' is {width} x {height} px, but an aligned face is square and at least "
                f"{ALIGNED_MIN} px; leave out --aligned for ordinary photos."
            )
        matrix = rescaled(_STRAIGHT, target=CROP_SIZE / width)
        faces = self._detector.detect(photo.rgb, width / 5, cancel)
        best = min(faces, key=lambda face: _misplaced(transform(matrix, face.landmarks)), default=None)
        if best is None or _misplaced(transform(matrix, best.landmarks)) > _OFF_POSITION:
            return Detection(()), [], ["there is no face in the FFHQ position; leave out --aligned"]
        pixels = resize_crop(photo.rgb.astype(np.float32), CROP_SIZE)
        return Detection((best,)), [FaceCrop(best, matrix, quantized(pixels, photo.rgb.dtype), whole=True)], []

    def _judged(self, face: FaceRecord) -> FaceRecord:
        by_user = face.by_user or face.accepted == bool(face.reasons)
        reasons = judge(face.measures, self._limits)
        repeated = self._duplicates.find(face.measures.hash)
        if repeated is not None:
            reasons.append(Reason.DUPLICATE)
        if not (self._dataset.folder / face.file).is_file():
            reasons.append(Reason.MISSING)
        # A decision outlives that its image is away for a while.
        accepted = face.accepted if by_user else not reasons
        face = replace(face, accepted=accepted, reasons=tuple(reasons), duplicate_of=repeated, by_user=by_user)
        if face.usable:
            self._duplicates.add(face.measures.hash, face.file)
        return face

    def _free_names(self, path: Path, digest: str, count: int) -> list[str]:
        """Names for the faces of a photo that no other photo's faces have, on disks that ignore case too."""
        stem = path.stem[:_NAME_LENGTH].strip(" .") or "photo"
        names: list[str] = []
        for start in (stem, f"{stem}-{digest[:8]}"):
            names = [f"{FACES}/{start}-{number}.png" for number in range(1, count + 1)]
            if not self._names.intersection(name.casefold() for name in names):
                break
        return names


def content_hash(path: Path) -> str:
    """SHA-256 of a file as hexadecimal digits. Raises PhotoError."""
    try:
        return file_sha256(path)
    except OSError as error:
        raise PhotoError(f"'{path}' cannot be read ({reason(error)}); check its path and permissions.") from error


def _misplaced(landmarks: npt.NDArray[np.float64]) -> float:
    """RMS distance of landmarks, (5, 2) in crop pixels, from where they lie in an aligned face."""
    return float(np.sqrt(((landmarks - FFHQ_TEMPLATE) ** 2).sum(axis=1).mean()))


def _png(pixels: Crop) -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, "PNG", compress_level=4)
    return buffer.getvalue()


def _record(crop: FaceCrop, pixels: Crop, name: str, digest: str, path: Path, size: tuple[int, int]) -> FaceRecord:
    face: Face = crop.face
    landmarks = transform(crop.matrix, face.landmarks)
    left, top, right, bottom = (round(value, 1) for value in face.box)
    return FaceRecord(
        file=name,
        photo=digest,
        source=path.name,
        box=(left, top, right, bottom),
        landmarks=tuple((round(float(x), 2), round(float(y), 2)) for x, y in landmarks),
        measures=measure(pixels, landmarks, crop.matrix, size),
        accepted=True,
    )
