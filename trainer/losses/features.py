"""Networks whose features the perceptual loss compares: VGG-19 (paper) and SqueezeNet 1.1 (smaller)."""

from collections.abc import Mapping
from pathlib import Path

import torch
from torch import Tensor, nn
from torchvision.models.squeezenet import squeezenet1_1
from torchvision.models.vgg import cfgs, make_layers

from core.errors import ModelError
from core.networks.weights import as_float32, read_state_dict

VGG19_LAYERS = {"conv1_2": 0.1, "conv2_2": 0.1, "conv3_4": 1.0, "conv4_4": 1.0, "conv5_4": 1.0}
"""The paper's layers, before their activation, and their weights."""

SQUEEZENET_LAYERS = {"1": 1.0, "4": 1.0, "7": 1.0, "9": 1.0, "12": 1.0}
"""The first convolution and the Fire modules that the bundled model was trained with, equally weighted."""


class FeatureNetwork(nn.Module):
    """Feature maps of some layers: RGB in [-1, 1], (N, 3, H, W) -> layer name -> (N, C, H', W').

    features   torchvision's layers of that name, so that state dicts have torchvision's `features.*` keys
    names      a name for each of them
    layers     which to return, and their weights in the perceptual loss; those of weight 0 are left out
    scale      of each channel, in the order the network takes them: x * scale + shift is what it was trained on
    shift
    bgr        the network takes BGR
    relative   the perceptual loss divides each layer's distance by the RMS of the truth's features

    ValueError for a layer that is not in `names`, or no layer. Frozen: it passes gradients on to images, and
    its own parameters have none.
    """

    scale: Tensor
    shift: Tensor

    def __init__(
        self,
        features: nn.Sequential,
        names: list[str],
        layers: Mapping[str, float],
        scale: Tensor,
        shift: Tensor,
        *,
        bgr: bool,
        relative: bool,
    ) -> None:
        super().__init__()
        if unknown := sorted(layers.keys() - set(names)):
            raise ValueError(f"there is no layer {unknown[0]}; layers are {', '.join(names)}")
        self.layers = {name: weight for name, weight in layers.items() if weight}
        if not self.layers:
            raise ValueError("at least one layer must have a weight")
        self.features, self.names, self.bgr, self.relative = features, names, bgr, relative
        for module in features.modules():
            if isinstance(module, nn.ReLU):
                # In place it would overwrite the features before it.
                module.inplace = False
        self.register_buffer("scale", scale.view(3, 1, 1), persistent=False)
        self.register_buffer("shift", shift.view(3, 1, 1), persistent=False)
        self.eval().requires_grad_(False)

    def forward(self, image: Tensor) -> dict[str, Tensor]:
        # Channels last takes half the time on a processor, forward and backward.
        image = image.contiguous(memory_format=torch.channels_last)
        x = (image.flip(1) if self.bgr else image) * self.scale + self.shift
        found: dict[str, Tensor] = {}
        for name, layer in zip(self.names, self.features, strict=True):
            x = layer(x)
            if name in self.layers:
                found[name] = x
                if len(found) == len(self.layers):
                    break
        return found


def vgg19_features(layers: Mapping[str, float] | None = None) -> FeatureNetwork:
    """VGG-19 with random weights; layers `conv1_1`, `relu1_1`, ..., `pool1`, ... Images are mapped to [0, 1] and
    ImageNet-normalised. None takes the paper's layers."""
    features = make_layers(cfgs["E"], batch_norm=False)
    names, block, conv = [], 1, 0
    for layer in features:
        if isinstance(layer, nn.MaxPool2d):
            names.append(f"pool{block}")
            block, conv = block + 1, 0
        elif isinstance(layer, nn.Conv2d):
            conv += 1
            names.append(f"conv{block}_{conv}")
        else:
            names.append(f"relu{block}_{conv}")
    mean, std = torch.tensor([0.485, 0.456, 0.406]), torch.tensor([0.229, 0.224, 0.225])
    layers = VGG19_LAYERS if layers is None else layers
    return FeatureNetwork(features, names, layers, 0.5 / std, (0.5 - mean) / std, bgr=False, relative=False)


def squeezenet_features(layers: Mapping[str, float] | None = None) -> FeatureNetwork:
    """SqueezeNet 1.1 with random weights; layers `0` to `12` as torchvision numbers them.

    For Caffe's weights: images become BGR in 0..255 minus (104, 117, 123). Its activations have an RMS of 9 to 55
    on faces, so the loss is relative to it. None takes layers 1, 4, 7, 9 and 12.
    """
    features = squeezenet1_1(weights=None).features
    names = [str(index) for index in range(len(features))]
    layers = SQUEEZENET_LAYERS if layers is None else layers
    scale, shift = torch.full((3,), 127.5), 127.5 - torch.tensor([104.0, 117.0, 123.0])
    return FeatureNetwork(features, names, layers, scale, shift, bgr=True, relative=True)


def load_feature_network(path: str | Path, layers: Mapping[str, float] | None = None) -> FeatureNetwork:
    """The network of a local weights file: `vgg19-dcbb9e9d.pth` (torchvision's) or Caffe's SqueezeNet 1.1 under
    torchvision's keys, told by keys and shapes. Its classifier is not used.

    `layers` as in `FeatureNetwork`, None for the network's own; ValueError if it has none of that name.
    ModelError, one sentence to show as it is: the file cannot be read, or is neither network.
    """
    path = Path(path)
    state, _ = read_state_dict(path)
    network = squeezenet_features(layers) if "features.3.squeeze.weight" in state else vgg19_features(layers)
    state = {key: value for key, value in state.items() if key.startswith("features.")}
    shapes = {key: value.shape for key, value in state.items()}
    if shapes != {key: value.shape for key, value in network.state_dict().items()}:
        raise ModelError(f"'{path.name}' is neither VGG-19 nor SqueezeNet 1.1; choose one of these for features.")
    network.load_state_dict(as_float32(state, path.name))
    return network
