"""What crosses a border: frozen records of numpy arrays and numbers. No torch, no Qt.

Coordinates are pixels of the photo with the origin at the centre of its first pixel, x to the right and
y down, so that integer coordinates are pixel centres (OpenCV's convention).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

Pixels = npt.NDArray[np.uint8] | npt.NDArray[np.uint16]
"""RGB samples, shape (height, width, 3), uint8 in [0, 255] or uint16 in [0, 65535]."""

FloatImage = npt.NDArray[np.float32]
"""Samples amid a computation: RGB (h, w, 3), or one channel (h, w), in the range that its function names."""

Matrix = npt.NDArray[np.float64]
"""A 2x3 affine transform; `Matrix @ (x, y, 1)`."""

CROP_SIZE = 512
"""Side of an aligned crop in pixels (the FFHQ position, paper section 4.1)."""


Box = tuple[float, float, float, float]
"""Left, top, right, bottom in pixels of a picture; pixel centres are at integers."""


class Region(NamedTuple):
    """Part of a picture in pixels, right and bottom excluded."""

    left: int
    top: int
    right: int
    bottom: int

    @property
    def size(self) -> tuple[int, int]:
        """(width, height)."""
        return self.right - self.left, self.bottom - self.top

    @property
    def empty(self) -> bool:
        """Whether it holds no pixel."""
        return self.left >= self.right or self.top >= self.bottom

    def common(self, other: Region) -> Region:
        """What both hold."""
        left, top = max(self.left, other.left), max(self.top, other.top)
        right, bottom = min(self.right, other.right), min(self.bottom, other.bottom)
        return Region(left, top, max(left, right), max(top, bottom))

    def slices(self, left: int = 0, top: int = 0) -> tuple[slice, slice]:
        """Where it lies in an array whose first pixel is (left, top)."""
        return slice(self.top - top, self.bottom - top), slice(self.left - left, self.right - left)


class ColorModel(StrEnum):
    """What the channels of samples are; the values are the signatures of ICC.1:2022, table 19."""

    GREY = "GRAY"
    RGB = "RGB "
    CMYK = "CMYK"
    LAB = "Lab "


@dataclass(frozen=True, eq=False)
class Photo:
    """A decoded photo.

    `samples` are the file's own samples, turned upright, of any depth: (H, W) grey or (H, W, C), with one channel
    more than `model` has where the last one is alpha. `rgb` is the view of them that the engine works on: sRGB,
    shape (H, W, 3), uint8 for samples of 8 bits, else uint16.

    `model` is None for grey (one or two channels) and RGB (three or four); `white` is the sample of full scale,
    None for the highest integer or 1.0. `metadata` is what `core.photos` knows of the file, for the writer.
    """

    samples: npt.NDArray[Any]
    rgb: Pixels
    path: Path | None = None
    format: str = "PNG"
    metadata: dict[str, Any] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    model: ColorModel | None = None
    white: float | None = None

    @property
    def size(self) -> tuple[int, int]:
        """(width, height) in pixels."""
        return self.rgb.shape[1], self.rgb.shape[0]


@dataclass(frozen=True, eq=False)
class Face:
    """A detected face.

    `box` is (left, top, right, bottom) in photo pixels. `landmarks`, shape (5, 2) float64, are the left eye,
    right eye, nose tip, left and right corner of the mouth, left and right as seen in the picture of an
    upright face. `score` is the detector's confidence in [0, 1].
    """

    box: Box
    landmarks: npt.NDArray[np.float64]
    score: float

    @property
    def width(self) -> float:
        """Width of the box in photo pixels."""
        return self.box[2] - self.box[0]

    @property
    def size(self) -> float:
        """The larger side of the box in photo pixels."""
        return max(self.width, self.box[3] - self.box[1])

    @property
    def angle(self) -> float:
        """How far the line of the eyes is turned clockwise from level, in degrees, in (-180, 180]."""
        dx, dy = self.landmarks[1] - self.landmarks[0]
        return float(np.degrees(np.arctan2(dy, dx)))


@dataclass(frozen=True)
class Likeness:
    """How far a restored face is from its input: the angle in degrees between their embeddings by `network`, a
    name of the catalogue. 0 is the same picture; what other angles mean depends on the network."""

    angle: float
    network: str


@dataclass(frozen=True, eq=False)
class FaceCrop:
    """A face cut out of a photo, upright, in the FFHQ position, and what became of it.

    `matrix` maps photo pixels to crop pixels. `pixels` is the crop, (512, 512, 3), of the photo's depth.
    `restored` is the network's picture of it (same shape and depth), or None while there is none;
    `network_size` the side in pixels at which the network saw it. `labels` is ParseNet's label map, uint8
    (h, w) with h = w <= 512, or None. `whole` marks a photo that is itself an aligned face. A face that
    could not be restored has the reason in `failure`. `likeness` is that of `restored`, at full strength; None
    where nothing measures it. `advised_strength` is what suits `restored` (`core.severity`).
    """

    face: Face
    matrix: Matrix
    pixels: Pixels
    restored: Pixels | None = None
    network_size: int = CROP_SIZE
    labels: npt.NDArray[np.uint8] | None = None
    whole: bool = False
    failure: str | None = None
    likeness: Likeness | None = None
    advised_strength: float = 1.0

    @property
    def scale(self) -> float:
        """Crop pixels per photo pixel; above 1 where the face is smaller than the crop."""
        return float(np.hypot(self.matrix[0, 0], self.matrix[1, 0]))


class FaceChoice(StrEnum):
    """Which of the faces found are restored."""

    ALL = "all"
    LARGEST = "largest"
    CENTER = "center"


class ColorMode(StrEnum):
    """Where a restored face takes its colours from (paper section 3.3).

    AUTO keeps the tone of a monochrome photo and takes the model's colours otherwise; KEEP takes the photo's,
    MODEL the model's. In a colour photo AUTO and KEEP also leave out colours that the photo has nowhere near.
    """

    AUTO = "auto"
    KEEP = "keep"
    MODEL = "model"


class Alignment(StrEnum):
    """How the similarity transform is fitted to the five landmarks."""

    LMEDS = "lmeds"
    LEAST_SQUARES = "least-squares"


@dataclass(frozen=True)
class BlendOptions:
    """How restored crops go back into the photo; changing these never needs a network.

    strength: 0 is the input, 1 the network's output, None what is advised for each face.
    color: see ColorMode.
    keep_detail: put back what the photo holds beyond the network's resolution, and structure within it that the
        network smoothed away (`core.detail`).
    match_grain: give the restored face the grain of the photo around it.
    """

    strength: float | None = 1.0
    color: ColorMode = ColorMode.AUTO
    keep_detail: bool = True
    match_grain: bool = False

    def __post_init__(self) -> None:
        if self.strength is not None and not 0.0 <= self.strength <= 1.0:
            raise ValueError(f"strength is {self.strength}, not in [0, 1]")

    def strength_for(self, crop: FaceCrop) -> float:
        """The strength of one face."""
        return crop.advised_strength if self.strength is None else self.strength


@dataclass(frozen=True)
class RestoreOptions:
    """What to do with one photo.

    faces, min_face (box size in photo pixels, None for the detector's default) choose the faces; aligned
    takes the whole photo for one face in the FFHQ position; upscale is 1, 2 or 4; batch is how many crops
    go through the network at once.
    """

    blend: BlendOptions = BlendOptions()
    faces: FaceChoice = FaceChoice.ALL
    min_face: float | None = None
    aligned: bool = False
    alignment: Alignment = Alignment.LMEDS
    upscale: int = 1
    batch: int = 4

    def __post_init__(self) -> None:
        if self.upscale not in (1, 2, 4):
            raise ValueError(f"upscale is {self.upscale}, not 1, 2 or 4")
        if self.batch < 1:
            raise ValueError(f"batch is {self.batch}, less than 1")


@dataclass(frozen=True)
class RestoreRequest:
    """One photo to restore. `stamp` comes back with the result, so that a stale one can be told. `faces` are
    restored instead of those that would be found, in this order."""

    photo: Photo
    options: RestoreOptions = RestoreOptions()
    stamp: int = 0
    faces: tuple[Face, ...] | None = None


@dataclass(frozen=True, eq=False)
class Detection:
    """The faces of a photo, largest first, and its turn clockwise: 0, 90, 180 or 270 degrees."""

    faces: tuple[Face, ...]
    turned: int = 0
