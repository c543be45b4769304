"""`gfpgan-desktop info`: what somebody who helps needs to know."""

from __future__ import annotations

import argparse
import platform
from importlib.metadata import version
from pathlib import Path

from app.bootstrap import DATA_FOLDER_VARIABLE, data_folder
from app.cli.exit_codes import OK
from core.devices import describe_devices
from core.engines.cache import CACHE_FOLDER_VARIABLE, cache_folder
from core.models import APP_NAME, MODELS_FOLDER_VARIABLE, bundled_folder, models_folder, present_models
from trainer.run_folder import RUNS_FOLDER_VARIABLE, runs_folder

_PACKAGES = ("torch", "torchvision", "openvino", "facexlib", "opencv-python", "numpy", "pillow", "PySide6")


def info(_: argparse.Namespace) -> int:
    """Print it; returns the exit code."""
    lines = [
        f"{APP_NAME} {version(APP_NAME)}, Python {platform.python_version()}, {platform.platform()}",
        "packages: " + ", ".join(f"{name} {version(name)}" for name in _PACKAGES),
        "devices:",
        *(f"  {line}" for line in describe_devices()),
        "models, the best of each kind first:",
        *(f"  {model.kind or 'by name':9} {model.name}: {model.path}" for model in present_models()),
        "folders:",
        f"  your models      {models_folder()}  (another one: {MODELS_FOLDER_VARIABLE})",
        f"  trainings        {runs_folder()}  (another one: {RUNS_FOLDER_VARIABLE})",
        f"  program's data   {data_folder()}  (another one: {DATA_FOLDER_VARIABLE}; settings, session, log)",
        f"  bundled models   {bundled_folder()}",
        f"  prepared models  {cache_folder()}  (another one: {CACHE_FOLDER_VARIABLE}; it may be deleted)",
        f"  program          {Path(__file__).parent.parent.parent}",
    ]
    print("\n".join(lines))
    return OK
