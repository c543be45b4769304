"""Small whole files of every kind that is read, to be damaged: made here, by ImageMagick and by exiftool."""

from __future__ import annotations

import io
import os
import shutil
import struct
import subprocess
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import imagecodecs
import numpy as np
import pillow_heif
import pytest
import tifffile
from PIL import Image, PngImagePlugin

HEIGHT, WIDTH = 48, 64
_y, _x = np.mgrid[:HEIGHT, :WIDTH]
_noise = np.random.default_rng(3).integers(0, 24, (HEIGHT, WIDTH))
RGB = np.dstack([_x * 3 + _noise, _y * 4 + _noise, 200 - _x * 2]).clip(0, 255).astype(np.uint8)
ALPHA = np.dstack([RGB, _x * 4]).astype(np.uint8)
DEEP = RGB.astype(np.uint16) * 257 + 3
INKS = np.dstack([255 - RGB, RGB.min(axis=2)])

ADOBE_RGB = bytes(imagecodecs.cms_profile("adobergb"))
PROFILES = [ADOBE_RGB, *(bytes(imagecodecs.cms_profile(name)) for name in ("srgb", "gray", "lab2"))]
IPTC = b"\x1c\x02\x19\x00\x06family\x1c\x02\x78\x00\x0bGrandmother"
XMP = (
    b'<?xpacket begin="\xef\xbb\xbf" id="W5M0MpCehiHzreSzNTczkc9d"?><x:xmpmeta xmlns:x="adobe:ns:meta/">'
    b'<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description rdf:about="" '
    b'xmlns:tiff="http://ns.adobe.com/tiff/1.0/" xmlns:xmpMM="http://ns.adobe.com/xap/1.0/mm/" '
    b'xmlns:stEvt="http://ns.adobe.com/xap/1.0/sType/ResourceEvent#" tiff:Orientation="6" '
    b'xmlns:stArea="http://ns.adobe.com/xmp/sType/Area#" '
    b'xmlns:R="http://www.metadataworkinggroup.com/schemas/regions/" '
    b'xmlns:MPReg="http://ns.microsoft.com/photo/1.2/t/Region#" MPReg:Rectangle="0.1, 0.2, 0.3, 0.4"><R:Area '
    b'stArea:x="0.3" stArea:y="0.4" stArea:w="0.2" stArea:h="0.1" stArea:unit="normalized"/><xmpMM:History>'
    b'<rdf:Seq><rdf:li rdf:parseType="Resource"><stEvt:action>saved</stEvt:action></rdf:li></rdf:Seq>'
    b'</xmpMM:History></rdf:Description></rdf:RDF></x:xmpmeta><?xpacket end="w"?>'
)
_TAGS = ["-EXIF:Artist=Nadar", "-EXIF:ISO=200", "-EXIF:Orientation#=6", "-EXIF:XResolution=300", "-GPS:all="]
_TAGS += ["-EXIF:GPSLatitude=48.85", "-EXIF:GPSLatitudeRef=N", "-EXIF:UserComment=on the steps"]
_TAGS += ["-XMP-dc:Title=Grandmother", "-XMP-tiff:Orientation#=6", "-IPTC:Keywords=family"]


def saved(samples: np.ndarray, container: str, mode: str | None = None, **options: Any) -> bytes:
    """Samples as a file by Pillow."""
    buffer = io.BytesIO()
    image = Image.fromarray(samples)
    (image if mode is None else image.convert(mode)).save(buffer, container, **options)
    return buffer.getvalue()


def tiff(samples: np.ndarray, photometric: str = "rgb", **options: Any) -> bytes:
    """Samples as a file by tifffile."""
    buffer = io.BytesIO()
    byteorder, big = options.pop("byteorder", "<"), options.pop("bigtiff", False)
    with tifffile.TiffWriter(buffer, byteorder=byteorder, bigtiff=big) as writer:
        writer.write(samples, photometric=photometric, metadata=None, **options)
    return buffer.getvalue()


