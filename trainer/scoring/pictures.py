"""Aligned faces in folders: which there are, and reading and writing them."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from core.alignment import FFHQ_TEMPLATE, quantized, resize_crop
from core.encoding import write_photo
from core.errors import UsageError
from core.files import find_photos
from core.photo import read_photo
from core.restoration import to_network
from core.types import CROP_SIZE, Face, FaceCrop, Photo

Crop = npt.NDArray[np.uint8]
"""An aligned face, RGB, (512, 512, 3), uint8."""

Folder = Mapping[str, Path]
"""The pictures of a folder by their names without suffix, in the folder's order."""


class Picture:
    """A crop to measure, and what networks take of it. Two are never equal, so that what was measured of one can
    be kept by it."""

    def __init__(self, pixels: Crop) -> None:
        self.pixels = pixels

    @cached_property
    def tensor(self) -> Tensor:
        """RGB in [-1, 1], (1, 3, 512, 512), float32."""
        return torch.from_numpy(to_network(self.pixels, CROP_SIZE))[None]


def pictures_in(folder: Path) -> Folder:
    """The pictures of a folder, not of its subfolders. Raises UsageError for none, or two of one name."""
    found: dict[str, Path] = {}
    for file in find_photos([folder]) if folder.is_dir() else ():
        other = found.setdefault(file.path.stem, file.path)
        if other != file.path:
            raise UsageError(
                f"'{other.name}' and '{file.path.name}' in '{folder}' are the same face by their name; keep one."
            )
    if not found:
        raise UsageError(f"There is no picture in '{folder}'; name a folder of aligned faces.")
    return found


def evenly(folder: Folder, limit: int | None) -> Folder:
    """At most `limit` of the pictures, evenly chosen, so that every part of a collection is there."""
    names = list(folder)
    if limit is None or limit >= len(names):
        return folder
    return {
        names[place]: folder[names[place]] for place in np.linspace(0, len(names) - 1, limit).round().astype(int)
    }


def read_crop(path: Path) -> Crop:
    """The aligned face of a file, at 512 px whatever its size. Raises PhotoError and UsageError."""
    pixels = read_photo(path).rgb
    if pixels.shape[0] != pixels.shape[1]:
        raise UsageError(f"'{path}' is no aligned face, for it is not square; 'train prepare' aligns faces.")
    depth = np.iinfo(pixels.dtype).max / 255
    crop = quantized(resize_crop(pixels.astype(np.float32) / depth, CROP_SIZE), np.uint8)
    return np.asarray(crop, np.uint8)


def write_crop(path: Path, pixels: Crop) -> None:
    """Write it as PNG. Raises PhotoError."""
    write_photo(Photo(pixels, pixels), pixels, path, "PNG")


def as_face_crop(pixels: Crop) -> FaceCrop:
    """What a restorer takes: the crop as a face in the FFHQ position."""
    edge = CROP_SIZE - 1.0
    return FaceCrop(Face((0.0, 0.0, edge, edge), FFHQ_TEMPLATE, 1.0), np.eye(2, 3), pixels)
