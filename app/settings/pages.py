"""The simple pages of the settings: general, restoration, privacy."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import Qt, Slot
from PySide6.QtWidgets import QLabel, QPushButton, QVBoxLayout, QWidget

from app.amounts import number
from app.forms import add_row, make_form
from app.settings.absent_models import forget_absent_models
from app.settings.fields import CheckField, ChoiceField, NumberField, heading, note
from app.settings.settings import SettingsStore
from app.theme import GRID
from app.translation import translated
from core.background import AUTO, LANCZOS
from core.engines.cache import cache_folder, clear_cache
from core.models.store import present_models
from core.types import ColorMode


class Page(QWidget):
    """A page: its parts below one another."""

    def __init__(self) -> None:
        super().__init__()
        self.column = QVBoxLayout(self)
        self.column.setContentsMargins(0, 0, GRID, 0)
        self.column.setSpacing(2 * GRID)


class GeneralPage(Page):
    """Look, language, and what happens at the start."""

    def __init__(self, store: SettingsStore) -> None:
        super().__init__()
        form = make_form()
        themes = {"system": self.tr("As the system has it"), "light": self.tr("Light"), "dark": self.tr("Dark")}
        add_row(form, self.tr("&Appearance"), ChoiceField(store, "theme", themes))
        languages = {"system": self.tr("As the system has it"), "en": "English", "de": "Deutsch"}
        add_row(form, self.tr("&Language"), ChoiceField(store, "language", languages))
        form.addRow("", note(self.tr("Another language is used from the next start.")))
        again = self.tr("Offer the photos of the last time at the start")
        form.addRow("", CheckField(store, "keep_session", again))
        self.column.addLayout(form)
        self.column.addStretch()


class RestorationPage(Page):
    """What new photos begin with."""

    def __init__(self, store: SettingsStore) -> None:
        super().__init__()
        self._store = store
        forget_absent_models(store)
        self.column.addWidget(note(self.tr("What photos begin with when they are opened; each can be changed.")))
        form = make_form()
        self.model = ChoiceField(store, "model", self._models())
        add_row(form, self.tr("&Model"), self.model)
        strength = NumberField(store, "strength", -1, 100, self.tr("As suits each face"), scale=100.0)
        strength.setSuffix(self.tr(" %"))
        add_row(form, self.tr("&Strength"), strength)
        colors = {
            ColorMode.AUTO: self.tr("As fits the photo"),
            ColorMode.KEEP: self.tr("Keep the photo's"),
            ColorMode.MODEL: self.tr("The model's (colourises)"),
        }
        add_row(form, self.tr("&Colours"), ChoiceField(store, "color", colors))
        form.addRow("", CheckField(store, "keep_detail", self.tr("Keep fine detail of sharp faces")))
        form.addRow("", CheckField(store, "match_grain", self.tr("Match the photo's grain")))
        sizes = {1: self.tr("As it is"), 2: self.tr("Twice as large"), 4: self.tr("Four times as large")}
        add_row(form, self.tr("Si&ze"), ChoiceField(store, "upscale", sizes))
        self.background = ChoiceField(store, "background", self._backgrounds())
        add_row(form, self.tr("Back&ground"), self.background)
        self.column.addLayout(form)
        self.column.addStretch()

    def refresh_models(self) -> None:
        """Offer the models that are on this machine now."""
        forget_absent_models(self._store)
        self.model.set_choices(self._models())
        self.background.set_choices(self._backgrounds())

    def _models(self) -> dict[str | None, str]:
        return {None: self.tr("Best")} | _titles("restorer")

    def _backgrounds(self) -> dict[str, str]:
        return {AUTO: self.tr("Best quick way"), LANCZOS: self.tr("Plain (Lanczos)")} | _titles("upscaler")


def _titles(kind: str) -> dict[Any, str]:
    return {model.name: translated(model.title) for model in present_models(kind) if model.kind}


class PrivacyPage(Page):
    """What leaves this computer (nothing), and what is kept on it."""

    def __init__(self) -> None:
        super().__init__()
        self.column.addWidget(heading(self.tr("Nothing leaves this computer")))
        self.column.addWidget(
            note(
                self.tr(
                    "Photos are restored on this machine. The program asks no server for anything, unless you "
                    "download a model: then its name is asked of the place that publishes it, or of your mirror."
                )
            )
        )
        self.column.addWidget(heading(self.tr("Prepared models")))
        self.kept = QLabel()
        self.clear = QPushButton(self.tr("Delete them"))
        self.clear.clicked.connect(self._clear)
        self.column.addWidget(
            note(self.tr("Models are converted once for this processor and kept. They may be deleted any time."))
        )
        self.column.addWidget(self.kept)
        self.column.addWidget(self.clear, alignment=Qt.AlignmentFlag.AlignLeft)
        self.column.addStretch()
        self._measure()

    def _measure(self) -> None:
        folder = cache_folder()
        size = sum(path.stat().st_size for path in folder.rglob("*") if path.is_file()) if folder.is_dir() else 0
        self.kept.setText(self.tr("{size} MB in {folder}").format(size=number(size / 1e6), folder=folder))
        self.kept.setWordWrap(True)
        self.clear.setEnabled(size > 0)

    @Slot()
    def _clear(self) -> None:
        clear_cache()
        self._measure()
