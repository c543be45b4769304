"""Draws docs/images/data-flow.svg: a sample on its way through the engine. Run by `python3 tasks.py pictures`."""

from __future__ import annotations

import base64
import io
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from PIL import Image

from app.cli.faces import draw_faces
from core.photos.picture import eight_bits
from core.pipeline import RestorationPipeline
from core.types import Photo, Pixels, RestoreRequest

TARGET = Path(__file__).parent / "images" / "data-flow.svg"
STYLE = "font-family: system-ui, sans-serif; text-anchor: middle"
WIDE, HIGH, CROPS = 264, 190, 93  # px: a picture of the photo, and two crops above one another
COLUMNS = (20, 454, 888)  # where pictures begin: photo, faces, crops
ROWS = (46, 356)
SIZE = (1024, 566)


def draw(pipeline: RestorationPipeline, photo: Photo) -> Path:
    """Restore the photo and draw what happens to it, to the right and back again; returns the file."""
    result = pipeline.run(RestoreRequest(photo))
    crops = result.crops[:2]
    upper, lower = ROWS
    middle, below = upper + HIGH // 2, lower + HIGH // 2
    center = COLUMNS[2] + CROPS // 2
    parts = [
        f'<rect width="{SIZE[0]}" height="{SIZE[1]}" rx="12" fill="#fff"/>',
        _picture("photo", photo.rgb, COLUMNS[0], upper),
        _arrow("detect", "RetinaFace", (COLUMNS[0] + WIDE, middle), (COLUMNS[1], middle)),
        _picture("faces", draw_faces(photo.rgb, tuple(crop.face for crop in crops)), COLUMNS[1], upper),
        _arrow("align", "by five landmarks", (COLUMNS[1] + WIDE, middle), (COLUMNS[2], middle)),
        _picture("crops", _stacked([crop.pixels for crop in crops]), COLUMNS[2], upper),
        _arrow("restore", "GFP-GAN", (center, upper + HIGH), (center, lower - 26)),
        _picture("restored crops", _stacked([crop.restored for crop in crops]), COLUMNS[2], lower),
        _arrow("compose", "inside each face's own region", (COLUMNS[2], below), (COLUMNS[0] + WIDE, below)),
        _picture("photo, restored", result.image, COLUMNS[0], lower),
    ]
    head = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {SIZE[0]} {SIZE[1]}" style="{STYLE}">'
    TARGET.write_text("\n".join([head, *parts, "</svg>"]) + "\n", encoding="utf-8")
    return TARGET


def _stacked(pictures: Sequence[Pixels | None]) -> Pixels:
    shown = [Image.fromarray(eight_bits(each)) for each in pictures if each is not None]
    small = [np.asarray(each.resize((256, 256))) for each in shown]
    gap = np.full((11, 256, 3), 255, np.uint8)
    return np.vstack([small[0], gap, small[1]])


def _picture(name: str, pixels: Pixels, x: int, y: int) -> str:
    width = round(HIGH * pixels.shape[1] / pixels.shape[0])
    buffer = io.BytesIO()
    picture = Image.fromarray(eight_bits(pixels))
    picture.thumbnail((3 * width, 3 * HIGH))
    picture.save(buffer, "JPEG", quality=85)
    data = base64.b64encode(buffer.getvalue()).decode()
    image = f'<image x="{x}" y="{y}" width="{width}" height="{HIGH}" href="data:image/jpeg;base64,{data}"/>'
    return _text(x + width / 2, y - 12, name, 18, "#111") + image


def _arrow(step: str, how: str, start: tuple[int, int], end: tuple[int, int]) -> str:
    """An arrow with 12 px free at both ends; beside one that goes down the words are on its left."""
    (x0, y0), (x1, y1) = start, end
    dx, dy = (x1 > x0) - (x1 < x0), (y1 > y0) - (y1 < y0)
    x0, y0, x1, y1 = x0 + 12 * dx, y0 + 12 * dy, x1 - 12 * dx, y1 - 12 * dy
    line = f'<path d="M{x0} {y0}L{x1 - 8 * dx} {y1 - 8 * dy}" stroke="#0B7A70" stroke-width="3"/>'
    tip = f"M{x1} {y1}l{-12 * dx - 7 * dy} {-12 * dy - 7 * dx}l{14 * dy} {14 * dx}z"
    x, y = (x0 + x1) / 2 - (60 if dy else 0), (y0 + y1) / 2
    above, under = (4, 18) if dy else (14, 26)
    words = _text(x, y - above, step, 19, "#0B7A70") + _text(x, y + under, how, 14, "#555")
    return f'{line}<path d="{tip}" fill="#0B7A70"/>{words}'


def _text(x: float, y: float, words: str, size: int, color: str) -> str:
    return f'<text x="{x:g}" y="{y:g}" font-size="{size}" fill="{color}">{words}</text>'
