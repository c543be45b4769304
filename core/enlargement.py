"""A photo enlarged by Lanczos, as a whole or the region of it that somebody needs."""

from __future__ import annotations

from typing import cast

import cv2

from core.types import Pixels, Region

_LANCZOS_REACH = 4  # px to each side


def enlarged(image: Pixels, upscale: int) -> Pixels:
    """A new picture: `image`, (H, W, 3) or (H, W), `upscale` times larger by Lanczos, or a copy of it for 1."""
    if upscale == 1:
        return image.copy()
    height, width = image.shape[:2]
    size = (width * upscale, height * upscale)
    return cast(Pixels, cv2.resize(image, size, interpolation=cv2.INTER_LANCZOS4))


def enlarged_part(image: Pixels, upscale: int, region: Region) -> Pixels:
    """What `enlarged(image, upscale)` has inside `region`, to the same bits, at the cost of the region alone."""
    height, width = image.shape[:2]
    left, top = (max(0, edge // upscale - _LANCZOS_REACH) for edge in region[:2])
    right, bottom = (-(-edge // upscale) + _LANCZOS_REACH for edge in region[2:])
    source = Region(left, top, min(right, width), min(bottom, height))
    return enlarged(image[source.slices()], upscale)[region.slices(left * upscale, top * upscale)]


def reach_of_part(box: Region, upscale: int) -> Region:
    """The region of `enlarged(image, upscale)` that changes with the pixels inside `box` of the image.

    It may reach beyond the edges.
    """
    reach = 0 if upscale == 1 else _LANCZOS_REACH
    (left, top), (right, bottom) = (
        ((x + by) * upscale, (y + by) * upscale) for (x, y), by in ((box[:2], -reach), (box[2:], reach))
    )
    return Region(left, top, right, bottom)
