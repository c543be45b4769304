"""Reading photos: what the decoders disagree on, and what damaged files must not do."""

import io
import os
import struct
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import imagecodecs
import numpy as np
import pytest
import tifffile
from PIL import Image, ImageCms, ImageOps

from core import photo as photo_module
from core.errors import PhotoError
from core.photo import read_photo
from core.photos import jpeg2000
from core.types import ColorModel, Photo

RANDOM = np.random.default_rng(5)
COLOUR = RANDOM.integers(0, 256, (5, 7, 3), np.uint8)
DEEP = RANDOM.integers(0, 65536, (5, 7, 4), np.uint16)
DEEP_LAYOUTS = {"grey": DEEP[..., 0], "grey and alpha": DEEP[..., :2], "RGB": DEEP[..., :3], "RGBA": DEEP}


def encoded(image: Image.Image, container: str, **options: Any) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, container, **options)
    return buffer.getvalue()


def png(samples: np.ndarray, extra: tuple[tuple[bytes, bytes], ...] = ()) -> bytes:
    """A 16-bit PNG made by hand."""

    def chunk(kind: bytes, content: bytes) -> bytes:
        return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))

    height, width = samples.shape[:2]
    colour_type = {1: 0, 2: 4, 3: 2, 4: 6}[samples[0, 0].size]
    header = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 16, colour_type, 0, 0, 0))
    rows = b"".join(b"\0" + row.astype(">u2").tobytes() for row in samples)
    middle = b"".join(chunk(*e) for e in extra)
    return b"\x89PNG\r\n\x1a\n" + header + middle + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


def tiff(samples: np.ndarray, **options: Any) -> bytes:
    buffer = io.BytesIO()
    channels = 1 if samples.ndim == 2 else samples.shape[2]
    colour = "rgb" if channels > 2 else "minisblack"
    extra = ["unassalpha"] if channels in (2, 4) else None
    defaults = {"photometric": colour, "extrasamples": extra, "metadata": None}
    tifffile.imwrite(buffer, samples, **(defaults | options))
    return buffer.getvalue()


@pytest.fixture
def read(tmp_path: Path) -> Callable[..., Photo]:
    """Write bytes to a real file and read it as a photo; its name says nothing of its content."""

    def write_and_read(data: bytes, name: str = "photo.bin") -> Photo:
        path = tmp_path / name
        path.write_bytes(data)
        photo = read_photo(path)
        check_agreement(photo)
        return photo

    return write_and_read


def check_agreement(photo: Photo) -> None:
    """`rgb` is the view of `samples` that the types promise."""
    samples, rgb = photo.samples, photo.rgb
    assert rgb.dtype == (np.uint8 if samples.dtype == np.uint8 else np.uint16)
    assert rgb.shape == (*samples.shape[:2], 3)
    assert min(rgb.shape) > 0
    assert photo.size == (samples.shape[1], samples.shape[0])
    if photo.model in (ColorModel.GREY, ColorModel.RGB, None) and samples.dtype == rgb.dtype:
        check_samples_are_shown(samples, rgb)


def check_samples_are_shown(samples: np.ndarray, rgb: np.ndarray) -> None:
    assert samples.ndim == 2 or samples.shape[2] in (2, 3, 4)
    grey = samples.ndim == 2 or samples.shape[2] == 2
    first = samples[..., None] if samples.ndim == 2 else samples[..., : 1 if grey else 3]
    np.testing.assert_array_equal(rgb, np.broadcast_to(first, rgb.shape))


@pytest.mark.parametrize("container", ["JPEG", "PNG", "WEBP", "TIFF", "BMP", "GIF", "PPM", "JPEG2000"])
def test_the_container_is_told_by_the_content(read: Callable[..., Photo], container: str) -> None:
    photo = read(encoded(Image.fromarray(COLOUR), container), "photo.txt")
    assert photo.format == container
    assert photo.size == (7, 5)
    assert photo.path is not None
    assert photo.path.name == "photo.txt"


def test_nothing_is_run_to_read_a_file(read: Callable[..., Photo]) -> None:
    with pytest.raises(PhotoError, match="is not a picture"):
        read(encoded(Image.fromarray(COLOUR), "EPS"))


