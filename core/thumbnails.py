"""Small pictures of photos for lists, as quickly as their files allow."""

from __future__ import annotations

import io
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt
from PIL import Image, ImageCms, ImageOps

from core.files import read_file
from core.limits import MAX_PIXELS, check_pixels, file_limit
from core.photo import read_photo
from core.photos.picture import eight_bits
from core.photos.quiet import without_warnings

Rgb = npt.NDArray[np.uint8]


def read_thumbnail(path: Path, side: int, max_pixels: int = MAX_PIXELS) -> Rgb:
    """The photo at `path`, upright, sRGB, (h, w, 3), its long side at most `side` pixels.

    A JPEG is decoded at an eighth to a half of its size, as is enough. Raises PhotoError as `read_photo` does.
    """
    quick = _reduced_jpeg(path, side, max_pixels)
    return quick if quick is not None else _at_most(read_photo(path, max_pixels).rgb, side)


def _reduced_jpeg(path: Path, side: int, max_pixels: int) -> Rgb | None:
    """The thumbnail of an ordinary JPEG, None for whatever else, or whatever is wrong with it."""
    data = read_file(path, file_limit(max_pixels))
    if not data.startswith(b"\xff\xd8"):
        return None
    try:
        with without_warnings(), Image.open(io.BytesIO(data), formats=["JPEG"]) as image:
            check_pixels(path, image.size, max_pixels=max_pixels)
            if image.mode not in ("L", "RGB"):
                return None
            image.draft(image.mode, (side, side))
            return _at_most(np.asarray(_in_srgb(ImageOps.exif_transpose(image)), np.uint8), side)
    except Exception:
        # The careful reader says what is wrong, if anything is.
        return None


def _in_srgb(image: Image.Image) -> Image.Image:
    profile = image.info.get("icc_profile")
    if profile and image.mode == "RGB":
        source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        converted = ImageCms.profileToProfile(image, source, ImageCms.createProfile("sRGB"))
        image = image if converted is None else converted
    return image.convert("RGB")


def _at_most(pixels: npt.NDArray[np.uint8] | npt.NDArray[np.uint16], side: int) -> Rgb:
    height, width = pixels.shape[:2]
    scale = min(1.0, side / max(width, height))
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    small = cv2.resize(pixels, size, interpolation=cv2.INTER_AREA)
    return eight_bits(small)
