"""What damaged files have done to this program: it must not happen again."""

import struct
import threading
import warnings
from collections.abc import Callable
from pathlib import Path

import numpy as np
import psutil
import pytest

from core.encoding import CONTAINERS, write_photo
from core.errors import PhotoError
from core.photo import read_photo
from core.photos.jpeg import MAX_SCANS
from core.photos.quiet import without_warnings
from core.types import Photo
from tests.fuzz.mutations import in_jpeg
from tests.fuzz.seeds import ADOBE_RGB, RGB, converted, heic, saved
from tests.test_limits import resized_header, tiff_with

EXIF = 0xE1
DAMAGED = ("the EXIF data is damaged and was left out",)


@pytest.fixture
def read(tmp_path: Path) -> Callable[[bytes], Photo]:
    def write_and_read(data: bytes) -> Photo:
        (tmp_path / "photo").write_bytes(data)
        return read_photo(tmp_path / "photo")

    return write_and_read


def test_a_resolution_without_a_number_does_not_cost_the_photo(read: Callable[[bytes], Photo]) -> None:
    # Pillow: IndexError in _read_dpi_from_exif, "cannot identify image file".
    entries = struct.pack("<HHII", 0x011A, 7, 1, 65) + struct.pack("<HHII", 0x0128, 3, 1, 2)
    photo = read(in_jpeg(EXIF, b"Exif\0\0")(b"II*\0\x08\0\0\0\2\0" + entries + bytes(4)))
    assert photo.rgb.shape == RGB.shape
    assert photo.notes == DAMAGED


@pytest.mark.parametrize("name", CONTAINERS)
def test_exif_data_with_a_damaged_header_is_not_carried_to_where_it_stops_the_writing(
    name: str, read: Callable[[bytes], Photo], tmp_path: Path
) -> None:
    # Pillow's AVIF writer: SyntaxError, "not a TIFF file".
    photo = read(in_jpeg(EXIF, b"Exif\0\0")(b"MM\x04*\0\0\0\x08" + bytes(40)))
    assert photo.notes == DAMAGED
    write_photo(photo, photo.rgb, tmp_path / "result", name)
    assert read_photo(tmp_path / "result").size == photo.size


@pytest.mark.parametrize("name", CONTAINERS)
def test_a_tag_of_another_kind_than_its_own_does_not_stop_the_writing(
    name: str, read: Callable[[bytes], Photo], tmp_path: Path
) -> None:
    # Pillow's AVIF writer: AttributeError, 'IFDRational' object has no attribute 'encode'.
    page_name = struct.pack("<HHII", 0x0112, 3, 1, 1) + struct.pack("<HHII", 0x011D, 5, 1, 38)
    page_name += bytes(4) + struct.pack("<II", 7, 2)
    photo = read(in_jpeg(EXIF, b"Exif\0\0")(b"II*\0\x08\0\0\0\2\0" + page_name))
    write_photo(photo, photo.rgb, tmp_path / "result", name)
    assert read_photo(tmp_path / "result").size == photo.size


def test_a_picture_of_no_pixels_is_no_photo(read: Callable[[bytes], Photo]) -> None:
    for tag in (256, 257):
        with pytest.raises(PhotoError, match="damaged or cut short"):
            read(tiff_with([(tag, 4, 1, 0)]))


@pytest.mark.parametrize("container", ["JPEG", "PNG", "WEBP", "GIF", "BMP", "TIFF", "JPEG2000", "AVIF"])
def test_a_file_that_begins_as_a_photo_is_damaged_and_not_of_an_unknown_kind(
    container: str, read: Callable[[bytes], Photo]
) -> None:
    with pytest.raises(PhotoError, match="damaged or cut short"):
        read(saved(RGB, container)[:24])


def test_no_room_is_made_for_a_canvas_that_is_too_large(read: Callable[[bytes], Photo]) -> None:
    # Pillow asks for the 14 GB when it opens a WebP; where they are not to be had the file was called damaged.
    resource = pytest.importorskip("resource")
    before = resource.getrlimit(resource.RLIMIT_AS)
    resource.setrlimit(resource.RLIMIT_AS, (psutil.Process().memory_info().vms + 1_000_000_000, before[1]))
    try:
        with pytest.raises(PhotoError, match="60000 x 60000 px"):
            read(resized_header("WEBP", 60_000, 60_000))
    finally:
        resource.setrlimit(resource.RLIMIT_AS, before)


def test_samples_too_wide_for_so_many_pixels_are_refused(read: Callable[[bytes], Photo]) -> None:
    # 200 megapixels, but 12.8 GB of samples, which unpacked from next to nothing.
    size = [(256, 4, 1, 20_000), (257, 4, 1, 10_000), (278, 4, 1, 10_000)]
    depth = [(258, 3, 1, 64), (339, 3, 1, 3), (277, 3, 1, 8), (259, 3, 1, 8), (279, 4, 1, 256)]
    with pytest.raises(PhotoError, match=r"claims 12\.8 GB of samples, more than .* \(4\.8 GB\)"):
        read(tiff_with([*size, *depth]))


