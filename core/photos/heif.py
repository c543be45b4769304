"""HEIC through libheif: 8, 10 and 12 bits. The file's own turns and mirrorings are carried out by libheif.

pi_heif reads, and is always here. pillow-heif, whose wheels bring x265, writes: that encoder is under the GPL, and
so no part of the program.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import Any

import numpy as np
from pi_heif.heif import open_heif

from core.photos import exif
from core.photos.jpeg import QUALITY
from core.photos.picture import Decoded, Picture, full_scale, joined, usual_model, widened
from core.photos.pillow import SEVERAL_PICTURES, CheckSize, exif_resolution, resolution
from core.photos.xmp import upright_xmp
from core.types import ColorModel

_LAYOUTS = {"L": 1, "LA": 2, "RGB": 3, "RGBA": 4}


def read(data: bytes, check: CheckSize) -> Decoded:
    """Decode the primary picture. Raises whatever libheif trips over."""
    file = open_heif(io.BytesIO(_with_plain_names(data)), convert_hdr_to_8bit=False)
    check(file.size)
    notes = [SEVERAL_PICTURES] if len(file) > 1 else []
    bits = int(file.info.get("bit_depth", 8))
    samples = np.asarray(file).reshape(file.size[1], file.size[0], -1)
    samples = samples[..., : _LAYOUTS[file.mode.partition(";")[0]]]
    if samples.dtype == np.uint16:
        samples = widened(samples >> (16 - bits), (1 << bits) - 1)
    samples = joined(samples, None)
    picture = Picture(samples, usual_model(samples), full_scale(samples), file.info.get("icc_profile") or None)
    return Decoded(picture, "HEIF", _metadata(file.info, notes), notes=tuple(notes))


def _with_plain_names(data: bytes) -> bytes:
    """The same file with question marks in types and names of items that are no text: pi_heif crashes on those."""
    plain = bytearray(data)
    for begin, end in _described(data):
        at = data.find(b"infe", begin, end)
        while at >= 0:
            # ISO/IEC 14496-12, 8.11.6: size, "infe", version, flags, two numbers; one is wider from version 3 on.
            first = at + (14 if data[at + 4 : at + 5] > b"\2" else 12)
            names = slice(first, max(first, at - 4 + int.from_bytes(data[at - 4 : at])))
            plain[names] = data[names].decode("ascii", "replace").replace("\ufffd", "?").encode()
            at = data.find(b"infe", max(at + 4, names.stop), end)
    return bytes(plain)


def _described(data: bytes) -> Iterator[tuple[int, int]]:
    """Where the boxes of a file (ISO/IEC 14496-12, 4.2) that hold no samples begin and end; one whose size makes
    no sense is the rest."""
    begin = 0
    while begin < len(data):
        size = int.from_bytes(data[begin : begin + 4])
        if size == 1:
            size = int.from_bytes(data[begin + 8 : begin + 16])
        end = begin + size if size >= 8 else len(data)
        if data[begin + 4 : begin + 8] != b"mdat":
            yield begin, end
        begin = end


def _metadata(info: dict[str, Any], notes: list[str]) -> dict[str, Any]:
    metadata: dict[str, Any] = {}
    if xmp := info.get("xmp"):
        metadata["xmp"] = upright_xmp(xmp)
    try:
        if data := info.get("exif"):
            metadata["exif"] = exif.upright_exif(data)
            if (dpi := resolution(exif_resolution(exif.parsed_exif(data)))) is not None:
                metadata["dpi"] = dpi
    except Exception:
        # Whatever a decoder makes of damaged metadata, the picture itself is there.
        notes.append(exif.DAMAGED_EXIF)
    return metadata


def encode(picture: Picture, metadata: dict[str, Any], quality: int | None) -> bytes:
    """A HEIC of 8 or, for 16-bit samples, 10 bits, with full chroma; quality 100 is lossless."""
    import pillow_heif

    colour = picture.colour if picture.model is ColorModel.RGB else np.repeat(picture.colour, 3, axis=2)
    samples = np.ascontiguousarray(joined(colour, picture.alpha))
    mode = "RGB" if samples.shape[2] == 3 else "RGBA"
    deep = ";16" if samples.dtype == np.uint16 else ""
    size = (samples.shape[1], samples.shape[0])
    file = pillow_heif.from_bytes(f"{mode}{deep}", size, samples.tobytes())
    kept = {key: metadata[key] for key in ("exif", "xmp", "icc_profile") if key in metadata}
    buffer = io.BytesIO()
    lossless = {"quality": -1, "chroma": 444, "matrix_coefficients": 0}
    usual = {"quality": QUALITY if quality is None else quality, "chroma": 444}
    file.save(buffer, **kept, **(lossless if quality == 100 else usual))
    return buffer.getvalue()
