"""The program's icon in the form that each system wants, drawn from the one SVG file."""

from __future__ import annotations

import io
import sys
from pathlib import Path

from PIL import Image
from PySide6.QtCore import QBuffer, QByteArray, QIODevice
from PySide6.QtGui import QImage, QPainter
from PySide6.QtSvg import QSvgRenderer

SVG = Path(__file__).parents[1] / "icons" / "gfpgan-desktop.svg"
SIDES = (16, 24, 32, 48, 64, 128, 256)
"""Pixels of the pictures in a Windows icon."""


def draw(side: int) -> Image.Image:
    """The icon, `side` pixels wide and high, with transparent corners."""
    image = QImage(side, side, QImage.Format.Format_ARGB32)
    image.fill(0)
    painter = QPainter(image)
    QSvgRenderer(str(SVG)).render(painter)
    painter.end()
    data = QByteArray()
    buffer = QBuffer(data)
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    image.save(buffer, "PNG")  # type: ignore[call-overload]
    return Image.open(io.BytesIO(data.data()))


def write_icon(folder: Path, system: str = sys.platform) -> Path:
    """Write the icon for a system (as `sys.platform` has it) into `folder`; returns its path."""
    suffix = {"win32": ".ico", "darwin": ".icns"}.get(system, ".png")
    path = folder / f"{SVG.stem}{suffix}"
    folder.mkdir(parents=True, exist_ok=True)
    if system == "win32":
        # Each size is drawn on its own: one made smaller would be blurred.
        pictures = [draw(side) for side in SIDES]
        pictures[-1].save(path, sizes=[(side, side) for side in SIDES], append_images=pictures[:-1])
    else:
        draw(1024 if system == "darwin" else 256).save(path)
    return path
