"""Photos that other programs made: ImageMagick's pixels, ExifTool's and Exiv2's metadata, a camera's RAW."""

from __future__ import annotations

import io
import json
import subprocess
import sys
from pathlib import Path

import imagecodecs
import numpy as np
import pytest
import tifffile
from PIL import Image

from core.encoding import OutputFormat, container, write_photo
from core.errors import PhotoError
from core.files import PHOTO_SUFFIXES
from core.photo import read_photo
from core.result import RestoredFaces
from core.types import ColorModel, Photo, RestoreOptions
from tests.conftest import PATIENCE, crop_of, face_at, flat, smooth_photo
from tests.test_containers import found_by_exiftool, tool

Chromaticity = tuple[float, float]


def profile(
    white: Chromaticity, red: Chromaticity, green: Chromaticity, blue: Chromaticity, gamma: float
) -> bytes:
    """An ICC profile by the chromaticities (x, y) of white and of full red, green and blue."""
    primaries = (*red, 1.0, *green, 1.0, *blue, 1.0)
    return bytes(imagecodecs.cms_profile("rgb", whitepoint=(*white, 1.0), primaries=primaries, gamma=gamma))


WIDE = {
    "Adobe RGB": bytes(imagecodecs.cms_profile("adobergb")),
    "Display P3": profile((0.3127, 0.3290), (0.680, 0.320), (0.265, 0.690), (0.150, 0.060), 2.2),
    "ProPhoto RGB": profile((0.3457, 0.3585), (0.7347, 0.2653), (0.1596, 0.8404), (0.0366, 0.0001), 1.8),
}


@pytest.fixture
def picture(tmp_path: Path) -> Path:
    """A colourful picture of 16 bits."""
    path = tmp_path / "picture.png"
    path.write_bytes(bytes(imagecodecs.png_encode(smooth_photo(96, 64, seed=3, dtype=np.uint16))))
    return path


def converted(source: Path, target: str, *options: str) -> Path:
    """What ImageMagick makes of a picture."""
    path = source.with_name(target)
    subprocess.run([tool("convert"), source, *options, path], check=True, timeout=PATIENCE, capture_output=True)
    return path


