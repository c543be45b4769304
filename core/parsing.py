"""Restored crops -> label maps, with facexlib's ParseNet."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Protocol

import numpy as np
import torch
from torch import nn

from core.alignment import resize_crop
from core.types import FaceCrop


class FaceParser(Protocol):
    """Whatever tells skin, hair, background and so on apart."""

    def parse(self, crops: Sequence[FaceCrop]) -> list[FaceCrop]:
        """The same crops with `labels` set where a crop was restored."""
        ...


class ParseNetParser:
    """facexlib's ParseNet: RGB in [-1, 1] -> 19 classes, at `size` px (it is fully convolutional)."""

    def __init__(self, network: nn.Module, device: torch.device, size: int = 512) -> None:
        self._network = network.to(device)
        self._device = device
        self._size = size

    def parse(self, crops: Sequence[FaceCrop]) -> list[FaceCrop]:
        """One crop at a time, so that memory stays that of one; see `FaceParser`."""
        return [self._parse(crop) if crop.restored is not None else crop for crop in crops]

    def _parse(self, crop: FaceCrop) -> FaceCrop:
        assert crop.restored is not None
        picture = resize_crop(crop.restored.astype(np.float32), self._size)
        full = np.iinfo(crop.restored.dtype).max
        image = torch.from_numpy(np.ascontiguousarray((picture / full * 2 - 1).transpose(2, 0, 1)))
        with torch.inference_mode():
            scores, _ = self._network(image[None].to(self._device))
        return replace(crop, labels=scores[0].argmax(dim=0).to(torch.uint8).cpu().numpy())
