"""Writing photos: what is not restored comes back bit for bit, and what a container cannot hold is said."""

import io
import struct
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import imagecodecs
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from PIL import Image, ImageCms

from core.encoding import OutputFormat, container, likely_suffix, suffix_for, write_photo
from core.errors import PhotoError
from core.geometry import Geometry, changed
from core.photo import read_photo
from core.photos.srgb import colours_to_enlarge, merged
from core.photos.xmp import HistoryEntry
from core.result import RestoredFaces
from core.types import Photo, RestoreOptions

RANDOM = np.random.default_rng(3)
EVERY = ["PNG", "JPEG", "WEBP", "TIFF", "BMP"]
SRGB = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
GREY_PROFILE = bytes(imagecodecs.cms_profile("gray", gamma=1.8))
XMP = b'<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:li>\xc3\xa9</rdf:li></x:xmpmeta>'


def photo_of(samples: np.ndarray, **options: Any) -> Photo:
    grey = samples if samples.ndim == 2 else samples[..., 0] if samples.shape[2] == 2 else None
    rgb = samples[..., :3] if grey is None else np.repeat(grey[..., None], 3, axis=2)
    return Photo(samples, np.ascontiguousarray(rgb), **options)


def noise(channels: int, dtype: type = np.uint8, height: int = 6, width: int = 9) -> np.ndarray:
    shape = (height, width) if channels == 1 else (height, width, channels)
    return RANDOM.integers(0, np.iinfo(dtype).max, shape, dtype, endpoint=True)


def smooth(height: int = 64, width: int = 96) -> np.ndarray:
    y, x = np.mgrid[:height, :width]
    return np.rint(127 + 100 * np.dstack([np.sin(x / 9), np.cos(y / 7), np.sin((x + y) / 11)])).astype(np.uint8)


layouts = st.builds(
    lambda dtype, size, channels: (dtype, size if channels == 1 else (*size, channels)),
    st.sampled_from([np.uint8, np.uint16]),
    st.tuples(st.integers(1, 12), st.integers(1, 12)),
    st.integers(1, 4),
).flatmap(lambda layout: arrays.arrays(*layout))


@settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(samples=layouts, name=st.sampled_from(["PNG", "TIFF"]))
def test_unchanged_samples_come_back_bit_for_bit(
    tmp_path_factory: pytest.TempPathFactory, samples: np.ndarray, name: str
) -> None:
    path = tmp_path_factory.getbasetemp() / "lossless"
    photo = photo_of(samples)
    assert write_photo(photo, photo.rgb, path, name) == []
    back = read_photo(path)
    assert back.samples.dtype == samples.dtype
    np.testing.assert_array_equal(back.samples, samples)


@pytest.mark.parametrize("lossless", [True, False])
@pytest.mark.parametrize("frames", [1, 2])
@pytest.mark.parametrize("more", [0, 8001])
def test_a_webp_stays_as_it_was_compressed(tmp_path: Path, lossless: bool, frames: int, more: int) -> None:
    pictures = [Image.fromarray(noise(4, height=40, width=50)) for _ in range(frames)]
    options = {"lossless": lossless, "exact": True, "icc_profile": SRGB + bytes(more)}
    path = tmp_path / "photo.webp"
    pictures[0].save(path, save_all=True, append_images=pictures[1:], xmp=b"VP8L", **options)
    photo = read_photo(path)
    assert photo.metadata.get("lossless", False) == lossless
    write_photo(photo, photo.rgb, tmp_path / "written.webp", "WEBP")
    assert np.array_equal(read_photo(tmp_path / "written.webp").samples, photo.samples) == lossless


