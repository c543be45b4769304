"""LPIPS: its formula by hand, and files that would make another number of it."""

from pathlib import Path

import numpy as np
import pytest
import torch
from torchvision.models import squeezenet1_1

from core.errors import ModelError
from trainer.scoring.lpips import load_lpips, load_uncalibrated, lpips_of, read_heads

WEIGHTS = Path(__file__).parents[4] / "shared" / "weights"
CHANNELS = (64, 128, 256, 384, 384, 512, 512)


@pytest.fixture
def squeezenet() -> dict[str, torch.Tensor]:
    torch.manual_seed(0)
    return dict(squeezenet1_1(weights=None).state_dict())


def heads() -> list[torch.Tensor]:
    return [torch.rand(channels) for channels in CHANNELS]


def by_formula(state: dict[str, torch.Tensor], x: torch.Tensor, weights: list[torch.Tensor]) -> float:
    """The distance of the two pictures of `x`, as the network takes them."""
    layers = squeezenet1_1(weights=None)
    layers.load_state_dict(state)
    expected = 0.0
    with torch.no_grad():
        for place, layer in enumerate(layers.features):
            x = layer(x)
            if place in (1, 4, 7, 9, 10, 11, 12):
                first, second = (f / np.sqrt((f**2).sum(0)) for f in x.double().numpy())
                weight = weights[(1, 4, 7, 9, 10, 11, 12).index(place)].double().numpy()[:, None, None]
                expected += np.nansum(weight * (first - second) ** 2, axis=0).mean()
    return expected


def test_it_is_the_formula(squeezenet: dict[str, torch.Tensor]) -> None:
    weights = heads()
    pictures = torch.rand(2, 3, 64, 64) * 2 - 1
    mean, deviation = np.array([-0.030, -0.088, -0.188]), np.array([0.458, 0.448, 0.450])
    x = torch.from_numpy((pictures.numpy() - mean[:, None, None]) / deviation[:, None, None]).float()
    found = lpips_of("SqueezeNet 1.1", squeezenet, weights)(pictures[:1], pictures[1:])
    assert found.shape == (1,)
    assert float(found) == pytest.approx(by_formula(squeezenet, x, weights), rel=1e-4)


def test_without_heads_every_channel_counts_alike(tmp_path: Path, squeezenet: dict[str, torch.Tensor]) -> None:
    pictures = torch.rand(2, 3, 64, 64) * 2 - 1
    # What Caffe's weights take: BGR in 0..255, less its mean.
    x = (pictures.flip(1) + 1) * 127.5 - torch.tensor([104.0, 117.0, 123.0]).view(3, 1, 1)
    expected = by_formula(squeezenet, x, [torch.ones(channels) for channels in CHANNELS])
    torch.save(squeezenet, tmp_path / "squeezenet.pth")
    found = load_uncalibrated(tmp_path / "squeezenet.pth")(pictures[:1], pictures[1:])
    assert float(found) == pytest.approx(expected, rel=1e-4)


def test_alike_is_zero_and_a_batch_is_its_pictures(squeezenet: dict[str, torch.Tensor]) -> None:
    network = lpips_of("SqueezeNet 1.1", squeezenet, heads())
    first, second = torch.rand(2, 3, 64, 64) * 2 - 1, torch.rand(2, 3, 64, 64) * 2 - 1
    assert network(first, first).tolist() == [0, 0]
    torch.testing.assert_close(network(first, second)[1:], network(first[1:], second[1:]))


def test_heads_of_another_network_are_refused(squeezenet: dict[str, torch.Tensor]) -> None:
    with pytest.raises(ModelError, match="not those of SqueezeNet"):
        lpips_of("SqueezeNet 1.1", squeezenet, heads()[::-1])
    with pytest.raises(ModelError, match="weights are not those of AlexNet"):
        lpips_of("AlexNet", squeezenet, heads())


def test_other_weights_than_torchvisions_would_not_be_lpips(
    tmp_path: Path, squeezenet: dict[str, torch.Tensor]
) -> None:
    torch.save(squeezenet, tmp_path / "squeezenet1_1-b8a52dc0.pth")
    with pytest.raises(ModelError, match="none of torchvision's networks"):
        load_lpips(tmp_path / "heads.pth", tmp_path / "squeezenet1_1-b8a52dc0.pth")


def test_a_file_without_heads(tmp_path: Path) -> None:
    torch.save({"weight": torch.ones(3)}, tmp_path / "other.pth")
    with pytest.raises(ModelError, match="no heads of LPIPS"):
        read_heads(tmp_path / "other.pth")


@pytest.mark.skipif(not WEIGHTS.exists(), reason="the shared weights are not here")
def test_the_librarys_heads_fit(squeezenet: dict[str, torch.Tensor]) -> None:
    published = read_heads(WEIGHTS / "lpips-squeeze-heads.pth")
    assert tuple(map(len, published)) == CHANNELS
    assert all((head >= 0).all() for head in published)
    lpips_of("SqueezeNet 1.1", squeezenet, published)
