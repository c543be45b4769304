"""Detail that a photo holds and a network loses, put back.

A face larger than what the network sees has detail beyond the network's resolution: it is put back, but for noise.
Within that resolution, whatever the size of the face, a network may smooth away what was sharp, wrinkles,
freckles and lashes: where the photo has clearly more structure than its restored picture, in a band of
frequencies and a place, the photo's is taken. Where the photo is blurred it has less, and where it is only noisy
it has no more than noise everywhere: there the restored picture stays.
"""

from __future__ import annotations

import itertools
import math

import cv2
import numpy as np

from core.alignment import resize_crop
from core.color import luma, noise_level
from core.masks import Mask
from core.types import CROP_SIZE, FaceCrop, FloatImage

_RAMP = 0.25  # detail is put back whole once the face is this much larger than the network
# Noise beyond the network's resolution. In 23 sharp faces of 370 to 720 px in real photos the evenest places had
# detail of 0.2 to 1.0 levels of 255, their skin's, and 2.2 in the hardest print; with white noise of 6 levels
# added 3.7 to 4.7.
_EVENEST = 5  # percent of a face
_UNSEEN = 2.2 / 255  # of full scale, RMS up to which nothing is taken for noise
_VARIED = 2.0  # times the energy in the evenest places that noise has elsewhere
_CLIPPED = 1 / 16  # of full scale, next to black and white, where noise is cut off
_BANDS = (1.0, 2.0, 4.0)  # sigma in network pixels that part the bands
_FINE_ENOUGH = 2.5  # pixels that the sigma of a smooth picture spans at least: its mean error is then 0.4 %
_UNEVEN = 4.0  # times the usual energy of noise that some places have: grain is stronger in the middle tones
_CLEARLY = 0.3  # structure this much stronger (as a ratio less 1) is taken wholly from the photo


def detail_weight(crop: FaceCrop) -> float:
    """How much detail is put back: 0 where the network saw every pixel of the face, 1 where the face is 1.25
    times as large as what the network saw, or larger."""
    network_pixels_per_photo_pixel = crop.scale * crop.network_size / CROP_SIZE
    return float(np.clip((1 / network_pixels_per_photo_pixel - 1) / _RAMP, 0, 1))


def as_network_saw(crop: FaceCrop) -> FloatImage:
    """The crop without what is beyond the network's resolution, (512, 512, 3) float32."""
    seen = crop.pixels.astype(np.float32)
    return seen if crop.network_size == CROP_SIZE else resize_crop(resize_crop(seen, crop.network_size), CROP_SIZE)


def share_of_structure(
    beyond: FloatImage, photo: FloatImage, mask: Mask, pixel: float, white: float
) -> FloatImage | None:
    """How much of `beyond`, what a photo holds beyond the network's resolution, is not noise: (h, w) in [0, 1],
    None for all of it.

    beyond, photo  (h, w, 3) float32 in [0, `white`]
    mask           (h, w), where the face is
    pixel          how many pixels of the photo one pixel of the network spans

    The weight is that of Lee's filter (1980): (local energy - energy of the noise) / local energy. Noise is
    everywhere in a face, so its energy is measured where there is least.
    """
    energy = _energy(luma(beyond), pixel / 2)
    sparse = (slice(None, None, max(1, int(pixel))),) * 2
    shades = luma(photo[sparse] - beyond[sparse]) / np.float32(white)
    inside = (mask[sparse] > 0.5) & (np.abs(shades - 0.5) < 0.5 - _CLIPPED)
    if not inside.any():
        return None
    noise = _VARIED * (float(np.percentile(energy[sparse][inside], _EVENEST)) - (_UNSEEN * white) ** 2)
    if noise <= 0:
        return None
    return np.asarray(1 - noise / np.maximum(energy, noise), np.float32)


def lost_structure(restored: FloatImage, seen: FloatImage, network_size: int) -> FloatImage:
    """Luma, (512, 512), that gives `restored` the structure of `seen` where that is clearly stronger.

    Both are crops, (512, 512, 3) float32. The comparison is one of local energies in bands of a Gaussian
    pyramid, that of the photo less its noise.
    """
    total = np.zeros(seen.shape[:2], np.float32)
    step = CROP_SIZE / network_size
    bands = zip(_bands(luma(seen), step), _bands(luma(restored), step), _BANDS, strict=True)
    for of_photo, of_restored, sigma in bands:
        noise = noise_level(of_photo) ** 2
        structure = np.maximum(_energy(of_photo, sigma * step) - _UNEVEN * noise, 0)
        ratio = np.sqrt(structure / (_energy(of_restored, sigma * step) + 1e-6))
        weight = np.clip((ratio - 1) / _CLEARLY, 0, 1)
        total += weight * (of_photo - of_restored)
    return total


def _bands(brightness: FloatImage, step: float) -> list[FloatImage]:
    blurred = [brightness, *(_blur(brightness, sigma * step) for sigma in _BANDS)]
    return [fine - coarse for fine, coarse in itertools.pairwise(blurred)]


def _energy(band: FloatImage, sigma: float) -> FloatImage:
    """The mean square of a band around each place, at a resolution that so smooth a picture needs."""
    spread = 3 * sigma
    factor = 2 ** max(0, int(math.log2(spread / _FINE_ENOUGH)))
    small = [max(1, round(side / factor)) for side in band.shape[::-1]]  # OpenCV makes no picture of no width
    square = cv2.resize(band * band, small, interpolation=cv2.INTER_AREA)
    # Averages over cells and the way back between their centres blur too.
    rest = math.sqrt(spread**2 - (factor**2 - 1) / 4) / factor
    smooth = _blur(np.asarray(square, np.float32), rest)
    return np.asarray(cv2.resize(smooth, band.shape[::-1], interpolation=cv2.INTER_LINEAR), np.float32)


def _blur(image: FloatImage, sigma: float) -> FloatImage:
    return np.asarray(cv2.GaussianBlur(image, (0, 0), sigma, borderType=cv2.BORDER_REFLECT_101), np.float32)
