"""Structure that a network smoothed away is found and put back."""

import cv2
import numpy as np
import pytest

from core.detail import lost_structure, share_of_structure
from tests.conftest import smooth_photo


def direct(restored: np.ndarray, seen: np.ndarray, network_size: int) -> np.ndarray:
    """The same with every local energy taken at full resolution."""

    def blur(image: np.ndarray, sigma: float) -> np.ndarray:
        return cv2.GaussianBlur(image, (0, 0), sigma, borderType=cv2.BORDER_REFLECT_101)

    total, step = np.zeros((512, 512), np.float32), 512 / network_size
    photo, network = (image @ np.array([0.299, 0.587, 0.114], np.float32) for image in (seen, restored))
    finer = [photo, network]
    for sigma in (1.0, 2.0, 4.0):
        coarser = [blur(image, sigma * step) for image in (photo, network)]
        of_photo, of_network = (a - b for a, b in zip(finer, coarser, strict=True))
        noise = (1.4826 * np.median(np.abs(of_photo))) ** 2
        structure = np.maximum(blur(of_photo**2, 3 * sigma * step) - 4 * noise, 0)
        ratio = np.sqrt(structure / (blur(of_network**2, 3 * sigma * step) + 1e-6))
        total += np.clip((ratio - 1) / 0.3, 0, 1) * (of_photo - of_network)
        finer = coarser
    return total


@pytest.mark.parametrize("network_size", [256, 512, 1024])
def test_energies_at_reduced_resolution_give_the_same_picture(network_size: int) -> None:
    rng = np.random.default_rng(network_size)
    restored = smooth_photo(512, 512, 1).astype(np.float32)
    seen = restored + rng.normal(0, 2, (512, 512, 1)).astype(np.float32)
    for x in range(100, 400, 23):
        cv2.line(seen, (x, 80), (x + 60, 430), (30.0, 40.0, 50.0), 2, cv2.LINE_AA)
    expected, found = direct(restored, seen, network_size), lost_structure(restored, seen, network_size)
    assert np.abs(expected).max() > 20
    assert np.abs(found - expected).max() < 0.05 * np.abs(expected).max()
    assert np.abs(found - expected).mean() < 0.01 * np.abs(expected).mean()


def test_freckles_come_back_and_grain_does_not() -> None:
    rng = np.random.default_rng(5)
    smooth = smooth_photo(512, 512, 3).astype(np.float32)
    freckled = smooth.copy()
    for x, y in rng.integers(100, 400, (200, 2)):
        cv2.circle(freckled, (int(x), int(y)), 2, (70.0, 50.0, 40.0), -1, cv2.LINE_AA)
    lost = (freckled - smooth) @ np.array([0.299, 0.587, 0.114], np.float32)
    found = lost_structure(smooth, freckled, 512)
    assert np.corrcoef(found.ravel(), lost.ravel())[0, 1] > 0.8
    # Twice as strong where the picture is dark.
    uneven = np.where(np.arange(512)[:, None, None] < 256, 4.0, 8.0)
    grainy = smooth + (rng.normal(0, 1, (512, 512, 1)) * uneven).astype(np.float32)
    assert lost_structure(smooth, grainy, 512).std() < 0.2 * uneven.mean()


def test_a_picture_that_lost_nothing_gets_nothing() -> None:
    picture = smooth_photo(512, 512, 2).astype(np.float32)
    assert np.abs(lost_structure(picture, picture, 512)).max() == 0


def fine_detail(level: float, patchy: bool) -> np.ndarray:
    """Texture of an RMS, everywhere or as skin has it, more here and less there; (400, 400, 3)."""
    rng = np.random.default_rng(7)
    texture = rng.normal(0, level, (400, 400, 1)).astype(np.float32)
    if patchy:
        texture *= cv2.resize(rng.uniform(0, 2, (16, 16)).astype(np.float32), (400, 400))[..., None]
    return np.repeat(texture, 3, axis=2)


@pytest.mark.parametrize("white", [255.0, 65535.0])
@pytest.mark.parametrize(
    ("level", "patchy", "kept"),
    [(2.0, False, 1.0), (4.0, True, 1.0), (6.0, False, 0.15), (20.0, False, 0.02)],
)
def test_noise_is_what_is_strong_in_all_of_a_face(level: float, patchy: bool, kept: float, white: float) -> None:
    beyond = fine_detail(level * white / 255, patchy)
    photo, mask = beyond + np.float32(white / 2), np.ones((400, 400), np.float32)
    share = share_of_structure(beyond, photo, mask, 2.0, white)
    if kept == 1:
        assert share is None
    else:
        assert share is not None
        assert 0 <= share.mean() < kept


@pytest.mark.parametrize("width", [1, 2, 5])
def test_a_sliver_of_a_large_face_has_a_share_too(width: int) -> None:
    beyond = fine_detail(20, patchy=False)[:, :width]
    photo, mask = beyond + np.float32(128), np.ones(beyond.shape[:2], np.float32)
    share = share_of_structure(beyond, photo, mask, 12.0, 255)
    assert share is None or share.shape == mask.shape


def test_places_where_noise_is_cut_off_and_those_beside_the_face_do_not_count() -> None:
    beyond, mask = fine_detail(20, patchy=False), np.ones((400, 400), np.float32)
    photo = beyond + np.float32(128)
    beyond[:80], photo[:80] = 0, 255  # a burnt-out forehead
    beyond[320:], photo[320:], mask[320:] = 0, 128, 0  # a smooth wall
    share = share_of_structure(beyond, photo, mask, 2.0, 255)
    assert share is not None
    assert share[120:280].mean() < 0.02
    assert share_of_structure(beyond, photo, np.zeros_like(mask), 2.0, 255) is None
