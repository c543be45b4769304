"""Reading photos: any container by its content, upright, with their depth, alpha and metadata."""

from __future__ import annotations

import io
import logging
import warnings
from contextlib import suppress
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt
from PIL import ExifTags, Image, ImageCms, UnidentifiedImageError

from core.errors import PhotoError
from core.files import read_file
from core.limits import MAX_PIXELS, bounded, check_pixels, file_limit, without_text_bombs
from core.metadata import read_metadata
from core.truncation import load_whole_or_cut
from core.types import Photo, Pixels

FORMATS = ("JPEG", "PNG", "WEBP", "TIFF", "BMP", "GIF", "PPM", "JPEG2000", "AVIF", "HEIF")
"""What is read, where Pillow knows it. Not everything Pillow opens: it runs other programs on some (EPS)."""

# What is wrong with a file is said once, in our own words.
for _decoder in ("PIL", "tifffile"):
    logging.getLogger(_decoder).setLevel(logging.CRITICAL)
cv2.utils.logging.setLogLevel(cv2.utils.logging.LOG_LEVEL_SILENT)

Samples = npt.NDArray[Any]

_Tag = ExifTags.Base


def read_photo(path: Path, max_pixels: int = MAX_PIXELS) -> Photo:
    """Read the file at `path`, told by its content, not its name; of several frames the first.

    Raises PhotoError with a sentence for a user, also where it has more than `max_pixels`.
    """
    data = read_file(path, file_limit(max_pixels))
    if not data:
        raise PhotoError(f"'{path}' is empty (zero bytes); get another copy of it.")
    with warnings.catch_warnings():
        # Pillow warns of odd metadata and large pictures; what matters is said in our own words.
        warnings.simplefilter("ignore")
        return _decode(path, data, max_pixels)


def _decode(path: Path, data: bytes, max_pixels: int) -> Photo:
    Image.init()
    notes: list[str] = []
    try:
        data = without_text_bombs(data, notes)
        with Image.open(io.BytesIO(data), formats=[name for name in FORMATS if name in Image.OPEN]) as image:
            check_pixels(path, image.size, max_pixels)
            return _photo_of(path, load_whole_or_cut(image, data, notes), data, notes)
    except PhotoError:
        raise
    except UnidentifiedImageError as error:
        raise PhotoError(
            f"'{path}' is not a picture this program can read; it reads JPEG, PNG, WebP, TIFF, BMP and GIF."
        ) from error
    except MemoryError as error:
        raise PhotoError(f"'{path}' does not fit into memory; make it smaller first.") from error
    except Exception as error:
        # On damaged files the decoders raise whatever their code trips over.
        raise PhotoError(f"'{path}' is damaged or cut short; get another copy of it.") from error


def _photo_of(path: Path, image: Image.Image, data: bytes, notes: list[str]) -> Photo:
    metadata, orientation = read_metadata(image, notes)
    metadata = bounded(metadata, notes)
    samples = _deep_samples(image, data, notes)
    if samples is None:
        samples = _samples(image, metadata, notes)
    samples = np.ascontiguousarray(_upright(samples, orientation))
    # Looking for a second frame reads on: damage behind the first one does not matter.
    with suppress(Exception):
        if getattr(image, "is_animated", False):
            notes.append("the file holds several pictures; the first one is used")
    return Photo(samples, _rgb_view(samples), path, image.format or "PNG", metadata, tuple(notes))


def _deep_samples(image: Image.Image, data: bytes, notes: list[str]) -> Samples | None:
    """Samples of more than 8 bits as uint16, or None for an 8-bit picture."""
    if image.mode.startswith("I;16"):
        return _grey16(image)
    if image.mode in ("I", "F"):
        return _scaled_to_16_bits(image, notes)
    if not _claims_sixteen_bits(image, data):
        return None
    samples = _colour16(image, data)
    if samples is None:
        notes.append("the 16-bit samples could only be read as 8 bits")
    return samples


def _claims_sixteen_bits(image: Image.Image, data: bytes) -> bool:
    if image.format == "PNG":
        return data[24:25] == b"\x10"
    return 16 in _tiff_tag(image, _Tag.BitsPerSample, (8,))


def _tiff_tag(image: Image.Image, tag: int, default: tuple[int, ...]) -> tuple[int, ...]:
    """The values of a TIFF tag, or the default when there are none, as in every other container."""
    value = getattr(image, "tag_v2", {}).get(tag, default)
    return value if isinstance(value, tuple) else (value,)


def _grey16(image: Image.Image) -> Samples:
    samples = np.asarray(image).astype(np.uint16)
    key = image.info.get("transparency")
    if key is not None:
        return np.stack([samples, np.where(samples == key, 0, 65535).astype(np.uint16)], axis=2)
    # Unlike 8 bits, 16 bits are not inverted by Pillow where 0 stands for white.
    return 65535 - samples if _tiff_tag(image, _Tag.PhotometricInterpretation, (1,)) == (0,) else samples


