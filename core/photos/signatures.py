"""What kind of decoder a file needs, by its first bytes."""

from __future__ import annotations

from enum import Enum, auto


class Kind(Enum):
    """The decoders: PILLOW is for everything that no other is for."""

    PILLOW = auto()
    TIFF = auto()
    RAW = auto()
    HEIF = auto()


_TIFF = (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+")
_RAW = (
    b"FUJIFILMCCD-RAW",
    b"IIRO",  # Olympus
    b"IIRS",
    b"MMOR",
    b"IIU\0",  # Panasonic
    b"II\x1a\0\0\0HEAPCCDR",  # Canon's CRW
    b"\0MRM",  # Minolta
    b"FOVb",  # Sigma
)
_HEIF_BRANDS = {b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1"}


def kind_of(data: bytes) -> Kind:
    """The decoder of a file. TIFF can turn out to be RAW, which its tags tell."""
    if data.startswith(_RAW) or data[4:12] == b"ftypcrx " or (data.startswith(_TIFF) and data[8:10] == b"CR"):
        return Kind.RAW
    if data.startswith(_TIFF):
        return Kind.TIFF
    if data[4:8] == b"ftyp" and data[8:12] in _HEIF_BRANDS and b"avif" not in data[12:64]:
        return Kind.HEIF
    return Kind.PILLOW
