"""Networks of other families, told apart and built by spandrel: super-resolution, RestoreFormer and CodeFormer.

Spandrel is given tensors that were read by `weights.read_state_dict`, never a file.
"""

from __future__ import annotations

import functools
import warnings
from collections.abc import Callable, Mapping
from importlib.util import find_spec
from typing import cast

from torch import Tensor, nn

from core.errors import ModelError
from core.networks.architectures import Architecture, Kind, Source
from core.networks.weights import StateDict

with warnings.catch_warnings():
    # One of its networks uses a part of torch that torch calls old.
    warnings.simplefilter("ignore", FutureWarning)
    import spandrel
    from spandrel import ArchRegistry, ImageModelDescriptor

CODEFORMER_PACKAGE = "spandrel_extra_arches"
_CODEFORMER_MARKS = ("position_emb", "idx_pred_layer.1.weight", "quantize.embedding.weight")
_CODEFORMER_LICENCE = "S-Lab License 1.0, for non-commercial use only"


class Upscaler(nn.Module):
    """A super-resolution network: RGB in [0, 1], (N, 3, H, W) -> (N, 3, H * scale, W * scale), in [0, 1].

    A network for grey pictures sees each channel by itself.
    """

    def __init__(self, descriptor: ImageModelDescriptor[nn.Module]) -> None:
        super().__init__()
        self.network = descriptor.model
        self.scale = descriptor.scale
        self._descriptor = descriptor

    def forward(self, images: Tensor) -> Tensor:
        if self._descriptor.input_channels == 3:
            return cast(Tensor, self._descriptor(images))
        count, channels, height, width = images.shape
        output = self._descriptor(images.reshape(count * channels, 1, height, width))
        return cast(Tensor, output.reshape(count, channels, height * self.scale, width * self.scale))


class RestoreFormerRestorer(nn.Module):
    """RestoreFormer (Wang et al. 2022): RGB in [-1, 1], (N, 3, 512, 512) -> the same."""

    size, channels = 512, 3

    def __init__(self, network: nn.Module) -> None:
        super().__init__()
        self.network = network

    def forward(self, images: Tensor) -> Tensor:
        restored: Tensor = self.network(images)[0]
        return restored


class CodeFormerRestorer(nn.Module):
    """CodeFormer (Zhou et al. 2022): (N, 4, 512, 512) -> RGB in [-1, 1], (N, 3, 512, 512).

    The first three channels are RGB in [-1, 1]: so its authors run it, while spandrel's own call leaves it at
    [0, 1]. The fourth holds the fidelity everywhere, in [0, 1], one for all pictures: as part of the picture it
    needs no second input, and no model of its own for each value.
    """

    size, channels = 512, 4

    def __init__(self, network: nn.Module) -> None:
        super().__init__()
        self.network = network

    def forward(self, images: Tensor) -> Tensor:
        # Above 0, for at 0 the network leaves its fusion out, and a traced one would leave it out for ever.
        fidelity = images[0, 3, 0, 0].clamp(min=1e-6)
        restored: Tensor = self.network(images[:, :3], weight=fidelity)[0]
        return restored


def find_architecture(state: Mapping[str, Tensor], name: str) -> Architecture | None:
    """The architecture of a state dict among those that spandrel knows, None if it knows none.

    Raises ModelError for CodeFormer where the package is not installed that has it; `name` is the file's.
    """
    for support in _registry().architectures("detection"):
        architecture = support.architecture
        if support.detect(dict(state)):
            build, describe = functools.partial(_build, architecture), functools.partial(_describe, architecture)
            kind: Kind = "restorer" if architecture.id in _FACE_RESTORERS else "upscaler"
            licence = _CODEFORMER_LICENCE if architecture.id == "CodeFormer" else ""
            return Architecture(kind, (), build, describe, licence=licence, loads_itself=True)
    if all(mark in state for mark in _CODEFORMER_MARKS):
        raise ModelError(
            f"'{name}' is CodeFormer ({_CODEFORMER_LICENCE}): install the package {CODEFORMER_PACKAGE} to use it."
        )
    return None


_FACE_RESTORERS: dict[str, Callable[[nn.Module], nn.Module]] = {
    "RestoreFormer": RestoreFormerRestorer,
    "CodeFormer": CodeFormerRestorer,
}


@functools.cache
def _registry() -> ArchRegistry:
    registry: ArchRegistry = spandrel.MAIN_REGISTRY.copy()
    if find_spec(CODEFORMER_PACKAGE) is not None:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", FutureWarning)  # as above
            from spandrel_extra_arches import EXTRA_REGISTRY

        registry.add(EXTRA_REGISTRY["CodeFormer"])
    return registry


def _build(architecture: spandrel.Architecture[nn.Module], state: StateDict, source: Source) -> nn.Module:
    descriptor = architecture.load(dict(state))
    restorer = _FACE_RESTORERS.get(architecture.id)
    if restorer is not None:
        return restorer(descriptor.model)
    colours = descriptor.input_channels, descriptor.output_channels
    if not isinstance(descriptor, ImageModelDescriptor) or descriptor.purpose != "SR" or descriptor.scale == 1:
        raise ModelError(
            f"'{source.name}' is {architecture.name}, which does not enlarge pictures; "
            "choose a super-resolution network."
        )
    if colours not in ((3, 3), (1, 1)):
        raise ModelError(f"'{source.name}' works on {colours[0]} channels a pixel; choose a network for RGB.")
    return Upscaler(descriptor)


def _describe(architecture: spandrel.Architecture[nn.Module], module: nn.Module) -> str:
    parameters = sum(parameter.numel() for parameter in module.parameters()) / 1e6
    what = f"enlarges {module.scale} times" if isinstance(module, Upscaler) else f"{module.size} px"
    return f"{architecture.name}, {what}, {parameters:.1f} million parameters"
