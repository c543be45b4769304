"""Prints the table of docs/files.md: what each format keeps, measured by writing a file and reading it again."""

from __future__ import annotations

import tempfile
from pathlib import Path

import imagecodecs
import numpy as np
from PIL import Image

from core.encoding import CONTAINERS, write_photo
from core.photo import read_photo
from core.photos.texts import Text
from core.types import ColorModel, Photo

_METADATA = {"icc_profile": "Profile", "exif": "EXIF", "xmp": "XMP", "iptc": "IPTC", "texts": "Text", "dpi": "DPI"}
_XMP = (
    b'<x:xmpmeta xmlns:x="adobe:ns:meta/">'
    b'<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"/></x:xmpmeta>'
)


def table() -> str:
    """The table, in Markdown."""
    heads = ["Format", *_METADATA.values(), "Alpha", "16 bits", "Float", "CMYK", "Lab"]
    rows = [heads, ["---"] * len(heads), *([name, *_kept(name)] for name in CONTAINERS)]
    return "\n".join("| " + " | ".join(row) + " |" for row in rows) + "\n"


def _kept(name: str) -> list[str]:
    back = _again(_photo(), name)
    found = [key in back.metadata for key in _METADATA]
    random = np.random.default_rng(1)
    alpha = random.integers(0, 255, (16, 16, 4), np.uint8)
    found.append(_again(Photo(alpha, alpha[..., :3].copy()), name).samples.shape[-1] == 4)
    deep = random.integers(0, 65535, (16, 16, 3), np.uint16)
    found.append(np.array_equal(_again(Photo(deep, deep), name).samples, deep))
    light = random.random((16, 16, 3)).astype(np.float32)
    shown = np.rint(light * 65535).astype(np.uint16)
    found.append(np.array_equal(_again(Photo(light, shown, white=1.0), name).samples, light))
    inks = Photo(alpha, np.full((16, 16, 3), 9, np.uint8), model=ColorModel.CMYK, white=255)
    found.append(_again(inks, name).model is ColorModel.CMYK)
    lab = Photo(alpha[..., :3].copy(), np.full((16, 16, 3), 9, np.uint8), model=ColorModel.LAB, white=255)
    found.append(_again(lab, name).model is ColorModel.LAB)
    return ["yes" if value else "no" for value in found]


def _photo() -> Photo:
    exif = Image.Exif()
    exif[0x013B] = "Nadar"
    iptc = b"\x1c\x02\x19\x00\x06family"
    profile = bytes(imagecodecs.cms_profile("adobergb"))
    metadata = {
        "icc_profile": profile,
        "exif": exif.tobytes(),
        "xmp": _XMP,
        "iptc": iptc,
        "texts": (Text("Title", "Grandma"),),
        "dpi": (300.0, 300.0),
    }
    grey = np.full((16, 16, 3), 90, np.uint8)
    return Photo(grey, grey, metadata=metadata)


def _again(photo: Photo, name: str) -> Photo:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "photo"
        write_photo(photo, photo.rgb, path, name)
        return read_photo(path)


if __name__ == "__main__":
    print(table(), end="")
