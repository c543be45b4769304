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
    `variant` and `sha256` are None where they are not known or do not apply; a `bundled` model comes with the
    program."""

    name: str
    kind: str
    title: str
    file: str
    sha256: str | None
    variant: str | None
    rank: int
    licence: str
    source: str
    bundled: bool = False


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


def bundled_folder() -> Path:
    """Where the models lie that come with the program."""
    return Path(str(files("resources"))) / "weights"


def models_folder() -> Path:
    """Where the user's models lie; it need not exist."""
    named = os.environ.get(MODELS_FOLDER_VARIABLE)
    return Path(named) if named else platformdirs.user_data_path(APP_NAME, appauthor=False) / "models"


def present_models(kind: str | None = None) -> list[ModelFile]:
    """The models on this machine, best first: those of the catalogue, then other weights in the models folder.

    With `kind`, those of that kind and the other weights, whose kind is not known.
    """
    known = [ModelFile(_place(info), info) for info in sorted(catalogue(), key=lambda info: -info.rank)]
    found = [model for model in known if _is_file(model.path)]
    paths = {model.path for model in found}
    found += [ModelFile(path) for path in _weights_in(models_folder()) if path not in paths]
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
    if _is_file(Path(wanted)):
        return ModelFile(Path(wanted))
    present = present_models(kind)
    for model in present:
        if wanted.casefold() in _names(model.path.name, model.info):
            return model
    raise ModelError(_absent(wanted, kind, present))


def names_in_use() -> set[str]:
    """What `find_model` takes for a model of the catalogue, whether it is here or not, or for a file in the models
    folder; in lower case (casefolded)."""
    files = [(info.file, info) for info in catalogue()] + [(p.name, None) for p in _weights_in(models_folder())]
    return {name for file, info in files for name in _names(file, info)}


def _absent(wanted: str, kind: str, present: list[ModelFile]) -> str:
    known = next((info for info in catalogue() if wanted.casefold() in _names(info.file, info)), None)
    if known is not None and known.kind != kind:
        return f"'{wanted}' is a {known.kind}, not a {kind}."
    if known is not None and known.bundled:
        return f"'{wanted}' comes with the program but is not there; install the program again."
    if known is not None:
        return (
            f"'{wanted}' is not on this machine: get {known.file} ({known.source}) "
            f"and put it into '{models_folder()}'."
        )
    names = ", ".join(m.info.name if m.info else m.path.name for m in present) or "none"
    return f"There is no {kind} called '{wanted}', and no such file; there are: {names}."


def _place(info: ModelInfo) -> Path:
    """Where the file of a model of the catalogue is, if it is there."""
    folder = bundled_folder() if info.bundled else models_folder()
    return folder / info.file


def _names(file: str, info: ModelInfo | None) -> set[str]:
    """What a user may call a model: its name, its file with or without suffix, in upper or lower case."""
    names = {file, Path(file).stem, *([info.name] if info else [])}
    return {name.casefold() for name in names}


def _weights_in(folder: Path) -> list[Path]:
    try:
        return sorted(p for p in folder.iterdir() if p.suffix.lower() in WEIGHTS_SUFFIXES and p.is_file())
    except OSError:
        # A folder that is absent or closed to us holds no models for us.
        return []


def _is_file(path: Path) -> bool:
    """`Path.is_file` that takes a path out of reach, or too long to be one, for absent."""
    try:
        return path.is_file()
    except OSError:
        return False
