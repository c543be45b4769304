"""Where models lie."""

from __future__ import annotations

import os
import shutil
from importlib.resources import files
from pathlib import Path

import platformdirs

from core.errors import ModelError

APP_NAME = "gfpgan-desktop"
MODELS_FOLDER_VARIABLE = "GFPGAN_DESKTOP_MODELS"
"""Environment variable that names another models folder."""

_HEADROOM = 64 << 20
"""Bytes of the disk that no model takes."""

WEIGHTS_SUFFIXES = (".safetensors", ".pth", ".pt", ".ckpt")


def resources_folder() -> Path:
    """What comes with the program."""
    return Path(str(files("resources")))


def bundled_folder() -> Path:
    """Where the models lie that come with the program."""
    return resources_folder() / "weights"


def models_folder() -> Path:
    """Where the user's models lie; it need not exist."""
    named = os.environ.get(MODELS_FOLDER_VARIABLE)
    return Path(named) if named else platformdirs.user_data_path(APP_NAME, appauthor=False) / "models"


def weights_in(folder: Path) -> list[Path]:
    """The weights files of a folder, by name."""
    try:
        return sorted(p for p in folder.iterdir() if p.suffix.lower() in WEIGHTS_SUFFIXES and p.is_file())
    except OSError:
        # A folder that is absent or closed to us holds no models for us.
        return []


def is_file(path: Path) -> bool:
    """`Path.is_file` that takes a path out of reach, or too long to be one, for absent."""
    try:
        return path.is_file()
    except OSError:
        return False


def check_space(folder: Path, name: str, missing: int) -> None:
    """Raises ModelError where the disk of `folder` has no room for so many bytes more. Raises OSError."""
    free = shutil.disk_usage(folder).free
    if free < missing + _HEADROOM:
        raise ModelError(
            f"{name} needs {(missing + _HEADROOM) / 1e6:,.0f} MB in '{folder}', where {free / 1e6:,.0f} MB are "
            f"free; free some space, or name another folder with {MODELS_FOLDER_VARIABLE}."
        )
