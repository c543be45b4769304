"""The catalogue: every model that the program knows by name (`resources/models.json`)."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

from core.models.folders import resources_folder

_WHOLE = 64  # hexadecimal digits of a SHA-256


@dataclass(frozen=True)
class ModelInfo:
    """A row of the catalogue. None is what is not known or does not apply.

    name        what users type
    kind        what it does: restorer, detector, parser, upscaler, identity (which serves the training too);
                features, prior, discriminator and landmarks serve the training and the evaluation
    file        its name in the models folder, as published
    purpose     what it is for, in a few words
    non_commercial  the licence forbids commercial use, which is said before a download
    url         where it is published
    size        bytes
    sha256      in hexadecimal, or its first digits where no more are published: those can show that a file is
                another one, and never that it is the right one
    variant     of GFP-GAN
    rank        orders the models of a kind, best highest
    memory_mb   what the process took at most while the network worked on one picture (`docs/models.md` says how
                that was measured)
    bundled     it comes with the program
    sharp_strength  of a restorer: the strength that suits faces that are sharp already, measured (`core.severity`)
    self_ensemble   of a restorer: whether the mean with its mirror image is taken (`core.restoration`)
    """

    name: str
    kind: str
    title: str
    file: str
    purpose: str
    licence: str
    non_commercial: bool
    url: str | None
    size: int | None
    sha256: str | None
    variant: str | None
    rank: int
    memory_mb: int | None = None
    bundled: bool = False
    sharp_strength: float = 1.0
    self_ensemble: bool = False

    @property
    def is_pinned(self) -> bool:
        """Whether its whole SHA-256 is known."""
        return self.sha256 is not None and len(self.sha256) == _WHOLE

    @property
    def converted_file(self) -> str:
        """What its file is called once it is converted to safetensors."""
        return f"{Path(self.file).stem}.safetensors"

    def agrees(self, sha256: str) -> bool:
        """Whether a file of this SHA-256 can be this model, as far as its own is known."""
        return self.sha256 is None or sha256.startswith(self.sha256)

    def is_called(self, wanted: str) -> bool:
        """Whether a user means it: by its name, its file with or without suffix, in upper or lower case."""
        return wanted.casefold() in names_of(self.file, self)


def catalogue() -> tuple[ModelInfo, ...]:
    """Every model that the program knows by name."""
    text = (resources_folder() / "models.json").read_text(encoding="utf-8")
    return tuple(ModelInfo(**row) for row in json.loads(text)["models"])


def known_variants() -> dict[str, str]:
    """SHA-256 -> network variant of the published files whose keys cannot tell it."""
    return {m.sha256: m.variant for m in catalogue() if m.sha256 and m.variant}


def names_of(file: str, info: ModelInfo | None) -> set[str]:
    """What a user may call a model, in lower case (casefolded)."""
    names = {file, Path(file).stem, *([info.name] if info else [])}
    return {name.casefold() for name in names}
