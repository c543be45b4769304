"""The identity loss: its formula with small networks, and what the real networks are shown."""

import math
from pathlib import Path

import cv2
import numpy as np
import pytest
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from core.alignment import FFHQ_TEMPLATE, fit_similarity, transform
from core.networks.arcface import ArcFace
from core.networks.embedding import ARCFACE_TEMPLATE, AlignedEmbedding, GreyEmbedding
from core.types import Alignment
from tests.trainer.pictures import images, to_tensor
from trainer.losses.identity import IdentityLoss

pytestmark = pytest.mark.usefixtures("seeded")

SHARED = Path(__file__).parents[3] / "shared"
MOBILEFACENET = SHARED / "weights" / "mobilefacenet.onnx"
FACES = SHARED / "faces" / "heldout"


def test_identity_loss_by_hand() -> None:
    restored, truth = torch.tensor([[1.0, 0.0], [0.0, 2.0]]), torch.tensor([[0.0, 1.0], [0.0, 1.0]])
    assert IdentityLoss(nn.Identity())(restored, truth)["identity"].item() == pytest.approx(10 * 3 / 4)
    cosine = IdentityLoss(nn.Identity(), distance="cosine")
    assert cosine(restored, truth)["identity"].item() == pytest.approx(10 * (1 + 0) / 2)
    angle = IdentityLoss(nn.Identity(), distance="angle")
    assert angle(restored, truth)["identity"].item() == pytest.approx(10 * (math.pi / 2 + 0) / 2, abs=0.02)
    assert IdentityLoss(nn.Identity(), weight=0)(None, None) == {}


def test_the_angle_of_what_is_right_already_has_a_gradient_that_is_a_number() -> None:
    embedding = torch.tensor([[3.0, 4.0]], requires_grad=True)
    IdentityLoss(nn.Identity(), distance="angle")(embedding, embedding.detach())["identity"].backward()
    assert embedding.grad is not None
    assert embedding.grad.isfinite().all()


@pytest.mark.parametrize("distance", ["l1", "cosine", "angle"])
def test_identity_against_its_formula(distance: str) -> None:
    network = nn.Sequential(nn.Flatten(), nn.Linear(128 * 128, 4)).double()
    loss = IdentityLoss(GreyEmbedding(network), distance=distance)
    restored, truth = images(2, 3, 64, 64), images(2, 3, 64, 64)
    found, expected = (
        network(F.interpolate(torch.einsum("c,nchw->nhw", grey, x)[:, None], size=128, mode="bilinear"))
        for grey in [torch.tensor([0.2989, 0.5870, 0.1140], dtype=torch.float64)]
        for x in (restored, truth)
    )
    cosine = (found * expected).sum(1) / found.norm(dim=1) / expected.norm(dim=1)
    by_hand = {"l1": (found - expected).abs(), "cosine": 1 - cosine, "angle": cosine.acos()}
    wanted = 10 * by_hand[distance].mean()
    torch.testing.assert_close(loss(restored, truth)["identity"], wanted)


@pytest.mark.parametrize("distance", ["l1", "cosine", "angle"])
@pytest.mark.parametrize(("embedding", "channels"), [(GreyEmbedding, 1), (AlignedEmbedding, 3)])
def test_identity_gradients(embedding: type[nn.Module], channels: int, distance: str) -> None:
    network = nn.Sequential(nn.AdaptiveAvgPool2d(2), nn.Flatten(), nn.Linear(4 * channels, 3), nn.Tanh())
    loss = IdentityLoss(embedding(network), distance=distance).double()
    truth, restored = images(2, 3, 4, 4).requires_grad_(), images(2, 3, 4, 4).requires_grad_()
    assert torch.autograd.gradcheck(lambda x: loss(x, truth)["identity"], restored)
    loss(restored, truth)["identity"].backward()
    assert truth.grad is None


def test_arcface_stays_as_it_is() -> None:
    network = ArcFace((1, 1, 1, 1))
    loss = IdentityLoss(GreyEmbedding(network)).train()
    before = {key: value.clone() for key, value in network.state_dict().items()}
    image = torch.rand(2, 3, 64, 64, requires_grad=True)
    terms = loss(image, torch.rand(2, 3, 64, 64))
    torch.testing.assert_close(loss(image, image)["identity"].item(), 0.0)
    terms["identity"].backward()
    assert image.grad is not None
    assert image.grad.abs().sum() > 0
    torch.testing.assert_close(dict(network.state_dict()), before, rtol=0, atol=0)
    assert all(parameter.grad is None for parameter in network.parameters())


@pytest.mark.parametrize("size", [512, 256, 64])
def test_aligned_crop_puts_landmarks_into_arcfaces_places(size: int) -> None:
    # An image of its own coordinates at 512 px; the crop tells where each of its pixels came from.
    centres = (torch.arange(size) + 0.5) * 512 / size - 0.5
    rows, columns = torch.meshgrid(centres, centres, indexing="ij")
    crop = AlignedEmbedding(nn.Identity()).crop(torch.stack((columns, rows, rows))[None])[0]
    assert crop.shape == (3, 112, 112)
    matrix = fit_similarity(FFHQ_TEMPLATE, Alignment.LEAST_SQUARES, ARCFACE_TEMPLATE)
    inner = np.mgrid[20:92, 20:92][::-1].reshape(2, -1).T
    sources = crop[:2, 20:92, 20:92].flatten(1).T.double().numpy()
    np.testing.assert_allclose(transform(matrix, sources), inner, atol=0.05)
    assert np.abs(transform(matrix, FFHQ_TEMPLATE) - ARCFACE_TEMPLATE).max() < 2.5


def test_aligned_crop_is_imagenet_normalised() -> None:
    white = AlignedEmbedding(nn.Identity())(torch.ones(1, 3, 64, 64))
    expected = (1 - torch.tensor([0.485, 0.456, 0.406])) / torch.tensor([0.229, 0.224, 0.225])
    torch.testing.assert_close(white, expected.view(3, 1, 1).expand(1, 3, 112, 112))


def test_aligned_crop_does_not_alias() -> None:
    checkerboard = (torch.arange(512)[:, None] + torch.arange(512)) % 2 * 2.0 - 1
    crop = AlignedEmbedding(nn.Identity()).crop(checkerboard.expand(1, 3, -1, -1))
    assert crop.abs().max() < 0.1


@pytest.mark.skipif(not MOBILEFACENET.exists() or not FACES.exists(), reason="the shared weights are not here")
def test_mobilefacenet_knows_people_from_this_crop() -> None:
    network = cv2.dnn.readNetFromONNX(str(MOBILEFACENET))

    class Onnx(nn.Module):
        def forward(self, crops: Tensor) -> Tensor:
            found = []
            for crop in crops:
                network.setInput(crop[None].numpy())
                found.append(torch.from_numpy(network.forward().copy()))
            return torch.cat(found)

    embed = AlignedEmbedding(Onnx())
    faces = [cv2.imread(str(path))[..., ::-1] for path in sorted(FACES.glob("real-*"))[:4]]
    sharp = F.normalize(embed(torch.cat([to_tensor(face) for face in faces])))
    blurred = F.normalize(embed(torch.cat([to_tensor(cv2.GaussianBlur(face, (0, 0), 4)) for face in faces])))
    similarity = blurred @ sharp.T
    assert similarity.diagonal().min() > 0.8
    assert (similarity - torch.diag(similarity.diagonal())).max() < 0.5
