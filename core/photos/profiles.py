"""Colours from one ICC profile into another, through LittleCMS: from 8 bits to 8 bits fast, all else exact."""

from __future__ import annotations

import functools
import os
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import numpy.typing as npt

from core.photos.picture import CHANNELS, Samples
from core.types import ColorModel

_NAMES = {ColorModel.GREY: "gray", ColorModel.RGB: "rgb", ColorModel.CMYK: "cmyk", ColorModel.LAB: "lab"}
_NEAR = 257  # of 65535: one level of 8 bits, which is what sRGB profiles of different makers are apart
_STRIP = 1_000_000  # pixels that one thread converts at a time


class ProfileError(ValueError):
    """A profile is damaged, or made for another colour model."""


@functools.cache
def built_in(name: str) -> bytes:
    """A profile by the name that imagecodecs has for it: `srgb`, `lab2`."""
    import imagecodecs  # here, for it takes a moment and few photos need it

    return bytes(imagecodecs.cms_profile(name))


def converted(
    colour: Samples,
    source: tuple[ColorModel, bytes],
    target: tuple[ColorModel, bytes],
    dtype: npt.DTypeLike,
) -> Samples:
    """Colours (H, W, C) of one model and profile in another's, (H, W, C'), as uint8, uint16 or float32.

    Integers span their type, floats are 0 to 1 (percent for inks, and L*, a*, b* as they are for Lab). Relative
    colorimetric with black point compensation, so that white stays white. Raises ProfileError.
    """
    import imagecodecs

    flags: int = imagecodecs.CMS.FLAGS.BLACKPOINTCOMPENSATION
    if not colour.dtype == np.dtype(dtype) == np.uint8:
        # What is optimized is a table of 33 steps for deep samples, off by up to 8 % in the shadows.
        flags |= imagecodecs.CMS.FLAGS.NOOPTIMIZE
    transform = functools.partial(
        imagecodecs.cms_transform,
        profile=source[1],
        outprofile=target[1],
        colorspace=_NAMES[source[0]],
        outcolorspace=_NAMES[target[0]],
        outdtype=np.dtype(dtype).name,
        intent=imagecodecs.CMS.INTENT.RELATIVE_COLORIMETRIC,
        flags=flags,
    )
    height, width = colour.shape[:2]
    result = np.empty((height, width, CHANNELS[target[0]]), dtype)
    rows = max(1, _STRIP // width)

    def convert(top: int) -> None:
        strip = np.ascontiguousarray(colour[top : top + rows])
        values = transform(strip[..., 0] if strip.shape[2] == 1 else strip)
        result[top : top + rows] = values.reshape(len(strip), width, -1)

    try:
        with ThreadPoolExecutor(os.cpu_count() if height > rows else 1) as threads:
            list(threads.map(convert, range(0, height, rows)))
    except (imagecodecs.CmsError, ValueError) as error:
        raise ProfileError(str(error)) from error
    return result


@functools.lru_cache(maxsize=64)
def is_srgb(profile: bytes, model: ColorModel) -> bool:
    """Whether a profile of grey or RGB samples changes no colour by more than a level of 8 bits.

    Raises ProfileError for one that is none, or not for that model.
    """
    steps = np.linspace(0, 65535, 256 if model is ColorModel.GREY else 17).astype(np.uint16)
    axes = [steps] * CHANNELS[model]
    grid = np.stack(np.meshgrid(*axes, indexing="ij"), axis=-1).reshape(1, -1, len(axes))
    seen = converted(grid, (model, profile), (ColorModel.RGB, built_in("srgb")), np.uint16)
    return bool((np.abs(seen.astype(np.int32) - grid) <= _NEAR).all())
