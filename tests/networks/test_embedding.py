"""Embedding networks from files; ONNX files are made here, and the shared MobileFaceNet is used where it is."""

import sys
from pathlib import Path

import cv2
import numpy as np
import onnx
import pytest
import torch
import torch.nn.functional as F
from onnx import helper
from safetensors.torch import save_file
from torch import Tensor
from torch.profiler import ProfilerActivity, profile

from core.engines.engine import Target
from core.engines.opening import open_network
from core.errors import ModelError
from core.networks.arcface import ArcFace
from core.networks.embedding import AlignedEmbedding, GreyEmbedding, load_embedding
from core.networks.loading import load_network
from tests.networks.onnx_files import tiny_onnx

SHARED = Path(__file__).parents[3] / "shared"
MOBILEFACENET = SHARED / "weights" / "mobilefacenet.onnx"
FACES = SHARED / "faces" / "heldout"


def faces(count: int) -> Tensor:
    return torch.rand(count, 3, 64, 64, generator=torch.Generator().manual_seed(0)) * 2 - 1


@pytest.mark.parametrize(("batch", "shape"), [(1, (1, -1)), (1, (1, 8)), ("n", (-1, 8)), ("n", (0, -1))])
def test_onnx_embeds_batches(tmp_path: Path, batch: int | str, shape: tuple[int, ...]) -> None:
    weight = tiny_onnx(tmp_path / "face.onnx", batch=batch, shape=shape)
    embed = load_embedding(tmp_path / "face.onnx")
    images = faces(3).requires_grad_()
    found = embed(images)
    crops = ((AlignedEmbedding(torch.nn.Identity()).crop(images) + 1) / 2).detach()
    mean, std = torch.tensor([0.485, 0.456, 0.406]), torch.tensor([0.229, 0.224, 0.225])
    x = F.conv2d((crops - mean.view(3, 1, 1)) / std.view(3, 1, 1), torch.from_numpy(weight), stride=56)
    x = F.batch_norm(
        x, torch.tensor([0.1, -0.1]), torch.tensor([1.0, 4]), torch.tensor([1.0, 2]), torch.tensor([0.5, 0])
    )
    torch.testing.assert_close(found, x.flatten(1), rtol=1e-4, atol=1e-4)
    found.square().sum().backward()
    assert images.grad is not None
    assert (images.grad.flatten(1).abs().sum(1) > 0).all()
    assert not embed.training
    assert not any(p.requires_grad for p in embed.parameters())


def test_no_number_is_read_from_a_tensor_on_the_way(tmp_path: Path) -> None:
    """A graphics card would be waited for, and could not record the pass."""
    tiny_onnx(tmp_path / "face.onnx", batch="n", shape=(-1, 8))
    embed = load_embedding(tmp_path / "face.onnx")
    with profile(activities=[ProfilerActivity.CPU]) as profiler:
        embed(faces(2))
    seen = {event.key for event in profiler.key_averages()}
    assert "aten::conv2d" in seen
    assert "aten::_local_scalar_dense" not in seen


def test_names_in_the_file_are_not_run(tmp_path: Path) -> None:
    witness = tmp_path / "witness"
    tiny_onnx(tmp_path / "face.onnx", name=f'x", open("{witness}", "w"), "')
    load_embedding(tmp_path / "face.onnx")(faces(1))
    assert not witness.exists()


def test_files_beside_it_are_not_read(tmp_path: Path) -> None:
    path = tmp_path / "face.onnx"
    tiny_onnx(path)
    onnx.save_model(onnx.load(path), path, save_as_external_data=True, location="secret", size_threshold=0)
    with pytest.raises(ModelError, match="cannot convert"):
        load_embedding(path)


def test_other_networks_are_refused(tmp_path: Path) -> None:
    tiny_onnx(tmp_path / "face.onnx", side=128)
    with pytest.raises(ModelError, match="no network from one RGB crop of 112 px"):
        load_embedding(tmp_path / "face.onnx")