def exif_turned(orientation: int) -> bytes:
    exif = Image.Exif()
    exif[0x0112] = orientation
    exif[0x010F] = "Box"
    return exif.tobytes()


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("container", ["JPEG", "PNG", "WEBP", "TIFF"])
def test_photos_are_turned_upright(read: Callable[..., Photo], container: str, orientation: int) -> None:
    data = encoded(Image.fromarray(COLOUR), container, exif=exif_turned(orientation))
    with Image.open(io.BytesIO(data)) as image:
        expected = np.asarray(ImageOps.exif_transpose(image).convert("RGB"))
    photo = read(data)
    np.testing.assert_array_equal(photo.rgb, expected)
    assert photo.notes == ()


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("layout", ["grey", "RGB", "RGBA"])
@pytest.mark.parametrize("container", ["PNG", "TIFF"])
def test_deep_photos_are_turned_upright(
    read: Callable[..., Photo], container: str, layout: str, orientation: int
) -> None:
    samples = DEEP_LAYOUTS[layout]
    if container == "PNG":
        data = png(samples, ((b"eXIf", exif_turned(orientation).removeprefix(b"Exif\0\0")),))
    else:
        data = tiff(samples, extratags=[(274, 3, 1, orientation, True)])
    grid = Image.fromarray(np.arange(35, dtype=np.uint8).reshape(5, 7))
    with Image.open(io.BytesIO(encoded(grid, "PNG", exif=exif_turned(orientation)))) as image:
        order = np.asarray(ImageOps.exif_transpose(image))
    np.testing.assert_array_equal(read(data).samples, samples.reshape(35, *samples.shape[2:])[order])


def test_orientation_is_also_found_in_xmp(read: Callable[..., Photo]) -> None:
    xmp = b'<x:xmpmeta xmlns:x="adobe:ns:meta/"><d tiff:Orientation="6"/></x:xmpmeta>'
    photo = read(encoded(Image.fromarray(COLOUR), "WEBP", lossless=True, xmp=xmp))
    np.testing.assert_array_equal(photo.rgb, np.rot90(COLOUR, 3))
    assert b'tiff:Orientation="1"' in photo.metadata["xmp"]


@pytest.mark.parametrize("layout", DEEP_LAYOUTS)
def test_sixteen_bit_png_samples_are_exact(read: Callable[..., Photo], layout: str) -> None:
    photo = read(png(DEEP_LAYOUTS[layout]))
    np.testing.assert_array_equal(photo.samples, DEEP_LAYOUTS[layout])
    assert photo.notes == ()


@pytest.mark.parametrize("byteorder", ["<", ">"])
@pytest.mark.parametrize("compression", [None, "zlib"])
@pytest.mark.parametrize("layout", ["grey", "RGB", "RGBA"])
def test_sixteen_bit_tiff_samples_are_exact(
    read: Callable[..., Photo], layout: str, compression: str | None, byteorder: str
) -> None:
    photo = read(tiff(DEEP_LAYOUTS[layout], compression=compression, byteorder=byteorder))
    np.testing.assert_array_equal(photo.samples, DEEP_LAYOUTS[layout])
    assert photo.notes == ()


def test_sixteen_bit_lzw_tiff_samples_are_exact(read: Callable[..., Photo]) -> None:
    cv2 = pytest.importorskip("cv2")
    done, data = cv2.imencode(".tif", DEEP[..., [2, 1, 0]], [cv2.IMWRITE_TIFF_COMPRESSION, 5])
    assert done
    np.testing.assert_array_equal(read(data.tobytes()).samples, DEEP[..., :3])


@pytest.mark.parametrize("codec", ["jp2", "j2k"])
@pytest.mark.parametrize("layout", ["grey", "RGB", "RGBA"])
def test_sixteen_bit_jpeg_2000_samples_are_exact(read: Callable[..., Photo], layout: str, codec: str) -> None:
    samples = np.ascontiguousarray(DEEP_LAYOUTS[layout])
    photo = read(bytes(imagecodecs.jpeg2k_encode(samples, level=0, codecformat=codec)))
    np.testing.assert_array_equal(photo.samples, samples)
    assert photo.notes == ()


