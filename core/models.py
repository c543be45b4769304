"""Which models there are, and which of them are on this machine.

A model is bundled with the program, lies in the models folder, or is a file that the user names.
"""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

import platformdirs

from core.errors import ModelError

APP_NAME = "gfpgan-desktop"
MODELS_FOLDER_VARIABLE = "GFPGAN_DESKTOP_MODELS"
"""Environment variable that names another models folder."""

WEIGHTS_SUFFIXES = (".safetensors", ".pth", ".pt", ".ckpt")


@dataclass(frozen=True)
class ModelInfo:
    """A row of the catalogue (`resources/models.json`). `rank` orders the models of a kind, best highest;
    `variant` and `sha256` are None where they are not known or do not apply."""

    name: str
    kind: str
    title: str
    file: str
    sha256: str | None
    variant: str | None
    rank: int
    licence: str
    source: str

    @property
    def bundled(self) -> bool:
        """Whether the model comes with the program."""
        return self.rank == 0


@dataclass(frozen=True)
class ModelFile:
    """A weights file on this machine, with its row of the catalogue if it has one."""

    path: Path
    info: ModelInfo | None = None

    @property
    def title(self) -> str:
        """What to call it in front of a user."""
        return self.info.title if self.info else self.path.name


def catalogue() -> tuple[ModelInfo, ...]:
    """Every model that the program knows by name."""
    text = (files("resources") / "models.json").read_text(encoding="utf-8")
    return tuple(ModelInfo(**row) for row in json.loads(text)["models"])


def known_variants() -> dict[str, str]:
    """SHA-256 -> network variant of the published files whose keys cannot tell it."""
    return {m.sha256: m.variant for m in catalogue() if m.sha256 and m.variant}


def models_folder() -> Path:
    """Where the user's models lie; it need not exist."""
    named = os.environ.get(MODELS_FOLDER_VARIABLE)
    return Path(named) if named else platformdirs.user_data_path(APP_NAME, appauthor=False) / "models"


def present_models(kind: str | None = None) -> list[ModelFile]:
    """The models on this machine, best first: those of the catalogue, then other weights in the models folder."""
    folder = models_folder()
    bundled = Path(str(files("resources"))) / "weights"
    known = [ModelFile((bundled if m.bundled else folder) / m.file, m) for m in catalogue()]
    found = sorted((m for m in known if m.path.is_file()), key=lambda m: -(m.info.rank if m.info else 0))
    paths = {model.path for model in found}
    if folder.is_dir():
        others = sorted(p for p in folder.iterdir() if p.suffix.lower() in WEIGHTS_SUFFIXES and p not in paths)
        found += [ModelFile(path) for path in others]
    return [m for m in found if kind is None or m.info is None or m.info.kind == kind]


def best_model(kind: str) -> ModelFile | None:
    """The best model of the catalogue that is on this machine, or None."""
    return next((model for model in present_models(kind) if model.info is not None), None)


def find_model(wanted: str | None, kind: str) -> ModelFile:
    """The model that a user means by a name, a file name in the models folder, or a path; the best for None.

    Raises ModelError with what to do when there is none.
    """
    if wanted is None:
        model = best_model(kind)
        if model is None:
            raise ModelError(
                f"There is no {kind} on this machine; the installation is incomplete, install it again."
            )
        return model
    if Path(wanted).is_file():
        return ModelFile(Path(wanted))
    for model in present_models(kind):
        names = {model.path.name, model.path.stem, *([model.info.name] if model.info else [])}
        if wanted.casefold() in {name.casefold() for name in names}:
            return model
    raise ModelError(_absent(wanted, kind))


def _absent(wanted: str, kind: str) -> str:
    known = next((m for m in catalogue() if wanted.casefold() in (m.name, m.file.casefold())), None)
    if known is not None and known.kind == kind:
        return (
            f"'{wanted}' is not on this machine: get {known.file} ({known.source}) "
            f"and put it into '{models_folder()}'."
        )
    names = ", ".join(m.info.name if m.info else m.path.name for m in present_models(kind))
    return f"There is no {kind} called '{wanted}', and no such file; there are: {names}."
