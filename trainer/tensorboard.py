"""A run's events for TensorBoard, if it is installed."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image

from core.errors import UsageError
from core.files import reason
from trainer.events import Done, Event, Sample, Step

if TYPE_CHECKING:
    from torch.utils.tensorboard import SummaryWriter

log = logging.getLogger(__name__)


class Board:
    """A sink that writes losses, metrics and sample pictures into `folder`."""

    def __init__(self, folder: Path) -> None:
        try:
            from torch.utils.tensorboard import SummaryWriter
        except ImportError as error:
            raise UsageError(
                "TensorBoard is not installed; 'pip install tensorboard', or tensorboard=false."
            ) from error
        self._writer: SummaryWriter | None = SummaryWriter(str(folder))

    def __call__(self, event: Event) -> None:
        if self._writer is None:
            return
        try:
            _write(self._writer, event)
        except OSError as error:
            log.warning("TensorBoard's files end here (%s); the run goes on.", reason(error))
            self._writer = None


def _write(writer: SummaryWriter, event: Event) -> None:
    if isinstance(event, Step):
        for name, value in {**event.losses, "rate": event.rate}.items():
            writer.add_scalar(f"train/{name}", value, event.step)
    elif isinstance(event, Sample):
        for name, value in event.metrics.items():
            writer.add_scalar(f"held-out/{name}", value, event.step)
        if event.sheet:
            picture = np.asarray(Image.open(event.sheet))
            writer.add_image("samples", picture, event.step, dataformats="HWC")
    writer.flush()
    if isinstance(event, Done):
        writer.close()
