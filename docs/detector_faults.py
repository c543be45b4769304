"""The picture of the bundled detector's card: one portrait made harder and harder, and what is found of it.

    python docs/detector_faults.py TARGET.jpg

`tasks.py pictures` draws it.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
from PIL import Image, ImageDraw, ImageFont
from restored_faces import grace_hopper

from core.assembly import load_detector
from core.detection import FaceDetector
from core.types import Face, Pixels

FACE = 96  # px between brow and chin in the portrait that is made harder
SIDE, HEAD, GAP = 200, 24, 6
FOUND, MISSED = (20, 140, 90), (190, 30, 30)

Harder = Callable[[Pixels, Face, float], Pixels]


def smaller(portrait: Pixels, face: Face, size: float) -> Pixels:
    """With a face of `size` px, which the sheet enlarges again."""
    factor = size / _size(face)
    return cv2.resize(portrait, None, fx=factor, fy=factor, interpolation=cv2.INTER_AREA)


def blurred(portrait: Pixels, _: Face, sigma: float) -> Pixels:
    return cv2.GaussianBlur(portrait, (0, 0), sigma)


def darker(portrait: Pixels, _: Face, share: float) -> Pixels:
    """With the noise of a sensor that sees little."""
    return _noisy(portrait * share, 4.0)


def grainier(portrait: Pixels, _: Face, sigma: float) -> Pixels:
    return _noisy(portrait, sigma)


def turned(portrait: Pixels, face: Face, degrees: float) -> Pixels:
    centre = (face.box[0] + face.box[2]) / 2, (face.box[1] + face.box[3]) / 2
    matrix = cv2.getRotationMatrix2D(centre, degrees, 1)
    return cv2.warpAffine(portrait, matrix, portrait.shape[1::-1], borderMode=cv2.BORDER_REPLICATE)


def hidden(portrait: Pixels, face: Face, share: float) -> Pixels:
    """From the chin up."""
    left, top, right, bottom = face.box
    covered = portrait.copy()
    covered[int(bottom - share * (bottom - top)) :, int(left) - 6 : int(right) + 6] = 128
    return covered


ROWS: tuple[tuple[str, Harder, tuple[float, ...]], ...] = (
    ("{:g} px", smaller, (40, 24, 12, 11)),
    ("blur {:g} px", blurred, (4, 8, 10, 12)),
    ("light {:.0%}", darker, (0.3, 0.08, 0.05, 0.03)),
    ("noise {:g}", grainier, (30, 90, 120, 160)),
    ("turned {:g}°", turned, (30, 60, 90, 135)),
    ("hidden {:.0%}", hidden, (0.3, 0.45, 0.6, 0.75)),
)


def draw(target: Path) -> Path:
    """Write the picture; returns its path."""
    detector = load_detector("bundled-detector")[0]
    photo = grace_hopper()
    (face,) = detector.detect(photo)
    portrait = smaller(photo, face, FACE)
    (face,) = detector.detect(portrait)
    rows = [
        np.hstack([_cell(make(portrait, face, amount), title.format(amount), detector) for amount in amounts])
        for title, make, amounts in ROWS
    ]
    target.parent.mkdir(exist_ok=True)
    Image.fromarray(np.vstack(rows)[:-GAP, :-GAP]).save(target, quality=88)
    return target


def _cell(picture: Pixels, title: str, detector: FaceDetector) -> Pixels:
    """The upper square of a picture, with the face that is found in it."""
    faces = detector.detect(picture, min_face=6)
    side = min(picture.shape[:2])
    scale = SIDE / side
    shown = cv2.resize(picture[:side, :side], (SIDE, SIDE), interpolation=cv2.INTER_CUBIC)
    cell = Image.new("RGB", (SIDE + GAP, HEAD + SIDE + GAP), (255, 255, 255))
    cell.paste(Image.fromarray(shown), (0, HEAD))
    pen, font = ImageDraw.Draw(cell), ImageFont.load_default(14)
    said = f"{title}: {faces[0].score:.2f}" if faces else f"{title}: not found"
    pen.text((SIDE / 2, HEAD / 2), said, fill=FOUND if faces else MISSED, font=font, anchor="mm")
    for face in faces:
        left, top, right, bottom = (value * scale for value in face.box)
        pen.rectangle((left, HEAD + top, right, HEAD + bottom), outline=(255, 255, 255), width=2)
        for x, y in face.landmarks * scale:
            pen.ellipse((x - 3, HEAD + y - 3, x + 3, HEAD + y + 3), fill=(255, 255, 255), outline=(0, 0, 0))
    return np.asarray(cell)


def _size(face: Face) -> float:
    return float(max(face.box[2] - face.box[0], face.box[3] - face.box[1]))


def _noisy(picture: Pixels, sigma: float) -> Pixels:
    noise = np.random.default_rng(0).normal(0, sigma, picture.shape)
    return np.clip(picture + noise, 0, 255).astype(np.uint8)


if __name__ == "__main__":
    print(draw(Path(sys.argv[1])))
