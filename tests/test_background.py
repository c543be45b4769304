"""The enlarged background: no seams, no tint, the photo's depth, and no more memory than a tile needs."""

import tracemalloc
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn

from core.background import OVERLAP, TiledUpscaler
from core.engines.engine import Target
from core.engines.ladder import LadderEngine
from core.engines.opening import open_network
from core.engines.pytorch import TorchEngine
from core.errors import Cancelled, RestorationError
from core.photo import read_photo
from core.progress import CancelToken, Progress
from tests.conftest import SAMPLES, smooth_photo

CPU = Target("pytorch", "cpu")
REAL_ESRGAN = Path(__file__).parents[2] / "shared" / "weights" / "realesr-general-x4v3.safetensors"


class Stretcher:
    """Enlarges pictures without a network, and does `change` to them."""

    target = CPU

    def __init__(self, size: int, scale: int, change: Callable[[np.ndarray], np.ndarray] = lambda x: x) -> None:
        self.size, self.scale, self.change, self.runs = size, scale, change, 0

    def run(self, images: np.ndarray) -> np.ndarray:
        self.runs += 1
        assert images.shape == (1, 3, self.size, self.size)
        assert images.dtype == np.float32
        assert images.min() >= 0
        assert images.max() <= 1
        side = self.size * self.scale
        large = cv2.resize(images[0].transpose(1, 2, 0), (side, side), interpolation=cv2.INTER_CUBIC)
        return self.change(large.transpose(2, 0, 1)[None])


def upscaled(engine: Stretcher, photo: np.ndarray, factor: int) -> np.ndarray:
    return TiledUpscaler(engine, engine.scale).upscale(photo, factor)


def textured(width: int, height: int) -> np.ndarray:
    noise = np.random.default_rng(1).normal(0, 20, (height, width, 3))
    return np.clip(smooth_photo(width, height) + noise, 0, 255).astype(np.uint8)


class FarSighted(nn.Module):
    """Enlarges twice; every pixel depends on all pixels up to 8 px away, one as much as the other."""

    def __init__(self) -> None:
        super().__init__()
        self.far = nn.Conv2d(3, 3, 17, padding=8, groups=3, bias=False)
        nn.init.normal_(self.far.weight, std=1 / 17, generator=torch.Generator().manual_seed(3))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return nn.functional.interpolate(x + self.far(x - 0.5), scale_factor=2)


@pytest.mark.parametrize("factor", [2, 4])
def test_tiles_give_what_one_large_tile_gives(factor: int) -> None:
    photo = textured(130, 110)
    whole, tiled = (
        TiledUpscaler(TorchEngine(FarSighted(), CPU, size), 2).upscale(photo, factor) for size in (180, 96)
    )
    assert whole.shape == (110 * factor, 130 * factor, 3)
    assert np.abs(whole.astype(int) - upscaled(Stretcher(96, 2), photo, factor)).mean() > 10
    assert np.abs(whole.astype(int) - tiled).max() <= 1


@pytest.mark.skipif(not REAL_ESRGAN.exists(), reason="needs the weights beside the checkout")
def test_tiles_of_a_real_network_give_what_one_large_tile_gives() -> None:
    photo = read_photo(SAMPLES / "album-page.jpg").rgb[:150, :150]
    whole, tiled = (
        TiledUpscaler(open_network(REAL_ESRGAN, "upscaler", CPU, size=size).engine, 4).upscale(photo, 2)
        for size in (208, 136)
    )
    assert np.abs(whole.astype(int) - tiled).max() <= 1


def test_what_differs_from_tile_to_tile_becomes_the_other_slowly() -> None:
    """Every second tile gets a pattern, as if the network saw something else there."""

    def patterned(large: np.ndarray) -> np.ndarray:
        pattern = np.indices(large.shape[2:]).sum(axis=0) % 2 - 0.5
        return (large + (engine.runs % 2) * 0.4 * pattern).astype(np.float32)

    engine, photo = Stretcher(96, 2, patterned), np.full((40, 200, 3), 128, np.uint8)
    out = upscaled(engine, photo, 2)
    strength = np.abs(out[..., 0].astype(int) - 128).mean(axis=0)
    assert engine.runs == 5
    assert strength.max() > 45
    assert strength.min() < 2
    assert np.abs(np.diff(strength)).max() < 1.5 * np.ptp(strength) / 16


@settings(deadline=None, max_examples=40)
@given(
    size=st.tuples(st.integers(1, 130), st.integers(1, 130)),
    scale=st.sampled_from([2, 3, 4, 8]),
    factor=st.sampled_from([2, 4]),
    dtype=st.sampled_from([np.uint8, np.uint16]),
)
def test_any_size_scale_and_depth_comes_out_in_its_place(
    size: tuple[int, int], scale: int, factor: int, dtype: type
) -> None:
    x, y = np.meshgrid(np.arange(size[0]), np.arange(size[1]))
    level = np.iinfo(dtype).max // 255
    photo = (np.stack([x, y, 255 - x], axis=2) * level).astype(dtype)
    out = upscaled(Stretcher(64, scale), photo, factor)
    assert out.dtype == dtype
    assert out.shape == (size[1] * factor, size[0] * factor, 3)
    back = cv2.resize(out.astype(np.float32), size, interpolation=cv2.INTER_AREA)
    assert np.abs(back - photo).max() <= 1.5 * level