def _scaled_to_16_bits(image: Image.Image, notes: list[str]) -> Samples:
    """32-bit samples as uint16: white is 65535, of floats also 1 or 255, or else the highest sample."""
    values = np.nan_to_num(np.asarray(image, np.float64), posinf=0, neginf=0)
    highest = float(values.max())
    usual = (1.0, 255.0, 65535.0) if image.mode == "F" else (65535.0,)
    top = next((limit for limit in usual if highest <= limit), highest)
    samples = np.asarray(np.rint(np.clip(values / top, 0, 1) * 65535), np.uint16)
    if not np.array_equal(samples, values):
        notes.append("the samples were scaled to 16 bits")
    return samples


def _colour16(image: Image.Image, data: bytes) -> Samples | None:
    """16-bit colour, which Pillow reads as 8 bits; None for what cannot be read exactly."""
    premultiplied = _tiff_tag(image, _Tag.ExtraSamples, (2,)) == (1,)
    if image.mode not in ("RGB", "RGBA") or premultiplied:
        return None
    planes_apart = _tiff_tag(image, _Tag.PlanarConfiguration, (1,)) != (1,)
    samples = _joined_planes(data) if planes_apart else _decoded_by_opencv(data)
    if samples is None or samples.dtype != np.uint16 or samples.shape[:2] != (image.height, image.width):
        return None
    if image.format == "PNG" and data[25:26] == b"\x04":  # grey and alpha
        return samples[..., [0, 3]]
    return samples if samples.ndim == 3 and samples.shape[2] in (3, 4) else None


def _decoded_by_opencv(data: bytes) -> Samples | None:
    decoded = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_UNCHANGED)
    return decoded if decoded is None or decoded.ndim == 2 else decoded[..., [2, 1, 0, 3][: decoded.shape[2]]]


def _joined_planes(data: bytes) -> Samples:
    """The samples of a TIFF with a plane for each colour, of which both Pillow and OpenCV make rubbish."""
    import tifffile  # here, for it takes a moment and few photos need it

    with tifffile.TiffFile(io.BytesIO(data)) as file:
        page = file.pages.first
        return _upright(np.moveaxis(page.asarray(), 0, -1), page.tags.valueof(_Tag.Orientation, 1))


def _samples(image: Image.Image, metadata: dict[str, Any], notes: list[str]) -> Samples:
    """8-bit samples: (H, W) grey, or (H, W, C) grey + alpha, RGB or RGBA."""
    mode = image.mode
    if mode == "CMYK" and "icc_profile" in metadata:
        return _cmyk_to_srgb(image, metadata.pop("icc_profile"), notes)
    target = {"1": "L", "L": "L", "LA": "LA", "RGBA": "RGBA", "PA": "RGBA"}.get(mode, "RGB")
    if "transparency" in image.info:
        target = {"L": "LA", "RGB": "RGBA"}.get(target, target)
    elif target == "RGB" and mode not in ("RGB", "P"):
        notes.append(f"the {mode} samples were converted to RGB")
    return np.asarray(image if mode == target else image.convert(target))


def _cmyk_to_srgb(image: Image.Image, profile: bytes, notes: list[str]) -> Samples:
    notes.append("the CMYK samples were converted to sRGB")
    try:
        source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        converted = ImageCms.profileToProfile(image, source, ImageCms.createProfile("sRGB"), outputMode="RGB")
    except (ImageCms.PyCMSError, OSError):
        converted = None
    return np.asarray(image.convert("RGB") if converted is None else converted)


def _upright(samples: Samples, orientation: int) -> Samples:
    """Undo the EXIF orientation (EXIF 2.3, tag 0x0112)."""
    turned = {
        5: samples.swapaxes(0, 1),
        6: np.rot90(samples, 3),
        7: np.rot90(samples, 2).swapaxes(0, 1),
        8: np.rot90(samples),
    }
    flipped = {2: samples[:, ::-1], 3: samples[::-1, ::-1], 4: samples[::-1]}
    return {**turned, **flipped}.get(orientation, samples)


def eight_bits(samples: npt.NDArray[np.uint16]) -> npt.NDArray[np.uint8]:
    """16-bit samples rounded to 8 bits; full scale stays full scale."""
    return np.asarray((samples.astype(np.uint32) + 128) // 257, np.uint8)


def _rgb_view(samples: Samples) -> Pixels:
    grey = samples if samples.ndim == 2 else samples[..., 0] if samples.shape[2] == 2 else None
    rgb = samples[..., :3] if grey is None else np.repeat(grey[..., None], 3, axis=2)
    return np.ascontiguousarray(rgb)