def dng(**options: Any) -> bytes:
    """A photo as a sensor sees it: RGGB, 16 bits."""
    sensor = DEEP[..., 1].copy()
    sensor[::2, ::2], sensor[1::2, 1::2] = DEEP[::2, ::2, 0], DEEP[1::2, 1::2, 2]
    matrix = [value for number in (1, 0, 0, 0, 1, 0, 0, 0, 1) for value in (number, 1)]
    tags = [
        (33421, "H", 2, (2, 2), True),  # CFARepeatPatternDim
        (33422, "B", 4, bytes((0, 1, 1, 2)), True),  # CFAPattern
        (50706, "B", 4, bytes((1, 4, 0, 0)), True),  # DNGVersion
        (50707, "B", 4, bytes((1, 1, 0, 0)), True),
        (50708, "s", 0, "Box Camera", True),  # UniqueCameraModel
        (50714, "H", 1, 0, True),
        (50717, "H", 1, 65535, True),
        (50721, "2i", 9, matrix, True),  # ColorMatrix1
        (50728, "2I", 3, (1, 1, 1, 1, 1, 1), True),  # AsShotNeutral
        (50778, "H", 1, 21, True),
        (700, "B", len(XMP), XMP, True),
    ]
    return tiff(sensor, "cfa", extratags=tags, **options)


def heic(*pictures: np.ndarray, **options: Any) -> bytes:
    """Pictures as one file by libheif."""
    file = pillow_heif.HeifFile()
    for samples in pictures:
        mode = ("RGBA" if samples.shape[2] == 4 else "RGB") + (";16" if samples.dtype == np.uint16 else "")
        file.add_frombytes(mode, (samples.shape[1], samples.shape[0]), samples.tobytes())
    buffer = io.BytesIO()
    file.save(buffer, **options)
    return buffer.getvalue()


def _described(data: bytes) -> bytes:
    """The file with EXIF, GPS, XMP and IPTC data by exiftool."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "photo"
        path.write_bytes(data)
        subprocess.run([tool("exiftool"), "-q", "-q", "-overwrite_original", *_TAGS, path], check=True, timeout=60)
        return path.read_bytes()


def converted(*arguments: str) -> bytes:
    """The picture as ImageMagick writes it; the last argument is the format."""
    png = saved(RGB, "PNG")
    command = [tool("convert"), "png:-", *arguments[:-1], f"{arguments[-1]}:-"]
    return subprocess.run(command, input=png, capture_output=True, check=True, timeout=60).stdout


def tool(name: str) -> str:
    """The path of another program. Skips the test where there is none, but fails it where there must be."""
    found = shutil.which(name)
    if found is None and os.environ.get("CI"):
        pytest.fail(f"{name} is not installed")
    return found or pytest.skip(f"{name} is not installed")


def _exif() -> bytes:
    """EXIF data without its header."""
    with Image.open(io.BytesIO(_described(saved(RGB, "JPEG")))) as image:
        return bytes(image.info["exif"][6:])


def _maker_notes() -> bytes:
    exif = Image.Exif()
    exif[0x010F], exif[0x0112], exif[0x011A], exif[0x011B] = "Box", 3, 300, 300
    exif[0x8769] = {0x927C: bytes(range(200)), 0xA002: WIDTH, 0xA003: HEIGHT, 0x9003: "1912:04:01 12:00:00"}
    exif[0x8825] = {1: "N", 2: (48.0, 51.0, 24.0)}
    return exif.tobytes()[6:]


def _captions() -> PngImagePlugin.PngInfo:
    """A PNG's text, its time and what it tells of its colours."""
    told = PngImagePlugin.PngInfo()
    told.add_text("Title", "Grandmother")
    told.add_text("Author", "Nadar " * 20, zip=True)
    told.add_itxt("Description", "Gro\u00dfmutter", "de", "Beschreibung", zip=True)
    told.add(b"tIME", b"\x07\x78\4\1\x0c\0\0")
    told.add(b"gAMA", struct.pack(">I", 55_556))
    told.add(b"cHRM", struct.pack(">8I", 31_270, 32_900, 68_000, 32_000, 26_500, 69_000, 15_000, 6_000))
    return told