def test_a_jpeg_of_more_scans_than_encoders_make_is_refused(read: Callable[[bytes], Photo]) -> None:
    # A scan takes 350 bytes of the file and, with 256 megapixels, a sixth of a second.
    data = saved(RGB, "JPEG", progressive=True)
    scans = data.count(b"\xff\xda")
    last = data[data.rindex(b"\xff\xda") : -2]
    most = data[:-2] + last * (MAX_SCANS - scans)
    assert read(most + b"\xff\xd9").rgb.shape == RGB.shape
    with pytest.raises(PhotoError, match="damaged or cut short"):
        read(most + last + b"\xff\xd9")
    # What lies in other segments, and behind the picture, is none.
    comment = b"\xff\xfe\x03\xea" + b"\xff\xda" * 500
    assert read(data[:2] + comment + data[2:] + b"\xff\xda" * 500).rgb.shape == RGB.shape


def one_way(profile: bytes) -> bytes:
    """An RGB profile as scanners have it: a table that leads to colours, and none back."""
    side = 2
    grid = np.indices((side,) * 3).reshape(3, -1).T
    table = b"mft1" + bytes(4) + bytes((3, 3, side, 0))
    table += struct.pack(">9i", *(65536 * (row == column) for row in range(3) for column in range(3)))
    curve = bytes(range(256))
    table += curve * 3 + bytes(np.uint8(grid * [200, 60, 60] + [0, 98, 98])) + curve * 3
    tags = [(b"A2B0", table), *((name, profile_tag(profile, name)) for name in (b"wtpt", b"desc", b"cprt"))]
    head = bytearray(profile[:128])
    head[12:16], head[20:24] = b"scnr", b"Lab "
    content, listed, at = b"", b"", 128 + 4 + 12 * len(tags)
    for name, tag in tags:
        listed += name + struct.pack(">II", at + len(content), len(tag))
        content += tag + bytes(-len(tag) % 4)
    head[0:4] = struct.pack(">I", at + len(content))
    return bytes(head) + struct.pack(">I", len(tags)) + listed + content


def profile_tag(profile: bytes, name: bytes) -> bytes:
    for at in range(132, 132 + 12 * int.from_bytes(profile[128:132]), 12):
        if profile[at : at + 4] == name:
            offset, size = struct.unpack_from(">II", profile, at + 4)
            return profile[offset : offset + size]
    raise KeyError(name)


@pytest.mark.parametrize("name", ["PNG", "JPEG", "TIFF", "WEBP"])
def test_a_profile_that_only_leads_one_way_becomes_srgb(
    name: str, read: Callable[[bytes], Photo], tmp_path: Path
) -> None:
    photo = read(saved(RGB, "PNG", icc_profile=one_way(ADOBE_RGB)))
    assert "icc_profile" in photo.metadata
    rgb = photo.rgb.copy()
    rgb[:8, :8] //= 2
    notes = write_photo(photo, rgb, tmp_path / "result", name, quality=100)
    assert notes == ["nothing can be converted into the colour profile: the picture was converted to sRGB"]
    written = read_photo(tmp_path / "result")
    assert "icc_profile" not in written.metadata
    assert np.abs(written.rgb.astype(int) - rgb).mean() < 2


def test_an_interlaced_deep_png_is_read_in_silence(
    read: Callable[[bytes], Photo], caplog: pytest.LogCaptureFixture
) -> None:
    # imagecodecs logs libpng's warning, which came out on the terminal.
    options = ["-define", "png:bit-depth=16"]
    plain, interlaced = (read(converted(*extra, *options, "png")) for extra in ([], ["-interlace", "PNG"]))
    np.testing.assert_array_equal(interlaced.samples, plain.samples)
    assert caplog.records == []


def test_threads_that_read_at_once_leave_the_warnings_as_they_were() -> None:
    before, first_is_out = list(warnings.filters), threading.Event()
    with without_warnings():
        begun = threading.Event()

        def second() -> None:
            with without_warnings():
                begun.set()
                first_is_out.wait(10)
                warnings.warn("odd metadata", stacklevel=1)

        thread = threading.Thread(target=second)
        thread.start()
        begun.wait(10)
    first_is_out.set()
    thread.join()
    assert warnings.filters == before


@pytest.mark.parametrize("name", [b"mime", b"application/rdf+xml"])
def test_names_of_items_that_are_no_text_end_no_process(name: bytes, read: Callable[[bytes], Photo]) -> None:
    # pi_heif: PyDict_SetItem of NULL in its metadata, a segmentation fault.
    data = heic(RGB, quality=60, xmp=b"<x:xmpmeta xmlns:x='adobe:ns:meta/'/>")
    photo = read(data.replace(name, b"\x80" + name[1:]))
    assert photo.rgb.shape == RGB.shape
