"""What the user set once and for all. Only what differs from the defaults is written down."""

from __future__ import annotations

import json
import logging
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import msgspec
from PySide6.QtCore import QObject, Signal

from app.document.decisions import Decisions
from app.translation import translated
from core.errors import PhotoError
from core.files import write_atomically
from core.types import BlendOptions, ColorMode

log = logging.getLogger(__name__)

SETTINGS = "settings.json"
"""Their file in the data folder."""


@dataclass(frozen=True)
class AppSettings:
    """All settings with their defaults.

    theme, language     "system", or one of the program's
    keep_session        offer the photos of the last time at the start
    strength to match_grain   how faces go back into new photos (`BlendOptions`)
    upscale, background how new photos are enlarged
    model               the restorer of new photos by name, the best one for None
    device, precision, threads   as on the command line
    mirror              where models are downloaded from instead of their own places
    faces_folder        the collection of faces that a model is tuned on
    export_folder to export_terms   of the last export
    window              where it was, and how large, as Qt writes it (base64)
    """

    theme: str = "system"
    language: str = "system"
    keep_session: bool = True
    strength: float | None = None
    color: ColorMode = ColorMode.AUTO
    keep_detail: bool = True
    match_grain: bool = False
    upscale: int = 1
    background: str = "auto"
    model: str | None = None
    device: str = "auto"
    precision: str = "auto"
    threads: int | None = None
    mirror: str | None = None
    faces_folder: str | None = None
    export_folder: str | None = None
    export_pattern: str = "{name}-restored"
    export_format: str = "keep"
    export_quality: int | None = None
    export_bits: int | None = None
    export_metadata: bool = True
    export_terms: bool = False
    window: str | None = None

    @property
    def target(self) -> tuple[str, str, int | None]:
        """What networks run on, as `core.devices.choose_target` takes it."""
        return self.device, self.precision, self.threads

    @property
    def decisions(self) -> Decisions:
        """What is decided of a photo before anybody looked at it."""
        blend = BlendOptions(self.strength, self.color, self.keep_detail, self.match_grain)
        return Decisions(blend=blend, model=self.model, upscale=self.upscale, background=self.background)


class SettingsStore(QObject):
    """Keeps the settings in a file. One that is damaged, or of another version, gives the defaults for what it
    cannot say."""

    changed = Signal(object)  # AppSettings

    def __init__(self, path: Path, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._path = path
        self.value = read_settings(path)

    def change(self, **overrides: Any) -> str | None:
        """Set some of them; returns why they could not be written down, None where they were."""
        value = replace(self.value, **overrides)
        if value == self.value:
            return None
        self.value = value
        self.changed.emit(value)
        try:
            write_atomically(self._path, json.dumps(overrides_of(value), indent=1).encode())
        except PhotoError as error:
            return translated(str(error))
        return None


def overrides_of(settings: AppSettings) -> dict[str, Any]:
    """What differs from the defaults, as JSON has it."""
    default = asdict(AppSettings())
    return {name: value for name, value in asdict(settings).items() if value != default[name]}


def read_settings(path: Path) -> AppSettings:
    """The settings of a file; the defaults for what is not in it, or makes no sense."""
    try:
        rows = json.loads(path.read_text(encoding="utf-8"))
        rows = rows if isinstance(rows, dict) else {}
    except FileNotFoundError:
        rows = {}
    except (OSError, ValueError) as error:
        log.warning("%s is not readable (%s); the defaults are used", path, error)
        rows = {}
    settings = AppSettings()
    for name, value in rows.items():
        try:
            settings = msgspec.convert({**asdict(settings), name: value}, AppSettings)
        except msgspec.ValidationError as error:
            log.warning("%s: %s is left out (%s)", path, name, error)
    return settings
