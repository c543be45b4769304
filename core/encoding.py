"""Writing results: only samples inside the faces differ from the photo's own, as far as the container can hold
them."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path
from typing import Any

import numpy as np

from core.errors import PhotoError
from core.files import RAW_SUFFIXES, write_atomically
from core.photos import jpeg
from core.photos.metadata import described, fitted_metadata
from core.photos.picture import Picture, Samples, eight_bits, joined
from core.photos.profiles import ProfileError
from core.photos.quiet import without_warnings
from core.photos.srgb import in_srgb, is_plain, merged
from core.photos.xmp import HistoryEntry
from core.types import ColorModel, Photo, Pixels


class OutputFormat(StrEnum):
    """The container of a result. KEEP is the photo's own (PNG where that cannot be written).

    HEIC takes a package that is no part of the program: see WRITES_HEIC.
    """

    KEEP = "keep"
    PNG = "png"
    JPG = "jpg"
    WEBP = "webp"
    TIFF = "tiff"
    HEIC = "heic"
    AVIF = "avif"


@dataclass(frozen=True)
class Container:
    """What a container (a file format) can hold.

    suffixes      of its files, the usual one first
    models        colour models
    bits          of a sample; above 16: samples of any type
    metadata      keys of `Photo.metadata`
    side          the most pixels to a side, None for any number
    alpha         opacity
    grey_profile  ICC profiles of grey samples
    """

    suffixes: tuple[str, ...]
    models: tuple[ColorModel, ...] = (ColorModel.GREY, ColorModel.RGB)
    bits: int = 8
    metadata: tuple[str, ...] = ("icc_profile", "exif", "xmp", "dpi")
    side: int | None = None
    alpha: bool = True
    grey_profile: bool = False


JPEG_SIDE = 65_500
"""Pixels to a side that libjpeg takes."""

_ALL_METADATA = ("icc_profile", "exif", "xmp", "iptc", "dpi")

CONTAINERS = {
    "PNG": Container((".png",), bits=16, metadata=(*_ALL_METADATA, "texts", "modified"), grey_profile=True),
    "JPEG": Container(
        (".jpg", ".jpeg", ".jpe", ".jfif"),
        (ColorModel.GREY, ColorModel.RGB, ColorModel.CMYK),
        metadata=(*_ALL_METADATA, "texts"),
        side=JPEG_SIDE,
        alpha=False,
        grey_profile=True,
    ),
    "WEBP": Container((".webp",), side=16_383),
    "TIFF": Container((".tif", ".tiff"), tuple(ColorModel), 64, _ALL_METADATA, grey_profile=True),
    "BMP": Container((".bmp",), metadata=("dpi",), alpha=False),
    "HEIF": Container((".heic", ".heif", ".hif"), bits=10, side=16_384),
    "AVIF": Container((".avif",), side=32_768),  # more is written, but libavif refuses to read it
}

WRITES_HEIC = importlib.util.find_spec("pillow_heif") is not None
"""Whether HEIC can be written here: by pillow-heif with x265, which is GPL and so no part of the program."""

_PILLOW_NAMES = {"jpg": "JPEG", "heic": "HEIF"}
_STRIP = 256  # rows that are converted at a time


def container(photo: Photo, wanted: OutputFormat) -> str:
    """The container that a photo is written in, one of CONTAINERS. Raises PhotoError where nothing writes it."""
    return _container(photo.format, wanted)


def likely_suffix(suffix: str, wanted: OutputFormat) -> str:
    """The suffix that the result of a photo file with `suffix` will most likely get.

    The file is not read, and may hold something else than its suffix says.
    """
    ending = suffix.lower()
    named = [name for name, each in CONTAINERS.items() if ending in each.suffixes]
    read = "RAW" if ending in RAW_SUFFIXES else ending[1:].upper()
    return suffix_for(_container([*named, read][0], wanted), suffix)


def _container(read: str, wanted: OutputFormat) -> str:
    if wanted is not OutputFormat.KEEP:
        require_encoder(wanted)
        return _PILLOW_NAMES.get(wanted, wanted.upper())
    name = {"MPO": "JPEG", "RAW": "TIFF"}.get(read, read)
    return name if name in CONTAINERS and (name != "HEIF" or WRITES_HEIC) else "PNG"


def require_encoder(wanted: OutputFormat) -> None:
    """Raises PhotoError where nothing here writes a format."""
    if wanted is OutputFormat.HEIC and not WRITES_HEIC:
        raise PhotoError(
            "HEIC can be read; writing it takes the package pillow-heif, whose encoder is under the GPL: "
            "pip install 'gfpgan-desktop[heic]', or choose another format."
        )


def suffix_for(name: str, current: str) -> str:
    """The file suffix of a container: the current one where it fits, else the usual one."""
    return current if current.lower() in CONTAINERS[name].suffixes else CONTAINERS[name].suffixes[0]


def check_size(name: str, size: tuple[int, int], path: Path) -> None:
    """Raises PhotoError when a container cannot hold a picture of (width, height)."""
    limit = CONTAINERS[name].side
    if limit is not None and max(size) > limit:
        raise PhotoError(
            f"'{path}' would be larger than {name} can hold ({limit} px); choose --format png or tiff."
        )


def write_photo(
    photo: Photo,
    rgb: Pixels,
    path: Path,
    name: str,
    quality: int | None = None,
    entry: HistoryEntry | None = None,
    bits: int | None = None,
) -> list[str]:
    """Write `rgb`, a restored picture of `photo` (its depth, any whole enlargement), to `path`.

    name     of the container, a key of CONTAINERS (see `container`)
    quality  1 to 100, for JPEG, WebP (100 is lossless), HEIC and AVIF; None for the photo's own, or 95
    entry    for the history in the metadata; its program goes into the software tag
    bits     the most that a sample may have, None for as many as the photo has

    Colour profile, EXIF, XMP, IPTC, captions and resolution go along. Returns sentences on what the container
    could not hold. Raises PhotoError.
    """
    notes: list[str] = []
    check_size(name, (rgb.shape[1], rgb.shape[0]), path)
    picture = _fitted(photo, rgb, name, notes, bits)
    metadata = {key: value for key, value in photo.metadata.items() if key != "icc_profile"}
    if picture.profile is not None:
        metadata["icc_profile"] = picture.profile
    with without_warnings():
        metadata = described(metadata, (rgb.shape[1], rgb.shape[0]), entry, notes)
        fitted = fitted_metadata(metadata, photo.metadata, name, CONTAINERS[name].metadata, notes)
        data = _encode(picture, name, quality, fitted)
    write_atomically(path, data)
    return notes


def _fitted(photo: Photo, rgb: Pixels, name: str, notes: list[str], bits: int | None) -> Picture:
    """The restored photo in the colours, depth and channels that the container can hold."""
    holds = CONTAINERS[name]
    asked = False
    if bits is not None and bits < holds.bits:
        holds, asked = replace(holds, bits=bits), True
    try:
        picture = merged(photo, rgb)
        if (obstacle := _obstacle(picture, holds)) is not None:
            notes.append(f"{name} holds no {obstacle}: the picture was converted to sRGB")
            picture = in_srgb(photo, rgb)
    except ProfileError:
        # Profiles of scanners and cameras often say what their samples are, but not which samples a colour is.
        notes.append("nothing can be converted into the colour profile: the picture was converted to sRGB")
        picture = in_srgb(photo, rgb)
    if picture.profile is not None and "icc_profile" not in holds.metadata:
        picture = replace(picture, profile=None)
    if picture.samples.dtype == np.uint16 and holds.bits < 16:
        if not asked:
            notes.append(f"{name} is written with {holds.bits} bits a channel: the 16-bit samples were rounded")
        if holds.bits == 8:
            picture = replace(picture, samples=_in_strips(eight_bits, picture.samples), white=255)
    if picture.alpha is not None and not holds.alpha:
        notes.append(f"{name} holds no transparency: the picture was laid on white")
        picture = replace(picture, samples=_in_strips(_on_white, picture.samples))
    return picture


def _obstacle(picture: Picture, holds: Container) -> str | None:
    """What of a picture a container cannot hold, so that it has to become sRGB; None where there is nothing."""
    if picture.model not in holds.models:
        return f"{picture.model.strip()} samples"
    if picture.samples.dtype not in (np.uint8, np.uint16) and holds.bits <= 16:
        return f"{picture.samples.dtype} samples"
    if picture.profile is None or is_plain(picture):
        return None
    if picture.model is ColorModel.GREY and not holds.grey_profile:
        return "profile for grey"
    return None if "icc_profile" in holds.metadata else "colour profile"


def _in_strips(change: Callable[[Samples], Samples], samples: Samples) -> Samples:
    """`change`, which treats each pixel by itself, for some rows at a time: its intermediate copies stay small."""
    return np.concatenate([change(samples[top : top + _STRIP]) for top in range(0, len(samples), _STRIP)])


def _on_white(samples: Samples) -> Samples:
    alpha = samples[..., -1:].astype(np.float32) / 255
    flat = np.asarray(np.rint(samples[..., :-1] * alpha + 255 * (1 - alpha)), np.uint8)
    return joined(flat, None)


def _encode(picture: Picture, name: str, quality: int | None, metadata: dict[str, Any]) -> bytes:
    if name == "JPEG":
        return jpeg.encode(picture, metadata, quality)
    if name == "PNG":
        from core.photos import png

        return png.encode(picture, metadata)
    if name == "TIFF":
        from core.photos import tiff

        return tiff.encode(picture, metadata)
    if name == "HEIF":
        from core.photos import heif

        return heif.encode(picture, metadata, quality)
    from core.photos import pillow

    return pillow.encode(name, picture, metadata, quality)