_INFO: dict[str, Any] = {"icc_profile": ADOBE_RGB, "exif": b"Exif\0\0" + _maker_notes(), "xmp": XMP}

_FRAMES = {"save_all": True, "append_images": [Image.fromarray(RGB[::-1].copy())]}

SEEDS: dict[str, Callable[[], list[bytes]]] = {
    "jpeg": lambda: [
        _described(saved(RGB, "JPEG", icc_profile=ADOBE_RGB, dpi=(300, 300))),
        saved(RGB, "JPEG", "L", **_INFO),
        saved(RGB, "JPEG", quality=40, comment="Gro\u00dfmutter".encode(), restart_marker_rows=1, subsampling=2),
        converted("-quality", "90", "-sampling-factor", "2x1", "jpeg"),
    ],
    "jpeg-progressive": lambda: [
        saved(RGB, "JPEG", progressive=True, **_INFO),
        converted("-interlace", "JPEG", "-quality", "70", "jpeg"),
        converted("-interlace", "JPEG", "-colorspace", "Gray", "jpeg"),
    ],
    "jpeg-cmyk": lambda: [
        saved(RGB, "JPEG", "CMYK", **_INFO | {"icc_profile": b""}),
        _described(converted("-colorspace", "CMYK", "jpeg")),
        saved(RGB, "JPEG", "CMYK", progressive=True),
    ],
    "png": lambda: [
        _described(saved(RGB, "PNG", icc_profile=ADOBE_RGB)),
        saved(RGB, "PNG", "P", transparency=3, dpi=(300, 300)),
        saved(ALPHA, "PNG"),
        saved(RGB, "PNG", "1"),
        saved(RGB, "PNG", pnginfo=_captions()),
        converted("-interlace", "PNG", "-colorspace", "Gray", "-alpha", "set", "png"),
    ],
    "png-deep": lambda: [
        imagecodecs.png_encode(DEEP),
        imagecodecs.png_encode(DEEP[..., 0].copy()),
        imagecodecs.png_encode(np.dstack([DEEP, DEEP[..., 0]])),
        converted(
            "-depth", "16", "-interlace", "PNG", "-define", "png:bit-depth=16", "-evaluate", "add", "3", "png"
        ),
    ],
    "webp": lambda: [
        saved(RGB, "WEBP", **_INFO),
        saved(ALPHA, "WEBP", quality=50),
        saved(RGB, "WEBP", **_FRAMES),
        converted("webp"),
    ],
    "webp-lossless": lambda: [
        saved(RGB, "WEBP", lossless=True, **_INFO),
        saved(ALPHA, "WEBP", lossless=True, exact=True),
        converted("-define", "webp:lossless=true", "webp"),
    ],
    "bmp": lambda: [
        saved(RGB, "BMP", dpi=(300, 300)),
        saved(RGB, "BMP", "P"),
        saved(RGB, "BMP", "1"),
        converted("-colors", "60", "-compress", "RLE", "bmp3"),
        converted("-alpha", "set", "bmp"),
    ],
    "gif": lambda: [
        saved(RGB, "GIF", "P", transparency=2),
        saved(RGB, "GIF", **_FRAMES),
        converted("-interlace", "GIF", "gif"),
    ],
    "tiff": lambda: [
        _described(tiff(RGB, iccprofile=ADOBE_RGB, resolution=(300, 300), resolutionunit=2)),
        tiff(RGB, planarconfig="separate", byteorder=">"),
        tiff(np.tile(RGB, (2, 2, 1)), tile=(32, 32)),
        tiff(RGB[..., 0], "miniswhite"),
        tiff(ALPHA, extrasamples=["assocalpha"]),
        converted("-compress", "None", "tiff"),
    ],
    "tiff-packed": lambda: [
        *(tiff(RGB, compression=name, predictor=True) for name in ("lzw", "zlib", "zstd", "lzma")),
        tiff(RGB[..., 0], "minisblack", compression="jpeg"),
        tiff(RGB, compression="packbits", rowsperstrip=7),
        converted("-compress", "LZW", "tiff"),
        converted("-compress", "Zip", "-define", "tiff:tile-geometry=32x32", "tiff"),
    ],
    "tiff-others": lambda: [
        saved(RGB, "TIFF", "P", compression="tiff_lzw"),
        saved(RGB, "TIFF", "1"),
        saved(RGB, "TIFF", "YCbCr"),
        converted("-compress", "JPEG", "tiff"),
        converted("-compress", "Group4", "-monochrome", "tiff"),
        converted("-compress", "Fax", "-monochrome", "tiff"),
        converted("-depth", "4", "-colorspace", "Gray", "tiff"),
    ],
    "tiff-deep": lambda: [
        tiff(DEEP, compression="lzw", predictor=True, bigtiff=True, iccprofile=ADOBE_RGB),
        *(tiff((RGB / 255).astype(kind)) for kind in (np.float16, np.float64)),
        tiff((RGB / 255).astype(np.float32), compression="zlib", predictor=3),
        tiff(DEEP[..., 0].astype(np.uint32) << 12, "minisblack"),
        tiff(DEEP[..., 0].astype(np.int16), "minisblack", byteorder=">"),
        *(tiff(samples, "cielab") for samples in (RGB, DEEP)),
        tiff(INKS, "separated"),
        converted("-depth", "16", "-colorspace", "Lab", "tiff"),
        converted("-define", "quantum:format=floating-point", "-depth", "32", "tiff64"),
    ],
    "heic": lambda: [
        heic(RGB, quality=60, **_INFO),
        heic(DEEP),
        heic(ALPHA, RGB, quality=50),
    ],
    "avif": lambda: [
        saved(RGB, "AVIF", **_INFO),
        saved(ALPHA, "AVIF", quality=50),
        saved(RGB, "AVIF", "L"),
        saved(RGB, "AVIF", **_FRAMES),
    ],
    "avif-deep": lambda: [
        bytes(imagecodecs.avif_encode(DEEP >> 6, bitspersample=10, level=60)),
        bytes(imagecodecs.avif_encode(DEEP >> 4, bitspersample=12, level=60)),
        bytes(imagecodecs.avif_encode(np.dstack([DEEP, DEEP[..., 0]]) >> 6, bitspersample=10)),
    ],
    "jpeg2000": lambda: [
        saved(RGB, "JPEG2000"),
        saved(ALPHA, "JPEG2000", irreversible=True, num_resolutions=3),
        saved(RGB, "JPEG2000", no_jp2=True, tile_size=(32, 32)),
        saved(DEEP[..., 0], "JPEG2000"),
        bytes(imagecodecs.jpeg2k_encode(DEEP, level=0, codecformat="jp2")),
        bytes(imagecodecs.jpeg2k_encode(DEEP >> 4, bitspersample=12, level=50, codecformat="j2k")),
    ],
    "ppm": lambda: [
        saved(RGB, "PPM"),
        saved(RGB, "PPM", "L"),
        saved(RGB, "PPM", "1"),
        saved(DEEP[..., 0], "PPM"),
        b"P6 %d %d 65535\n" % DEEP.shape[1::-1] + DEEP.astype(">u2").tobytes(),
        converted("-compress", "None", "ppm"),
        converted("-compress", "None", "-monochrome", "pbm"),
        converted("-define", "quantum:format=floating-point", "-depth", "32", "-colorspace", "Gray", "pfm"),
    ],
    "raw": lambda: [dng(), dng(byteorder=">"), dng(compression="zlib")],
    "exif": lambda: [_exif(), _maker_notes()],
    "xmp": lambda: [XMP, XMP.replace(b'tiff:Orientation="6"', b""), b"<rdf:RDF/>"],
    "iptc": lambda: [IPTC, IPTC * 20],
    "icc": lambda: PROFILES,
}
"""By what is read: a decoder, or a kind of metadata, which is wrapped in containers once it is damaged."""


def write_seeds(name: str, folder: Path) -> None:
    """Write the seeds of one kind to `folder`."""
    folder.mkdir(parents=True)
    for number, data in enumerate(SEEDS[name]()):
        (folder / f"{number:02}").write_bytes(data)
