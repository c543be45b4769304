"""A run's events for TensorBoard, if it is installed."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PIL import Image

from core.errors import UsageError
from trainer.events import Event, Sample, Step


class Board:
    """A sink that writes losses, metrics and sample pictures into `folder`."""

    def __init__(self, folder: Path) -> None:
        try:
            from torch.utils.tensorboard import SummaryWriter
        except ImportError as error:
            raise UsageError(
                "TensorBoard is not installed; 'pip install tensorboard', or tensorboard=false."
            ) from error
        self._writer = SummaryWriter(str(folder))

    def __call__(self, event: Event) -> None:
        if isinstance(event, Step):
            for name, value in {**event.losses, "rate": event.rate}.items():
                self._writer.add_scalar(f"train/{name}", value, event.step)
        elif isinstance(event, Sample):
            for name, value in event.metrics.items():
                self._writer.add_scalar(f"held-out/{name}", value, event.step)
            if event.sheet:
                self._writer.add_image(
                    "samples", np.asarray(Image.open(event.sheet)), event.step, dataformats="HWC"
                )
        self._writer.flush()
