"""Restored crop -> photo, inside the face's own region only.

The cost of pasting a face depends on the size of the face, never on that of the photo, and a pixel outside
the mask keeps its bits.
"""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from typing import cast

import cv2
import numpy as np

from core.alignment import invert, quantized, region_of_crop, rescaled, shifted, warp
from core.color import Picture, add_grain, is_one_tone, keep_color
from core.detail import as_network_saw, detail_weight, lost_structure
from core.masks import MASK_SIZE, face_mask
from core.types import CROP_SIZE, BlendOptions, ColorMode, FaceCrop, Matrix, Pixels


def enlarged(image: Pixels, upscale: int) -> Pixels:
    """The photo `upscale` times larger (Lanczos), or the very same array for 1."""
    if upscale == 1:
        return image
    height, width = image.shape[:2]
    size = (width * upscale, height * upscale)
    return cast(Pixels, cv2.resize(image, size, interpolation=cv2.INTER_LANCZOS4))


def compose(
    base: Pixels, crops: Sequence[FaceCrop], blends: Sequence[BlendOptions], upscale: int, monochrome: bool
) -> Pixels:
    """A copy of `base` (the photo, enlarged `upscale` times) with the restored crops laid into it.

    Faces are laid from the smallest to the largest, so that where two overlap the larger, which is nearly
    always the nearer one, is on top. Crops without a restored picture and those of strength 0 are left out.
    """
    canvas = base.copy()
    order = sorted(range(len(crops)), key=lambda i: crops[i].face.size)
    for index in order:
        if crops[index].restored is not None and blends[index].strength > 0:
            _paste(canvas, base, crops[index], blends[index], upscale, monochrome)
    return canvas


def _paste(
    canvas: Pixels, base: Pixels, crop: FaceCrop, blend: BlendOptions, upscale: int, monochrome: bool
) -> None:
    matrix = rescaled(crop.matrix, source=upscale)
    size = (base.shape[1], base.shape[0])
    mask = face_mask(crop)
    left, top, right, bottom = region_of_crop(matrix, size)
    if left >= right or top >= bottom:
        return
    back = invert(shifted(matrix, left, top))
    here = np.s_[top:bottom, left:right]
    photo = base[here].astype(np.float32)
    face = _face_in_photo(crop, photo, back, blend, upscale, monochrome)
    mask_to_photo = rescaled(back, source=MASK_SIZE / CROP_SIZE)
    alpha = np.clip(warp(mask, mask_to_photo, (right - left, bottom - top), cv2.BORDER_REPLICATE), 0, 1)
    if not crop.whole:
        alpha = np.where(alpha < 1 / 512, 0, alpha)
    alpha *= blend.strength
    below = canvas[here].astype(np.float32)
    blended = below + alpha[..., None] * (face - below)
    touched = alpha > 0
    canvas[here][touched] = quantized(blended[touched], canvas.dtype)


def _face_in_photo(
    crop: FaceCrop, photo: Picture, back: Matrix, blend: BlendOptions, upscale: int, monochrome: bool
) -> Picture:
    """The restored face as it would look in the region `photo`, of that shape."""
    assert crop.restored is not None
    size = (photo.shape[1], photo.shape[0])
    restored = crop.restored.astype(np.float32)
    if blend.color is not ColorMode.MODEL:
        one_tone = monochrome or is_one_tone(crop.pixels)
        if one_tone or blend.color is ColorMode.KEEP:
            restored = keep_color(restored, crop.pixels.astype(np.float32), one_tone)
    weight = detail_weight(crop) if blend.keep_detail else 0.0
    if weight == 0:
        face = warp(restored, back, size, cv2.BORDER_REPLICATE)
    else:
        seen = as_network_saw(crop)
        restored = restored + weight * lost_structure(restored, seen, crop.network_size)[..., None]
        face = warp(restored - weight * seen, back, size, cv2.BORDER_REPLICATE) + weight * photo
    if blend.match_grain:
        seed = zlib.crc32(np.asarray(crop.face.box, np.float32).tobytes())
        face = add_grain(face, photo, upscale, seed)
    return face
