"""FID: its mathematics against another way to calculate, its network against torchvision's."""

from pathlib import Path

import numpy as np
import pytest
import scipy.linalg
import torch
from torch import nn
from torchvision.models.inception import Inception3

from core.errors import ModelError
from trainer.scoring.frechet import FIDInception, frechet_distance, load_inception


def test_it_is_the_formula_with_a_matrix_root() -> None:
    generator = np.random.default_rng(0)
    first = generator.normal(size=(300, 20)) @ generator.normal(size=(20, 20))
    second = generator.normal(size=(250, 20)) + 0.5
    c1, c2 = np.cov(first.T), np.cov(second.T)
    root = scipy.linalg.sqrtm(c1 @ c2).real
    expected = ((first.mean(0) - second.mean(0)) ** 2).sum() + np.trace(c1 + c2 - 2 * root)
    assert frechet_distance(first, second) == pytest.approx(expected, rel=1e-9)


def test_known_distances() -> None:
    features = np.random.default_rng(0).normal(size=(10, 50))  # fewer pictures than features
    assert frechet_distance(features, features) == pytest.approx(0, abs=1e-9)
    assert frechet_distance(features, features + 2) == pytest.approx(4 * 50)
    # Twice as wide: |C^1/2 - 2 C^1/2|^2 = tr C.
    centred = features - features.mean(0)
    assert frechet_distance(centred, 2 * centred) == pytest.approx(np.trace(np.cov(features.T)))


@pytest.mark.slow
def test_the_network_is_torchvisions_with_other_pooling() -> None:
    torch.manual_seed(0)
    theirs = Inception3(num_classes=1008, aux_logits=False, init_weights=False).eval()
    ours = FIDInception(theirs.state_dict())
    blocks = [module for module in ours.modules() if type(module).__name__ == "_OtherPool"]
    assert len(blocks) == 9
    assert isinstance(blocks[-1].pool, nn.MaxPool2d)
    seen: list[torch.Tensor] = []
    theirs.avgpool.register_forward_pre_hook(lambda _, inputs: seen.append(inputs[0].mean((2, 3))))
    picture = torch.rand(1, 3, 299, 299) * 2 - 1
    with torch.no_grad():
        theirs(picture)
        assert not torch.allclose(ours(picture), seen[0], rtol=1e-4)
        # With torchvision's own pooling it is torchvision's network.
        for block in blocks:
            block.pool = nn.AvgPool2d(3, 1, 1)
        torch.testing.assert_close(ours(picture), seen[0])


@pytest.mark.slow
def test_other_weights_are_refused(tmp_path: Path) -> None:
    """Also those of the same network, such as torchvision's own: with them the number would not be FID."""
    path = tmp_path / "pt_inception-2015-12-05-6726825d.pth"
    torch.save(Inception3(num_classes=1008, aux_logits=False, init_weights=False).state_dict(), path)
    with pytest.raises(ModelError, match="not the Inception of FID"):
        load_inception(path)


def test_a_file_that_cannot_be_read_is_told(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="missing"):
        load_inception(tmp_path / "missing.pth")
    with pytest.raises(ModelError, match=tmp_path.name):
        load_inception(tmp_path)
