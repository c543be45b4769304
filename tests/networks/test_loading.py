"""Weights files: told by their content, loaded whole, and refused in one sentence when they cannot be."""

import hashlib
import itertools
import logging
import pickle
from pathlib import Path

import pytest
import torch
from torch import Tensor, nn

from core.errors import ModelError
from core.networks.arcface import ArcFace
from core.networks.gfpgan import GFPGAN
from core.networks.loading import LoadedNetwork, load_network, read_state_dict, save_network
from core.networks.stylegan2 import StyleGAN2Generator
from core.networks.variants import VARIANTS, get_variant

TINY = {"style_dim": 16, "narrow": 0.0625, "num_mlp": 2}
BUNDLED = Path(__file__).parents[2] / "resources" / "weights"
SHARED = Path(__file__).parents[3] / "shared" / "weights"
FLAGS = list(itertools.product(VARIANTS, [True, False], [True, False], [True, False], [True, False]))


def gfpgan(variant: str = "clean", size: int = 64, **options: object) -> GFPGAN:
    return GFPGAN(get_variant(variant), size, **{**TINY, "channel_multiplier": 1, **options})  # type: ignore[arg-type]


def assert_same(loaded: LoadedNetwork, network: nn.Module) -> None:
    state = loaded.module.state_dict()
    for key, value in network.state_dict().items():
        assert torch.equal(state[key], value), key
    assert not loaded.module.training
    assert not any(p.requires_grad for p in loaded.module.parameters())
    assert all(p.dtype == torch.float32 for p in loaded.module.parameters())


def refusal(path: Path, **options: object) -> str:
    with pytest.raises(ModelError) as caught:
        load_network(path, **options)  # type: ignore[arg-type]
    message = str(caught.value)
    assert message.startswith(f"'{path.name}'")
    assert message.endswith(".")
    assert "\n" not in message
    return message


# Every hyperparameter comes back from the file.


@pytest.mark.parametrize(("variant", "sft_half", "different_w", "input_is_latent", "spatial_modulation"), FLAGS)
def test_own_files_bring_all_hyperparameters_back(
    tmp_path: Path,
    variant: str,
    sft_half: bool,
    different_w: bool,
    input_is_latent: bool,
    spatial_modulation: bool,
) -> None:
    network = gfpgan(
        variant,
        16,
        narrow=0.07,
        sft_half=sft_half or not spatial_modulation,
        different_w=different_w,
        input_is_latent=input_is_latent,
        spatial_modulation=spatial_modulation,
        lr_mlp=0.02,
    )
    save_network(network, tmp_path / "x.safetensors", {"title": "A title"})
    loaded = load_network(tmp_path / "x.safetensors", expect="restorer")
    assert loaded.module.hyperparameters == network.hyperparameters
    assert loaded.metadata["title"] == "A title"
    assert_same(loaded, network)
    image = torch.rand(1, 3, 16, 16)
    with torch.inference_mode():
        assert torch.equal(loaded.module(image), network.eval()(image))


@pytest.mark.parametrize("narrow", [0.0625, 0.07, 0.3])
@pytest.mark.parametrize("channel_multiplier", [0.5, 1, 2, 3, 4])
@pytest.mark.parametrize("size", [64, 128])
def test_shapes_alone_bring_the_widths_back(
    tmp_path: Path, narrow: float, channel_multiplier: float, size: int
) -> None:
    network = gfpgan("clean", size, narrow=narrow, channel_multiplier=channel_multiplier)
    torch.save({"params_ema": network.state_dict()}, tmp_path / "x.pth")
    loaded = load_network(tmp_path / "x.pth")
    assert_same(loaded, network)
    options = loaded.module.hyperparameters
    assert isinstance(options, dict)
    assert options["channel_multiplier"] == channel_multiplier
    assert options["narrow"] == pytest.approx(narrow, rel=0.05)
    assert {"size": size, "style_dim": 16, "num_mlp": 2}.items() <= options.items()


@pytest.mark.parametrize("wrapper", ["params_ema", "params", "state_dict", None])
@pytest.mark.parametrize("legacy", [True, False])
@pytest.mark.parametrize("prefix", ["", "module."])
def test_pytorch_files_in_every_wrapping(tmp_path: Path, wrapper: str | None, legacy: bool, prefix: str) -> None:
    network = gfpgan(size=8)
    state: dict[str, object] = {prefix + key: value for key, value in network.state_dict().items()}
    if wrapper:
        state = {wrapper: state, "iter": 3}
    if wrapper == "params_ema":
        state["params"] = {"wrong": torch.zeros(1)}
    path = tmp_path / "x.pth"
    torch.save(state, path, _use_new_zipfile_serialization=not legacy)
    assert_same(load_network(path), network)


