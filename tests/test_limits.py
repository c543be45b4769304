"""Files that claim, or unpack to, more than there is room for."""

import io
import struct
import zlib
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import numpy as np
import psutil
import pytest
import tifffile
from PIL import Image, ImageCms

from app.cli.main import build_parser, run
from core.errors import PhotoError
from core.limits import MAX_METADATA, MAX_PIXELS
from core.photo import read_photo
from core.photos.png import without_damaged_metadata

SIZE = (64, 48)
PICTURE = np.random.default_rng(3).integers(0, 256, (48, 64, 3), np.uint8)
BOMB = MAX_METADATA * 8


def encoded(container: str, **options: object) -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(PICTURE).save(buffer, container, **options)
    return buffer.getvalue()


def chunk(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))


def png_with(*chunks: bytes) -> bytes:
    """A PNG file with more chunks between its header and its picture."""
    data = encoded("PNG")
    return data[:33] + b"".join(chunks) + data[33:]


@pytest.fixture
def read(tmp_path: Path) -> Callable[..., tuple[np.ndarray, dict, tuple[str, ...]]]:
    """Reads bytes as a photo: its samples, metadata and notes."""

    def write_and_read(data: bytes, **options: int) -> tuple[np.ndarray, dict, tuple[str, ...]]:
        (tmp_path / "photo").write_bytes(data)
        photo = read_photo(tmp_path / "photo", **options)
        return photo.samples, photo.metadata, photo.notes

    return write_and_read


# Pictures.


def resized_header(container: str, width: int, height: int) -> bytes:
    """A small file whose header claims another size."""
    if container == "GIF":
        data = bytearray(encoded("GIF"))
        data[6:10] = struct.pack("<HH", width, height)
    elif container == "BMP":
        data = bytearray(encoded("BMP"))
        data[18:26] = struct.pack("<ii", width, height)
    elif container == "PNG":
        data = bytearray(encoded("PNG"))
        data[16:24] = struct.pack(">II", width, height)
        data[29:33] = struct.pack(">I", zlib.crc32(data[12:29]))
    elif container == "WEBP":
        frame = encoded("WEBP")[12:]
        canvas = b"VP8X" + struct.pack("<IB3x", 10, 2) + (width - 1).to_bytes(3, "little")
        canvas += (height - 1).to_bytes(3, "little") + b"ANIM" + struct.pack("<I6x", 6)
        place = bytes(6) + (63).to_bytes(3, "little") + (47).to_bytes(3, "little") + bytes(4)
        body = canvas + b"ANMF" + struct.pack("<I", len(place) + len(frame)) + place + frame
        data = bytearray(b"RIFF" + struct.pack("<I", 4 + len(body)) + b"WEBP" + body)
    elif container == "JPEG":
        data = bytearray(encoded("JPEG"))
        at = data.index(b"\xff\xc0")
        data[at + 5 : at + 9] = struct.pack(">HH", height, width)
    elif container == "PPM":
        data = bytearray(b"P6 %d %d 255\n" % (width, height) + bytes(1000))
    else:
        data = bytearray(encoded("TIFF"))
        (ifd,) = struct.unpack_from("<I", data, 4)
        for at in range(ifd + 2, ifd + 2 + 12 * struct.unpack_from("<H", data, ifd)[0], 12):
            (tag,) = struct.unpack_from("<H", data, at)
            if tag in (256, 257):
                struct.pack_into("<HII", data, at + 2, 4, 1, width if tag == 256 else height)
    return bytes(data)


@pytest.mark.parametrize("container", ["JPEG", "PNG", "WEBP", "GIF", "BMP", "TIFF", "PPM"])
def test_a_picture_of_too_many_pixels_is_refused_before_it_is_decoded(
    container: str, read: Callable[..., tuple]
) -> None:
    before = psutil.Process().memory_info().rss
    with pytest.raises(PhotoError, match=r"60000 x 60000 px, more than 300 megapixels.*--max-megapixels"):
        read(resized_header(container, 60_000, 60_000))
    assert psutil.Process().memory_info().rss - before < 100_000_000


@pytest.mark.parametrize("container", ["JPEG", "PNG", "WEBP", "GIF", "BMP", "TIFF", "PPM"])
def test_the_limit_is_what_is_asked_for(container: str, read: Callable[..., tuple]) -> None:
    assert len(read(encoded(container), max_pixels=64 * 48)[0]) == 48
    with pytest.raises(PhotoError, match=r"64 x 48 px, more than 0\.003071 megapixels"):
        read(encoded(container), max_pixels=64 * 48 - 1)


