"""Writing photos: samples inside the faces changed, everything else the photo's own, as far as it can be held."""

from __future__ import annotations

import importlib.util
import struct
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path
from typing import Any

import numpy as np

from core.errors import PhotoError
from core.files import RAW_SUFFIXES, write_atomically
from core.photos import jpeg
from core.photos.exif import DAMAGED_EXIF, descriptive_exif, edited_exif, parsed_exif, shortened_exif
from core.photos.picture import Picture, Samples, eight_bits, joined
from core.photos.profiles import ProfileError
from core.photos.quiet import without_warnings
from core.photos.srgb import in_srgb, is_plain, merged
from core.photos.xmp import HistoryEntry, with_history
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
    """What a container can hold: colour models, bits of a sample (more than 16 are for any number there is),
    kinds of metadata, px to a side, alpha, and whether grey has a profile of its own."""

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
    "PNG": Container((".png",), bits=16, metadata=_ALL_METADATA, grey_profile=True),
    "JPEG": Container(
        (".jpg", ".jpeg", ".jpe", ".jfif"),
        (ColorModel.GREY, ColorModel.RGB, ColorModel.CMYK),
        metadata=_ALL_METADATA,
        side=JPEG_SIDE,
        alpha=False,
        grey_profile=True,
    ),
    "WEBP": Container((".webp",), side=16_383),
    "TIFF": Container((".tif", ".tiff"), tuple(ColorModel), 64, _ALL_METADATA, grey_profile=True),
    "BMP": Container((".bmp",), metadata=("dpi",), alpha=False),
    "HEIF": Container((".heic", ".heif"), bits=10, side=16_384),
    "AVIF": Container((".avif",), side=32_768),  # more is written, but libavif refuses to read it
}

WRITES_HEIC = importlib.util.find_spec("pillow_heif") is not None
"""Whether HEIC can be written here: by pillow-heif with x265, which is GPL and so no part of the program."""

_PILLOW_NAMES = {"jpg": "JPEG", "heic": "HEIF"}
_LABELS = {"icc_profile": "colour profile", "exif": "EXIF", "iptc": "IPTC", "xmp": "XMP", "dpi": "resolution"}
_SEGMENT_LIMITS = {"exif": jpeg.SEGMENT, "xmp": jpeg.XMP_LIMIT, "iptc": jpeg.SEGMENT - 32}
_STRIP = 256  # rows that are converted at a time


def container(photo: Photo, wanted: OutputFormat) -> str:
    """The container that a photo is written in, one of CONTAINERS. Raises PhotoError where nothing writes it."""
    return _container(photo.format, wanted)


def likely_suffix(suffix: str, wanted: OutputFormat) -> str:
    """The suffix of the result of a photo whose file has this one: unread, for it may hold something else."""
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

    `name` is a container of `container`. `quality` is 1 to 100 for JPEG, WebP (100 is lossless), HEIC and AVIF;
    None is the photo's own, or 95. `bits` are those of a sample at most, None for as many as the photo has.
    `entry` goes into the history, and its program into the software tag. Colour profile, EXIF, XMP, IPTC and
    resolution go along. Returns sentences on what the container could not hold. Raises PhotoError.
    """
    notes: list[str] = []
    check_size(name, (rgb.shape[1], rgb.shape[0]), path)
    picture = _fitted(photo, rgb, name, notes, bits)
    metadata = {key: value for key, value in photo.metadata.items() if key != "icc_profile"}
    if picture.profile is not None:
        metadata["icc_profile"] = picture.profile
    with without_warnings():
        metadata = _described(metadata, (rgb.shape[1], rgb.shape[0]), entry, notes)
        data = _encode(picture, name, quality, _fitted_metadata(metadata, name, notes))
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


def _described(
    metadata: dict[str, Any], size: tuple[int, int], entry: HistoryEntry | None, notes: list[str]
) -> dict[str, Any]:
    """The metadata with the size of the result, and with what was done to it."""
    changed = dict(metadata)
    software = None if entry is None else entry.software
    try:
        exif = edited_exif(metadata.get("exif", b""), size, metadata.get("dpi"), software)
        changed |= {"exif": exif} if exif else {}
    except struct.error:
        notes.append("the EXIF data is damaged: it was carried along without the program's name")
    if entry is not None:
        try:
            changed["xmp"] = with_history(metadata.get("xmp", b""), entry)
        except ValueError:
            notes.append("the XMP data is damaged: it was carried along without a history")
    return changed


def _fitted_metadata(metadata: dict[str, Any], name: str, notes: list[str]) -> dict[str, Any]:
    """The metadata that the container can hold."""
    kept, holds = dict(metadata), CONTAINERS[name].metadata
    lost = [key for key in _LABELS if key in kept and key not in holds and key != "icc_profile"]
    if lost:
        notes.append(f"{name} holds no {', '.join(_LABELS[key] for key in lost)} data: it was left out")
    if name == "JPEG":
        _shorten_exif(kept, notes)
        too_large = [key for key, limit in _SEGMENT_LIMITS.items() if len(kept.get(key, b"")) > limit]
        notes += [f"the {key.upper()} data is larger than JPEG can hold and was left out" for key in too_large]
        lost += too_large
    if name in ("TIFF", "AVIF") and "exif" in kept:
        try:
            kept["exif"] = _rewritten_exif(kept["exif"], name)
        except Exception:
            # Damage below the first directory, which the other containers take along unread.
            notes.append(DAMAGED_EXIF)
            lost.append("exif")
    return {key: value for key, value in kept.items() if key not in lost}


def _shorten_exif(metadata: dict[str, Any], notes: list[str]) -> None:
    """Keep of EXIF data that is more than a JPEG's segment holds what describes the photo, if that fits."""
    if len(metadata.get("exif", b"")) <= _SEGMENT_LIMITS["exif"]:
        return
    # Damaged data stay as they are, and so too large.
    with suppress(Exception):
        if shorter := shortened_exif(metadata["exif"], _SEGMENT_LIMITS["exif"]):
            metadata["exif"] = shorter
            notes.append("the EXIF data is larger than JPEG can hold: only what describes the photo was kept")


def _rewritten_exif(exif: bytes, name: str) -> bytes:
    """EXIF data as a container takes it that has its tags written anew. Raises whatever damaged tags trip."""
    if name == "TIFF":
        return descriptive_exif(parsed_exif(exif))
    parsed_exif(exif).tobytes()  # Pillow does so for AVIF, and fails in the middle of writing
    return exif


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
