"""Camera RAW, developed by LibRaw as the camera would have, to 16 bits of sRGB; needs the extra `raw`."""

from __future__ import annotations

import io
from contextlib import suppress
from typing import Any

import numpy as np
import tifffile
from PIL import Image

from core.errors import PhotoError
from core.photos.exif import descriptive_exif
from core.photos.picture import Decoded, Picture
from core.photos.pillow import CheckSize
from core.photos.xmp import upright_xmp
from core.types import ColorModel

_DNG_VERSION = 50706
_SENSOR = {tifffile.PHOTOMETRIC.CFA, tifffile.PHOTOMETRIC.LINEAR_RAW}
_XMP = 700
_SRGB_CURVE = (2.4, 12.92)  # power and slope of IEC 61966-2-1


def holds_sensor_data(first: tifffile.TiffPage) -> bool:
    """Whether the first page of a TIFF belongs to a RAW file: its tags, or those of the pages below it, tell."""
    below = first.pages if first.subifds else None
    pages = [first, *(page.aspage() for page in below or ())]
    return _DNG_VERSION in first.tags or any(page.photometric in _SENSOR for page in pages)


def read(data: bytes, check: CheckSize) -> Decoded:
    """Develop a RAW photo, upright. Raises PhotoError without LibRaw, and what it trips over."""
    try:
        import rawpy
    except ImportError as error:
        raise PhotoError(
            "Camera RAW photos need a part that is not installed; install it: pip install 'gfpgan-desktop[raw]'."
        ) from error
    with rawpy.imread(io.BytesIO(data)) as raw:
        check((raw.sizes.width, raw.sizes.height))
        samples = raw.postprocess(use_camera_wb=True, output_bps=16, gamma=_SRGB_CURVE)
        metadata = _metadata(data) or _metadata(_preview(raw))
    picture = Picture(np.asarray(samples), ColorModel.RGB, 65535)
    return Decoded(picture, "RAW", metadata, notes=("the RAW photo was developed to 16 bits of sRGB",))


def _preview(raw: Any) -> bytes:
    """The JPEG that the camera made, whose EXIF data stands for that of a RAW file without."""
    with suppress(Exception):
        return bytes(raw.extract_thumb().data)
    return b""


def _metadata(data: bytes) -> dict[str, Any]:
    """What describes the photo in a TIFF-like RAW file or a JPEG; empty where there is nothing or damage."""
    metadata: dict[str, Any] = {}
    with suppress(Exception):
        exif = Image.Exif()
        if data[:2] in (b"II", b"MM"):
            exif.load_from_fp(io.BytesIO(data))
        else:
            with Image.open(io.BytesIO(data), formats=["JPEG"]) as image:
                exif = image.getexif()
        if kept := descriptive_exif(exif):
            metadata["exif"] = kept
        if isinstance(xmp := exif.get(_XMP), bytes):
            metadata["xmp"] = upright_xmp(xmp)
    return metadata
