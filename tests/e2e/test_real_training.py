"""From open photos to a photo restored by one's own model, in a real window and by keys alone."""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

import pytest
import torch
from PIL import Image, ImageOps

from core.models.records import Record, remember
from core.networks.gfpgan import GFPGAN
from core.networks.loading import save_network
from tests.conftest import PATIENCE
from tests.e2e.desktop import Desktop
from tests.trainer.conftest import TINY, hopper
from trainer.resolving import as_toml, resolve
from trainer.run_folder import RunFolder

__all__ = ["hopper"]

pytestmark = [pytest.mark.slow, pytest.mark.skipif(sys.platform != "linux", reason="needs X11")]


def prepare(folder: Path, models: Path) -> None:
    """A small model, and an earlier run whose settings are taken over."""
    models.mkdir()
    torch.manual_seed(0)
    save_network(GFPGAN("clean", 64, 16, 1, 0.06, 2), models / "small.safetensors", {"licence": "x"})
    remember("small.safetensors", Record("0", 1, "test", "2025-01-01", "restorer", "a small model"))
    settings = TINY | {"network.base": "small.safetensors", "data.held_out": 1, "samples": 1, "batch": 1}
    config = resolve({"preset": "quick", "name": "small"}, [f"{key}={value}" for key, value in settings.items()])
    run = RunFolder(folder / "runs" / "small")
    run.path.mkdir(parents=True)
    run.config.write_text(as_toml(config))


def test_a_model_of_ones_own(
    desktop: Desktop, tmp_path: Path, own_models_folder: Path, hopper: Image.Image
) -> None:
    prepare(tmp_path, own_models_folder)
    desktop.environment |= {"GFPGAN_DESKTOP_RUNS": str(tmp_path / "runs"), "OMP_NUM_THREADS": "1"}
    desktop.environment.pop("PYTHONUNBUFFERED", None)
    hopper.save(tmp_path / "hopper.png")
    ImageOps.mirror(hopper).save(tmp_path / "mirrored.png")
    program = desktop.start(tmp_path / "hopper.png", tmp_path / "mirrored.png")
    window = desktop.window("hopper.png")
    desktop.do("windowactivate", "--sync", window)
    desktop.press(window, "ctrl+comma")
    settings = desktop.window("^Settings$")
    desktop.do("windowactivate", "--sync", settings)

    def press(*keys: str) -> None:
        for key in keys:
            desktop.press(settings, key)
            time.sleep(0.3)

    press("Down", "Down", "Down", "Down")
    index = tmp_path / "data" / "faces" / "dataset.json"

    def collected() -> bool:
        if not index.exists():
            press("alt+o")
            time.sleep(2)
        return index.exists() and sum(face["accepted"] for face in json.loads(index.read_text())["faces"]) == 2

    desktop.until(collected)
    run = RunFolder(tmp_path / "runs" / "small-2")

    def begun() -> bool:
        if not run.path.exists():
            press("alt+a")
            time.sleep(1)
            press("alt+s")  # the settings of the run before
            time.sleep(1)
            press("alt+s")  # start
            time.sleep(3)
        return run.path.exists()

    desktop.until(begun)
    desktop.until(lambda: (own_models_folder / "small-2.safetensors").exists())
    crops = tmp_path / "data" / "session" / "crops"

    def restored() -> bool:
        if not any(crops.rglob("*.npz")):
            desktop.do("windowactivate", "--sync", settings)
            press("alt+4", "alt+t")
            time.sleep(2)
        return any(crops.rglob("*.npz"))

    desktop.until(restored)
    desktop.do("windowactivate", "--sync", settings)
    press("Escape")
    desktop.do("windowactivate", "--sync", window)
    desktop.press(window, "ctrl+q")
    output, _ = program.communicate(timeout=PATIENCE)
    assert program.returncode == 0, output
    assert "Traceback" not in output
    assert '"finished"' in run.events.read_text().splitlines()[-1]