def test_networks_that_mix_faces_get_them_one_by_one(tmp_path: Path) -> None:
    path = tmp_path / "face.onnx"
    tiny_onnx(path)
    model = onnx.load(path)
    model.graph.node[-1].output[0] = "flat"
    model.graph.node.append(helper.make_node("Softmax", ["flat"], ["out"], axis=1))
    onnx.save(model, path)
    embed = load_embedding(path)
    torch.testing.assert_close(embed(faces(3)).sum(1), torch.ones(3))
    torch.testing.assert_close(embed(faces(3))[1:2], embed(faces(3)[1:2]))


def test_unreadable_files_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "face.onnx"
    with pytest.raises(ModelError, match=r"'face\.onnx' is not there"):
        load_embedding(path)
    path.write_bytes(b"\x00 no protobuf \xff" * 9)
    with pytest.raises(ModelError, match="damaged or no ONNX file"):
        load_embedding(path)
    path.write_bytes(b"")
    with pytest.raises(ModelError, match="no network from one RGB crop"):
        load_embedding(path)


def test_onnx2torch_may_be_missing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tiny_onnx(tmp_path / "face.onnx")
    monkeypatch.setitem(sys.modules, "onnx2torch", None)
    with pytest.raises(ModelError, match="pip install onnx2torch"):
        load_embedding(tmp_path / "face.onnx")


def test_arcface_from_a_weights_file(tmp_path: Path) -> None:
    torch.manual_seed(0)
    network = ArcFace((1, 1, 1, 1)).eval()
    save_file(network.state_dict(), tmp_path / "arcface.safetensors")
    embed = load_embedding(tmp_path / "arcface.safetensors")
    torch.testing.assert_close(embed(faces(2)), GreyEmbedding(network)(faces(2)))
    assert not embed.training
    assert not any(p.requires_grad for p in embed.parameters())


def test_other_weights_are_refused(tmp_path: Path) -> None:
    save_file({"weight": torch.zeros(1)}, tmp_path / "other.safetensors")
    with pytest.raises(ModelError, match="no network this program knows"):
        load_embedding(tmp_path / "other.safetensors")


@pytest.mark.skipif(not MOBILEFACENET.exists() or not FACES.exists(), reason="the shared weights are not here")
def test_mobilefacenet_has_opencvs_numbers_and_knows_people() -> None:
    embed = load_embedding(MOBILEFACENET)
    assert isinstance(embed, AlignedEmbedding)
    pictures = [cv2.imread(str(path))[..., ::-1] for path in sorted(FACES.glob("real-*"))[:4]]
    images = torch.stack([torch.from_numpy(x.copy()).permute(2, 0, 1).float() / 127.5 - 1 for x in pictures])
    found = embed(images)
    opencv = cv2.dnn.readNetFromONNX(str(MOBILEFACENET))
    for crop, embedding in zip(((embed.crop(images) + 1) / 2 - embed.mean) / embed.std, found, strict=True):
        opencv.setInput(crop[None].numpy())
        np.testing.assert_allclose(embedding.numpy(), opencv.forward()[0], atol=1e-4)
    # The same people: mirrored, darker and at 128 px.
    small = F.interpolate(images.flip(3) * 0.7, size=128, mode="bilinear", antialias=True)
    similarity = F.normalize(embed(small)) @ F.normalize(found).T
    assert similarity.diagonal().min() > 0.7
    assert (similarity - similarity.diagonal().diag()).max() < 0.4


@pytest.mark.parametrize("target", [Target("pytorch", "cpu"), Target("openvino", "CPU")], ids=str)
def test_engines_embed_as_the_trainer_does(tmp_path: Path, target: Target) -> None:
    tiny_onnx(tmp_path / "face.onnx")
    images = F.interpolate(faces(2), size=512, mode="bilinear")
    engine = open_network(tmp_path / "face.onnx", "identity", target).engine
    assert engine.size == 512
    assert engine.target == target
    np.testing.assert_allclose(
        engine.run(images.numpy()), load_embedding(tmp_path / "face.onnx")(images), atol=1e-4
    )


def test_an_embedding_network_is_no_restorer(tmp_path: Path) -> None:
    tiny_onnx(tmp_path / "face.onnx")
    with pytest.raises(ModelError, match="is a face recognition network; a face restorer was expected"):
        load_network(tmp_path / "face.onnx", expect="restorer")
