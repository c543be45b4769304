"""The faces of a dataset as samples: read, mixed, augmented, flipped and degraded.

What a sample looks like follows from its position and the run's seed alone (`trainer.sampling`), whichever
process makes it.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import astuple, dataclass
from pathlib import Path

import cv2
import numpy as np
import torch
from torch import Tensor

from core.errors import UsageError
from core.files import reason
from core.types import Box
from trainer import sampling
from trainer.components import ComponentBoxes, boxes_from_landmarks, flipped
from trainer.dataset import DatasetError, FaceRecord
from trainer.degradation import degraded_pair
from trainer.face_augmentation import augmented
from trainer.face_mixing import mixed, partners
from trainer.ffhq_landmarks import ffhq_number
from trainer.recipes import Degradation
from trainer.types import Picture

STORED_SIZE = 512
"""The side of the pictures in a dataset's folder, in pixels."""

_ATTEMPTS = 32
"""Faces that may be unreadable one after the other. Their order is random: a folder of which nearly all is gone is
found out at once, one that lacks half is not."""

_MISFIT = 48.0
"""Pixels of 512 from a published box to the face's own landmarks, beyond which it is another face's."""

# [seed, _FLIP] begins the flip's random numbers, [seed, _AUGMENT] those of the augmentation, [seed, _MIX] those of
# the mixing, seed alone those of the degradation.
_FLIP, _AUGMENT, _MIX = 1, 2, 3

_LENDERS = 2  # faces that one can get parts of


@dataclass(frozen=True)
class Source:
    """What samples are made of.

    folder, faces: a dataset's folder, and which of its faces. size: the side of the samples in pixels.
    degradation: for 512 px pictures, as all recipes are; None where inputs are the truths. seed: of the order and
    of all samples, at least 0. augment: how much the truths are changed (`trainer.face_augmentation`); mix: the
    probability that one gets a part of another, and that it then gets one of a third (`trainer.face_mixing`).
    landmarks: FFHQ's published boxes (`read_ffhq_landmarks`), used where they have the face.
    """

    folder: Path
    faces: Sequence[FaceRecord]
    size: int
    degradation: Degradation | None
    seed: int
    augment: float = 0.0
    mix: float = 0.0
    landmarks: Mapping[int, ComponentBoxes] | None = None


@dataclass(frozen=True)
class Samples:
    """A micro-batch as workers hand it over.

    Pictures are (N, 3, S, S) uint8 RGB; inputs is None where the samples are not degraded, or not yet. boxes and
    seeds are those of `Batch`. problems: for each file that cannot be read, a sentence.
    """

    inputs: Tensor | None
    truths: Tensor
    boxes: Tensor
    seeds: Tensor
    problems: Mapping[str, str]


