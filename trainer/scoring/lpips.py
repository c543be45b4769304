"""LPIPS: a distance of features with learned weights (Zhang et al. 2018, version 0.1 of their library)."""

from __future__ import annotations

from pathlib import Path

import torch
from torch import Tensor, nn
from torchvision.models.alexnet import AlexNet
from torchvision.models.squeezenet import SqueezeNet
from torchvision.models.vgg import VGG, cfgs, make_layers

from core.checksums import file_sha256
from core.errors import ModelError
from core.networks.weights import as_float32, read_state_dict
from trainer.losses.feature_distances import lpips_distance
from trainer.losses.features import FeatureNetwork, load_feature_network

BACKBONES = {"397923af": "VGG-16", "7be5be79": "AlexNet", "b8a52dc0": "SqueezeNet 1.1"}
"""How the SHA-256 of torchvision's files begins (their names have it too): the networks that heads are for."""

_LAYERS = {
    "VGG-16": (3, 8, 15, 22, 29),
    "AlexNet": (1, 4, 7, 9, 11),
    "SqueezeNet 1.1": (1, 4, 7, 9, 10, 11, 12),
}
_MEAN, _DEVIATION = torch.tensor([-0.030, -0.088, -0.188]), torch.tensor([0.458, 0.448, 0.450])


class LPIPS(nn.Module):
    """Two of RGB in [-1, 1], (N, 3, H, W) -> distances (N,), lower is more alike.

    `network` gives the features of the layers that `heads`, (C,) each, weigh.
    """

    def __init__(self, network: FeatureNetwork, heads: list[Tensor]) -> None:
        super().__init__()
        self.network, self.heads = network, heads

    @torch.no_grad()
    def forward(self, image: Tensor, truth: Tensor) -> Tensor:
        found, expected = self.network(image).values(), self.network(truth).values()
        pairs = zip(found, expected, self.heads, strict=True)
        return torch.stack([lpips_distance(x, y, head) for x, y, head in pairs]).sum(0)


def backbone_of(path: Path) -> str:
    """The network of a file of torchvision's. ModelError for any other: with it the number would not be LPIPS."""
    known = BACKBONES.get(file_sha256(path)[:8])
    if known is None:
        raise ModelError(
            f"'{path.name}' is none of torchvision's networks that LPIPS was made for; give "
            "vgg16-397923af.pth, alexnet-owt-7be5be79.pth or squeezenet1_1-b8a52dc0.pth."
        )
    return known


def load_lpips(heads: Path, network: Path) -> tuple[LPIPS, str]:
    """From the library's heads (`vgg.pth`, `alex.pth` or `squeeze.pth`) and torchvision's network, whose name
    comes with it. ModelError where they do not fit each other."""
    state, _ = read_state_dict(network)
    name = backbone_of(network)
    return lpips_of(name, as_float32(state, network.name), read_heads(heads)), name


def load_uncalibrated(network: Path) -> LPIPS:
    """The same formula on Caffe's SqueezeNet 1.1 with every head 1, as the library has it with `lpips=False` ("off
    the shelf" in the paper). ModelError, and ValueError for VGG-19."""
    layers = [str(index) for index in _LAYERS["SqueezeNet 1.1"]]
    return LPIPS(load_feature_network(network, dict.fromkeys(layers, 1.0)), [torch.ones(1)] * len(layers))


def read_heads(path: Path) -> list[Tensor]:
    """The weights of each layer's channels, (C,), in the order of layers. ModelError."""
    state, _ = read_state_dict(path)
    weights = [state[key].float().flatten() for key in sorted(state) if key.startswith("lin")]
    if not weights:
        raise ModelError(f"'{path.name}' holds no heads of LPIPS; take one of the lpips library's weights/v0.1.")
    return weights


def lpips_of(name: str, state: dict[str, Tensor], heads: list[Tensor]) -> LPIPS:
    """The same of a network of `BACKBONES` by its name, and of read weights. ModelError."""
    features: nn.Sequential = {
        "VGG-16": lambda: VGG(make_layers(cfgs["D"]), init_weights=False),
        "AlexNet": AlexNet,
        "SqueezeNet 1.1": lambda: SqueezeNet("1_1"),
    }[name]().features
    layers = {str(index): 1.0 for index in _LAYERS[name]}
    places = [str(index) for index in range(len(features))]
    scale, shift = 1 / _DEVIATION, -_MEAN / _DEVIATION
    network = FeatureNetwork(features, places, layers, scale, shift, bgr=False, relative=False)
    try:
        network.load_state_dict({key: value for key, value in state.items() if key.startswith("features.")})
        # The channels that each layer has, on the smallest picture that all of them can take.
        channels = [found.shape[1] for found in network(torch.zeros(1, 3, 64, 64)).values()]
    except RuntimeError:
        raise ModelError(f"The weights are not those of {name}; choose its file of torchvision's.") from None
    if channels != [len(head) for head in heads]:
        raise ModelError(f"The heads of LPIPS are not those of {name}; choose the file that fits the network.")
    return LPIPS(network, heads)
