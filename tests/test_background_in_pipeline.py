"""A background of a network below restored faces, and what happens where there is none."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest

from core.enlargement import enlarged
from core.errors import Cancelled, ModelError, RestorationError
from core.pipeline import RestorationPipeline
from core.progress import CancelToken, Progress
from core.types import BlendOptions, ColorMode, Face, FaceCrop, Photo, RestoreOptions, RestoreRequest
from tests.conftest import PATIENCE, SAMPLES, face_at, flat, smooth_photo

REAL_ESRGAN = SAMPLES.parents[2] / "shared" / "weights" / "realesr-general-x4v3.safetensors"
FACE = face_at(60, 50, 70)


class Finds:
    def detect(self, *_: object) -> list[Face]:
        return [FACE]


class Restores:
    def restore(self, crops: list[FaceCrop]) -> list[FaceCrop]:
        return [replace(crop, restored=flat((200, 40, 40), crop.pixels.dtype.type)) for crop in crops]


class Brightens:
    """Enlarges, and shows that it did."""

    def upscale(self, photo: np.ndarray, factor: int, *_: object) -> np.ndarray:
        return enlarged(photo, factor) // 2 + np.iinfo(photo.dtype).max // 2


class Fails:
    def __init__(self, error: Exception) -> None:
        self.error = error

    def upscale(self, *_: object) -> np.ndarray:
        raise self.error


def pipeline(upscaler: object) -> RestorationPipeline:
    return RestorationPipeline(Finds(), Restores(), upscaler=upscaler)  # type: ignore[arg-type]


@pytest.fixture(params=[np.uint8, np.uint16])
def photo(request: pytest.FixtureRequest) -> Photo:
    pixels = smooth_photo(120, 100, seed=4, dtype=request.param)
    return Photo(pixels, pixels)


@pytest.mark.parametrize("factor", [2, 4])
def test_faces_lie_on_the_networks_background(photo: Photo, factor: int) -> None:
    options = RestoreOptions(upscale=factor, blend=BlendOptions(color=ColorMode.MODEL))
    result = pipeline(Brightens()).run(RestoreRequest(photo, options))
    background = Brightens().upscale(photo.rgb, factor)
    assert result.image.dtype == photo.rgb.dtype
    assert result.image.shape == background.shape
    np.testing.assert_array_equal(result.base, background)
    corner = (slice(0, 4), slice(0, 4))
    np.testing.assert_array_equal(result.image[corner], background[corner])
    middle = result.image[50 * factor, 60 * factor]
    assert middle[0] > middle[2], "the face is red"
    np.testing.assert_array_equal(result.recomposite(BlendOptions(strength=0.0)), background)


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
def test_the_network_does_not_see_what_transparency_hides(dtype: type) -> None:
    samples = np.full((100, 120, 4), np.iinfo(dtype).max, dtype)
    samples[:, :40] = 0  # black and clear
    cutout = Photo(samples, np.ascontiguousarray(samples[..., :3]))
    result = pipeline(Brightens()).run(RestoreRequest(cutout, RestoreOptions(upscale=2)))
    assert result.background is not None
    assert (result.background[:, 2 * 40 :] >= 2 * (np.iinfo(dtype).max // 2)).all(), "white up to the outline"


def test_a_photo_of_the_same_size_has_no_background(photo: Photo) -> None:
    result = pipeline(Fails(AssertionError("asked"))).run(RestoreRequest(photo, RestoreOptions(upscale=1)))
    assert result.background is None


@pytest.mark.parametrize(
    ("error", "why"),
    [
        (MemoryError(), "memory does not suffice"),
        (RestorationError("the model gave no usable picture of it"), "no usable picture"),
    ],
)
def test_where_the_network_fails_lanczos_takes_its_place(photo: Photo, error: Exception, why: str) -> None:
    result = pipeline(Fails(error)).run(RestoreRequest(photo, RestoreOptions(upscale=2)))
    assert result.background is None
    np.testing.assert_array_equal(result.base, enlarged(photo.rgb, 2))
    (warning,) = [warning for warning in result.warnings if "background" in warning]
    assert why in warning
    assert result.restored_count == 1


def test_cancelling_is_no_failure_of_the_network(photo: Photo) -> None:
    with pytest.raises(Cancelled):
        pipeline(Fails(Cancelled())).run(RestoreRequest(photo, RestoreOptions(upscale=2)))


def restored_by_the_program(*arguments: object, **variables: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "app", "restore", "--json", "--device", "cpu", *map(str, arguments)]
    root = SAMPLES.parents[1]
    environment = {**os.environ, **variables}
    return subprocess.run(command, cwd=root, env=environment, capture_output=True, text=True, timeout=PATIENCE)


@pytest.mark.slow
@pytest.mark.skipif(not REAL_ESRGAN.exists(), reason="needs the weights beside the checkout")
def test_the_program_says_what_enlarged_the_background(tmp_path: Path) -> None:
    small = cv2.resize(cv2.imread(str(SAMPLES / "wallet-photo.jpg")), None, fx=0.3, fy=0.3)
    cv2.imwrite(str(tmp_path / "small.png"), small)
    arguments = [tmp_path / "small.png", "-o", tmp_path / "out", "--upscale", 2, "--background", REAL_ESRGAN]
    done = restored_by_the_program(*arguments, "--keep-without-faces")
    assert done.returncode == 0, done.stderr
    record = json.loads(done.stdout)
    assert "realesr-general-x4v3" in record["models"]["upscaler"]
    enlarged_ = cv2.imread(str(tmp_path / "out" / "small.png"))
    assert enlarged_.shape[:2] == (2 * small.shape[0], 2 * small.shape[1])
    plain = cv2.resize(small, None, fx=2, fy=2, interpolation=cv2.INTER_LANCZOS4)
    difference = np.abs(enlarged_.astype(int) - plain).mean()
    assert 0.5 < difference < 12, "it is another picture of the same"


def test_a_background_without_enlarging_is_a_mistake(tmp_path: Path) -> None:
    done = restored_by_the_program(SAMPLES / "wallet-photo.jpg", "-o", tmp_path, "--background", "lanczos")
    assert done.returncode == 2
    assert "add --upscale 2 or 4" in done.stderr


def test_a_background_that_is_no_upscaler_is_a_sentence(tmp_path: Path) -> None:
    arguments = ["--upscale", 2, "--background", "bundled-detector"]
    done = restored_by_the_program(SAMPLES / "wallet-photo.jpg", "-o", tmp_path, *arguments)
    assert done.returncode == 2
    assert "serves as detector, not as upscaler" in done.stderr


def test_only_models_with_a_fidelity_take_one() -> None:
    from core.assembly import assemble

    with pytest.raises(ModelError, match="has no fidelity to choose"):
        assemble(fidelity=0.3)


def test_progress_of_the_background_is_told(photo: Photo) -> None:
    class Tells:
        def upscale(self, picture: np.ndarray, factor: int, progress: object, _: CancelToken) -> np.ndarray:
            progress(Progress("background", 1, 2))  # type: ignore[operator]
            return enlarged(picture, factor)

    stages: list[str] = []
    pipeline(Tells()).run(
        RestoreRequest(photo, RestoreOptions(upscale=2)), lambda progress: stages.append(progress.stage)
    )
    assert "background" in stages
