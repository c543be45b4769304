"""The pictures of docs/quality.md: faces degraded more and more, and what becomes of them.

    python docs/restored_faces.py TARGET.jpg TITLE=MODEL ...

draws what several restorers, by their names or files, make of them; `tasks.py pictures` draws the bundled one's.
"""

from __future__ import annotations

import sys
from pathlib import Path

import cv2
import numpy as np
from matplotlib import cbook
from PIL import Image, ImageDraw, ImageFont
from skimage.data import astronaut

from benchmarks.identity import at_strength
from core.alignment import cut_crop, fit_similarity
from core.assembly import load_detector, load_restorer
from core.types import FaceCrop, Pixels
from trainer.degradation import degrade
from trainer.scoring.pictures import as_face_crop
from trainer.scoring.sets import classical, mixed

SIDE, GAP, HEAD = 200, 6, 26
AMOUNTS = (0.15, 0.5, 1.0)
"""Blur, reduction, noise and compression, in parts of the ends of the paper's ranges."""

Column = tuple[str, list[Pixels]]
"""What is written above, and a picture for each row."""


def draw(target: Path) -> Path:
    """Write the picture of the bundled restorer; returns its path."""
    truths, given = portraits()
    crops, full = restored("bundled-restorer", given)
    suited = [mixed(*pictures, crop.advised_strength) for *pictures, crop in zip(given, full, crops, strict=True)]
    opencv = [classical(picture) for picture in given]
    head = [("truth", truths), ("degraded", given), ("OpenCV", opencv)]
    return _write(target, [*head, ("restored, as suits", suited), ("restored, 100 %", full)])


def draw_models(target: Path, models: dict[str, str]) -> Path:
    """Write the picture of several restorers, by what is written above each; returns its path."""
    truths, given = portraits()
    columns = [(title, restored(name, given)[1]) for title, name in models.items()]
    return _write(target, [("degraded", given), *columns, ("truth", truths)])


def restored(name: str, given: list[Pixels]) -> tuple[list[FaceCrop], list[Pixels]]:
    """What a restorer makes of crops, and the same as pictures."""
    crops = load_restorer(name)[0].restore([as_face_crop(picture) for picture in given])
    return crops, [np.asarray(crop.restored, np.uint8) for crop in crops]


def grace_hopper() -> Pixels:
    """A portrait in the public domain (US Navy)."""
    with cbook.get_sample_data("grace_hopper.jpg") as file:
        return np.asarray(Image.open(file).convert("RGB"))


def portraits() -> tuple[list[Pixels], list[Pixels]]:
    """Two portraits in the public domain (NASA, US Navy), and what is left of them, for each of `AMOUNTS`."""
    detector = load_detector("bundled-detector")[0]
    truths, given = [], []
    for seed, photo in enumerate((astronaut(), grace_hopper())):
        landmarks = detector.detect(photo)[0].landmarks
        truth = np.asarray(cut_crop(photo, fit_similarity(landmarks)), np.uint8)
        for amount in AMOUNTS:
            truths.append(truth)
            given.append(np.asarray(degrade(truth, at_strength(amount), np.random.default_rng(seed)), np.uint8))
    return truths, given


def _write(target: Path, columns: list[Column]) -> Path:
    rows = [_row(list(pictures)) for pictures in zip(*(pictures for _, pictures in columns), strict=True)]
    sheet = Image.fromarray(np.vstack([_heads([title for title, _ in columns]), *rows])[:-GAP, :-GAP])
    target.parent.mkdir(exist_ok=True)
    sheet.save(target, quality=90)
    return target


def _row(pictures: list[Pixels]) -> Pixels:
    cells = [cv2.resize(picture, (SIDE, SIDE), interpolation=cv2.INTER_AREA) for picture in pictures]
    return np.hstack([cv2.copyMakeBorder(c, 0, GAP, 0, GAP, cv2.BORDER_CONSTANT, value=(255,) * 3) for c in cells])


def _heads(titles: list[str]) -> Pixels:
    head = Image.new("RGB", (len(titles) * (SIDE + GAP), HEAD), (255, 255, 255))
    pen, font = ImageDraw.Draw(head), ImageFont.load_default(15)
    for place, text in enumerate(titles):
        pen.text((place * (SIDE + GAP) + SIDE / 2, HEAD / 2), text, fill=(40, 40, 40), font=font, anchor="mm")
    return np.asarray(head)


if __name__ == "__main__":
    path, *named = sys.argv[1:]
    print(draw_models(Path(path), dict(each.split("=", 1) for each in named)))
