"""What photos go through before a detector sees them: age, print, scanner, compression."""

from __future__ import annotations

import cv2
import numpy as np

from trainer.types import Picture

Rng = np.random.Generator


def disturb(picture: Picture, rng: Rng) -> Picture:
    """A worse copy of a picture, BGR, uint8, (H, W, 3), of the same size; the same for the same state of `rng`."""
    picture = _less_sharp(picture, rng)
    picture = _of_other_tones(picture, rng)
    if rng.random() < 0.15:
        _scratch(picture, rng)
    if rng.random() < 0.35:
        sigma = rng.uniform(1, 18)
        shape = picture.shape if rng.random() < 0.6 else (*picture.shape[:2], 1)
        noise = np.asarray(rng.standard_normal(shape, np.float32)) * sigma
        picture = np.clip(picture + noise, 0, 255).astype(np.uint8)
    if rng.random() < 0.5:
        quality = int(rng.integers(25, 96))
        _, data = cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, quality])
        picture = np.asarray(cv2.imdecode(data, cv2.IMREAD_COLOR), np.uint8)
    return picture


def _less_sharp(picture: Picture, rng: Rng) -> Picture:
    kind = rng.random()
    if kind < 0.2:
        return np.asarray(cv2.GaussianBlur(picture, (0, 0), rng.uniform(0.4, 2.5)), np.uint8)
    if kind < 0.35:
        height, width = picture.shape[:2]
        factor = rng.uniform(0.3, 0.9)
        small = cv2.resize(picture, None, fx=factor, fy=factor, interpolation=cv2.INTER_AREA)
        return np.asarray(cv2.resize(small, (width, height), interpolation=cv2.INTER_LINEAR), np.uint8)
    if kind < 0.42:
        length = int(rng.integers(2, 8))
        kernel = np.zeros((length, length), np.float32)
        ends = (
            [(0, 0), (length - 1, length - 1)] if rng.random() < 0.5 else [(0, length // 2), (length, length // 2)]
        )
        cv2.line(kernel, ends[0], ends[1], 1.0)
        return np.asarray(cv2.filter2D(picture, -1, kernel / kernel.sum()), np.uint8)
    return picture


def _of_other_tones(picture: Picture, rng: Rng) -> Picture:
    """Grey, sepia, faded, too dark or too bright, of another white: one table of values a channel."""
    if rng.random() < 0.4:
        grey = cv2.cvtColor(picture, cv2.COLOR_BGR2GRAY)
        picture = np.asarray(cv2.cvtColor(grey, cv2.COLOR_GRAY2BGR), np.uint8)
    values = np.linspace(0, 1, 256)[:, None]
    if rng.random() < 0.6:
        values = values ** np.exp(rng.normal(0, 0.35))
        low, high = rng.uniform(-0.15, 0.3), rng.uniform(0.7, 1.15)
        values = low + values * (high - low)
    tint = np.exp(rng.normal(0, 0.12, 3)) if rng.random() < 0.5 else np.ones(3)
    table = np.clip(values * tint * 255 + 0.5, 0, 255).astype(np.uint8)
    return np.asarray(cv2.LUT(picture, table[None]), np.uint8)


def _scratch(picture: Picture, rng: Rng) -> None:
    side = picture.shape[0]
    for _ in range(int(rng.integers(1, 12))):
        start = rng.uniform(0, side, 2)
        end = start + rng.normal(0, side / 3, 2)
        shade = (float(rng.uniform(0, 255)),) * 3
        ends = [(int(x), int(y)) for x, y in (start, end)]
        cv2.line(picture, ends[0], ends[1], shade, int(rng.integers(1, 4)), cv2.LINE_AA)
