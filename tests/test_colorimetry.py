"""The colours of PNG files that have no profile: what their chunks say is seen, and kept."""

import struct
from pathlib import Path

import numpy as np
import pytest

from core.encoding import write_photo
from core.photo import read_photo
from core.photos import png
from core.photos.picture import Picture, usual_model
from core.types import Photo

SRGB = (0.3127, 0.3290, 0.64, 0.33, 0.30, 0.60, 0.15, 0.06)
P3 = (0.3127, 0.3290, 0.680, 0.320, 0.265, 0.690, 0.150, 0.060)
RAMP = np.dstack([np.tile(np.arange(256, dtype=np.uint8), (2, 1))] * 3)


def gama(value: float) -> tuple[bytes, bytes]:
    return b"gAMA", struct.pack(">I", round(value * 100_000))


def chrm(values: tuple[float, ...]) -> tuple[bytes, bytes]:
    return b"cHRM", struct.pack(">8I", *(round(value * 100_000) for value in values))


def photo_with(tmp_path: Path, samples: np.ndarray, *chunks: tuple[bytes, bytes]) -> Photo:
    data = png.encode(Picture(samples, usual_model(samples), 255), {})
    extra = b"".join(png._chunk(*chunk) for chunk in chunks)
    (tmp_path / "photo.png").write_bytes(data[: png._HEADER_END] + extra + data[png._HEADER_END :])
    return read_photo(tmp_path / "photo.png")


def encoded(light: np.ndarray) -> np.ndarray:
    """Linear light as sRGB of 8 bits (IEC 61966-2-1)."""
    return 255 * np.where(light <= 0.0031308, 12.92 * light, 1.055 * light ** (1 / 2.4) - 0.055)


@pytest.mark.parametrize("channels", [1, 3, 4])
@pytest.mark.parametrize("deep", [False, True])
@pytest.mark.parametrize(
    ("chunk", "light"),
    [
        (gama(1.0), lambda x: x),
        (gama(1 / 1.8), lambda x: x**1.8),
        ((b"cICP", bytes([1, 8, 0, 1])), lambda x: x),
        ((b"cICP", bytes([1, 4, 0, 1])), lambda x: x**2.2),
    ],
)
def test_the_brightness_told_is_seen_and_kept(
    tmp_path: Path, channels: int, deep: bool, chunk: tuple[bytes, bytes], light
) -> None:
    samples = np.dstack([RAMP, np.full_like(RAMP[..., 0], 255)])[..., :channels]
    samples = samples[..., 0] if channels == 1 else samples
    photo = photo_with(tmp_path, samples.astype(np.uint16) * 257 if deep else samples, chunk)
    assert photo.notes == ()
    seen = photo.rgb[0, :, 0] / (257 if deep else 1)
    # From 8 bits to 8 bits LittleCMS rounds more than once, and the more is made of the lowest levels the more it
    # shows there.
    np.testing.assert_allclose(seen[8:], encoded(light(np.arange(256) / 255))[8:], atol=1.5)
    for name in ("PNG", "TIFF"):
        assert write_photo(photo, photo.rgb, tmp_path / "written", name) == []
        back = read_photo(tmp_path / "written")
        np.testing.assert_array_equal(back.samples, photo.samples)
        np.testing.assert_array_equal(back.rgb, photo.rgb)


@pytest.mark.parametrize("chunks", [[(b"cICP", bytes([12, 13, 0, 1]))], [chrm(P3)], [chrm(P3), gama(0.45455)]])
def test_wide_colours_are_seen_as_such(tmp_path: Path, chunks: list[tuple[bytes, bytes]]) -> None:
    colour = np.array((128, 200, 100))
    photo = photo_with(tmp_path, np.full((2, 2, 3), colour, np.uint8), *chunks)
    # Display P3 in sRGB (CSS Color 4, 10.1 and 10.4); a curve of 2.2 is up to 2 levels apart from sRGB's.
    to_srgb = [[1.2249, -0.2247, 0], [-0.0420, 1.0419, 0], [-0.0197, -0.0786, 1.0979]]
    expected = encoded(to_srgb @ ((colour / 255 + 0.055) / 1.055) ** 2.4)
    np.testing.assert_allclose(photo.rgb[0, 0], expected, atol=2)
    assert write_photo(photo, photo.rgb, tmp_path / "written.jpg", "JPEG") == []
    np.testing.assert_allclose(read_photo(tmp_path / "written.jpg").rgb[0, 0], expected, atol=3)


@pytest.mark.parametrize(
    "chunks",
    [
        [gama(0.45455)],
        [gama(0.45455), chrm(SRGB)],
        [chrm(SRGB)],
        [(b"sRGB", b"\0"), gama(1.0)],
        [(b"cICP", bytes([1, 13, 0, 1])), gama(1.0)],
        [(b"gAMA", bytes(4))],
        [(b"gAMA", b"\xff" * 4)],
        [(b"cHRM", bytes(32))],
        [chrm((0.3127, 0.3290) * 4)],
    ],
)
def test_srgb_and_nonsense_leave_the_colours_alone(tmp_path: Path, chunks: list[tuple[bytes, bytes]]) -> None:
    photo = photo_with(tmp_path, RAMP, *chunks)
    np.testing.assert_array_equal(photo.rgb, RAMP)
    assert "icc_profile" not in photo.metadata
    assert photo.notes == ()


@pytest.mark.parametrize("content", [bytes([9, 16, 0, 1]), bytes([1, 13, 0, 0]), bytes([2, 2, 0, 1]), b""])
def test_colours_that_are_not_known_are_said(tmp_path: Path, content: bytes) -> None:
    photo = photo_with(tmp_path, RAMP, (b"cICP", content))
    assert "does not know (cICP)" in photo.notes[0]
    np.testing.assert_array_equal(photo.rgb, RAMP)
