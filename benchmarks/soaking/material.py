"""What the soak works on: small photos, a tiny network, and folders of its own."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import sys
from collections.abc import Sequence
from pathlib import Path

import cv2
import torch

from core.networks.gfpgan import GFPGAN
from core.networks.loading import save_network

ROOT = Path(__file__).resolve().parents[2]
SAMPLE = ROOT / "resources" / "samples" / "wallet-photo.jpg"
PROGRAM = [sys.executable, "-m", "app"]
MODEL = "tiny"
DISTINCT = 12
"""Photos that are made; the others are copies of these."""


class Place:
    """A folder of a user who has one model, `MODEL`, and nothing of whom lies elsewhere."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.models, self.temporary = folder, folder / "models", folder / "tmp"
        for made in (self.models, self.temporary):
            made.mkdir(parents=True)
        torch.manual_seed(0)
        save_network(
            GFPGAN("clean", 64, 16, 1, 0.0625, 2), self.models / f"{MODEL}.safetensors", {"licence": "MIT"}
        )
        self.variables = {
            **os.environ,
            "GFPGAN_DESKTOP_MODELS": str(self.models),
            "GFPGAN_DESKTOP_CACHE": str(folder / "cache"),
            "QT_QPA_PLATFORM": "offscreen",
            "PYTHONPATH": str(ROOT),
            "TMPDIR": str(self.temporary),
        }

    def photos(self, name: str, count: int) -> Path:
        """A folder of `count` photos of 333 px with one face each."""
        folder = self.folder / name
        folder.mkdir()
        picture = cv2.imread(str(SAMPLE))
        middle = (picture.shape[1] / 2, picture.shape[0] / 2)
        for number in range(min(count, DISTINCT)):
            turn = cv2.getRotationMatrix2D(middle, 2.0 * (number - DISTINCT / 2), 1.0)
            turned = cv2.warpAffine(picture, turn, picture.shape[1::-1], borderMode=cv2.BORDER_REFLECT)
            cv2.imwrite(str(folder / f"{number:04}.jpg"), cv2.convertScaleAbs(turned, alpha=0.8 + 0.03 * number))
        for number in range(DISTINCT, count):
            shutil.copy(folder / f"{number % DISTINCT:04}.jpg", folder / f"{number:04}.jpg")
        return folder

    def data(self, name: str) -> Path:
        """A folder for the window's sessions, in whose settings the model is chosen."""
        folder = self.folder / name
        folder.mkdir(parents=True)
        (folder / "settings.json").write_text(json.dumps({"model": MODEL}), encoding="utf-8")
        return folder

    def left_in_temporary(self) -> list[Path]:
        """The files in the system's folder for temporary ones. An empty folder of PyTorch's stays there."""
        return [path for path in self.temporary.rglob("*") if path.is_file()]

    def restoring(self, photos: Path, results: Path, *options: str) -> list[str]:
        """The command that restores a folder."""
        return [*PROGRAM, "restore", str(photos), "-o", str(results), "--model", MODEL, "--json", *options]

    def window(self, data: Path, *arguments: object) -> list[str]:
        """The command that has the window do something (`benchmarks.soaking.window`)."""
        return [sys.executable, "-m", "benchmarks.soaking.window", str(data), *map(str, arguments)]


def is_temporary(name: str) -> bool:
    """Whether a file is one that is being written, or was when its process was killed."""
    return name.startswith(".") and name.endswith(".part")


def temporary_in(folders: Sequence[Path]) -> list[Path]:
    """Such files below these folders."""
    found = [Path(root, name) for folder in folders for root, _, names in os.walk(folder) for name in names]
    return [path for path in found if is_temporary(path.name)]


def digest_of(folder: Path) -> str:
    """A checksum of the names and contents of a folder's files."""
    digest = hashlib.sha256()
    for path in sorted(folder.iterdir()):
        digest.update(path.name.encode() + path.read_bytes())
    return digest.hexdigest()
