"""Reading photos: any container by its content, upright, with their depth, alpha and metadata."""

from __future__ import annotations

import io
import struct
import warnings
import zlib
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt
from PIL import Image, ImageCms, UnidentifiedImageError

from core.errors import PhotoError
from core.files import reason
from core.types import Photo, Pixels

MAX_PIXELS = 300_000_000
"""Larger pictures are refused before they are decoded (decompression bombs)."""

ORIENTATION_TAG = 0x0112

# Our own limit, checked before decoding, takes the place of Pillow's lower one.
Image.MAX_IMAGE_PIXELS = MAX_PIXELS
cv2.utils.logging.setLogLevel(cv2.utils.logging.LOG_LEVEL_SILENT)

Samples = npt.NDArray[Any]

_BROKEN = (
    OSError,
    SyntaxError,
    ValueError,
    EOFError,
    KeyError,
    IndexError,
    TypeError,
    struct.error,
    zlib.error,
)
"""What Pillow's decoders raise on damaged files."""


def read_photo(path: Path) -> Photo:
    """Read the file at `path`, told by its content, not its name; of several frames the first.

    Raises PhotoError with a sentence for a user.
    """
    try:
        data = path.read_bytes()
    except FileNotFoundError as error:
        raise PhotoError(f"'{path}' does not exist; check the path.") from error
    except OSError as error:
        raise PhotoError(f"'{path}' cannot be read ({reason(error)}); check its permissions.") from error
    if not data:
        raise PhotoError(f"'{path}' is empty (zero bytes); get another copy of it.")
    with warnings.catch_warnings():
        # Pillow warns of odd metadata and large pictures; what matters is said in our own words.
        warnings.simplefilter("ignore")
        return _decode(path, data)


def _decode(path: Path, data: bytes) -> Photo:
    try:
        with Image.open(io.BytesIO(data)) as image:
            _check_size(path, image.size)
            return _photo_of(path, image, data)
    except UnidentifiedImageError as error:
        raise PhotoError(
            f"'{path}' is not a picture this program can read; it reads JPEG, PNG, WebP, TIFF, BMP and GIF."
        ) from error
    except Image.DecompressionBombError as error:
        raise PhotoError(_too_large(path)) from error
    except _BROKEN as error:
        raise PhotoError(f"'{path}' is damaged or cut short; get another copy of it.") from error


def _check_size(path: Path, size: tuple[int, int]) -> None:
    if size[0] * size[1] > MAX_PIXELS:
        raise PhotoError(_too_large(path))


def _too_large(path: Path) -> str:
    return f"'{path}' has more than {MAX_PIXELS // 1_000_000} megapixels; make it smaller first."


def _photo_of(path: Path, image: Image.Image, data: bytes) -> Photo:
    notes: list[str] = []
    if getattr(image, "n_frames", 1) > 1:
        notes.append("the file holds several pictures; the first one is used")
    orientation = image.getexif().get(ORIENTATION_TAG, 1)
    metadata = {key: image.info[key] for key in ("icc_profile", "exif", "dpi", "xmp") if image.info.get(key)}
    image.load()
    samples = _deep_samples(image, data, notes)
    if samples is None:
        samples = _samples(image, metadata, notes)
    samples = np.ascontiguousarray(_upright(samples, orientation))
    return Photo(samples, _rgb_view(samples), path, image.format or "PNG", metadata, tuple(notes))


def _deep_samples(image: Image.Image, data: bytes, notes: list[str]) -> Samples | None:
    """Samples of more than 8 bits as uint16, or None for an 8-bit picture."""
    if image.mode.startswith("I;16"):
        return np.asarray(image).astype(np.uint16)
    if image.mode in ("I", "F"):
        notes.append("the samples were scaled to 16 bits")
        values = np.asarray(image).astype(np.float64)
        top = (
            1.0 if image.mode == "F" and values.max() <= 1 else 65535.0 if values.max() <= 65535 else values.max()
        )
        return np.asarray(np.rint(np.clip(values / top, 0, 1) * 65535), np.uint16)
    if not _claims_sixteen_bits(image, data):
        return None
    # Pillow reads 16-bit colour as 8 bits; OpenCV keeps it.
    decoded = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_UNCHANGED)
    if decoded is None or decoded.dtype != np.uint16:
        notes.append("the 16-bit samples could only be read as 8 bits")
        return None
    channels = 1 if decoded.ndim == 2 else decoded.shape[2]
    swap = {3: [2, 1, 0], 4: [2, 1, 0, 3]}.get(channels)
    return decoded if swap is None else decoded[..., swap]


def _claims_sixteen_bits(image: Image.Image, data: bytes) -> bool:
    if image.format == "PNG":
        return data[24:25] == b"\x10"
    if image.format == "TIFF":
        bits = image.tag_v2.get(258, (8,))  # type: ignore[attr-defined]
        return bool(max(bits if isinstance(bits, tuple) else (bits,)) == 16)
    return False


def _samples(image: Image.Image, metadata: dict[str, Any], notes: list[str]) -> Samples:
    """8-bit samples: (H, W) grey, or (H, W, C) grey + alpha, RGB or RGBA."""
    mode = image.mode
    if mode in ("1", "L"):
        return np.asarray(image.convert("L"))
    if mode in ("LA", "RGBA") or (mode == "RGB" and "transparency" not in image.info):
        return np.asarray(image)
    if mode in ("P", "PA", "RGB") and ("transparency" in image.info or mode == "PA"):
        return np.asarray(image.convert("RGBA"))
    if mode == "CMYK" and "icc_profile" in metadata:
        return _cmyk_to_srgb(image, metadata, notes)
    if mode != "P":
        notes.append(f"the {mode} samples were converted to RGB")
    return np.asarray(image.convert("RGB"))


def _cmyk_to_srgb(image: Image.Image, metadata: dict[str, Any], notes: list[str]) -> Samples:
    notes.append("the CMYK samples were converted to sRGB")
    profile = metadata.pop("icc_profile")
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


def _rgb_view(samples: Samples) -> Pixels:
    grey = samples if samples.ndim == 2 else samples[..., 0] if samples.shape[2] == 2 else None
    rgb = samples[..., :3] if grey is None else np.repeat(grey[..., None], 3, axis=2)
    return np.ascontiguousarray(rgb)
