"""Which models are on this machine, and which of them a user means.

A model is bundled with the program, lies in the models folder, or is a file that the user names.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from core.errors import ModelError
from core.files import reason
from core.models.catalogue import ModelInfo, catalogue, names_of
from core.models.folders import APP_NAME, bundled_folder, is_file, models_folder, weights_in
from core.models.records import Record, forget, read_records


@dataclass(frozen=True)
class ModelFile:
    """A weights file on this machine, with its row of the catalogue if it has one, and what is remembered of
    it."""

    path: Path
    info: ModelInfo | None = None
    record: Record | None = None

    @property
    def name(self) -> str:
        """What to call it on the command line."""
        return self.info.name if self.info else self.path.name

    @property
    def title(self) -> str:
        """What to call it in front of a user."""
        return self.info.title if self.info else self.path.stem

    @property
    def kind(self) -> str | None:
        """What it does, None where nobody knows."""
        if self.info:
            return self.info.kind
        return self.record.kind if self.record else None

    def is_called(self, wanted: str) -> bool:
        """Whether a user means it: by its name, its file with or without suffix, in upper or lower case."""
        names = names_of(self.path.name, self.info) | (names_of(self.info.file, None) if self.info else set())
        return wanted.casefold() in names


def present_models(kind: str | None = None) -> list[ModelFile]:
    """The models on this machine, best first: those of the catalogue, then other weights in the models folder.

    With `kind`, those of that kind and the other weights whose kind is not known.
    """
    records = read_records()

    def model(path: Path, info: ModelInfo | None = None) -> ModelFile:
        return ModelFile(path, info, None if info and info.bundled else records.get(path.name))

    known = [model(place_of(info), info) for info in sorted(catalogue(), key=lambda info: -info.rank)]
    found = [model for model in known if is_file(model.path)]
    paths = {model.path for model in found}
    found += [model(path) for path in weights_in(models_folder()) if path not in paths]
    return [m for m in found if kind is None or m.kind in (kind, None)]


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
            raise ModelError(_none_at_all(kind))
        return model
    if is_file(Path(wanted)):
        return ModelFile(Path(wanted))
    present = present_models(kind)
    found = _called(wanted, present)
    if found is None:
        raise ModelError(_absent(wanted, kind, present))
    return found


def find_file(wanted: str) -> Path:
    """`find_model` for a file of whatever kind. Raises ModelError."""
    if is_file(Path(wanted)):
        return Path(wanted)
    if is_file(models_folder() / wanted):
        return models_folder() / wanted
    found = _called(wanted, present_models())
    if found is not None:
        return found.path
    known = known_model(wanted)
    if known is not None:
        raise ModelError(_get_it(wanted, known))
    raise ModelError(
        f"there is no file '{wanted}', nor is it in '{models_folder()}'; put it there, or give its path."
    )


def known_model(wanted: str) -> ModelInfo | None:
    """The model of the catalogue that a user means, whether it is here or not."""
    return next((info for info in catalogue() if info.is_called(wanted)), None)


def names_in_use() -> set[str]:
    """What `find_model` takes for a model of the catalogue, whether it is here or not, or for a file in the models
    folder; in lower case (casefolded)."""
    files = [(info.file, info) for info in catalogue()] + [(p.name, None) for p in weights_in(models_folder())]
    return {name for file, info in files for name in names_of(file, info)}


def place_of(info: ModelInfo) -> Path:
    """Where the file of a model of the catalogue is, or would be: as published, or converted."""
    if info.bundled:
        return bundled_folder() / info.file
    published, converted = models_folder() / info.file, models_folder() / info.converted_file
    return converted if not is_file(published) and is_file(converted) else published


def remove_model_file(wanted: str, forget_it: bool = False) -> tuple[ModelFile, int]:
    """Delete a model's file from the models folder (`core.removal.remove_model` deletes its converted copies too);
    returns what it was and how many bytes are free now: none where the file was a link and its original stays.

    The checksum of a file that none is published for stays remembered, unless it is to be forgotten too; then the
    file need not be there. Raises ModelError.
    """
    model = _called(wanted, present_models())
    known = model.info if model else known_model(wanted)
    if known and known.bundled:
        raise ModelError(f"'{wanted}' comes with the program and stays.")
    if model is None:
        if known is None or not forget_it:
            raise ModelError(f"There is no model called '{wanted}' in '{models_folder()}'.")
        model = ModelFile(place_of(known), known)
    try:
        size = _freed_by(model.path)
        model.path.unlink(missing_ok=True)
    except OSError as error:
        raise ModelError(f"'{model.path}' cannot be removed ({reason(error)}); close what uses it.") from error
    if forget_it or known is None or known.is_pinned:
        forget(model.path.name)
    return model, size


def _freed_by(path: Path) -> int:
    if path.is_symlink() or not path.exists():
        return 0
    found = path.stat()
    return found.st_size if found.st_nlink == 1 else 0


def _called(wanted: str, models: list[ModelFile]) -> ModelFile | None:
    return next((model for model in models if model.is_called(wanted)), None)


def _none_at_all(kind: str) -> str:
    if any(info.bundled for info in catalogue() if info.kind == kind):
        return f"There is no {kind} on this machine; the installation is incomplete, install it again."
    names = " or ".join(f'"{info.name}"' for info in catalogue() if info.kind == kind)
    return f'There is no {kind} on this machine: get one with "{APP_NAME} models get NAME" ({names}).'


def _absent(wanted: str, kind: str, present: list[ModelFile]) -> str:
    known = known_model(wanted)
    if known is not None and known.kind != kind:
        return f"'{wanted}' serves as {known.kind}, not as {kind}."
    if known is not None and known.bundled:
        return f"'{wanted}' comes with the program but is not there; install the program again."
    if known is not None:
        return _get_it(wanted, known)
    names = ", ".join(m.name for m in present) or "none"
    return f"There is no {kind} called '{wanted}', and no such file; there are: {names}."


def _get_it(wanted: str, info: ModelInfo) -> str:
    return f"'{wanted}' is not on this machine: get it with \"{APP_NAME} models get {info.name}\"."