def test_sixteen_bits_stay_sixteen_bits() -> None:
    ramp = np.linspace(20_000, 21_000, 150).astype(np.uint16)
    photo = np.repeat(np.tile(ramp, (40, 1))[..., None], 3, axis=2)
    out = upscaled(Stretcher(96, 4), photo, 2)
    assert len(np.unique(out[40, 10:-10, 0])) > 250
    assert np.abs(np.diff(out[40, 10:-10, 0].astype(int))).max() < 15


def tinted(large: np.ndarray) -> np.ndarray:
    return large * np.float32([1.1, 1.0, 0.8])[:, None, None] + np.float32(0.03)


def test_a_tint_of_the_network_is_taken_back() -> None:
    photo = textured(150, 120)
    out = upscaled(Stretcher(96, 4, tinted), photo, 2)
    coarse_out, coarse = (cv2.resize(picture, (6, 5), interpolation=cv2.INTER_AREA) for picture in (out, photo))
    assert np.abs(coarse_out.astype(int) - coarse).max() <= 2


def test_grey_stays_grey() -> None:
    photo = np.repeat(textured(150, 120)[..., :1], 3, axis=2)
    out = upscaled(Stretcher(96, 4, lambda x: tinted(x) + x[:, ::-1] * x), photo, 2)
    assert (out == out[..., :1]).all()
    coloured = photo.copy()
    coloured[119, 149, 2] ^= 1
    out = upscaled(Stretcher(96, 4, lambda x: x + 0.2 * np.float32([1, 0, 0])[:, None, None] * x), coloured, 2)
    assert (out != out[..., :1]).any()


def test_progress_counts_the_tiles_and_cancel_stops_between_them() -> None:
    engine, cancel, seen = Stretcher(96, 2), CancelToken(), []

    def watch(progress: Progress) -> None:
        seen.append(progress)
        if progress.done == 2:
            cancel.cancel()

    photo = textured(3 * (96 - 2 * OVERLAP), 2 * (96 - 2 * OVERLAP))
    with pytest.raises(Cancelled):
        TiledUpscaler(engine, 2).upscale(photo, 2, watch, cancel)
    assert seen == [Progress("background", done, 6) for done in range(3)]
    assert engine.runs == 3
    seen.clear()
    TiledUpscaler(engine, 2).upscale(photo, 2, seen.append)
    assert seen == [Progress("background", done, 6) for done in range(7)]


def test_a_tile_that_is_no_picture_is_run_again_in_float32(caplog: pytest.LogCaptureFixture) -> None:
    photo = textured(120, 60)

    def breaks(large: np.ndarray) -> np.ndarray:
        large[0, 0, 7, 7] = np.nan
        return large

    broken, exact = Stretcher(96, 2, breaks), Stretcher(96, 2)
    with pytest.raises(RestorationError, match="no usable picture"):
        TiledUpscaler(broken, 2).upscale(photo, 2)
    out = TiledUpscaler(broken, 2, lambda: exact).upscale(photo, 2)
    np.testing.assert_array_equal(out, upscaled(Stretcher(96, 2), photo, 2))
    assert "float32" in caplog.text


def test_without_memory_for_a_tile_it_goes_on_with_smaller_ones() -> None:
    def no_memory(_: np.ndarray) -> np.ndarray:
        raise MemoryError

    photo, said = textured(200, 120), []
    small = Stretcher(64, 2)
    ladder = LadderEngine([lambda: Stretcher(160, 2, no_memory), lambda: small], "upscaler", said.append)
    upscaler = TiledUpscaler(ladder, 2)
    np.testing.assert_array_equal(upscaler.upscale(photo, 2), upscaled(Stretcher(64, 2), photo, 2))
    assert said == ["the upscaler ran out of memory on cpu in fp32; it goes on with smaller pictures"]
    runs = small.runs
    upscaler.upscale(photo, 2)
    assert small.runs == 2 * runs
    assert len(said) == 1


def peak_beside_the_result(height: int) -> int:
    photo = np.full((height, 400, 3), 90, np.uint8)
    tracemalloc.start()
    try:
        result = upscaled(Stretcher(128, 2), photo, 2)
        return tracemalloc.get_traced_memory()[1] - result.nbytes
    finally:
        tracemalloc.stop()


def test_memory_is_that_of_a_tile_however_large_the_photo() -> None:
    small, large = peak_beside_the_result(400), peak_beside_the_result(4000)
    assert large < 1.1 * small
    assert large < 6_000_000
