"""The picture of docs/quality.md: faces degraded more and more, and what becomes of them."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
from matplotlib import cbook
from PIL import Image, ImageDraw, ImageFont
from skimage.data import astronaut

from benchmarks.identity import at_strength
from core.alignment import cut_crop, fit_similarity
from core.assembly import load_detector, load_restorer
from core.types import Pixels
from trainer.degradation import degrade
from trainer.scoring.pictures import as_face_crop
from trainer.scoring.sets import classical, mixed

SIDE, GAP, HEAD = 200, 6, 26
AMOUNTS = (0.15, 0.5, 1.0)
"""Blur, reduction, noise and compression, in parts of the ends of the paper's ranges."""

COLUMNS = ("truth", "degraded", "OpenCV", "restored, as suits", "restored, 100 %")


def draw(target: Path) -> Path:
    """Write the picture, of two portraits in the public domain (NASA, US Navy); returns its path."""
    restorer, detector = load_restorer("bundled-restorer")[0], load_detector("bundled-detector")[0]
    hopper = np.asarray(Image.open(cbook.get_sample_data("grace_hopper.jpg", asfileobj=False)).convert("RGB"))
    rows = []
    for seed, photo in enumerate((astronaut(), hopper)):
        landmarks = detector.detect(photo)[0].landmarks
        truth = np.asarray(cut_crop(photo, fit_similarity(landmarks)), np.uint8)
        for amount in AMOUNTS:
            given = np.asarray(degrade(truth, at_strength(amount), np.random.default_rng(seed)), np.uint8)
            crop = restorer.restore([as_face_crop(given)])[0]
            full = np.asarray(crop.restored, np.uint8)
            suited = mixed(given, full, crop.advised_strength)
            rows.append(_row([truth, given, classical(given), suited, full]))
    sheet = Image.fromarray(np.vstack([_heads(), *rows])[:-GAP, :-GAP])
    target.parent.mkdir(exist_ok=True)
    sheet.save(target, quality=90)
    return target


def _row(pictures: list[Pixels]) -> Pixels:
    cells = [cv2.resize(picture, (SIDE, SIDE), interpolation=cv2.INTER_AREA) for picture in pictures]
    return np.hstack([cv2.copyMakeBorder(c, 0, GAP, 0, GAP, cv2.BORDER_CONSTANT, value=(255,) * 3) for c in cells])


def _heads() -> Pixels:
    head = Image.new("RGB", (len(COLUMNS) * (SIDE + GAP), HEAD), (255, 255, 255))
    pen, font = ImageDraw.Draw(head), ImageFont.load_default(15)
    for place, text in enumerate(COLUMNS):
        pen.text((place * (SIDE + GAP) + SIDE / 2, HEAD / 2), text, fill=(40, 40, 40), font=font, anchor="mm")
    return np.asarray(head)
