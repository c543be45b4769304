"""What other programs find in the files that are written here: exiftool and exiv2 read them."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import imagecodecs
import numpy as np
import pytest
import tifffile
from PIL import Image, ImageCms

from core.encoding import OutputFormat, container, write_photo
from core.photo import read_photo
from core.types import ColorModel
from tests.conftest import PATIENCE

ADOBE_RGB = bytes(imagecodecs.cms_profile("adobergb"))
SRGB = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
SUFFIXES = {
    OutputFormat.JPG: ".jpg",
    OutputFormat.PNG: ".png",
    OutputFormat.WEBP: ".webp",
    OutputFormat.TIFF: ".tif",
    OutputFormat.HEIC: ".heic",
    OutputFormat.AVIF: ".avif",
}
WITH_IPTC = {OutputFormat.JPG, OutputFormat.PNG, OutputFormat.TIFF}


def tool(name: str) -> str:
    found = shutil.which(name)
    if found is None and os.environ.get("CI"):
        pytest.fail(f"{name} is not installed")
    return found or pytest.skip(f"{name} is not installed")


def found_by_exiftool(path: Path) -> dict[str, object]:
    done = subprocess.run(
        [tool("exiftool"), "-j", "-n", "-G", path], capture_output=True, check=True, timeout=PATIENCE
    )
    return dict(json.loads(done.stdout)[0])


@pytest.fixture
def described(tmp_path: Path) -> Path:
    """A JPEG lying on its side, with every kind of metadata, all but the profile written by exiftool."""
    y, x = np.mgrid[:48, :64]
    pixels = np.dstack([x * 4, y * 5, 255 - x * 4]).astype(np.uint8)
    path = tmp_path / "described.jpg"
    Image.fromarray(pixels).save(path, quality=95, icc_profile=ADOBE_RGB, dpi=(300, 300))
    tags = ["-EXIF:Artist=Nadar", "-EXIF:ISO=200", "-EXIF:Orientation#=6", "-XMP-dc:Title=Grandmother"]
    tags += ["-IPTC:Keywords=family", "-overwrite_original", "-q"]
    subprocess.run([tool("exiftool"), *tags, path], check=True, timeout=PATIENCE)
    return path


@pytest.mark.parametrize("wanted", SUFFIXES)
def test_other_programs_find_the_metadata(described: Path, tmp_path: Path, wanted: OutputFormat) -> None:
    photo = read_photo(described)
    path = tmp_path / f"written{SUFFIXES[wanted]}"
    write_photo(photo, photo.rgb, path, container(photo, wanted))
    found = found_by_exiftool(path)
    assert "ExifTool:Error" not in found
    assert found["EXIF:Artist"] == "Nadar"
    assert found["EXIF:ISO"] == 200
    assert found.get("EXIF:Orientation", 1) == 1
    assert found["XMP:Title"] == "Grandmother"
    assert "ICC_Profile:ProfileDescription" in found
    assert (found["EXIF:XResolution"], found["EXIF:YResolution"]) == (300, 300)
    assert found.get("IPTC:Keywords") == ("family" if wanted in WITH_IPTC else None)
    assert read_photo(path).metadata["icc_profile"] == ADOBE_RGB
    assert read_photo(path).size == (48, 64)


@pytest.mark.parametrize("wanted", [OutputFormat.JPG, OutputFormat.PNG, OutputFormat.WEBP, OutputFormat.TIFF])
def test_exiv2_finds_the_metadata_too(described: Path, tmp_path: Path, wanted: OutputFormat) -> None:
    photo = read_photo(described)
    path = tmp_path / f"written{SUFFIXES[wanted]}"
    write_photo(photo, photo.rgb, path, container(photo, wanted))
    done = subprocess.run(
        [tool("exiv2"), "-pa", path], capture_output=True, text=True, check=True, timeout=PATIENCE
    )
    for value in ("Nadar", "Grandmother", *(["family"] if wanted in WITH_IPTC else [])):
        assert value in done.stdout


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16, np.float32])
@pytest.mark.parametrize("profile", [None, SRGB, ADOBE_RGB], ids=["none", "sRGB", "Adobe RGB"])
def test_tiff_samples_are_bit_identical(tmp_path: Path, dtype: type, profile: bytes | None) -> None:
    light = np.random.default_rng(5).random((40, 30, 3))
    samples = (light * (1 if dtype == np.float32 else np.iinfo(dtype).max)).astype(dtype)
    tifffile.imwrite(tmp_path / "own.tif", samples, photometric="rgb", iccprofile=profile)
    photo = read_photo(tmp_path / "own.tif")
    assert write_photo(photo, photo.rgb, tmp_path / "written.tif", "TIFF") == []
    np.testing.assert_array_equal(tifffile.imread(tmp_path / "written.tif"), samples)


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
def test_inks_are_bit_identical(tmp_path: Path, dtype: type) -> None:
    inks = np.random.default_rng(6).integers(0, np.iinfo(dtype).max, (20, 30, 4), dtype, endpoint=True)
    tifffile.imwrite(tmp_path / "own.tif", inks, photometric="separated")
    photo = read_photo(tmp_path / "own.tif")
    assert photo.model is ColorModel.CMYK
    assert write_photo(photo, photo.rgb, tmp_path / "written.tif", "TIFF") == []
    np.testing.assert_array_equal(tifffile.imread(tmp_path / "written.tif"), inks)


@pytest.mark.parametrize("profile", [SRGB, ADOBE_RGB], ids=["sRGB", "Adobe RGB"])
def test_deep_png_samples_are_bit_identical(tmp_path: Path, profile: bytes) -> None:
    samples = np.random.default_rng(7).integers(0, 65535, (20, 30, 3), np.uint16, endpoint=True)
    tifffile.imwrite(tmp_path / "own.tif", samples, photometric="rgb", iccprofile=profile)
    photo = read_photo(tmp_path / "own.tif")
    write_photo(photo, photo.rgb, tmp_path / "written.png", "PNG")
    np.testing.assert_array_equal(imagecodecs.png_decode((tmp_path / "written.png").read_bytes()), samples)
    assert read_photo(tmp_path / "written.png").metadata["icc_profile"] == profile


def test_the_document_says_what_was_measured() -> None:
    root = Path(__file__).parents[1]
    done = subprocess.run(
        [sys.executable, root / "docs" / "formats.py"],
        capture_output=True,
        text=True,
        check=True,
        timeout=PATIENCE,
        env={**os.environ, "PYTHONPATH": str(root)},
    )
    assert f"\n\n{done.stdout}\n" in (root / "docs" / "files.md").read_text("utf-8")
