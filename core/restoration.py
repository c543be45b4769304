"""Crops -> restored crops: range conversion, batches, precision."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import replace
from typing import Protocol

import numpy as np
import numpy.typing as npt
import torch
from torch import nn

from core.alignment import quantized, resize_crop
from core.types import CROP_SIZE, FaceCrop

log = logging.getLogger(__name__)


class FaceRestorer(Protocol):
    """Whatever makes a better picture of an aligned face."""

    def restore(self, crops: Sequence[FaceCrop]) -> list[FaceCrop]:
        """The same crops with `restored` set, or `failure` where there is no usable picture."""
        ...


class GFPGANRestorer:
    """A GFP-GAN network of any size over 512 px crops.

    `network` maps RGB in [-1, 1], (N, 3, size, size), to the same. `dtype` below float32 runs the network in
    automatic mixed precision on its device; a crop whose output is not finite is run again in float32.
    """

    def __init__(
        self, network: nn.Module, size: int, device: torch.device, dtype: torch.dtype = torch.float32
    ) -> None:
        self.size = size
        self._network = network.to(device)
        self._device = device
        self._dtype = dtype

    def restore(self, crops: Sequence[FaceCrop]) -> list[FaceCrop]:
        """Run the crops as one batch. A face without a finite picture gets a `failure`."""
        if not crops:
            return []
        images = np.stack([self._to_network(crop) for crop in crops])
        output = self._run(images, self._dtype)
        broken = [index for index, image in enumerate(output) if not np.isfinite(image).all()]
        if broken and self._dtype != torch.float32:
            log.warning(
                "%d crops came out as not-a-number in %s; running them in float32", len(broken), self._dtype
            )
            output[broken] = self._run(images[broken], torch.float32)
        return [self._from_network(crop, image) for crop, image in zip(crops, output, strict=True)]

    def _run(self, images: npt.NDArray[np.float32], dtype: torch.dtype) -> npt.NDArray[np.float32]:
        with torch.inference_mode(), torch.autocast(self._device.type, dtype, enabled=dtype != torch.float32):
            output = self._network(torch.from_numpy(images).to(self._device))
        return np.asarray(output.float().cpu().numpy(), np.float32)

    def _to_network(self, crop: FaceCrop) -> npt.NDArray[np.float32]:
        image = resize_crop(crop.pixels.astype(np.float32), self.size)
        full = np.iinfo(crop.pixels.dtype).max
        return np.ascontiguousarray((image / full * 2 - 1).transpose(2, 0, 1), np.float32)

    def _from_network(self, crop: FaceCrop, image: npt.NDArray[np.float32]) -> FaceCrop:
        if not np.isfinite(image).all():
            return replace(crop, failure="the model gave no usable picture of this face; it is left as it was")
        full = np.iinfo(crop.pixels.dtype).max
        picture = (np.clip(image.transpose(1, 2, 0), -1, 1) + 1) / 2 * full
        restored = quantized(resize_crop(np.ascontiguousarray(picture), CROP_SIZE), crop.pixels.dtype)
        return replace(crop, restored=restored, network_size=self.size)