@pytest.mark.parametrize(
    ("target", "options", "model", "dtype", "apart"),
    [
        ("a.jpg", ["-quality", "92"], None, np.uint8, 2),
        ("progressive.jpg", ["-interlace", "JPEG", "-quality", "92"], None, np.uint8, 2),
        ("grey.jpg", ["-colorspace", "Gray"], ColorModel.GREY, np.uint8, 2),
        ("inks.jpg", ["-colorspace", "CMYK", "-quality", "95"], ColorModel.CMYK, np.uint8, 12),
        ("a.png", ["-depth", "8"], None, np.uint8, 1),
        ("deep.png", [], None, np.uint16, 1),
        ("palette.png", ["-colors", "200", "-type", "Palette", "-depth", "8"], None, np.uint8, 1),
        ("bits.png", ["-threshold", "50%", "-depth", "1"], ColorModel.GREY, np.uint8, 1),
        ("grey-alpha.png", ["-colorspace", "Gray", "-alpha", "set"], ColorModel.GREY, np.uint16, 1),
        ("a.gif", ["-colors", "200"], None, np.uint8, 1),
        ("a.bmp", ["-depth", "8"], None, np.uint8, 1),
        ("a.ppm", ["-depth", "8"], None, np.uint8, 1),
        ("lossless.webp", ["-define", "webp:lossless=true"], None, np.uint8, 1),
        ("lossy.webp", ["-quality", "95"], None, np.uint8, 4),
        ("a.tif", ["-compress", "none"], None, np.uint16, 1),
        ("lzw.tif", ["-compress", "lzw"], None, np.uint16, 1),
        ("zip.tif", ["-compress", "zip", "-depth", "8"], None, np.uint8, 1),
        ("bits.tif", ["-threshold", "50%", "-compress", "group4"], ColorModel.GREY, np.uint8, 1),
        ("inks.tif", ["-colorspace", "CMYK", "-compress", "lzw"], ColorModel.CMYK, np.uint16, 12),
        ("float.tif", ["-define", "quantum:format=floating-point", "-depth", "32"], None, np.float32, 1),
        ("lab.tif", ["-colorspace", "Lab", "-depth", "8"], ColorModel.LAB, np.uint8, 4),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_the_pixels_are_those_that_imagemagick_sees(
    picture: Path, target: str, options: list[str], model: ColorModel | None, dtype: type, apart: float
) -> None:
    path = converted(picture, target, *options)
    photo = read_photo(path)
    assert photo.samples.dtype == dtype
    assert photo.model in (model, model or ColorModel.RGB)
    seen = converted(path, "seen.png", "-colorspace", "sRGB", "-alpha", "off", "-type", "TrueColor", "-depth", "8")
    theirs = np.asarray(Image.open(seen).convert("RGB"), np.float64)
    ours = photo.rgb.astype(np.float64) / (257 if photo.rgb.dtype == np.uint16 else 1)
    assert ours.shape == theirs.shape
    assert np.abs(ours - theirs).mean() < apart


@pytest.mark.parametrize("suffix", [".png", ".jpg", ".tif"])
@pytest.mark.parametrize("wanted", [OutputFormat.PNG, OutputFormat.JPG, OutputFormat.TIFF])
def test_iptc_of_exiftool_reaches_every_container_that_holds_it(
    picture: Path, suffix: str, wanted: OutputFormat, tmp_path: Path
) -> None:
    path = converted(picture, f"tagged{suffix}")
    tags = ["-IPTC:Keywords=grandmother", "-IPTC:City=Turin", "-overwrite_original", "-q", "-m"]
    subprocess.run([tool("exiftool"), *tags, path], check=True, timeout=PATIENCE)
    photo = read_photo(path)
    assert b"grandmother" in photo.metadata["iptc"]
    written = tmp_path / f"written.{wanted}"
    write_photo(photo, photo.rgb, written, container(photo, wanted))
    found = found_by_exiftool(written)
    assert (found["IPTC:Keywords"], found["IPTC:City"]) == ("grandmother", "Turin")
    assert "ExifTool:Warning" not in found


def test_exiv2_finds_the_iptc_of_a_tiff(picture: Path, tmp_path: Path) -> None:
    path = converted(picture, "tagged.jpg")
    subprocess.run([tool("exiv2"), "-M", "set Iptc.Application2.Caption String Turin 1911", path], check=True)
    photo = read_photo(path)
    write_photo(photo, photo.rgb, tmp_path / "a.tif", "TIFF")
    done = subprocess.run([tool("exiv2"), "-PI", tmp_path / "a.tif"], capture_output=True, text=True)
    assert "Turin 1911" in done.stdout
    with tifffile.TiffFile(tmp_path / "a.tif") as file:
        assert file.pages.first.tags[33723].dtype == tifffile.DATATYPE.BYTE


def test_a_phones_photo_keeps_what_it_says(picture: Path, tmp_path: Path) -> None:
    path = converted(picture, "phone.jpg", "-quality", "92")
    tags = ["-EXIF:Make=Pear", "-EXIF:Model=Phone 7", "-EXIF:Orientation#=8", "-EXIF:GPSLatitude=45.07"]
    tags += ["-EXIF:GPSLatitudeRef=N", "-EXIF:DateTimeOriginal=2019:05:01 12:00:00", "-overwrite_original", "-q"]
    subprocess.run([tool("exiftool"), *tags, path], check=True, timeout=PATIENCE)
    photo = read_photo(path)
    assert photo.size == (64, 96)
    write_photo(photo, photo.rgb, tmp_path / "out.jpg", "JPEG")
    found = found_by_exiftool(tmp_path / "out.jpg")
    assert found["EXIF:Model"] == "Phone 7"
    assert found["EXIF:GPSLatitude"] == pytest.approx(45.07, abs=1e-4)
    assert found["EXIF:DateTimeOriginal"] == "2019:05:01 12:00:00"
    assert found.get("EXIF:Orientation", 1) == 1


@pytest.mark.parametrize("quality", [30, 75, 90, 98])
def test_a_jpeg_is_never_compressed_more_than_it_was(picture: Path, tmp_path: Path, quality: int) -> None:
    path = converted(picture, "a.jpg", "-quality", str(quality), "-sampling-factor", "4:2:0")
    photo = read_photo(path)
    write_photo(photo, photo.rgb, tmp_path / "out.jpg", "JPEG")
    with Image.open(path) as before, Image.open(tmp_path / "out.jpg") as after:
        tables = [(before.quantization[key], after.quantization[key]) for key in before.quantization]
    assert all(ours <= theirs for theirs_, ours_ in tables for theirs, ours in zip(theirs_, ours_, strict=True))


def test_whole_numbers_without_a_sign_are_a_part_of_their_full_scale(tmp_path: Path) -> None:
    samples = np.full((4, 4), 2**31, np.uint32)
    tifffile.imwrite(tmp_path / "a.tif", samples, photometric="minisblack")
    photo = read_photo(tmp_path / "a.tif")
    assert photo.white == 2**32 - 1
    assert abs(int(photo.rgb[0, 0, 0]) - 32768) <= 1


# What is no face keeps its samples.


@pytest.mark.parametrize("suffix", [".png", ".tif"])
@pytest.mark.parametrize("profile", [None, *WIDE])
@pytest.mark.parametrize("seed", range(3))
def test_outside_the_face_a_deep_photo_keeps_every_bit(
    tmp_path: Path, suffix: str, profile: str | None, seed: int
) -> None:
    samples = np.random.default_rng(seed).integers(0, 65536, (160, 200, 3), dtype=np.uint16)
    icc = WIDE[profile] if profile else None
    path = tmp_path / f"before{suffix}"
    before = Photo(samples, samples, format="PNG", metadata={"icc_profile": icc} if icc else {})
    write_photo(before, samples, path, "PNG" if suffix == ".png" else "TIFF")
    photo = read_photo(path)
    np.testing.assert_array_equal(photo.samples, samples)
    face = face_at(100, 80, 90)
    crop = crop_of(photo.rgb, face, flat((30000, 20000, 10000), np.uint16))
    result = RestoredFaces(photo=photo, options=RestoreOptions(), crops=(crop,)).composed()
    write_photo(photo, result.image, tmp_path / f"after{suffix}", container(photo, OutputFormat.KEEP))
    after = read_photo(tmp_path / f"after{suffix}")
    assert after.metadata.get("icc_profile") == photo.metadata.get("icc_profile")
    (layer,) = [result.layers.layer(0, RestoreOptions().blend)]
    outside = np.ones(samples.shape[:2], bool)
    outside[layer.region.slices()] = layer.mask == 0
    np.testing.assert_array_equal(after.samples[outside], samples[outside])
    assert (after.samples[~outside] != samples[~outside]).any(axis=1).mean() > 0.9


def _photo_of_one_colour(path: Path, profile: str, colour: tuple[int, int, int]) -> Photo:
    samples = np.full((64, 64, 3), colour, np.uint16)
    write_photo(Photo(samples, samples, metadata={"icc_profile": WIDE[profile]}), samples, path, "TIFF")
    return read_photo(path)


@pytest.mark.parametrize("profile", WIDE)
def test_a_colour_beyond_srgb_stays_beside_what_is_changed(tmp_path: Path, profile: str) -> None:
    photo = _photo_of_one_colour(tmp_path / "a.tif", profile, (60000, 9000, 9000))
    assert photo.rgb.min() == 0 or photo.rgb.max() == 65535, "sRGB cannot show it"
    changed = photo.rgb.copy()
    changed[:8] = np.rint(photo.rgb[:8] * 0.99).astype(np.uint16)
    write_photo(photo, changed, tmp_path / "b.tif", "TIFF")
    after = read_photo(tmp_path / "b.tif").samples
    np.testing.assert_array_equal(after[8:], photo.samples[8:])
    # What is changed a little is a little different, and no less colourful: no edge shows.
    assert np.abs(after[:8].astype(int) - photo.samples[:8]).max() < 0.015 * 65535
    assert after[0, 0, 0] < photo.samples[0, 0, 0]


@pytest.mark.parametrize("profile", WIDE)
def test_a_changed_colour_is_what_it_was_changed_to(tmp_path: Path, profile: str) -> None:
    photo = _photo_of_one_colour(tmp_path / "a.tif", profile, (36000, 30000, 28000))
    changed = photo.rgb.copy()
    changed[:8] = (20000, 30000, 25000)
    write_photo(photo, changed, tmp_path / "b.tif", "TIFF")
    seen = read_photo(tmp_path / "b.tif").rgb.astype(int)
    assert np.abs(seen[:8] - (20000, 30000, 25000)).max() < 100


# Camera RAW.


def dng() -> bytes:
    """A small DNG with a Bayer pattern, as a camera without compression writes it (DNG 1.6, section 4)."""
    y, x = np.mgrid[:96, :128]
    light = (1000 + 60 * x + 40 * y).astype(np.uint16)
    buffer = io.BytesIO()
    matrix = [10000, 0, 0, 0, 10000, 0, 0, 0, 10000]
    tifffile.imwrite(
        buffer,
        light,
        photometric="cfa",
        extratags=[
            (50706, "B", 4, (1, 4, 0, 0)),  # DNGVersion
            (50708, "s", 0, "Pear Camera"),  # UniqueCameraModel
            (271, "s", 0, "Pear"),
            (272, "s", 0, "Camera"),
            (33421, "H", 2, (2, 2)),  # CFARepeatPatternDim
            (33422, "B", 4, (0, 1, 1, 2)),  # CFAPattern
            (50721, "2i", 9, tuple(number for each in matrix for number in (each, 10000))),  # ColorMatrix1
            (50728, "2I", 3, (1, 1, 1, 1, 1, 1)),  # AsShotNeutral
            (50714, "H", 1, 0),  # BlackLevel
            (50717, "H", 1, 16383),  # WhiteLevel
            (50778, "H", 1, 21),  # CalibrationIlluminant1
        ],
    )
    return buffer.getvalue()


def test_camera_raw_is_developed_to_16_bits(tmp_path: Path) -> None:
    (tmp_path / "shot.dng").write_bytes(dng())
    photo = read_photo(tmp_path / "shot.dng")
    assert photo.format == "RAW"
    assert photo.samples.dtype == np.uint16
    assert abs(photo.size[0] - 128) <= 16
    assert any("developed" in note for note in photo.notes)
    brightness = photo.rgb.astype(float).mean(axis=2)
    assert brightness[8:16, 8:16].mean() < brightness[-16:-8, -16:-8].mean()
    assert container(photo, OutputFormat.KEEP) == "TIFF"


def test_camera_raw_counts_as_photos_in_folders() -> None:
    assert {".dng", ".nef", ".cr3", ".arw"} <= PHOTO_SUFFIXES


def test_without_libraw_the_sentence_says_what_to_install(tmp_path: Path) -> None:
    (tmp_path / "shot.dng").write_bytes(dng())
    program = (
        "import sys, json; sys.modules['rawpy'] = None\n"
        "from pathlib import Path\nfrom core.errors import PhotoError\nfrom core.photo import read_photo\n"
        "try:\n    read_photo(Path(sys.argv[1]))\nexcept PhotoError as error:\n    print(json.dumps(str(error)))\n"
    )
    command = [sys.executable, "-c", program, str(tmp_path / "shot.dng")]
    done = subprocess.run(command, capture_output=True, text=True, check=True, cwd=Path(__file__).parent.parent)
    assert "pip install 'gfpgan-desktop[raw]'" in json.loads(done.stdout)


def test_half_a_raw_file_is_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "shot.dng").write_bytes(dng()[:-9000])
    with pytest.raises(PhotoError, match="damaged or cut short"):
        read_photo(tmp_path / "shot.dng")
