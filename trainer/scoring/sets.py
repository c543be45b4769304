"""Folders of pictures to score: degraded faces, what a restorer makes of them, and what needs no network."""

from __future__ import annotations

import math
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import cv2
import msgspec
import numpy as np
from PIL import Image

from core.errors import UsageError
from core.files import read_file, unwritable, write_atomically
from core.restoration import FaceRestorer
from core.types import CROP_SIZE
from trainer.degradation import Draw, degrade, draw, shrunk
from trainer.recipes import RECIPES, RELEASED, X4, Degradation
from trainer.scoring.pictures import Crop, Folder, as_face_crop, read_crop, write_crop

DEGRADATIONS: dict[str, Degradation | None] = {
    "paper": RECIPES["paper"].without_color(),
    "released": RELEASED,
    "4x": X4,
    "none": None,
}
"""What a test set can suffer: the paper's formula and ranges, the released options with their changes of colour,
4x super-resolution (table 2), nothing."""

RECORD = "degradation.json"
_MOST_BYTES = 100_000_000

Step = Callable[[], None]
"""Called after each picture; may raise Cancelled."""


@dataclass(frozen=True)
class Record:
    """How a folder of inputs was made, in its `degradation.json`: the recipe's name and all of its settings, the
    seed, and of each picture what was drawn, None where nothing was done to it."""

    degradation: str
    seed: int
    settings: Degradation | None
    draws: dict[str, Draw | None]

    def parameters(self) -> dict[str, dict[str, float]]:
        """Face -> drawn parameter -> number, for curves; sigma is the geometric mean of both widths."""
        return {
            name: {
                "sigma": math.sqrt(drawn.sigma[0] * drawn.sigma[1]),
                "factor": drawn.factor,
                "noise": drawn.noise,
                **({} if drawn.jpeg is None else {"jpeg": drawn.jpeg}),
            }
            for name, drawn in self.draws.items()
            if drawn is not None
        }

    def only(self, pictures: Folder) -> Folder:
        """Those of the folder's pictures that it is of: others were left there by an earlier evaluation."""
        if self.settings is None and not self.draws:
            return pictures  # once nothing was written of pictures to which nothing was done
        return {name: path for name, path in pictures.items() if name in self.draws}


def make_inputs(
    truths: Folder, degradation: str, seed: int, folder: Path, bicubic: Path | None, step: Step
) -> Record:
    """Write the degraded faces as PNG into `folder`, and into `bicubic` the same enlarged bicubically.

    A picture depends on its truth, its name and the seed alone, so that a share of a set has the same pictures as
    the whole. Raises PhotoError, and whatever `step` does.
    """
    settings = DEGRADATIONS[degradation]
    draws: dict[str, Draw | None] = {}
    # That of an earlier evaluation is wrong from the first picture on, and remains if this one is stopped.
    _remove(folder / RECORD)
    for name, path in truths.items():
        truth = read_crop(path)
        if settings is None:
            write_crop(folder / f"{name}.png", truth)
            draws[name] = None
        else:
            write_crop(folder / f"{name}.png", degrade(truth, settings, _generator(name, seed)))
            draws[name] = draw(settings, _generator(name, seed))
            if bicubic is not None:
                small = shrunk(truth, settings, _generator(name, seed))
                write_crop(bicubic / f"{name}.png", enlarged(small))
        step()
    record = Record(degradation, seed, settings, draws)
    write_atomically(folder / RECORD, msgspec.json.format(msgspec.json.encode(record)))
    return record


def _remove(path: Path) -> None:
    """Raises PhotoError."""
    try:
        path.unlink(missing_ok=True)
    except OSError as error:
        raise unwritable(path, error) from error


def _generator(name: str, seed: int) -> np.random.Generator:
    return np.random.default_rng([seed, zlib.crc32(name.encode())])


def read_record(folder: Path) -> Record | None:
    """How the inputs in a folder were made; None where that is not written there. Raises UsageError."""
    path = folder / RECORD
    if not path.is_file():
        return None
    try:
        return msgspec.json.decode(read_file(path, _MOST_BYTES), type=Record)
    except msgspec.DecodeError as error:
        raise UsageError(f"'{path}' is damaged ({error}); make the degraded faces again.") from error


def restore_all(
    restorer: FaceRestorer,
    inputs: Folder,
    strengths: list[float | None],
    folders: list[Path],
    step: Step,
) -> list[str]:
    """Write what the restorer makes of the inputs into a folder for each strength. Returns a sentence on each face
    that failed.

    Strength 0 is the input, 1 the restored crop, between them is the mean by that weight, None is what is advised
    for each face.
    """
    failures = []
    for name, path in inputs.items():
        before = read_crop(path)
        crop = restorer.restore([as_face_crop(before)])[0]
        if crop.restored is None:
            failures.append(f"{name}: {crop.failure}")
            for folder in folders:
                # One of an earlier evaluation would be scored in its place.
                _remove(folder / f"{name}.png")
        else:
            after = np.asarray(crop.restored, np.uint8)
            for wanted, folder in zip(strengths, folders, strict=True):
                strength = crop.advised_strength if wanted is None else wanted
                write_crop(folder / f"{name}.png", mixed(before, after, strength))
        step()
    return failures


def mixed(before: Crop, after: Crop, strength: float) -> Crop:
    """The two by the weight of the second, in [0, 1]."""
    return np.asarray(cv2.addWeighted(after, strength, before, 1 - strength, 0), np.uint8)


def classical_all(inputs: Folder, folder: Path, step: Step) -> None:
    """Write what `classical` makes of the inputs."""
    for name, path in inputs.items():
        write_crop(folder / f"{name}.png", classical(read_crop(path)))
        step()


def classical(image: Crop) -> Crop:
    """Denoised (non-local means), deblocked (bilateral filter) and sharpened (unsharp mask) with OpenCV.

    Of 48 settings tried on 12 training faces with the paper's degradation, that of the best PSNR.
    """
    quiet = cv2.fastNlMeansDenoisingColored(image, None, 6, 6, 7, 21)
    smooth = cv2.bilateralFilter(quiet, 5, 25, 2)
    blurred = cv2.GaussianBlur(smooth, (0, 0), 2)
    return np.asarray(cv2.addWeighted(smooth, 2, blurred, -1, 0), np.uint8)


def enlarged(small: Crop) -> Crop:
    """A picture at 512 px by Keys' bicubic kernel."""
    return np.asarray(Image.fromarray(small).resize((CROP_SIZE, CROP_SIZE), Image.Resampling.BICUBIC))
