"""Going on with a run otherwise than it began."""

from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save_file

from tests.trainer.conftest import soft_dataset, train
from trainer.checkpoint import read_checkpoint
from trainer.estimate import Estimate
from trainer.events import Done, Warning
from trainer.losses.features import squeezenet_features

pytestmark = pytest.mark.slow


def add_squeezenet(models: Path) -> None:
    """A feature network with random weights where losses look for it."""
    torch.manual_seed(0)
    models.mkdir(exist_ok=True)
    save_file(squeezenet_features().state_dict(), models / "squeezenet.safetensors")


def messages(warnings: list[Warning]) -> str:
    return " ".join(warning.message for warning in warnings)


def test_a_network_that_came_meanwhile_judges_the_model_before_too(
    tmp_path: Path, dataset: Path, clean_base: Path, own_models_folder: Path
) -> None:
    out, wanted = tmp_path / "anna", {"losses__perceptual": 1}
    wanted |= {"losses__perceptual_network": "squeezenet.safetensors", "network__base": str(clean_base)}
    first = train(out, dataset, "--allow-missing", steps=2, **wanted)
    assert first.events[-1].metrics["before"].keys() == {"psnr", "ssim"}  # type: ignore[attr-defined]
    add_squeezenet(own_models_folder)
    again = train(out, None, steps=4)
    assert (first.code, again.code) == (0, 0)
    assert "measured anew" in messages(again.of(Warning))
    done = again.of(Done)[-1]
    assert done.metrics["before"].keys() == done.metrics["after"].keys() == {"psnr", "ssim", "perceptual"}
    assert done.metrics["before"]["psnr"] == first.of(Done)[0].metrics["before"]["psnr"]
    card = (out / "model.md").read_text()
    assert "4 steps" in card
    assert "Loss terms: l1, pyramid, perceptual." in card
    # Once more without anything new: nothing is measured anew.
    over = train(out, None, steps=5)
    assert messages(over.of(Warning)).count("measured anew") == 1


def test_without_its_base_a_run_that_is_judged_otherwise_has_nothing_to_compare_with(
    tmp_path: Path, clean_base: Path
) -> None:
    data, base, out = soft_dataset(tmp_path / "data", 6), tmp_path / "base.safetensors", tmp_path / "anna"
    base.write_bytes(clean_base.read_bytes())
    train(out, data, network__base=base)
    base.unlink()
    before = load_file(out / "model.safetensors")
    again = train(out, None, steps=5, data__held_out=1)
    assert again.code == 0
    assert "The model that the run began with is gone" in messages(again.of(Warning))
    assert again.of(Done)[-1].metrics["before"] == {}
    after = load_file(out / "model.safetensors")
    assert any(bool((before[key] != after[key]).any()) for key in before)


def content(folder: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()
    }


@pytest.mark.parametrize(
    ("options", "settings", "code", "sentence"),
    [
        (["--estimate"], {"steps": 5}, 0, "The run takes"),
        ([], {"device": "cuda:77"}, 2, "cannot be used here"),
        ([], {"losses__l1": 0, "losses__pyramid": 0}, 2, "No loss term is on"),
        ([], {"losses__perceptual": 1, "losses__allow_missing": "false"}, 2, "perceptual_network"),
        ([], {"losses__component": 1}, 2, "losses.component cannot be switched on or off"),
    ],
)
def test_what_does_not_go_on_changes_nothing(
    tmp_path: Path, dataset: Path, options: list[str], settings: dict[str, object], code: int, sentence: str
) -> None:
    out = tmp_path / "anna"
    assert train(out, dataset).code == 0
    before = content(out)
    tried = train(out, None, *options, **settings)
    assert (tried.code, sentence in tried.said, "--resume goes on" in tried.said) == (code, True, False)
    assert content(out) == before
    assert train(out, None, steps=4).code == 0


def test_betas_and_precision_may_change(tmp_path: Path, dataset: Path) -> None:
    out = tmp_path / "anna"
    train(out, dataset)
    again = train(out, None, steps=4, optimizer__betas="[0.5, 0.9]", precision="fp16")
    assert again.code == 0
    optimizer = read_checkpoint(out / "checkpoints" / "step-000004.ckpt")["training"]["optimizer"]
    assert optimizer["param_groups"][0]["betas"] == (0.5, 0.9)


def test_the_estimate_of_what_is_left(
    tmp_path: Path, dataset: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "anna"
    discriminators = {"losses__adversarial": 1, "losses__component": 1, "every__evaluation": 2}
    assert train(out, dataset, every__checkpoint=1, **discriminators).code == 0
    seen = []
    monkeypatch.setattr(
        "trainer.rehearsal.estimate", lambda measured, **rest: seen.append((measured, rest)) or whole
    )
    whole = Estimate(1.0, 1, 1, "cpu", 10**12, 10**12)
    assert train(out, None, "--estimate", steps=5).code == 0
    ((measured, rest),) = seen
    files = {path.stat().st_ino: path.stat().st_size for path in (out / "checkpoints").iterdir()}
    assert rest["held_bytes"] == sum(files.values())
    assert rest["steps_left"] == 2
    # A file has names beside the numbers.
    assert measured.state_bytes < max(files.values()) < 1.3 * measured.state_bytes


def test_a_run_that_was_killed_before_it_began_is_in_nobodys_way(tmp_path: Path, dataset: Path) -> None:
    out = tmp_path / "anna"
    out.mkdir()
    (out / "events.jsonl").write_text("")
    assert train(out, dataset, steps=1).code == 0
