"""Samples and what they mean: what a decoder gives and an encoder takes."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from core.types import ColorModel, Photo

Samples = npt.NDArray[Any]

CHANNELS = {ColorModel.GREY: 1, ColorModel.RGB: 3, ColorModel.CMYK: 4, ColorModel.LAB: 3}


@dataclass(frozen=True, eq=False)
class Picture:
    """Samples of any depth, (H, W) for grey or (H, W, C), the last channel alpha where it is one too many.

    `white` is the sample of full light, ink or opacity; 0 is none of it. Lab is in 8 or 16 bits as ICC.1 has it
    for L* (0 to `white`), with a* and b* above their zero, 128 or 32768, in steps of 1 or 1/256. `profile` is
    the ICC profile of the samples, None for sRGB and for inks and Lab as they usually are.
    """

    samples: Samples
    model: ColorModel
    white: float
    profile: bytes | None = None

    @property
    def colour(self) -> Samples:
        """The samples without alpha, (H, W, C)."""
        return self._channels[..., : CHANNELS[self.model]]

    @property
    def alpha(self) -> Samples | None:
        """The opacity, (H, W), not multiplied into the colours; None where there is none."""
        channels = self._channels
        return channels[..., -1] if channels.shape[2] > CHANNELS[self.model] else None

    @property
    def _channels(self) -> Samples:
        return self.samples[..., None] if self.samples.ndim == 2 else self.samples


@dataclass(frozen=True, eq=False)
class Decoded:
    """What a decoder makes of a file: `picture` as it is stored, to be turned by `orientation` (EXIF, 1 to 8).

    `metadata` has the keys of `Photo.metadata` (the colour profile is the picture's), `notes` are for the user.
    """

    picture: Picture
    format: str
    metadata: dict[str, Any] = field(default_factory=dict)
    orientation: int = 1
    notes: tuple[str, ...] = ()


def full_scale(samples: Samples) -> float:
    """The highest sample of an integer type; 1 for floats."""
    return float(np.iinfo(samples.dtype).max) if samples.dtype.kind in "ui" else 1.0


def usual_model(samples: Samples) -> ColorModel:
    """Grey for one or two channels, else RGB."""
    return ColorModel.GREY if samples.ndim == 2 or samples.shape[2] < 3 else ColorModel.RGB


def joined(colour: Samples, alpha: Samples | None) -> Samples:
    """Colours (H, W, C) and opacity (H, W) as the samples of a picture."""
    if alpha is None:
        return colour[..., 0] if colour.shape[2] == 1 else colour
    return np.concatenate([colour, alpha[..., None].astype(colour.dtype, copy=False)], axis=2)


def picture_of(photo: Photo) -> Picture:
    """The photo's own samples with their meaning."""
    model = usual_model(photo.samples) if photo.model is None else photo.model
    white = full_scale(photo.samples) if photo.white is None else photo.white
    return Picture(photo.samples, model, white, photo.metadata.get("icc_profile"))


def upright(samples: Samples, orientation: int) -> Samples:
    """The samples without their EXIF orientation (EXIF 2.3, tag 0x0112)."""
    turned = {
        5: samples.swapaxes(0, 1),
        6: np.rot90(samples, 3),
        7: np.rot90(samples, 2).swapaxes(0, 1),
        8: np.rot90(samples),
    }
    flipped = {2: samples[:, ::-1], 3: samples[::-1, ::-1], 4: samples[::-1]}
    return {**turned, **flipped}.get(orientation, samples)


def with_sides_swapped(metadata: dict[str, Any]) -> dict[str, Any]:
    """The metadata of a picture that was turned by a quarter: its two resolutions change places."""
    return metadata | {"dpi": metadata["dpi"][::-1]} if "dpi" in metadata else metadata


def eight_bits(samples: npt.NDArray[Any]) -> npt.NDArray[np.uint8]:
    """16-bit samples rounded to 8 bits, where full scale stays full scale; 8-bit ones as they are."""
    if samples.dtype == np.uint8:
        return samples
    return np.asarray((samples.astype(np.uint32) + 128) // 257, np.uint8)


def widened(samples: Samples, highest: int) -> Samples:
    """Samples from 0 to `highest` spread over 16 bits; rounding them back gives the same ones."""
    if highest == 65535:
        return samples.astype(np.uint16)
    table = (np.arange(65536, dtype=np.uint32) * 65535 + highest // 2) // highest
    return np.minimum(table, 65535).astype(np.uint16)[samples]


def likely_white(samples: Samples) -> float:
    """Full scale of integers without a sign; of others, which their files do not tell, the likely one.

    Of floats that is 1, 255 or 65535, the first that most samples stay below (highlights may be brighter), of
    integers with a sign their type's highest, at most 65535; where most are above that, it is the highest sample.
    """
    if samples.dtype.kind == "u":
        return full_scale(samples)
    step = max(1, samples.size // 1_000_000)
    some = np.nan_to_num(samples.reshape(-1)[::step].astype(np.float64), posinf=0, neginf=0)
    usual = (1.0, 255.0, 65535.0) if samples.dtype.kind == "f" else (min(65535.0, full_scale(samples)),)
    most, highest = float(np.percentile(some, 90)), float(some.max())
    return next((limit for limit in usual if most <= limit), highest)