class Faces:
    """The faces of a source, as samples. UsageError when there are none."""

    def __init__(self, source: Source) -> None:
        if not source.faces:
            raise UsageError(
                f"'{source.folder}' has no face to learn from; add photos with 'train prepare', or accept faces "
                "in its dataset.json."
            )
        self.folder = source.folder
        self.files = [face.file for face in source.faces]
        self.boxes = [_boxes(face, source) for face in source.faces]
        self.points = np.array([face.points for face in source.faces])
        self.size = source.size
        self.degradation = source.degradation and source.degradation.for_size(source.size)
        self.seed, self.augment, self.mix = source.seed, source.augment, source.mix

    def at(self, positions: Sequence[int]) -> Samples:
        """The samples of these positions, flipped with probability 0.5. Raises DatasetError as `samples` does."""
        faces = [sampling.faces_from(position, len(self.files), self.seed) for position in positions]
        seeds = [sampling.seed_at(position, self.seed) for position in positions]
        flips = [bool(np.random.default_rng([seed, _FLIP]).random() < 0.5) for seed in seeds]
        return self.samples(faces, seeds, flips)

    def samples(self, faces: Sequence[Iterable[int]], seeds: Sequence[int], flips: Sequence[bool]) -> Samples:
        """One sample for each of `faces`: the first of these indices whose picture can be read.

        Raises DatasetError when too many cannot be.
        """
        problems: dict[str, str] = {}
        found = [self._read(face, seed, problems) for face, seed in zip(faces, seeds, strict=True)]
        with _one_torch_thread():
            made = [self._sample(*face, seed, flip) for face, seed, flip in zip(found, seeds, flips, strict=True)]
        inputs, truths, boxes = zip(*made, strict=True)
        return Samples(
            _planes(inputs) if self.degradation else None,
            _planes(truths),
            torch.tensor([astuple(of) for of in boxes], dtype=torch.float32),
            torch.tensor(seeds),
            problems,
        )

    def _sample(
        self, truth: Picture, boxes: ComponentBoxes, seed: int, flip: bool
    ) -> tuple[Picture, Picture, ComponentBoxes]:
        """(input, truth, boxes), the truth and the boxes being given at 512 px."""
        truth, boxes = augmented(truth, boxes, self.augment, np.random.default_rng([seed, _AUGMENT]))
        boxes = ComponentBoxes(*(_scaled(box, self.size / STORED_SIZE) for box in astuple(boxes)))
        if self.size != STORED_SIZE:
            reduced = cv2.resize(truth, (self.size, self.size), interpolation=cv2.INTER_AREA)
            truth = np.asarray(reduced, np.uint8)
        if flip:
            truth, boxes = flipped(truth, boxes)
        image = truth
        if self.degradation:
            image, truth = degraded_pair(truth, self.degradation, np.random.default_rng(seed))
        return image, truth, boxes

    def _read(self, faces: Iterable[int], seed: int, problems: dict[str, str]) -> tuple[Picture, ComponentBoxes]:
        """The first picture that can be read, 512 px, perhaps mixed with another one, and its boxes."""
        for face in itertools.islice(faces, _ATTEMPTS):
            try:
                picture = _read_picture(self.folder / self.files[face])
                return self._mixed(picture, face, seed, problems), self.boxes[face]
            except DatasetError as error:
                problems[self.files[face]] = str(error)
        raise DatasetError(
            f"Most faces in '{self.folder}' are gone or cannot be read; put them back, then go on with --resume."
        )

    def _mixed(self, picture: Picture, face: int, seed: int, problems: dict[str, str]) -> Picture:
        """With parts of up to `_LENDERS` others: each comes with probability `mix`, if the one before came."""
        rng = np.random.default_rng([seed, _MIX])
        lenders = int(np.cumprod(rng.random(_LENDERS) < self.mix).sum())
        if not lenders:
            return picture
        able = partners(self.points[face], self.points, STORED_SIZE)
        for other in rng.choice(able, min(lenders, len(able)), replace=False):
            try:
                lent = _read_picture(self.folder / self.files[other])
            except DatasetError as error:
                problems[self.files[other]] = str(error)
                continue
            picture = mixed(picture, self.points[face], lent, self.points[other], rng)
        return picture


def _read_picture(path: Path) -> Picture:
    """A dataset's picture, (512, 512, 3) RGB. Raises DatasetError."""
    try:
        # Not cv2.imread, which on Windows cannot open names outside the system's code page.
        data = np.frombuffer(path.read_bytes(), np.uint8)
    except OSError as error:
        raise DatasetError(f"'{path}' cannot be read ({reason(error)}); it is left out.") from error
    picture = cv2.imdecode(data, cv2.IMREAD_COLOR) if data.size else None
    if picture is None:
        raise DatasetError(f"'{path}' is damaged; it is left out.")
    if picture.shape != (STORED_SIZE, STORED_SIZE, 3):
        size = f"{picture.shape[1]} x {picture.shape[0]}"
        raise DatasetError(f"'{path}' has {size} px, not {STORED_SIZE} x {STORED_SIZE}; it is left out.")
    return np.asarray(cv2.cvtColor(picture, cv2.COLOR_BGR2RGB), np.uint8)


def _planes(pictures: Sequence[Picture]) -> Tensor:
    """(N, 3, H, W). Made here, where workers do it, and of bytes: of floats it takes ten times as long."""
    return torch.from_numpy(np.ascontiguousarray(np.stack(pictures).transpose(0, 3, 1, 2)))


def _boxes(face: FaceRecord, source: Source) -> ComponentBoxes:
    """The boxes of a face, at 512 px. DatasetError where the published ones are another face's."""
    own = boxes_from_landmarks(face.points, STORED_SIZE)
    published = (source.landmarks or {}).get(ffhq_number(face.source))
    if published and max(map(_distance, astuple(published), astuple(own))) > _MISFIT:
        raise DatasetError(
            f"The published landmarks do not fit '{face.source}', which is not FFHQ's own picture of that number; "
            "leave data.landmarks empty, or prepare FFHQ's pictures with --aligned."
        )
    return published or own


def _distance(a: Box, b: Box) -> float:
    """Between the centres, in pixels."""
    return math.dist(((a[0] + a[2]) / 2, (a[1] + a[3]) / 2), ((b[0] + b[2]) / 2, (b[1] + b[3]) / 2))


def _scaled(box: Box, scale: float) -> Box:
    left, top, right, bottom = ((x + 0.5) * scale - 0.5 for x in box)
    return left, top, right, bottom


@contextmanager
def _one_torch_thread() -> Iterator[None]:
    """In PyTorch the number of threads changes the last digits of sums, and then a sample now and then."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(before)