def test_more_than_the_default_is_tried_on_demand(read: Callable[..., tuple]) -> None:
    # The picture is not there, but neither our limit nor one of Pillow's is in the way.
    data = resized_header("GIF", 30_000, 30_000)
    with pytest.raises(PhotoError, match="more than 300 megapixels"):
        read(data)
    with pytest.raises(PhotoError, match="more than 899 megapixels"):
        read(data, max_pixels=899_000_000)
    assert Image.MAX_IMAGE_PIXELS is None


@pytest.mark.slow
@pytest.mark.parametrize("command", [["restore", "-o"], ["faces", "--draw"], ["train", "prepare", "-o"]])
def test_the_command_line_sets_the_limit(
    command: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert build_parser().parse_args([*command, "out", "photo.jpg"]).max_pixels == MAX_PIXELS
    Image.new("RGB", (101, 100)).save(tmp_path / "photo.png")
    photo = [str(tmp_path / "photo.png"), "--max-megapixels", "0.01", "--device", "cpu"]
    assert run([*command, str(tmp_path / "out"), *photo]) == 1
    assert "101 x 100 px, more than 0.01 megapixels" in capsys.readouterr().err


# Metadata.


@pytest.mark.parametrize(
    "bomb",
    [
        chunk(b"zTXt", b"Comment\0\0" + zlib.compress(bytes(BOMB))),
        chunk(b"iTXt", b"XML:com.adobe.xmp\0\1\0\0\0" + zlib.compress(bytes(BOMB))),
        chunk(b"iCCP", b"ICC profile\0\0" + zlib.compress(bytes(BOMB))),
        chunk(b"tEXt", b"Comment\0" + b"x" * (MAX_METADATA + 1)),
        chunk(b"iTXt", b"Comment\0\0\0\0\0" + b"x" * (MAX_METADATA + 1)),
        chunk(b"eXIf", b"II*\0" + bytes(MAX_METADATA)),
        b"".join(chunk(b"zTXt", b"Comment\0\0" + zlib.compress(bytes(MAX_METADATA // 8))) for _ in range(16)),
    ],
    ids=["zTXt", "iTXt", "iCCP", "tEXt", "plain iTXt", "eXIf", "many zTXt"],
)
def test_metadata_that_fills_the_memory_is_left_out_and_the_photo_read(
    bomb: bytes, read: Callable[..., tuple]
) -> None:
    samples, metadata, notes = read(png_with(bomb, chunk(b"pHYs", struct.pack(">IIB", 11811, 11811, 1))))
    np.testing.assert_array_equal(samples, PICTURE)
    assert set(metadata) - {"texts"} == {"dpi"}
    # Of many captions those stay that come before there are too many.
    assert sum(len(caption.text) for caption in metadata.get("texts", ())) <= MAX_METADATA
    assert all("metadata was left out: it is damaged, or larger" in note for note in notes)
    assert notes


def test_metadata_of_a_usual_size_stays(read: Callable[..., tuple]) -> None:
    # Larger than what Pillow itself takes for a bomb.
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    profile += bytes(2_000_000) + np.random.default_rng(1).bytes(1_000_000)
    profile = len(profile).to_bytes(4) + profile[4:]  # ICC.1, 7.2.2
    data = encoded("PNG", icc_profile=profile)
    assert without_damaged_metadata(data, []) is data
    _, metadata, notes = read(data)
    assert metadata["icc_profile"] == profile
    assert notes == ()


@pytest.mark.parametrize("container", ["TIFF", "WEBP"])
@pytest.mark.parametrize(("key", "name"), [("xmp", "XMP data"), ("icc_profile", "colour profile")])
def test_absurd_metadata_of_other_containers_is_left_out_too(
    container: str, key: str, name: str, read: Callable[..., tuple]
) -> None:
    absurd = b" " * (MAX_METADATA + 10_000_000)
    options = {"tiffinfo": {700: absurd}} if (container, key) == ("TIFF", "xmp") else {key: absurd}
    samples, metadata, notes = read(encoded(container, **options))
    assert samples.shape == (48, 64, 3)
    assert key not in metadata
    assert any(f"the {name} of 42 MB was left out" in note for note in notes)


PACKED = zlib.compress(b"text")


@pytest.mark.parametrize(
    "damaged",
    [
        *(chunk(b"zTXt", content) for content in (b"", b"a", b"a\0", b"a\0\1" + PACKED, b"a\0\0rubbish")),
        *(chunk(b"iCCP", content) for content in (b"", b"a", b"a\0", b"a\0\1" + PACKED, b"a\0\0rubbish")),
        *(chunk(b"iTXt", content) for content in (b"", b"a", b"a\0", b"a\0\0", b"a\0\0\0", b"a\0\0\0\0")),
        *(chunk(b"iTXt", b"a\0\1" + text) for text in (b"\0\0\0rubbish", b"\1\0\0" + PACKED)),
        chunk(b"zTXt", b"a\0\0" + PACKED)[:-1] + b"?",
        chunk(b"tEXt", b"a\0text")[:-1] + b"?",
    ],
)  # fmt: skip
def test_damaged_metadata_does_not_cost_the_photo(damaged: bytes, read: Callable[..., tuple]) -> None:
    samples, _, notes = read(png_with(damaged))
    np.testing.assert_array_equal(samples, PICTURE)
    (note,) = notes
    assert "metadata was left out: it is damaged" in note


@pytest.mark.parametrize(
    "sound",
    [
        chunk(b"tEXt", b"Comment\0text"),
        chunk(b"zTXt", b"Comment\0\0" + PACKED),
        chunk(b"iTXt", b"Comment\0\0\0\0\0text"),
        chunk(b"iTXt", b"Comment\0\1\0de\0Kommentar\0" + PACKED),
        chunk(b"iCCP", b"ICC profile\0\0" + PACKED),
    ],
)
def test_sound_metadata_stays(sound: bytes) -> None:
    notes: list[str] = []
    data = png_with(sound)
    assert without_damaged_metadata(data, notes) is data
    assert notes == []


# TIFF, whose directories can say anything.


def tiff_with(entries: list[tuple[int, int, int, int]], following: int = 0) -> bytes:
    """A little-endian TIFF of one grey strip with more entries (tag, type, count, value) in its directory."""
    basic = [(256, 4, 1, 16), (257, 4, 1, 16), (258, 3, 1, 8), (259, 3, 1, 1), (262, 3, 1, 1)]
    basic += [(273, 4, 1, 8), (277, 3, 1, 1), (278, 4, 1, 16), (279, 4, 1, 256)]
    listed = sorted({entry[0]: entry for entry in [*basic, *entries]}.values())
    directory = struct.pack("<H", len(listed)) + b"".join(struct.pack("<HHII", *entry) for entry in listed)
    return b"II*\0" + struct.pack("<I", 264) + bytes(range(256)) + directory + struct.pack("<I", following)


@pytest.mark.parametrize(
    "data",
    [
        tiff_with([], following=264),
        tiff_with([(273, 4, 2**32 - 1, 8)]),
        tiff_with([(279, 4, 2**32 - 1, 8)]),
        tiff_with([(279, 4, 1, 2**32 - 1)]),
        tiff_with([(278, 4, 1, 0)]),
        tiff_with([(258, 3, 2**31, 8)]),
        tiff_with([(277, 3, 1, 65535)]),
        tiff_with([(tag, 7, 200, 8) for tag in range(40_000, 65_000)]),
        tiff_with([(tag, 7, 2**31, 8) for tag in range(40_000, 65_000)]),
        tiff_with([(34665, 4, 1, 264)]),
        tiff_with([(330, 4, 1, 264)]),
        tiff_with([(322, 4, 1, 1), (323, 4, 1, 1), (324, 4, 1, 8), (325, 4, 1, 256)]),
        tiff_with([(322, 4, 1, 2**31), (323, 4, 1, 2**31), (324, 4, 1, 8), (325, 4, 1, 256)]),
    ],
    ids=[
        "a circle of directories", "offsets without end", "counts without end", "a strip of 4 GB", "rows of none",
        "bits without end", "65535 channels", "25000 overlapping tags", "tags of 2 GB", "EXIF in a circle",
        "a sub-picture in a circle", "tiles of a pixel", "tiles of 2^62 pixels",
    ],
)  # fmt: skip
def test_absurd_directories_end_in_a_sentence_or_a_photo(data: bytes, read: Callable[..., tuple]) -> None:
    before = psutil.Process().memory_info().rss
    with suppress(PhotoError):
        assert read(data)[0].shape == (16, 16)
    assert psutil.Process().memory_info().rss - before < 200_000_000


def test_a_file_of_many_pictures_is_not_read_to_its_end(read: Callable[..., tuple]) -> None:
    data = io.BytesIO()
    with tifffile.TiffWriter(data) as writer:
        for _ in range(3):
            writer.write(PICTURE, photometric="rgb")
    pages = data.getvalue()
    assert any("several pictures" in note for note in read(pages)[2])
