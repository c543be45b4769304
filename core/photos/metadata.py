"""What is written beside the picture: the photo's metadata, what was done to it, and what a container can hold."""

from __future__ import annotations

import struct
from collections.abc import Container, Mapping
from contextlib import suppress
from typing import Any

from core.photos import jpeg
from core.photos.exif import DAMAGED_EXIF, descriptive_exif, edited_exif, parsed_exif, shortened_exif
from core.photos.texts import as_comment
from core.photos.xmp import HistoryEntry, with_history

_LABELS = {
    "icc_profile": "colour profile",
    "exif": "EXIF",
    "iptc": "IPTC",
    "xmp": "XMP",
    "dpi": "resolution",
    "texts": "text",
    "modified": "time stamp",
}
_SEGMENT_LIMITS = {"exif": jpeg.SEGMENT, "xmp": jpeg.XMP_LIMIT, "iptc": jpeg.SEGMENT - 32, "texts": jpeg.SEGMENT}


def described(
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


def fitted_metadata(
    metadata: dict[str, Any], own: Mapping[str, Any], name: str, holds: Container[str], notes: list[str]
) -> dict[str, Any]:
    """The metadata that a container of this name, which holds these kinds, can hold.

    What it cannot is noted, if it is of a kind that is among the photo's `own` and not only the program's.
    """
    kept = dict(metadata)
    lost = [key for key in _LABELS if key in kept and key not in holds and key != "icc_profile"]
    if missed := [_LABELS[key] for key in lost if key in own]:
        notes.append(f"{name} holds no {', '.join(missed)} data: it was left out")
    if name == "JPEG":
        _shorten_exif(kept, notes)
        if len(kept.get("xmp", b"")) > _SEGMENT_LIMITS["xmp"] >= len(own.get("xmp", b"")) > 0:
            kept["xmp"] = own["xmp"]
            notes.append("the XMP data fills what JPEG can hold: it was carried along without a history")
        sizes = {key: len(kept.get(key, b"")) for key in _SEGMENT_LIMITS}
        sizes["texts"] = len(as_comment(kept.get("texts", ())))
        too_large = [key for key, limit in _SEGMENT_LIMITS.items() if sizes[key] > limit]
        notes += [f"the {_LABELS[key]} data is larger than JPEG can hold and was left out" for key in too_large]
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