def test_twelve_bit_jpeg_2000_samples_keep_their_steps(read: Callable[..., Photo]) -> None:
    samples = DEEP[..., :3] >> 4
    photo = read(bytes(imagecodecs.jpeg2k_encode(samples, level=0, bitspersample=12, codecformat="jp2")))
    np.testing.assert_array_equal((photo.samples.astype(int) * 4095 + 32767) // 65535, samples)


def test_deep_jpeg_2000_inks_are_inks(read: Callable[..., Photo]) -> None:
    data = bytes(imagecodecs.jpeg2k_encode(DEEP, level=0, codecformat="jp2"))
    photo = read(data.replace(b"colr\x01\0\0\0\0\0\x10", b"colr\x01\0\0\0\0\0\x0c"))
    np.testing.assert_array_equal(photo.samples, DEEP)
    assert photo.model is ColorModel.CMYK


def test_jpeg_2000_with_channels_of_unequal_depth_is_left_to_pillow() -> None:
    data = bytes(imagecodecs.jpeg2k_encode(DEEP, level=0, codecformat="jp2"))
    assert jpeg2000.is_deep(data)
    depths = b"\x0f\x01\x01" * 4
    assert not jpeg2000.is_deep(data.replace(depths, depths[:-3] + b"\x07\x01\x01"))
    assert not jpeg2000.is_deep(data.replace(depths, depths[:-3] + b"\x0f\x02\x02"))


def test_another_codestream_in_the_metadata_is_not_the_picture_s(read: Callable[..., Photo]) -> None:
    samples = DEEP[..., :3] >> 4
    data = bytes(imagecodecs.jpeg2k_encode(samples, level=0, bitspersample=12, codecformat="jp2"))
    at = data.index(b"jp2c") - 4
    decoy = b"uuid" + bytes(16) + b"\xff\x4f\xff\x51" + bytes(36) + b"\0\x03" + b"\x0f\x01\x01" * 3
    with_decoy = data[:at] + (4 + len(decoy)).to_bytes(4, "big") + decoy + data[at:]
    np.testing.assert_array_equal(read(with_decoy).samples, read(data).samples)


@pytest.mark.parametrize("highest", [65535, 1023])
def test_deep_ppm_samples_keep_their_steps(read: Callable[..., Photo], highest: int) -> None:
    samples = np.minimum(DEEP[..., :3], highest)
    header = f"P6\n# by hand\n{samples.shape[1]} {samples.shape[0]}\n{highest}\n".encode()
    photo = read(header + samples.astype(">u2").tobytes())
    assert photo.samples.dtype == photo.rgb.dtype == np.uint16
    assert photo.notes == ()
    np.testing.assert_array_equal((photo.samples.astype(int) * highest + 32767) // 65535, samples)


def test_samples_with_a_sign_are_as_bright_as_their_type_allows(read: Callable[..., Photo]) -> None:
    plain = DEEP[..., 0] >> 1
    photo = read(tiff(plain.astype(np.int16), photometric="minisblack"))
    np.testing.assert_array_equal(photo.samples, plain)
    np.testing.assert_allclose(photo.rgb[..., 0], plain * (65535 / 32767), rtol=0, atol=1)


def test_sixteen_bit_grey_is_turned_over_where_zero_is_white(read: Callable[..., Photo]) -> None:
    photo = read(tiff(DEEP[..., 0], photometric="miniswhite"))
    np.testing.assert_array_equal(photo.samples, 65535 - DEEP[..., 0])


@pytest.mark.parametrize("compression", [None, "zlib"])
@pytest.mark.parametrize("orientation", [1, 6])
def test_planes_apart_are_put_together(
    read: Callable[..., Photo], orientation: int, compression: str | None
) -> None:
    planes = np.moveaxis(DEEP, 2, 0).copy()
    options = {"photometric": "rgb", "planarconfig": "separate", "extrasamples": ["unassalpha"]}
    data = tiff(planes, **options, compression=compression, extratags=[(274, 3, 1, orientation, True)])
    np.testing.assert_array_equal(read(data).samples, np.rot90(DEEP, 3) if orientation == 6 else DEEP)


def test_deep_inks_keep_their_samples(read: Callable[..., Photo]) -> None:
    photo = read(tiff(DEEP, photometric="separated", extrasamples=None))
    np.testing.assert_array_equal(photo.samples, DEEP)
    assert photo.model is ColorModel.CMYK


def test_deep_colours_multiplied_by_their_opacity_are_divided(read: Callable[..., Photo]) -> None:
    opacity = np.maximum(DEEP[..., 3:], 1).astype(np.uint32)
    multiplied = (DEEP[..., :3] * opacity // 65535).astype(np.uint16)
    photo = read(tiff(np.dstack([multiplied, opacity.astype(np.uint16)]), extrasamples=["assocalpha"]))
    np.testing.assert_array_equal(photo.samples[..., 3:], opacity)
    np.testing.assert_allclose(
        photo.samples[..., :3], np.minimum(multiplied * 65535.0 / opacity, 65535), rtol=0, atol=0.5
    )
    assert any("opacity" in note for note in photo.notes)


def test_a_colour_key_in_deep_pngs_becomes_alpha(read: Callable[..., Photo]) -> None:
    for samples in (DEEP[..., 0], DEEP[..., :3]):
        photo = read(png(samples, ((b"tRNS", np.array(samples[0, 0], ">u2").tobytes()),)))
        assert photo.samples.shape[2] == samples[0, 0].size + 1
        assert photo.samples[0, 0, -1] == 0
        assert (photo.samples[1:, :, -1] == 65535).all()


GREY = Image.fromarray(COLOUR[..., 0])
RGB = Image.fromarray(COLOUR)


def rgba() -> Image.Image:
    return Image.fromarray(np.dstack([COLOUR, COLOUR[..., 1]]))


@pytest.mark.parametrize(
    ("image", "container", "options", "shape"),
    [
        (GREY.convert("1"), "PNG", {}, (5, 7)),
        (GREY.convert("1"), "TIFF", {}, (5, 7)),
        (GREY, "PNG", {}, (5, 7)),
        (GREY, "PNG", {"transparency": int(COLOUR[0, 0, 0])}, (5, 7, 2)),
        (GREY, "JPEG", {}, (5, 7)),
        (rgba().convert("LA"), "PNG", {}, (5, 7, 2)),
        (RGB.quantize(8), "PNG", {}, (5, 7, 3)),
        (RGB.quantize(8), "PNG", {"transparency": 0}, (5, 7, 4)),
        (RGB.quantize(8), "PNG", {"transparency": bytes(range(0, 80, 10))}, (5, 7, 4)),
        (RGB, "PNG", {}, (5, 7, 3)),
        (RGB, "PNG", {"transparency": tuple(COLOUR[0, 0].tolist())}, (5, 7, 4)),
        (rgba(), "PNG", {}, (5, 7, 4)),
        (rgba(), "TIFF", {}, (5, 7, 4)),
        (RGB, "BMP", {}, (5, 7, 3)),
        (RGB.convert("YCbCr"), "JPEG", {}, (5, 7, 3)),
        (RGB.convert("CMYK"), "JPEG", {}, (5, 7, 4)),
        (RGB.convert("CMYK"), "TIFF", {}, (5, 7, 4)),
    ],
)
def test_each_mode_gives_its_own_channels(
    read: Callable[..., Photo], image: Image.Image, container: str, options: dict[str, Any], shape: tuple[int, ...]
) -> None:
    data = encoded(image, container, **options)
    photo = read(data)
    assert photo.samples.shape == shape
    with Image.open(io.BytesIO(data)) as opened:
        mode = {(5, 7): "L", 2: "LA", 3: "RGB", 4: "RGBA"}[shape if len(shape) == 2 else shape[2]]
        mode = "CMYK" if opened.mode == "CMYK" else mode
        np.testing.assert_array_equal(photo.samples, np.asarray(opened.convert(mode)))


def test_lab_samples_are_kept_and_shown_as_colours(read: Callable[..., Photo]) -> None:
    lab = np.array([[[255, 0, 0], [0, 0, 0], [138, 80, 67]]], np.uint8)  # white, black, a red
    photo = read(tiff(lab, photometric="cielab", extrasamples=None))
    assert photo.model is ColorModel.LAB
    assert photo.rgb[0, 0].min() > 250
    assert photo.rgb[0, 1].max() < 5
    assert photo.rgb[0, 2, 0] > 200 > 60 > photo.rgb[0, 2, 1:].max()


def test_a_damaged_cmyk_profile_is_left_out_and_said(read: Callable[..., Photo]) -> None:
    photo = read(encoded(RGB.convert("CMYK"), "JPEG", icc_profile=b"no profile at all"))
    assert "icc_profile" not in photo.metadata
    assert any("profile" in note for note in photo.notes)


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ([0.0, 0.5, 1.0], [0, 32768, 65535]),
        ([0.0, 51.0, 255.0], [0, 13107, 65535]),
        ([0.0, 1000.0, 65535.0], [0, 1000, 65535]),
        ([0.0, 65536.0, 131072.0], [0, 32768, 65535]),
        ([-5.0, float("nan"), 1.0], [0, 0, 65535]),
        ([float("inf"), float("-inf"), 1.0], [0, 0, 65535]),
        ([-2.0, -1.0, -3.0], [0, 0, 0]),
    ],
)
def test_float_samples_are_scaled(read: Callable[..., Photo], values: list[float], expected: list[int]) -> None:
    photo = read(encoded(Image.fromarray(np.array([values], np.float32)), "TIFF"))
    np.testing.assert_array_equal(photo.samples, np.array([values], np.float32))
    assert photo.rgb[..., 1].tolist() == [expected]


def test_whole_numbers_of_32_bits_keep_their_values(read: Callable[..., Photo]) -> None:
    photo = read(encoded(Image.fromarray(np.array([[0, 300, 65535]], np.int32)), "TIFF"))
    assert photo.samples.tolist() == [[0, 300, 65535]]
    assert photo.notes == ()
    photo = read(encoded(Image.fromarray(np.array([[-1, 0, 131070]], np.int32)), "TIFF"))
    assert photo.samples.tolist() == [[-1, 0, 131070]]
    assert photo.rgb[..., 1].tolist() == [[0, 0, 65535]]


@pytest.mark.parametrize("container", ["GIF", "TIFF", "WEBP", "PNG"])
def test_of_several_frames_the_first_is_read(read: Callable[..., Photo], container: str) -> None:
    frames = [Image.new("RGB", (8, 8), colour) for colour in ("red", "blue")]
    options = {"lossless": True} if container == "WEBP" else {}
    photo = read(encoded(frames[0], container, save_all=True, append_images=frames[1:], **options))
    assert (photo.rgb == (255, 0, 0)).all()
    assert "first" in photo.notes[0]


def test_metadata_is_kept(read: Callable[..., Photo]) -> None:
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    photo = read(encoded(RGB, "JPEG", icc_profile=profile, exif=exif_turned(6), dpi=(300, 300), xmp=b"<x/>"))
    assert photo.metadata["icc_profile"] == profile
    assert photo.metadata["dpi"] == (300, 300)
    assert photo.metadata["xmp"] == b"<x/>"
    exif = Image.Exif()
    exif.load(photo.metadata["exif"])
    assert dict(exif) == {0x0112: 1, 0x010F: "Box"}


@pytest.mark.parametrize(
    "exif", [b"Exif\0\0XX*\0rubbish", b"Exif\0\0II*\0\xff\xff\xff\x7f", b"Exif\0\0", b"II*\0"]
)
@pytest.mark.parametrize("container", ["JPEG", "PNG", "WEBP"])
def test_damaged_exif_does_not_cost_the_photo(read: Callable[..., Photo], container: str, exif: bytes) -> None:
    photo = read(encoded(RGB, container, exif=exif))
    assert photo.size == (7, 5)
    assert "exif" not in photo.metadata


@pytest.mark.parametrize("orientation", [0, 9, 65535])
def test_unknown_orientations_are_none(read: Callable[..., Photo], orientation: int) -> None:
    np.testing.assert_array_equal(read(encoded(RGB, "PNG", exif=exif_turned(orientation))).rgb, COLOUR)


def test_a_resolution_that_is_none_is_left_out(read: Callable[..., Photo]) -> None:
    assert "dpi" not in read(tiff(COLOUR, resolution=((0, 1), (0, 1)), resolutionunit="INCH")).metadata


# What cannot be read.


def sentence(error: pytest.ExceptionInfo[PhotoError], name: str) -> str:
    text = str(error.value)
    assert name in text
    assert text.endswith(".")
    assert "\n" not in text
    return text


CUTTABLE = {
    "PNG": lambda image: encoded(image, "PNG"),
    "WEBP": lambda image: encoded(image, "WEBP"),
    "TIFF": lambda image: encoded(image, "TIFF"),
    "TIFF deflate": lambda image: encoded(image, "TIFF", compression="tiff_adobe_deflate"),
    "TIFF LZW": lambda image: encoded(image, "TIFF", compression="tiff_lzw"),
    "BMP": lambda image: encoded(image, "BMP"),
    "PNG 16": lambda image: png(np.asarray(image).astype(np.uint16) * 257),
    "TIFF 16": lambda image: tiff(np.asarray(image).astype(np.uint16) * 257),
}


def picture() -> Image.Image:
    return Image.fromarray(np.random.default_rng(1).integers(0, 256, (24, 32, 3), np.uint8))


@pytest.mark.parametrize("container", list(CUTTABLE))
@pytest.mark.parametrize("share", [0.02, 0.5, 0.9])
def test_a_file_cut_short_is_refused(read: Callable[..., Photo], container: str, share: float) -> None:
    data = CUTTABLE[container](picture())
    with pytest.raises(PhotoError) as error:
        read(data[: int(len(data) * share)])
    sentence(error, "photo.bin")


def test_an_empty_file_is_refused(read: Callable[..., Photo]) -> None:
    with pytest.raises(PhotoError, match="is empty") as error:
        read(b"")
    sentence(error, "photo.bin")


@pytest.mark.parametrize("data", [b"hello", b"%PDF-1.7 no picture", b"\0" * 100, b"\xff\xd8\xff"])
def test_what_is_no_picture_is_refused(read: Callable[..., Photo], data: bytes) -> None:
    with pytest.raises(PhotoError) as error:
        read(data, "photo.jpg")
    sentence(error, "photo.jpg")


def test_a_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(PhotoError) as error:
        read_photo(tmp_path)
    assert "folder" in sentence(error, str(tmp_path))


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    for name in ("missing.jpg", "x" * 300):
        with pytest.raises(PhotoError) as error:
            read_photo(tmp_path / name)
        sentence(error, name)


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root reads everything")
def test_an_unreadable_file_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "closed.jpg"
    path.write_bytes(encoded(RGB, "JPEG"))
    path.chmod(0)
    with pytest.raises(PhotoError, match="permission") as error:
        read_photo(path)
    sentence(error, "closed.jpg")


@pytest.mark.parametrize("size", [(20_000, 20_000), (100_000, 100_000), (2**31 - 1, 2**31 - 1)])
def test_a_decompression_bomb_is_refused_by_its_header(
    read: Callable[..., Photo], size: tuple[int, int], recwarn: pytest.WarningsRecorder
) -> None:
    data = bytearray(png(DEEP[..., :3]))
    data[16:24] = struct.pack(">II", *size)
    data[29:33] = struct.pack(">I", zlib.crc32(data[12:29]))
    with pytest.raises(PhotoError, match="megapixels") as error:
        read(bytes(data))
    sentence(error, "photo.bin")
    assert not list(recwarn)


def test_memory_that_does_not_suffice_is_said(read: Callable[..., Photo], monkeypatch: pytest.MonkeyPatch) -> None:
    def exhausted(*_: object) -> None:
        raise MemoryError

    monkeypatch.setattr(photo_module, "_reader", exhausted)
    with pytest.raises(PhotoError, match="memory"):
        read(encoded(RGB, "PNG"))