def test_half_precision_files_load_as_float32(tmp_path: Path) -> None:
    network = gfpgan(size=8)
    save_network(network, tmp_path / "x.safetensors", dtype=torch.float16)
    assert {v.dtype for v in read_state_dict(tmp_path / "x.safetensors")[0].values()} == {torch.float16}
    assert_same(load_network(tmp_path / "x.safetensors"), network.half().float())


# Original and bilinear have the same keys.


def ambiguous(tmp_path: Path, channel_multiplier: int = 1) -> Path:
    path = tmp_path / "ambiguous.pth"
    torch.save(gfpgan("original", channel_multiplier=channel_multiplier).state_dict(), path)
    return path


def variant_of(path: Path, **options: object) -> object:
    module = load_network(path, **options).module  # type: ignore[arg-type]
    assert isinstance(module, GFPGAN | StyleGAN2Generator)
    return module.hyperparameters["variant"]


@pytest.mark.parametrize(("channel_multiplier", "variant"), [(1, "original"), (2, "bilinear")])
def test_the_rule_of_thumb_is_said_in_the_log(
    tmp_path: Path, channel_multiplier: int, variant: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    assert variant_of(ambiguous(tmp_path, channel_multiplier)) == variant
    assert f"taken as {variant} by its channels" in caplog.text


def test_checksum_then_metadata_then_argument_then_rule_of_thumb(tmp_path: Path) -> None:
    path = ambiguous(tmp_path)
    sha256 = hashlib.sha256(path.read_bytes()).hexdigest()
    assert variant_of(path, variant="bilinear") == "bilinear"
    assert variant_of(path, variant="bilinear", known_variants={sha256: "original"}) == "original"
    assert variant_of(path, variant="bilinear", known_variants={"0" * 64: "original"}) == "bilinear"
    own = tmp_path / "own.safetensors"
    save_network(gfpgan("bilinear"), own)
    assert variant_of(own) == "bilinear"
    assert variant_of(own, variant="original") == "bilinear"
    sha256 = hashlib.sha256(own.read_bytes()).hexdigest()
    assert variant_of(own, known_variants={sha256: "original"}) == "original"


def test_a_clean_file_is_clean_whatever_is_said(tmp_path: Path) -> None:
    save_network(gfpgan("clean"), tmp_path / "x.safetensors", {"variant": "original"})
    assert variant_of(tmp_path / "x.safetensors", variant="bilinear") == "clean"


# The other networks.


@pytest.mark.parametrize("variant", VARIANTS)
def test_stylegan2(tmp_path: Path, variant: str) -> None:
    network = StyleGAN2Generator(get_variant(variant), 64, 16, 2, 0.0625, 3)
    save_network(network, tmp_path / "x.safetensors")
    loaded = load_network(tmp_path / "x.safetensors", expect="prior")
    assert loaded.module.hyperparameters == network.hyperparameters
    assert_same(loaded, network)


def test_a_published_stylegan2_is_taken_as_original(tmp_path: Path) -> None:
    network = StyleGAN2Generator("original", 64, 16, 2, 0.0625, 3)
    torch.save({"params_ema": network.state_dict()}, tmp_path / "x.pth")
    assert variant_of(tmp_path / "x.pth") == "original"


@pytest.mark.parametrize("use_se", [True, False])
def test_arcface(tmp_path: Path, use_se: bool) -> None:
    network = ArcFace((1, 2, 1, 1), use_se=use_se)
    torch.save({f"module.{key}": value for key, value in network.state_dict().items()}, tmp_path / "x.pth")
    loaded = load_network(tmp_path / "x.pth", expect="identity")
    assert_same(loaded, network)


@pytest.mark.slow
@pytest.mark.parametrize("name", ["mobile0.25", "resnet50"])
@pytest.mark.filterwarnings("ignore:The parameter 'pretrained'", "ignore:Arguments other than a weight")
def test_detectors(tmp_path: Path, name: str) -> None:
    from facexlib.detection.retinaface import RetinaFace

    network = RetinaFace(network_name=name, device=torch.device("cpu"))
    state = {
        f"module.{key}": value
        for key, value in network.state_dict().items()
        if not key.endswith("num_batches_tracked")
    }
    torch.save(state | {"module.body.fc.weight": torch.zeros(2, 2)}, tmp_path / "x.pth")
    loaded = load_network(tmp_path / "x.pth", expect="detector")
    assert_same(loaded, network)
    with torch.inference_mode():
        assert loaded.module(torch.zeros(1, 3, 64, 64))[1].shape[-1] == 2


@pytest.mark.slow
def test_parser(tmp_path: Path) -> None:
    from facexlib.parsing.parsenet import ParseNet

    network = ParseNet(in_size=512, out_size=512, parsing_ch=19)
    torch.save(network.state_dict(), tmp_path / "x.pth")
    loaded = load_network(tmp_path / "x.pth", expect="parser")
    assert_same(loaded, network)
    with torch.inference_mode():
        assert loaded.module(torch.zeros(1, 3, 64, 64))[0].shape == (1, 19, 64, 64)


def test_the_bundled_models() -> None:
    restorer = load_network(BUNDLED / "bundled-restorer.safetensors", expect="restorer")
    assert restorer.metadata["licence"].startswith("non-commercial")
    with torch.inference_mode():
        restored = restorer.module(torch.zeros(1, 3, 512, 512))
    assert restored.shape == (1, 3, 512, 512)
    assert float(restored.abs().max()) < 2
    detector = load_network(BUNDLED / "bundled-detector.safetensors", expect="detector")
    assert detector.metadata["score_threshold"] == "0.8"


@pytest.mark.skipif(not SHARED.exists(), reason="needs the weights beside the checkout")
def test_a_published_detector() -> None:
    loaded = load_network(SHARED / "retinaface_mobilenet0.25.pth", expect="detector")
    assert loaded.description == "RetinaFace (mobilenet0.25)"


# Files that are refused.


class Bomb:
    """Unpickled freely, it leaves a file behind."""

    def __init__(self, trace: Path) -> None:
        self.trace = trace

    def __reduce__(self) -> tuple[object, ...]:
        return (Path.touch, (self.trace,))


@pytest.mark.parametrize("form", ["zip", "legacy", "pickle"])
def test_code_in_a_pickle_is_refused_and_never_run(tmp_path: Path, form: str) -> None:
    trace, path = tmp_path / "ran", tmp_path / "evil.pth"
    content = {"params_ema": {"weight": torch.zeros(1)}, "x": Bomb(trace)}
    if form == "pickle":
        path.write_bytes(pickle.dumps({"x": Bomb(trace)}, protocol=2))
    else:
        torch.save(content, path, _use_new_zipfile_serialization=form == "zip")
    assert "Python code" in refusal(path)
    assert not trace.exists()


@pytest.mark.filterwarnings("ignore:.*torch.jit")
def test_a_whole_pickled_or_scripted_network_is_refused(tmp_path: Path) -> None:
    torch.save(nn.Linear(2, 2), tmp_path / "whole.pth")
    assert "Python code" in refusal(tmp_path / "whole.pth")
    torch.jit.script(nn.Linear(2, 2)).save(tmp_path / "scripted.pt")
    assert "Python code" in refusal(tmp_path / "scripted.pt")


@pytest.fixture
def good(tmp_path: Path) -> dict[str, bytes]:
    network = gfpgan(size=8)
    save_network(network, tmp_path / "good.safetensors")
    torch.save(network.state_dict(), tmp_path / "good.pth")
    torch.save(network.state_dict(), tmp_path / "legacy.pth", _use_new_zipfile_serialization=False)
    return {path.name: path.read_bytes() for path in tmp_path.iterdir()}


@pytest.mark.parametrize("name", ["good.safetensors", "good.pth", "legacy.pth"])
@pytest.mark.parametrize("part", [0.0001, 0.01, 0.5, 0.999])
def test_a_truncated_file_is_refused(tmp_path: Path, good: dict[str, bytes], name: str, part: float) -> None:
    path = tmp_path / f"short-{name}"
    path.write_bytes(good[name][: int(len(good[name]) * part) or 1])
    assert "damaged or no weights file" in refusal(path)


@pytest.mark.parametrize(
    "content",
    [b"hello", b"<!DOCTYPE html><html>Not Found</html>", b"\x80\x02.", bytes(range(256)) * 20, b"PK\x03\x04"],
)
def test_other_files_are_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "x.pth"
    path.write_bytes(content)
    assert "download it again" in refusal(path)


def test_empty_missing_and_folder(tmp_path: Path) -> None:
    (tmp_path / "empty.pth").touch()
    assert "is empty" in refusal(tmp_path / "empty.pth")
    assert "is not there" in refusal(tmp_path / "none.pth")
    (tmp_path / "folder.pth").mkdir()
    refusal(tmp_path / "folder.pth")


@pytest.mark.parametrize("content", [{}, [1, 2], {"epoch": 3}, {"state_dict": {}}, torch.zeros(3)])
def test_a_file_without_weights(tmp_path: Path, content: object) -> None:
    torch.save(content, tmp_path / "x.pth")
    assert "holds no weights" in refusal(tmp_path / "x.pth")


def test_another_kind_than_expected(tmp_path: Path) -> None:
    save_network(ArcFace((1, 1, 1, 1)), tmp_path / "x.safetensors")
    message = refusal(tmp_path / "x.safetensors", expect="restorer")
    assert message == "'x.safetensors' is a face recognition network; a face restorer was expected."


def test_an_unknown_network_names_its_keys(tmp_path: Path) -> None:
    save_network({"b.weight": torch.zeros(1), "a.bias": torch.zeros(1)}, tmp_path / "x.safetensors")
    assert "(it begins with a.bias, b.weight)" in refusal(tmp_path / "x.safetensors")


def edited(tmp_path: Path, **changes: Tensor | None) -> Path:
    """A GFP-GAN file with the entries `changes` (dots written as __) replaced, or left out."""
    state = gfpgan().state_dict()
    for key, value in changes.items():
        state.pop(key.replace("__", "."), None)
        if value is not None:
            state[key.replace("__", ".")] = value
    save_network(state, tmp_path / "x.safetensors")
    return tmp_path / "x.safetensors"


def test_missing_strange_and_misshapen_entries(tmp_path: Path) -> None:
    assert "'final_conv.bias' is missing" in refusal(edited(tmp_path, final_conv__bias=None))
    assert "'strange' does not belong to it" in refusal(edited(tmp_path, strange=torch.zeros(1)))
    assert "'final_conv.bias' is (3,) and not (16,)" in refusal(edited(tmp_path, final_conv__bias=torch.zeros(3)))
    wrong = refusal(edited(tmp_path, stylegan_decoder__constant_input__weight=torch.zeros(1, 99, 4, 4)))
    assert "parts are missing or have the wrong size" in wrong
    assert "wrong size" in refusal(edited(tmp_path, final_linear__weight=torch.zeros(3)))


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_weights_that_are_not_numbers(tmp_path: Path, value: float) -> None:
    path = edited(tmp_path, final_conv__bias=torch.full((16,), value))
    assert "not numbers ('final_conv.bias')" in refusal(path)


def test_sparse_weights(tmp_path: Path) -> None:
    state = gfpgan().state_dict()
    state["final_conv.bias"] = torch.ones(16).to_sparse()
    torch.save(state, tmp_path / "x.pth")
    assert "sparse or quantised" in refusal(tmp_path / "x.pth")


# Writing.


def test_saving_leaves_one_file_and_replaces_the_old_one(tmp_path: Path) -> None:
    path = tmp_path / "new folder" / "x.safetensors"
    save_network({"a": torch.zeros(2)}, path)
    shared = torch.arange(6.0).view(2, 3)
    save_network({"a": shared, "b": shared.t(), "n": torch.tensor(3)}, path, {"yes": True, "n": 3})
    assert [file.name for file in path.parent.iterdir()] == ["x.safetensors"]
    state, metadata = read_state_dict(path)
    assert torch.equal(state["b"], shared.t())
    assert metadata == {"format": "pt", "yes": "true", "n": "3"}


def test_saving_what_does_not_fit_is_refused_and_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="too large"):
        save_network({"a": torch.tensor([1e9])}, tmp_path / "x.safetensors", dtype=torch.float16)
    (tmp_path / "folder").mkdir()
    with pytest.raises(ModelError, match="'folder' could not be written"):
        save_network({"a": torch.zeros(1)}, tmp_path / "folder")
    assert [file.name for file in tmp_path.iterdir()] == ["folder"]
