"""Reading photos: any container by its content, upright, with their own samples, alpha and metadata."""

from __future__ import annotations

import functools
import logging
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
from PIL import UnidentifiedImageError

from core.errors import PhotoError
from core.files import read_file
from core.limits import MAX_PIXELS, bounded, check_pixels, file_limit
from core.photos import pillow, png
from core.photos.picture import Decoded, upright, with_sides_swapped
from core.photos.pillow import CheckSize
from core.photos.profiles import ProfileError
from core.photos.quiet import without_warnings
from core.photos.regions import upright_regions
from core.photos.signatures import Kind, kind_of
from core.photos.srgb import srgb_view
from core.types import Photo

# What is wrong with a file is said once, in our own words.
for _decoder in ("PIL", "tifffile", "imagecodecs"):
    logging.getLogger(_decoder).setLevel(logging.CRITICAL)
cv2.utils.logging.setLogLevel(cv2.utils.logging.LOG_LEVEL_SILENT)

READABLE = "JPEG, PNG, WebP, TIFF, BMP, GIF, HEIC, AVIF, JPEG 2000 and PPM"


def read_photo(path: Path, max_pixels: int = MAX_PIXELS) -> Photo:
    """Read the file at `path`, told by its content, not its name; of several frames the first.

    Raises PhotoError with a sentence for a user, also where it has more than `max_pixels`.
    """
    data = read_file(path, file_limit(max_pixels))
    if not data:
        raise PhotoError(f"'{path}' is empty (zero bytes); get another copy of it.")
    with without_warnings():
        return _decode(path, data, max_pixels)


def _decode(path: Path, data: bytes, max_pixels: int) -> Photo:
    notes: list[str] = []
    try:
        data = png.without_damaged_metadata(data, notes)
        check = functools.partial(check_pixels, path, max_pixels=max_pixels)
        return _photo(path, _reader(data)(data, check), notes)
    except PhotoError:
        raise
    except UnidentifiedImageError as error:
        raise PhotoError(f"'{path}' is not a picture this program can read; it reads {READABLE}.") from error
    except MemoryError as error:
        raise PhotoError(f"'{path}' does not fit into memory; make it smaller first.") from error
    except Exception as error:
        # On damaged files the decoders raise whatever their code trips over.
        raise PhotoError(f"'{path}' is damaged or cut short; get another copy of it.") from error


def _reader(data: bytes) -> Callable[[bytes, CheckSize], Decoded]:
    """What decodes a file that begins like this; the decoders are imported when first needed."""
    kind = kind_of(data)
    if kind is Kind.TIFF:
        from core.photos import tiff

        return tiff.read
    if kind is Kind.HEIF:
        from core.photos import heif

        return heif.read
    if kind is Kind.RAW:
        from core.photos import raw

        return raw.read
    return pillow.read


def _photo(path: Path, decoded: Decoded, notes: list[str]) -> Photo:
    samples = np.ascontiguousarray(upright(decoded.picture.samples, decoded.orientation))
    notes += decoded.notes
    metadata = decoded.metadata if decoded.orientation < 5 else with_sides_swapped(decoded.metadata)
    if "xmp" in metadata:
        size = (samples.shape[1], samples.shape[0])
        metadata = metadata | {"xmp": upright_regions(metadata["xmp"], decoded.orientation, size)}
    metadata = bounded(metadata | {"icc_profile": decoded.picture.profile}, notes)
    picture = replace(decoded.picture, samples=samples, profile=metadata.pop("icc_profile", None))
    try:
        rgb = srgb_view(picture)
    except ProfileError:
        notes.append("the colour profile is damaged or for other samples, and was left out")
        picture = replace(picture, profile=None)
        rgb = srgb_view(picture)
    if picture.profile is not None:
        metadata["icc_profile"] = picture.profile
    return Photo(
        samples, rgb, path, decoded.format, metadata, tuple(notes), model=picture.model, white=picture.white
    )
