"""A grown network makes the smaller one's images, and can learn to make better ones."""

from typing import Any

import pytest
import torch
import torch.nn.functional as F

from core.networks.gfpgan import GFPGAN
from trainer.build import as_bilinear
from trainer.growth import grown

SMALL: dict[str, Any] = {
    "variant": "clean",
    "size": 32,
    "style_dim": 16,
    "channel_multiplier": 1,
    "narrow": 1 / 32,
    "num_mlp": 1,
}


def small(**changes: Any) -> GFPGAN:
    torch.manual_seed(3)
    network = GFPGAN(**{**SMALL, **changes})
    for name, parameter in network.named_parameters():
        if name.endswith("bias") or parameter.numel() == 1:
            # A new network's biases and noise strengths are 0, which would hide it if they went astray.
            torch.nn.init.normal_(parameter, 0.2 if "modulation" not in name else 1, 0.1)
    return network.eval()


@pytest.mark.parametrize("sft_half", [True, False])
@pytest.mark.parametrize("different_w", [True, False])
def test_a_wider_network_makes_the_same_images(sft_half: bool, different_w: bool) -> None:
    network = small(sft_half=sft_half, different_w=different_w)
    wide = grown(network, size=32, channel_multiplier=1, narrow=1 / 8)
    x = torch.randn(2, 3, 32, 32)
    with torch.no_grad():
        torch.testing.assert_close(wide(x), network(x), rtol=1e-4, atol=1e-5)
    assert sum(p.numel() for p in wide.parameters()) > 4 * sum(p.numel() for p in network.parameters())


@pytest.mark.parametrize("size", [64, 128])
def test_new_levels_hand_the_picture_down_and_enlarge_the_image(size: int) -> None:
    network = small(narrow=1 / 16)
    large = grown(network, size=size, channel_multiplier=2, narrow=1 / 8)
    x = torch.randn(2, 3, size, size)
    with torch.no_grad():
        image = network(F.interpolate(x, size=(32, 32), mode="area"))
        while image.shape[-1] < size:
            image = F.interpolate(image, scale_factor=2, mode="bilinear", align_corners=False)
        torch.testing.assert_close(large(x), image, rtol=1e-4, atol=1e-4)


def test_all_of_a_grown_network_learns() -> None:
    network = as_bilinear(grown(small(narrow=1 / 16), size=64, channel_multiplier=2, narrow=1 / 8)).train()
    optimizer = torch.optim.Adam(network.parameters(), 1e-3)
    x = torch.randn(2, 3, 64, 64)
    before = {name: parameter.detach().clone() for name, parameter in network.named_parameters()}
    for _ in range(3):
        optimizer.zero_grad()
        image, pyramid = network(x, return_rgb=True)
        (image.square().mean() + sum(level.square().mean() for level in pyramid)).backward()
        optimizer.step()
    still = [name for name, parameter in network.named_parameters() if torch.equal(parameter, before[name])]
    # z becomes w in the mapping network, which a restorer that makes w itself does not use.
    assert not [name for name in still if "style_mlp" not in name]


def test_what_cannot_grow_is_refused() -> None:
    sizes: dict[str, Any] = {"size": 32, "channel_multiplier": 1, "narrow": 1 / 32}
    with pytest.raises(ValueError, match="size is 16, less than the network's 32"):
        grown(small(), **{**sizes, "size": 16})
    with pytest.raises(ValueError, match="narrow is"):
        grown(small(), **{**sizes, "narrow": 1 / 64})
    with pytest.raises(ValueError, match="only a clean network"):
        grown(as_bilinear(small()), **sizes)
    with pytest.raises(ValueError, match="has 4 channels, less than the 6"):
        grown(small(), **{**sizes, "size": 64})
