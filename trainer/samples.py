"""The same held-out faces again and again, to see how a run gets on."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import torch
from PIL import Image, ImageDraw, ImageFont
from torch import Tensor, nn

from core.files import write_atomically
from trainer.evaluation import as_8_bit, restore
from trainer.types import Batch

_SIDE, _GAP, _MARGIN, _HEADER, _TEXT = 256, 6, 20, 30, 17
_PAPER, _INK = "#fbfaf8", "#33312e"


class Samples:
    """Pictures of `count` faces, evenly chosen from `batches` (which hold them `ways` times, one time after the
    other), in `folder`:

    input/1.png ..., truth/1.png ...  the degraded faces and what they should become
    000500/1.png ...                  what the network made of them after step 500
    000500.jpg                        all three, a row a face
    """

    def __init__(self, folder: Path, batches: Sequence[Batch], count: int, ways: int = 1) -> None:
        total = sum(len(batch) for batch in batches) // ways
        chosen = np.linspace(0, total - 1, min(count, total)).round().astype(int)
        places = [(batch, index) for batch in batches for index in range(len(batch))]
        picked = [places[place] for place in chosen]
        self._folder = folder
        self._inputs = [batch.inputs[index] for batch, index in picked]
        self._columns = {
            "input": [to_picture(image) for image in self._inputs],
            "truth": [to_picture(batch.truths[index]) for batch, index in picked],
        }
        self._written = False

    def write(self, network: nn.Module, step: int) -> Path | None:
        """Restore the faces with `network`, (1, 3, S, S) -> the same, and write all pictures; returns the sheet's
        path, None without faces. Raises PhotoError when they cannot be written."""
        if not self._inputs:
            return None
        if not self._written:
            for name, pictures in self._columns.items():
                self._write_all(name, pictures)
            self._written = True
        output = [to_picture(restore(network, image[None])[0]) for image in self._inputs]
        self._write_all(f"{step:06}", output)
        columns = {
            "Input": self._columns["input"],
            f"Output after {step:,} steps": output,
            "Truth": self._columns["truth"],
        }
        path = self._folder / f"{step:06}.jpg"
        write_atomically(path, sheet(columns))
        return path

    def _write_all(self, name: str, pictures: Sequence[Image.Image]) -> None:
        for number, picture in enumerate(pictures, 1):
            write_atomically(self._folder / name / f"{number}.png", _encoded(picture, "PNG"))


class GeneratedSamples:
    """Pictures of the same `count` latents again and again, of a StyleGAN2: 000500.jpg in `folder`."""

    def __init__(self, folder: Path, style_dim: int, count: int) -> None:
        self._folder, self._columns = folder, 3
        rows = -(-count // self._columns)
        self._z = torch.randn(rows * self._columns, style_dim, generator=torch.Generator().manual_seed(0))

    def write(self, network: nn.Module, step: int) -> Path:
        """Generate the faces with `network`, z (1, style_dim) -> (1, 3, S, S), write and return the sheet. Raises
        PhotoError when it cannot be written."""
        device = next(network.parameters()).device
        with torch.no_grad():
            pictures = [to_picture(network(z[None].to(device))[0]) for z in self._z]
        labels = [f"After {step:,} steps", *(" " * number for number in range(1, self._columns))]
        columns = {label: pictures[index :: self._columns] for index, label in enumerate(labels)}
        path = self._folder / f"{step:06}.jpg"
        write_atomically(path, sheet(columns))
        return path


def to_picture(image: Tensor) -> Image.Image:
    """RGB about [-1, 1], (3, H, W) -> a picture."""
    levels = ((as_8_bit(image.detach()) + 1) * 127.5).round().to(torch.uint8)
    return Image.fromarray(levels.permute(1, 2, 0).cpu().numpy())


def sheet(columns: Mapping[str, Sequence[Image.Image]]) -> bytes:
    """A JPEG of equally many square pictures in each labelled column, side by side."""
    rows = max(len(pictures) for pictures in columns.values())
    step = _SIDE + _GAP
    width = 2 * _MARGIN + len(columns) * step - _GAP
    page = Image.new("RGB", (width, 2 * _MARGIN + _HEADER + rows * step - _GAP), _PAPER)
    draw, font = ImageDraw.Draw(page), ImageFont.load_default(_TEXT)
    for column, (label, pictures) in enumerate(columns.items()):
        x = _MARGIN + column * step
        draw.text((x, _MARGIN + _HEADER / 2 - 6), label, _INK, font, anchor="lm")
        for row, picture in enumerate(pictures):
            tile = picture.resize((_SIDE, _SIDE), Image.Resampling.LANCZOS)
            page.paste(tile, (x, _MARGIN + _HEADER + row * step))
    return _encoded(page, "JPEG")


def _encoded(picture: Image.Image, form: str) -> bytes:
    buffer = io.BytesIO()
    picture.save(buffer, form, quality=92)
    return buffer.getvalue()