@settings(deadline=None, max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(samples=layouts.filter(lambda samples: samples.dtype == np.uint8))
def test_lossless_webp_and_bmp_keep_every_pixel(
    tmp_path_factory: pytest.TempPathFactory, samples: np.ndarray
) -> None:
    path = tmp_path_factory.getbasetemp() / "lossless8"
    photo = photo_of(samples)
    assert write_photo(photo, photo.rgb, path, "WEBP", 100) == []
    back = read_photo(path)
    np.testing.assert_array_equal(back.rgb, photo.rgb)
    if samples.shape[2:] in ((2,), (4,)) and (samples[..., -1] < 255).any():
        np.testing.assert_array_equal(back.samples[..., 3], samples[..., -1])
    if samples.shape[2:] in ((), (3,)):
        assert write_photo(photo, photo.rgb, path, "BMP") == []
        np.testing.assert_array_equal(read_photo(path).rgb, photo.rgb)


@pytest.mark.parametrize("name", EVERY)
@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
@pytest.mark.parametrize("channels", [1, 2, 3, 4])
def test_every_layout_goes_into_every_container(tmp_path: Path, channels: int, dtype: type, name: str) -> None:
    photo = photo_of(noise(channels, dtype))
    notes = write_photo(photo, photo.rgb, tmp_path / "photo", name)
    back = read_photo(tmp_path / "photo")
    assert back.format == name
    assert back.size == photo.size
    assert any("16-bit" in note for note in notes) == (dtype == np.uint16 and name not in ("PNG", "TIFF"))
    assert any("white" in note for note in notes) == (channels in (2, 4) and name in ("JPEG", "BMP"))


@pytest.mark.parametrize("channels", [1, 2])
@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
def test_grey_stays_grey_while_the_picture_is_grey(channels: int, dtype: type) -> None:
    photo = photo_of(noise(channels, dtype))
    other_grey = np.repeat(noise(1, dtype)[..., None], 3, axis=2)
    found = merged(photo, other_grey).samples
    assert found.shape == photo.samples.shape
    assert found.dtype == dtype
    tinted = other_grey.copy()
    tinted[2, 3, 1] ^= 1
    found = merged(photo, tinted).samples
    assert found.shape[2] == channels + 2
    np.testing.assert_array_equal(found[..., :3], tinted)


def test_a_colour_photo_is_not_made_grey() -> None:
    assert merged(photo_of(noise(3)), np.zeros((6, 9, 3), np.uint8)).samples.shape == (6, 9, 3)


@pytest.mark.parametrize("channels", [2, 4])
@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
@pytest.mark.parametrize("upscale", [1, 2, 4])
def test_alpha_is_carried_and_enlarged(channels: int, dtype: type, upscale: int) -> None:
    samples = noise(channels, dtype)
    samples[:, :5, -1], samples[:, 5:, -1] = 0, np.iinfo(dtype).max
    photo = photo_of(samples)
    rgb = photo.rgb.repeat(upscale, axis=0).repeat(upscale, axis=1)
    found = merged(photo, rgb).samples
    assert found.shape == (6 * upscale, 9 * upscale, channels)
    assert found.dtype == dtype
    alpha = found[..., -1]
    assert (alpha[:, : 4 * upscale] == 0).all()
    assert (alpha[:, 6 * upscale :] == np.iinfo(dtype).max).all()
    if upscale == 1:
        np.testing.assert_array_equal(alpha, samples[..., -1])


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16, np.float32])
@pytest.mark.parametrize("shape", [(40, 60), (40, 1)])
def test_what_transparency_hides_does_not_bleed_into_a_cutout(dtype: type, shape: tuple[int, int]) -> None:
    full = 1.0 if dtype is np.float32 else np.iinfo(dtype).max
    samples = np.zeros((*shape, 4), dtype)  # black and clear
    samples[shape[0] // 3 :, shape[1] // 3 :] = np.array([0.8, 0.5, 0.3, 1]) * full
    seen = np.rint(samples * 255).astype(np.uint8) if dtype is np.float32 else samples
    photo = replace(photo_of(seen), samples=samples)
    result = RestoredFaces(photo=photo, options=RestoreOptions(upscale=2), crops=()).composed()
    np.testing.assert_array_equal(result.base, result.image)
    found = merged(photo, result.image).samples
    visible = found[..., 3] > 0
    assert visible.any()
    np.testing.assert_allclose(found[visible][:, :3] / full, [[0.8, 0.5, 0.3]] * visible.sum(), atol=0.004)
    # What is not enlarged keeps what it hides.
    result = RestoredFaces(photo=photo, options=RestoreOptions(), crops=()).composed()
    np.testing.assert_array_equal(merged(photo, result.image).samples, samples)


@pytest.mark.parametrize("opacity", [0, 255])
def test_photos_that_hide_nothing_or_everything_are_enlarged_as_they_are(opacity: int) -> None:
    samples = noise(4)
    samples[..., 3] = opacity
    photo = photo_of(samples)
    assert colours_to_enlarge(photo) is photo.rgb


@pytest.mark.parametrize("name", ["BMP", "WEBP"])
def test_sixteen_bits_are_rounded_to_the_nearest(tmp_path: Path, name: str) -> None:
    values = np.array([[0, 128, 129, 257, 385, 386, 65535, 65407, 65406]], np.uint16)
    photo = photo_of(np.repeat(values[..., None], 3, axis=2))
    write_photo(photo, photo.rgb, tmp_path / "photo", name, 100)
    assert read_photo(tmp_path / "photo").rgb[0, :, 0].tolist() == [0, 0, 1, 1, 1, 2, 255, 255, 254]


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
def test_transparency_is_laid_on_white(tmp_path: Path, dtype: type) -> None:
    top = np.iinfo(dtype).max
    photo = photo_of(np.array([[[0, 0, 0, 0], [top, 0, 0, top], [0, 0, 0, top // 2]]], dtype))
    write_photo(photo, photo.rgb, tmp_path / "photo", "BMP")
    first, second, third = read_photo(tmp_path / "photo").rgb[0].tolist()
    assert (first, second) == ([255] * 3, [255, 0, 0])
    assert all(abs(value - 128) <= 1 for value in third)


@pytest.mark.parametrize("height", [255, 256, 257, 600])
def test_high_pictures_are_converted_in_strips_without_a_seam(tmp_path: Path, height: int) -> None:
    deep = photo_of(noise(4, np.uint16, height, 5))
    write_photo(deep, deep.rgb, tmp_path / "deep.png", "PNG")
    np.testing.assert_array_equal(read_photo(tmp_path / "deep.png").samples, deep.samples)
    clear = deep.samples.copy()
    clear[..., 3] = 65535
    photo = photo_of(clear)
    write_photo(photo, photo.rgb, tmp_path / "flat.bmp", "BMP")
    expected = (clear[..., :3].astype(np.uint32) + 128) // 257
    np.testing.assert_array_equal(read_photo(tmp_path / "flat.bmp").samples, expected)


def exif_of_a_camera(orientation: int = 6, layout: bool = True) -> bytes:
    exif = Image.Exif()
    if layout:  # What describes one file and would spoil a TIFF.
        exif[0x0100], exif[0x0101], exif[0x0103] = 4000, 3000, 6
    exif[0x010F], exif[0x0132], exif[0x8298] = "Box", "1999:01:01 00:00:00", "Nobody"
    exif[0x0112] = orientation
    exif[0x8769] = {0x9003: "1999:01:01 00:00:00", 0x8827: 400, 0x927C: b"maker note"}
    exif[0x8825] = {1: "N", 2: (1.0, 2.0, 3.0)}
    return exif.tobytes()


@pytest.fixture(params=["JPEG", "PNG", "WEBP", "TIFF"])
def described(request: pytest.FixtureRequest, tmp_path: Path) -> Photo:
    """A photo of each container, lying on its side, with all metadata."""
    path = tmp_path / "described"
    image = Image.fromarray(noise(3))
    exif = exif_of_a_camera(layout=request.param != "TIFF")
    image.save(path, request.param, exif=exif, icc_profile=SRGB, dpi=(300, 300))
    return read_photo(path)


@pytest.mark.parametrize("name", ["JPEG", "PNG", "WEBP", "TIFF"])
@pytest.mark.parametrize("deep", [False, True])
def test_metadata_goes_from_every_container_into_every_other(
    tmp_path: Path, described: Photo, name: str, deep: bool
) -> None:
    if deep and name in ("PNG", "TIFF"):
        samples = described.samples.astype(np.uint16) * 257
        described = replace(described, samples=samples, rgb=samples)
    path = tmp_path / "written"
    assert write_photo(described, described.rgb, path, name, 100) == []
    with Image.open(path) as image:
        assert image.size == described.size
        assert image.info["icc_profile"] == SRGB
        if name != "WEBP" and described.format != "WEBP":
            assert image.info["dpi"] == pytest.approx((300, 300), abs=0.1)
        exif = image.getexif()
        assert exif.get(0x0112, 1) == 1
        assert (exif[0x010F], exif[0x0132], exif[0x8298]) == ("Box", "1999:01:01 00:00:00", "Nobody")
        camera = exif.get_ifd(0x8769)
        assert (camera[0x9003], camera[0x8827], camera[0x927C]) == ("1999:01:01 00:00:00", 400, b"maker note")
        assert exif.get_ifd(0x8825) == {1: "N", 2: (1.0, 2.0, 3.0)}
    back = read_photo(path)
    np.testing.assert_array_equal(back.rgb.shape, described.rgb.shape)
    if name in ("PNG", "TIFF"):
        np.testing.assert_array_equal(back.samples, described.samples)


def test_the_exif_preview_of_the_old_picture_is_dropped(tmp_path: Path) -> None:
    path = tmp_path / "photo.jpg"
    exif = Image.Exif()
    exif[0x0112] = 1
    plain = exif.tobytes().removeprefix(b"Exif\0\0")
    # A second directory, without entries, where the first one says that the next is.
    with_preview = plain[:-4] + len(plain).to_bytes(4, "big" if plain[:2] == b"MM" else "little") + b"\0" * 6
    Image.fromarray(noise(3)).save(path, exif=b"Exif\0\0" + with_preview)
    kept = read_photo(path).metadata["exif"].removeprefix(b"Exif\0\0")
    assert kept == plain + b"\0" * 6


def exif_with_preview(size: int, order: str) -> bytes:
    """EXIF data of a camera, with a preview of so many bytes at the end."""
    exif = Image.Exif()
    exif.endian = order
    exif[0x010F], exif[0x8769] = "Box", {0x9003: "1999:01:01 00:00:00", 0x927C: b"maker note"}
    plain = exif.tobytes().removeprefix(b"Exif\0\0")
    mark = ">" if order == ">" else "<"
    (first,) = struct.unpack_from(f"{mark}I", plain, 4)
    after = first + 2 + 12 * struct.unpack_from(f"{mark}H", plain, first)[0]
    preview = b"\xff\xd8" + bytes(range(256)) * (size // 256)
    second = struct.pack(f"{mark}HHHIIHHIII", 2, 513, 4, 1, len(plain) + 30, 514, 4, 1, len(preview), 0)
    told = struct.pack(f"{mark}I", len(plain))
    return b"Exif\0\0" + plain[:after] + told + plain[after + 4 :] + second + preview + bytes(6)


@pytest.mark.parametrize("order", ["<", ">"])
def test_exif_that_fills_its_segment_with_a_preview_stays(tmp_path: Path, order: str) -> None:
    path = tmp_path / "photo.jpg"
    exif = exif_with_preview(65_200, order)
    assert 65_000 < len(exif) < 65_533
    Image.fromarray(noise(3)).save(path, exif=exif)
    photo = read_photo(path)
    assert len(photo.metadata["exif"]) < 500
    entry = HistoryEntry("program", "", datetime(2026, 1, 1))
    assert write_photo(photo, photo.rgb, tmp_path / "written.jpg", "JPEG", entry=entry) == []
    with Image.open(tmp_path / "written.jpg") as image:
        camera = image.getexif().get_ifd(0x8769)
        assert (camera[0x9003], camera[0x927C]) == ("1999:01:01 00:00:00", b"maker note")
        assert image.getexif()[0x0131] == "program"


def test_a_preview_before_other_data_is_not_cut_off(tmp_path: Path) -> None:
    exif = exif_with_preview(2560, "<")[:-6] + b"maker"
    Image.fromarray(noise(3)).save(tmp_path / "photo.jpg", exif=exif)
    assert read_photo(tmp_path / "photo.jpg").metadata["exif"].endswith(b"maker")


@pytest.mark.parametrize("note", [0, 65_000])
def test_exif_too_large_for_jpeg_keeps_what_describes_the_photo(tmp_path: Path, note: int) -> None:
    exif = Image.Exif()
    exif[0x010F] = "Box"
    exif[0xC4A5] = b"x" * (65_000 - note)  # a tag for printers
    exif[0x8769] = {0x9003: "1999:01:01 00:00:00", 0x927C: b"x" * note}
    photo = photo_of(noise(3), metadata={"exif": exif.tobytes()})
    entry = HistoryEntry("program" * 60, "", datetime(2026, 1, 1))
    assert write_photo(photo, photo.rgb, tmp_path / "photo", "JPEG", entry=entry) == [
        "the EXIF data is larger than JPEG can hold: only what describes the photo was kept"
    ]
    with Image.open(tmp_path / "photo") as image:
        assert image.getexif()[0x010F] == "Box"
        assert image.getexif().get_ifd(0x8769)[0x9003] == "1999:01:01 00:00:00"


@pytest.mark.parametrize("deep", [False, True])
@pytest.mark.parametrize("name", ["JPEG", "PNG", "WEBP", "TIFF"])
def test_xmp_is_carried(tmp_path: Path, name: str, deep: bool) -> None:
    photo = photo_of(noise(3, np.uint16 if deep else np.uint8), metadata={"xmp": XMP})
    write_photo(photo, photo.rgb, tmp_path / "photo", name)
    assert read_photo(tmp_path / "photo").metadata["xmp"] == XMP


def test_bmp_says_what_it_leaves_out(tmp_path: Path) -> None:
    metadata = {"xmp": XMP, "exif": exif_of_a_camera(), "icc_profile": SRGB, "dpi": (300.0, 300.0)}
    photo = photo_of(noise(3), metadata=metadata)
    notes = write_photo(photo, photo.rgb, tmp_path / "photo", "BMP")
    assert notes == ["BMP holds no EXIF, XMP data: it was left out"]
    assert read_photo(tmp_path / "photo").metadata["dpi"] == pytest.approx((300, 300), abs=0.1)


def test_xmp_that_fills_its_segment_stays_without_a_history(tmp_path: Path) -> None:
    rdf = b'<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"/>'
    xmp = b'<x:xmpmeta xmlns:x="adobe:ns:meta/">' + rdf + b" " * 65_300 + b"</x:xmpmeta>"
    photo = photo_of(noise(3), metadata={"xmp": xmp})
    entry = HistoryEntry("program", "", datetime(2026, 1, 1))
    notes = write_photo(photo, photo.rgb, tmp_path / "photo", "JPEG", entry=entry)
    assert notes == ["the XMP data fills what JPEG can hold: it was carried along without a history"]
    assert read_photo(tmp_path / "photo").metadata["xmp"] == xmp


def test_only_what_the_photo_had_is_missed(tmp_path: Path) -> None:
    photo = photo_of(noise(3), metadata={"dpi": (300.0, 300.0)})
    entry = HistoryEntry("program", "", datetime(2026, 1, 1))
    assert write_photo(photo, photo.rgb, tmp_path / "photo", "BMP", entry=entry) == []


@pytest.mark.parametrize("name", ["JPEG", "TIFF"])
def test_the_titles_of_windows_and_of_scanners_go_along(tmp_path: Path, name: str) -> None:
    told = {tag: f"Title {tag}".encode("utf-16le") + b"\0\0" for tag in range(0x9C9B, 0x9CA0)}
    exif = Image.Exif()
    exif[269], exif[285] = "An album", "Page 3"
    exif.update(told)
    Image.fromarray(noise(3)).save(tmp_path / "photo.tif", exif=exif)
    photo = read_photo(tmp_path / "photo.tif")
    assert write_photo(photo, photo.rgb, tmp_path / "written", name) == []
    with Image.open(tmp_path / "written") as image:
        back = image.getexif()
        assert (back[269], back[285]) == ("An album", "Page 3")
        assert {tag: bytes(back[tag]) for tag in told} == told


@pytest.mark.parametrize("deep", [False, True])
def test_a_grey_profile_stays_with_grey_alone(tmp_path: Path, deep: bool) -> None:
    samples = noise(1, np.uint16 if deep else np.uint8)
    path = tmp_path / "photo"
    write_photo(photo_of(samples, metadata={"icc_profile": GREY_PROFILE}), photo_of(samples).rgb, path, "PNG")
    photo = read_photo(path)
    assert write_photo(photo, photo.rgb, path, "PNG") == []
    assert read_photo(path).metadata["icc_profile"] == GREY_PROFILE
    coloured = photo.rgb ^ np.array([0, 0, 1], photo.rgb.dtype)
    write_photo(photo, coloured, path, "PNG")
    assert "icc_profile" not in read_photo(path).metadata


@pytest.mark.parametrize("name", EVERY)
def test_metadata_too_large_for_jpeg_is_left_out_and_said(tmp_path: Path, name: str) -> None:
    exif = Image.Exif()
    exif[0x010E] = "x" * 70_000
    photo = photo_of(noise(3), metadata={"exif": exif.tobytes(), "xmp": b"<" + b"x" * 70_000 + b"/>"})
    notes = write_photo(photo, photo.rgb, tmp_path / "photo", name)
    assert len([note for note in notes if "larger than JPEG" in note]) == (2 if name == "JPEG" else 0)
    assert ("exif" in read_photo(tmp_path / "photo").metadata) == (name not in ("JPEG", "BMP"))


@settings(deadline=None, max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    changes=st.lists(st.tuples(st.integers(0, 400), st.integers(0, 255)), max_size=8),
    name=st.sampled_from(["JPEG", "PNG", "WEBP", "TIFF"]),
)
def test_damaged_exif_never_stops_the_writing(
    tmp_path_factory: pytest.TempPathFactory, changes: list[tuple[int, int]], name: str
) -> None:
    path = tmp_path_factory.getbasetemp() / "damaged-exif"
    exif = bytearray(exif_of_a_camera())
    for at, value in changes:
        exif[6 + at % (len(exif) - 6)] = value
    Image.fromarray(noise(3)).save(path, "PNG", exif=bytes(exif))
    photo = read_photo(path)
    write_photo(photo, photo.rgb, path, name, 100)
    np.testing.assert_array_equal(read_photo(path).rgb.shape, photo.rgb.shape)


@pytest.mark.parametrize(
    ("written", "named", "expected"),
    [
        ("JPEG", "a.JPG", ("JPEG", ".JPG")),
        ("JPEG", "a.jfif", ("JPEG", ".jfif")),
        ("JPEG", "a.png", ("JPEG", ".jpg")),
        ("PNG", "a.jpg", ("PNG", ".png")),
        ("PNG", "a", ("PNG", ".png")),
        ("TIFF", "a.tif", ("TIFF", ".tif")),
        ("BMP", "a.bmp", ("BMP", ".bmp")),
        ("WEBP", "a.webp", ("WEBP", ".webp")),
        ("GIF", "a.gif", ("PNG", ".png")),
        ("PPM", "a.ppm", ("PNG", ".png")),
    ],
)
def test_keep_takes_the_photos_own_container(
    tmp_path: Path, written: str, named: str, expected: tuple[str, str]
) -> None:
    path = tmp_path / named
    Image.fromarray(noise(3)).save(path, written)
    name = container(read_photo(path), OutputFormat.KEEP)
    assert (name, suffix_for(name, path.suffix)) == expected


@pytest.mark.parametrize(
    ("suffix", "wanted", "expected"),
    [
        (".JPG", OutputFormat.KEEP, ".JPG"),
        (".mpo", OutputFormat.KEEP, ".jpg"),
        (".gif", OutputFormat.KEEP, ".png"),
        (".NEF", OutputFormat.KEEP, ".tif"),
        ("", OutputFormat.KEEP, ".png"),
        (".tiff", OutputFormat.TIFF, ".tiff"),
        (".jpg", OutputFormat.WEBP, ".webp"),
    ],
)
def test_the_likely_suffix_goes_by_the_name(suffix: str, wanted: OutputFormat, expected: str) -> None:
    assert likely_suffix(suffix, wanted) == expected


def test_an_mpo_is_kept_as_jpeg() -> None:
    assert container(photo_of(noise(3), format="MPO"), OutputFormat.KEEP) == "JPEG"


def test_a_wanted_container_is_taken() -> None:
    photo = photo_of(noise(3), format="BMP")
    names = [container(photo, wanted) for wanted in OutputFormat]
    assert names == ["BMP", "PNG", "JPEG", "WEBP", "TIFF", "HEIF", "AVIF"]


@pytest.mark.parametrize(("name", "side"), [("JPEG", 65_500), ("WEBP", 16_383), ("AVIF", 32_768)])
def test_what_is_too_large_for_a_container_is_refused(tmp_path: Path, name: str, side: int) -> None:
    for shape in ((1, side, 3), (side, 1, 3)):
        photo = photo_of(np.zeros(shape, np.uint8))
        write_photo(photo, photo.rgb, tmp_path / "fits", name)
        assert read_photo(tmp_path / "fits").samples.shape == shape
    photo = photo_of(np.zeros((1, side + 1, 3), np.uint8))
    with pytest.raises(PhotoError, match=f"larger than {name}") as error:
        write_photo(photo, photo.rgb, tmp_path / "large", name)
    assert str(tmp_path / "large") in str(error.value)
    assert not (tmp_path / "large").exists()


@pytest.mark.parametrize(("orientation", "dpi"), [(3, (204, 98)), (6, (98, 204))])
def test_unequal_resolutions_turn_with_the_photo(tmp_path: Path, orientation: int, dpi: tuple[int, int]) -> None:
    exif = Image.Exif()
    exif[0x0112] = orientation
    Image.new("RGB", (40, 20)).save(tmp_path / "fax.jpg", dpi=(204, 98), exif=exif.tobytes())
    photo = read_photo(tmp_path / "fax.jpg")
    write_photo(photo, photo.rgb, tmp_path / "written.jpg", "JPEG")
    with Image.open(tmp_path / "written.jpg") as image:
        assert image.info["dpi"] == pytest.approx(dpi)
    turned = changed(photo, Geometry(quarter_turns=1))
    assert turned.metadata["dpi"] == pytest.approx(dpi[::-1])


@pytest.mark.parametrize("name", ["JPEG", "WEBP"])
def test_quality_costs_bytes_and_buys_fidelity(tmp_path: Path, name: str) -> None:
    photo = photo_of(np.clip(smooth() + RANDOM.normal(0, 8, (64, 96, 3)), 0, 255).astype(np.uint8))
    sizes, errors = [], []
    for quality in (1, 30, 60, 80, 90, 95, 99):
        write_photo(photo, photo.rgb, tmp_path / "photo", name, quality)
        sizes.append((tmp_path / "photo").stat().st_size)
        errors.append(np.abs(read_photo(tmp_path / "photo").rgb.astype(float) - photo.rgb).mean())
    assert sizes == sorted(sizes)
    assert errors == sorted(errors, reverse=True)


@pytest.mark.parametrize("quality", [94, 95, 100])
def test_the_grainiest_picture_goes_into_a_jpeg(tmp_path: Path, quality: int) -> None:
    photo = photo_of(noise(3, height=256, width=256))
    write_photo(photo, photo.rgb, tmp_path / "photo.jpg", "JPEG", quality)
    assert np.abs(read_photo(tmp_path / "photo.jpg").rgb.astype(float) - photo.rgb).mean() < 30


def test_deep_pngs_are_valid_for_other_decoders(tmp_path: Path) -> None:
    cv2 = pytest.importorskip("cv2")
    samples = noise(4, np.uint16, 40, 30)
    photo = photo_of(samples, metadata={"icc_profile": SRGB, "exif": exif_of_a_camera(1), "xmp": XMP})
    write_photo(photo, photo.rgb, tmp_path / "photo.png", "PNG")
    decoded = cv2.imread(str(tmp_path / "photo.png"), cv2.IMREAD_UNCHANGED)
    np.testing.assert_array_equal(decoded[..., [2, 1, 0, 3]], samples)
    with Image.open(tmp_path / "photo.png") as image:
        image.verify()


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
def test_a_tiff_beyond_4_gb_is_a_big_tiff(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, dtype: type) -> None:
    monkeypatch.setattr("core.photos.tiff.CLASSIC_LIMIT", 10)
    photo = photo_of(noise(3, dtype), metadata={"exif": exif_of_a_camera()})
    write_photo(photo, photo.rgb, tmp_path / "photo.tif", "TIFF")
    assert (tmp_path / "photo.tif").read_bytes()[:4] == b"II\x2b\0"
    if dtype == np.uint8:
        np.testing.assert_array_equal(read_photo(tmp_path / "photo.tif").samples, photo.samples)
    else:
        tifffile = pytest.importorskip("tifffile")
        np.testing.assert_array_equal(tifffile.imread(tmp_path / "photo.tif"), photo.samples)


def test_a_photo_is_not_changed_by_being_written(tmp_path: Path, described: Photo) -> None:
    before = io.BytesIO()
    np.save(before, described.samples)
    metadata = dict(described.metadata)
    for name in EVERY:
        write_photo(described, described.rgb, tmp_path / "photo", name)
    after = io.BytesIO()
    np.save(after, described.samples)
    assert after.getvalue() == before.getvalue()
    assert described.metadata == metadata


@pytest.mark.parametrize("name", ["PNG", "TIFF"])
def test_fewer_bits_are_written_where_they_are_asked_for(tmp_path: Path, name: str) -> None:
    deep, path = photo_of(noise(4, np.uint16)), tmp_path / "deep"
    assert write_photo(deep, deep.rgb, path, name, bits=8) == []
    written = read_photo(path).samples
    assert written.dtype == np.uint8
    np.testing.assert_array_equal(written, np.rint(deep.samples / 257))
    assert write_photo(deep, deep.rgb, path, name, bits=16) == []
    np.testing.assert_array_equal(read_photo(path).samples, deep.samples)
