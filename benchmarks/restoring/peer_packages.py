"""GFPGAN and facexlib as they are in the package index, in a folder of the benchmark's own.

They run with this project's Python, torch, numpy and OpenCV, so that both sides stand on the same builds.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import platformdirs

from core.models import APP_NAME

PEER = ("gfpgan==1.3.8", "facexlib==0.3.0", "basicsr==1.4.2")
NEEDED_BY_PEER = ("requests",)
"""What they import at their start and this project does not have."""


def cache_folder() -> Path:
    """Where the benchmark keeps what takes long to make."""
    return platformdirs.user_cache_path(APP_NAME, appauthor=False) / "benchmarks"


def peer_packages() -> Path:
    """The folder to put on the peer's path, filled by pip at the first call."""
    folder = cache_folder() / "-".join(PEER).replace("==", "-")
    if folder.exists():
        return folder
    unfinished = folder.with_name(f"{folder.name}.part")
    shutil.rmtree(unfinished, ignore_errors=True)
    install = [sys.executable, "-m", "pip", "install", "--quiet", "--target", str(unfinished)]
    # Their own requirements name a dozen packages that only training needs, and basicsr's build a second torch.
    subprocess.run([*install, "--no-deps", "--no-build-isolation", *PEER], check=True)
    subprocess.run([*install, *NEEDED_BY_PEER], check=True)
    unfinished.rename(folder)
    return folder
