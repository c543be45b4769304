"""Build the bundle with the PyInstaller of this environment, and pack it. Run by `python3 tasks.py bundle`."""

from __future__ import annotations

import platform
import shutil
import subprocess
import sys
import tarfile
from importlib.metadata import version
from pathlib import Path

import torch

from app.licences import LGPL_NOTICE, components

ROOT = Path(__file__).resolve().parents[2]
NAME = "gfpgan-desktop"


def main() -> int:
    """Build, pack, and say what came out."""
    if torch.version.cuda:
        print(
            f"PyTorch {torch.__version__} is made for CUDA: the bundle takes several gigabytes. "
            "For one without, name another: python3 tasks.py bundle torch==... torchvision==...",
            flush=True,
        )
    command = [sys.executable, "-m", "PyInstaller", "--noconfirm", "--log-level", "WARN", f"{NAME}.spec"]
    if code := subprocess.call(command, cwd=ROOT):
        return code
    folder = ROOT / "dist" / NAME
    write_licences(folder / "licences")
    if sys.platform == "linux":
        strip(folder)
    print(f"{folder}: {size(folder):.0f} MB")
    if sys.platform == "linux":
        archive = pack(folder)
        print(f"{archive}: {archive.stat().st_size / 1e6:.0f} MB")
    return 0


def write_licences(folder: Path) -> None:
    """Put the texts of all licences where people find them: a folder a package."""
    for each in components():
        for text in each.texts:
            place = folder / each.name / text.name
            place.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(text.path, place)
    (folder / "LGPL.txt").write_text(LGPL_NOTICE + "\n", encoding="utf-8")


def size(folder: Path) -> float:
    """Megabytes of a folder's files."""
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file() and not path.is_symlink()) / 1e6


def strip(folder: Path) -> None:
    """Take the tables out that only debuggers read: a tenth of the bundle, in the libraries of PyTorch and Python.
    Those of other packages have hardly any."""
    if program := shutil.which("strip"):
        libraries = [*folder.glob("_internal/torch/lib/*.so"), *folder.glob("_internal/libpython*")]
        subprocess.run([program, "--strip-unneeded", *libraries], check=True)


def pack(folder: Path) -> Path:
    """Put what a Linux desktop needs beside the program, and all of it into an archive."""
    here, share = Path(__file__).parent, folder / "share"
    for source, place in (
        (here / f"{NAME}.desktop", share / "applications"),
        (here.parent / "icons" / f"{NAME}.svg", share / "icons" / "hicolor" / "scalable" / "apps"),
        (here / "install.sh", folder),
    ):
        place.mkdir(parents=True, exist_ok=True)
        shutil.copy(source, place)
    archive = folder.with_name(f"{NAME}-{version(NAME)}-linux-{platform.machine()}.tar.gz")
    with tarfile.open(archive, "w:gz", compresslevel=6) as tar:
        tar.add(folder, NAME)
    return archive


if __name__ == "__main__":
    sys.exit(main())
