"""Restored crop -> photo, inside the face's own region only.

The cost of a face depends on the size of the face, never on that of the photo, and a pixel outside the mask
keeps its bits. What does not depend on the strength is a `FaceLayer`; laying it into a picture is a blend.
"""

from __future__ import annotations

import zlib
from dataclasses import dataclass, replace

import cv2
import numpy as np

from core.alignment import cut_crop, invert, quantized, region_of_crop, rescaled, shifted, warp
from core.color import add_grain, has_color, is_one_tone, keep_color, limit_color
from core.detail import as_network_saw, detail_weight, lost_structure, share_of_structure
from core.enlargement import enlarged_part
from core.masks import MASK_SIZE, Mask, face_mask
from core.strokes import Coverage
from core.types import CROP_SIZE, BlendOptions, ColorMode, FaceCrop, FloatImage, Matrix, Pixels, Region

_FAINTEST = 1 / 512  # of the mask: less changes no 8-bit sample, and its place would only be copied


@dataclass(frozen=True, eq=False)
class FaceLayer:
    """A restored face as it looks in the (enlarged) photo at full strength, and where it shows.

    In `region` of the photo: `below`, the photo there, (h, w, 3); `face`, (h, w, 3) float32 in the photo's
    units; `mask`, (h, w) float32 in [0, 1].
    """

    region: Region
    below: Pixels
    face: FloatImage
    mask: Mask

    @property
    def nbytes(self) -> int:
        """Memory that the layer holds."""
        return self.below.nbytes + self.face.nbytes + self.mask.nbytes

    def lay(self, picture: Pixels, strength: float, within: Region, coverage: Coverage | None = None) -> None:
        """Blend the face into `picture`, the whole enlarged photo, in place, where `within` allows it, and as far
        as `coverage` does: (h, w) of the common part of both regions."""
        region = self.region.common(within)
        if region.empty:
            return
        inside = region.slices(self.region.left, self.region.top)
        mask = self.mask[inside] * np.float32(strength)
        if coverage is not None:
            mask *= coverage * np.float32(1 / 255)
        here = picture[region.slices()]
        blended = here.astype(np.float32)
        # Three masks side by side: numpy would go through the channels pixel by pixel.
        blended += (self.face[inside] - blended) * np.asarray(cv2.merge([mask] * 3))
        here[...] = quantized(blended, here.dtype)


def region_of_face(crop: FaceCrop, photo: Pixels, upscale: int) -> Region:
    """The pixels of the enlarged photo that the crop's square covers; outside them the face never shows."""
    size = (photo.shape[1] * upscale, photo.shape[0] * upscale)
    return Region(*region_of_crop(rescaled(crop.matrix, source=upscale), size))


def face_layer(
    photo: Pixels,
    crop: FaceCrop,
    blend: BlendOptions,
    upscale: int,
    monochrome: bool,
    background: Pixels | None = None,
) -> FaceLayer | None:
    """The layer of a restored crop in the photo enlarged `upscale` times, whatever the blend's strength.

    `monochrome` tells whether the photo is grey or of one tone. `background` is the enlarged photo where that is
    not Lanczos's: colours, detail and grain are then its, so that the face becomes part of what is around it. None
    where nothing of the face would show.
    """
    square = region_of_face(crop, photo, upscale)
    if square.empty:
        return None
    to_crop = rescaled(crop.matrix, source=upscale)
    mask = _mask_in_photo(crop, invert(shifted(to_crop, square.left, square.top)), square.size)
    x, y, width, height = cv2.boundingRect((mask > 0).view(np.uint8))
    if width == 0:
        return None
    # A copy, for a view would keep the whole square in memory.
    mask = mask[y : y + height, x : x + width].copy()
    left, top = square.left + x, square.top + y
    region = Region(left, top, left + width, top + height)
    if background is None:
        below = enlarged_part(photo, upscale, region).copy()
    else:
        below = background[region.slices()].copy()
        crop = replace(crop, pixels=cut_crop(background, to_crop))
    back = invert(shifted(to_crop, left, top))
    face = _face_in_photo(crop, below.astype(np.float32), back, mask, blend, upscale, monochrome)
    return FaceLayer(region, below, face, mask)


def _mask_in_photo(crop: FaceCrop, back: Matrix, size: tuple[int, int]) -> Mask:
    to_photo = rescaled(back, source=MASK_SIZE / CROP_SIZE)
    mask = np.clip(warp(face_mask(crop), to_photo, size, cv2.BORDER_REPLICATE), 0, 1)
    return mask if crop.whole else np.where(mask < _FAINTEST, np.float32(0), mask)


def _face_in_photo(
    crop: FaceCrop,
    photo: FloatImage,
    back: Matrix,
    mask: Mask,
    blend: BlendOptions,
    upscale: int,
    monochrome: bool,
) -> FloatImage:
    """The restored face as it would look in the region `photo`, of that shape, where `mask` lets it show."""
    assert crop.restored is not None
    size, white = (photo.shape[1], photo.shape[0]), np.iinfo(crop.pixels.dtype).max
    restored, weight = crop.restored.astype(np.float32), 0.0
    if blend.color is not ColorMode.MODEL:
        own = crop.pixels.astype(np.float32)
        one_tone = is_one_tone(crop.pixels) or (monochrome and not has_color(crop.pixels))
        if one_tone or blend.color is ColorMode.KEEP:
            restored = keep_color(restored, own, one_tone)
        if not one_tone:
            restored = limit_color(restored, own, white)
    if blend.keep_detail:
        seen, weight = as_network_saw(crop), detail_weight(crop)
        restored = restored + lost_structure(restored, seen, crop.network_size)[..., None]
    face = warp(restored, back, size, cv2.BORDER_REPLICATE)
    if weight > 0:
        beyond = photo - warp(seen, back, size, cv2.BORDER_REPLICATE)
        pixel = upscale * CROP_SIZE / crop.network_size / crop.scale
        share = share_of_structure(beyond, photo, mask, pixel, white)
        beyond *= weight if share is None else np.asarray(cv2.merge([weight * share] * 3))
        face += beyond
    if blend.match_grain:
        seed = zlib.crc32(np.asarray(crop.face.box, np.float32).tobytes())
        face = add_grain(face, photo, upscale, seed)
    return face
