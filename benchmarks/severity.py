"""How much of a restoration suits faces that are degraded a little: the table of docs/quality.md.

    python -m benchmarks.severity FACES --perceptual NETWORK --identity NETWORK [--limit N] [--model NAME]

FACES holds sharp, aligned faces that the model did not learn from. Each is degraded by parts of the ends of the
paper's ranges (0 not at all), restored, and laid over the input as the window does it, with its fine detail kept.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
import torch

from benchmarks.identity import at_strength
from core.assembly import load_restorer
from core.detail import lost_structure
from core.networks.embedding import load_embedding
from core.types import FaceCrop
from trainer.degradation import degrade
from trainer.scoring.lpips import load_uncalibrated
from trainer.scoring.pictures import Crop, Picture, as_face_crop, read_crop

AMOUNTS = (0.0, 0.06, 0.12, 0.2, 0.3, 0.45)
METHODS = ("input", "strength 1, detail not kept", "strength 1", "as suits")


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("faces", type=Path, metavar="FACES")
    parser.add_argument("--perceptual", type=Path, required=True, metavar="FILE", help="SqueezeNet 1.1, Caffe's")
    parser.add_argument("--identity", type=Path, required=True, metavar="FILE", help="a face embedding")
    parser.add_argument("--model", default="bundled-restorer", metavar="NAME", help="(bundled-restorer)")
    parser.add_argument("--limit", type=int, default=34, metavar="N", help="so many of the faces (34)")
    options = parser.parse_args()
    files = sorted(path for path in options.faces.iterdir() if path.is_file())
    files = files[:: max(1, len(files) // options.limit)][: options.limit]
    restorer = load_restorer(options.model)[0]
    distance, embedding = load_uncalibrated(options.perceptual), load_embedding(options.identity).eval()
    print(f"{len(files)} faces\n\n| amount | strength that suits | {' | '.join(METHODS)} |\n|{'---|' * 6}")
    with torch.no_grad():
        for amount in AMOUNTS:
            rows, strengths = [], []
            for number, file in enumerate(files):
                truth = read_crop(file)
                given = degraded(truth, amount, number)
                crop = restorer.restore([as_face_crop(given)])[0]
                strengths.append(crop.advised_strength)
                whole = tensor(truth)
                likes = embedding(whole)
                found = [tensor(picture) for picture in pictures(given, crop)]
                cosines = [torch.cosine_similarity(embedding(picture), likes) for picture in found]
                angles = [float(cosine.clamp(-1, 1).acos().rad2deg()) for cosine in cosines]
                rows.append([(float(distance(f, whole)), angle) for f, angle in zip(found, angles, strict=True)])
            means = (f"{lpips:.2f}, {angle:.1f}°" for lpips, angle in np.mean(rows, axis=0))
            print(f"| {amount:g} | {np.mean(strengths):.2f} | {' | '.join(means)} |", flush=True)


def degraded(truth: Crop, amount: float, seed: int) -> Crop:
    """The face with a part of the paper's greatest blur, reduction, noise and compression."""
    if amount == 0:
        return truth
    return np.asarray(degrade(truth, at_strength(amount), np.random.default_rng(seed)), np.uint8)


def pictures(given: Crop, crop: FaceCrop) -> list[np.ndarray]:
    """The input and what becomes of it, in the order of METHODS, float32."""
    before, after = given.astype(np.float32), np.asarray(crop.restored, np.float32)
    kept = after + lost_structure(after, before, crop.network_size)[..., None]
    return [before, after, kept, before + crop.advised_strength * (kept - before)]


def tensor(picture: np.ndarray) -> torch.Tensor:
    """(512, 512, 3) in 255 levels as networks take it, rounded to levels."""
    return Picture(np.rint(picture).clip(0, 255).astype(np.uint8)).tensor


if __name__ == "__main__":
    main()
