"""Make the sample photos: public-domain portraits, aged to look like small old family pictures.

Run ``python resources/samples/make.py`` (needs the ``dev`` extra). The portraits come out of the installed
matplotlib and scikit-image packages; nothing is downloaded. ``README.md`` beside this file states their
origin.
"""

import argparse
from collections.abc import Callable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFilter

Floats = NDArray[np.float64]
FOLDER = Path(__file__).parent


def portrait_of_hopper() -> Image.Image:
    """Return the portrait that ships with matplotlib: RGB, 512 x 600 px, the face about 190 px wide."""
    from matplotlib import cbook

    return Image.open(str(cbook.get_sample_data("grace_hopper.jpg", asfileobj=False))).convert("RGB")


def portrait_of_collins() -> Image.Image:
    """Return the portrait that ships with scikit-image: RGB, 512 x 512 px, the face about 100 px wide."""
    from skimage import data

    astronaut: Callable[[], NDArray[np.uint8]] = data.astronaut  # comes without types
    return Image.fromarray(astronaut())


def shrink(photo: Image.Image, scale: float) -> Image.Image:
    """Return the photo at ``scale`` (0 to 1) times its size, averaged over pixel areas."""
    size = (round(photo.width * scale), round(photo.height * scale))
    return photo.resize(size, Image.Resampling.BOX if scale <= 0.5 else Image.Resampling.BICUBIC)


def blur(photo: Image.Image, sigma: float) -> Image.Image:
    """Return the photo after a Gaussian blur with standard deviation ``sigma`` in pixels."""
    return photo.filter(ImageFilter.GaussianBlur(sigma))


def to_image(samples: Floats) -> Image.Image:
    """Return samples (height, width, 3), RGB, 0 to 255, as a picture; what lies outside is clipped."""
    return Image.fromarray(np.clip(np.rint(samples), 0, 255).astype(np.uint8))


def grain(photo: Image.Image, sigma: float, clumping: float, seed: int) -> Image.Image:
    """Return the photo with film grain: one noise for all channels, strongest in the mid-tones.

    ``sigma`` is the noise's standard deviation in 8-bit steps at mid-grey; ``clumping`` the weight that the
    neighbours of a pixel have in its grain, from 0 (white noise) to 1 (a 3 x 3 box).
    """
    samples = np.asarray(photo, dtype=np.float64)
    # RandomState, not default_rng: NumPy promises its stream for good, and the committed files depend on it.
    noise = np.random.RandomState(seed).normal(size=samples.shape[:2])
    for axis in (0, 1):
        noise = noise + clumping * (np.roll(noise, 1, axis) + np.roll(noise, -1, axis))
    noise *= sigma / noise.std()
    luma = samples.mean(axis=2) / 255
    weight = 0.35 + 0.65 * 4 * luma * (1 - luma)
    return to_image(samples + (noise * weight)[..., None])


def tone(
    photo: Image.Image, black: tuple[int, int, int], white: tuple[int, int, int], colour: float
) -> Image.Image:
    """Return the photo with its tones between ``black`` and ``white`` (8-bit RGB), as a faded print has them.

    ``colour`` is how much of the original colour survives, 0 (monochrome) to 1.
    """
    samples = np.asarray(photo, dtype=np.float64) / 255
    luma = (samples @ [0.299, 0.587, 0.114])[..., None]
    mixed = luma + colour * (samples - luma)
    faded = np.asarray(black) + mixed * (np.asarray(white) - np.asarray(black))
    return to_image(faded)


def wallet_photo() -> Image.Image:
    """Return a small, soft colour print that has turned warm: the face is about 65 px wide."""
    small = blur(shrink(portrait_of_collins(), 0.65), 1.6)
    return grain(tone(small, (34, 24, 22), (246, 234, 208), 0.8), 5.0, 0.4, seed=1)


def studio_portrait() -> Image.Image:
    """Return a blurred and grainy monochrome studio portrait: the face is about 140 px wide."""
    small = blur(shrink(portrait_of_hopper(), 0.75), 2.4)
    return grain(tone(small, (30, 29, 28), (228, 226, 220), 0.0), 7.0, 0.5, seed=2)


def album_page() -> Image.Image:
    """Return a page with two sepia prints, photographed a little askew: each face is about 75 px wide."""
    page = Image.new("RGB", (570, 410), (58, 50, 44))
    left = shrink(portrait_of_hopper().crop((40, 0, 480, 600)), 0.42)
    right = shrink(portrait_of_collins().crop((50, 0, 375, 430)), 0.76)
    for print_, (x, y) in ((left, (48, 66)), (right, (273, 32))):
        mount = Image.new("RGB", (print_.width + 16, print_.height + 16), (232, 224, 206))
        mount.paste(tone(print_, (52, 38, 26), (232, 218, 190), 0.0), (8, 8))
        page.paste(mount, (x, y))
    tilted = page.rotate(3.5, Image.Resampling.BICUBIC, fillcolor=(58, 50, 44))
    return grain(blur(tilted, 1.2), 4.5, 0.5, seed=3)


SAMPLES: dict[str, tuple[Callable[[], Image.Image], int]] = {
    "wallet-photo.jpg": (wallet_photo, 68),
    "studio-portrait.jpg": (studio_portrait, 75),
    "album-page.jpg": (album_page, 72),
}
"""File name -> the function that makes the picture, and the JPEG quality it is saved with."""


def make(folder: Path) -> list[Path]:
    """Write every sample into ``folder``, which must exist, and return their paths."""
    paths = []
    for name, (draw, quality) in SAMPLES.items():
        path = folder / name
        beside = path.with_suffix(".part")
        draw().save(beside, "JPEG", quality=quality)
        paths.append(beside.replace(path))
    return paths


def main() -> None:
    """Write the samples into the folder given, or beside this file."""
    parser = argparse.ArgumentParser(description="Make the sample photos from public-domain portraits.")
    parser.add_argument("folder", nargs="?", type=Path, default=FOLDER, help="default: beside this script")
    for path in make(parser.parse_args().folder):
        print(path)


if __name__ == "__main__":
    main()
