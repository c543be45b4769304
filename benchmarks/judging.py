"""What `train prepare` thinks of faces whose faults are known: where its limits come from.

    python benchmarks/judging.py FOLDER [--faces 150]

FOLDER holds sharp, aligned 512 px faces (FFHQ position). Each is measured as it is and with one fault at a time;
the table gives the sharpness (5 %, median, 95 %) and the share that `trainer.quality.judge` would leave out as
blurred, then how many bits of the perceptual hash a saved-again copy differs in, and two different faces.
"""

from __future__ import annotations

import argparse
import itertools
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt

from core.photo import read_photo
from core.types import Pixels
from trainer.quality import DUPLICATE_BITS, Limits, perceptual_hash, sharpness

Luma = npt.NDArray[np.float32]
Fault = Callable[[Pixels], Pixels]


def reduced(side: int) -> Fault:
    """The face as `prepare` cuts it out of a photo in which its square is `side` px wide."""
    return lambda face: cv2.resize(
        cv2.resize(face, (side, side), interpolation=cv2.INTER_AREA), (512, 512), interpolation=cv2.INTER_CUBIC
    )


def blurred(sigma: float) -> Fault:
    return lambda face: cv2.GaussianBlur(face, (0, 0), sigma)


def shaken(length: int) -> Fault:
    """Motion blur along a row."""
    return lambda face: cv2.blur(face, (length, 1))


def noisy(sigma: float, grain: float) -> Fault:
    """Gaussian blur under grain."""
    noise = np.random.default_rng(0).normal(0, grain, (512, 512, 1))
    return lambda face: np.clip(blurred(sigma)(face) + noise, 0, 255).astype(np.uint8)


def saved_again(quality: int, side: int = 512) -> Fault:
    def fault(face: Pixels) -> Pixels:
        _, data = cv2.imencode(".jpg", cv2.resize(face, (side, side)), [cv2.IMWRITE_JPEG_QUALITY, quality])
        return cv2.resize(cv2.imdecode(data, cv2.IMREAD_COLOR), (512, 512))

    return fault


FAULTS: dict[str, Fault] = {
    "as it is": lambda face: face,
    **{f"{side} px in the photo": reduced(side) for side in (256, 192, 128, 96)},
    **{f"Gaussian blur of {sigma:g} px": blurred(sigma) for sigma in (1.5, 2, 3)},
    "motion blur of 9 px": shaken(9),
    "4 px blur under grain of 20": noisy(4, 20),
}


def luma(face: Pixels) -> Luma:
    return np.asarray(face @ np.array([0.299, 0.587, 0.114]), np.float32)


def bits_apart(a: str, b: str) -> int:
    return (int(a, 16) ^ int(b, 16)).bit_count()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--faces", type=int, default=150)
    options = parser.parse_args()
    paths = sorted(p for p in options.folder.iterdir() if p.is_file())
    paths = paths[:: max(1, len(paths) // options.faces)][: options.faces]
    faces = [np.asarray(read_photo(path).rgb, np.uint8) for path in paths]
    limit = Limits().min_sharpness
    print(f"{len(faces)} faces            sharpness:   5 %  median    95 %   left out below {limit}")
    for name, fault in FAULTS.items():
        values = np.array([sharpness(luma(fault(face))) for face in faces])
        low, middle, high = np.percentile(values, (5, 50, 95))
        print(f"{name:36} {low:7.2f} {middle:7.2f} {high:7.2f}   {np.mean(values < limit):7.1%}", flush=True)
    hashes = [perceptual_hash(luma(face)) for face in faces]
    print(f"bits of 255 that differ ({DUPLICATE_BITS} and less are near-duplicates):  median  95 %  most")
    for name, fault in {"JPEG of quality 40": saved_again(40), "saved at 200 px": saved_again(90, 200)}.items():
        apart = [bits_apart(perceptual_hash(luma(fault(f))), h) for f, h in zip(faces, hashes, strict=True)]
        print(f"{name:60} {np.median(apart):6.0f} {np.percentile(apart, 95):5.0f} {max(apart):5}")
    pairs = [bits_apart(a, b) for a, b in itertools.combinations(hashes, 2)]
    print(f"two different faces: 1 in 1,000 pairs below {np.percentile(pairs, 0.1):.0f}, the closest {min(pairs)}")


if __name__ == "__main__":
    main()
