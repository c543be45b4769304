"""The panel beside the photo: its faces, and how each of them is restored."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from statistics import fmean

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QScrollArea, QVBoxLayout, QWidget

from app.document.decisions import Decisions
from app.faces.blend_controls import BlendControls
from app.faces.face_chips import FaceChips
from app.faces.likeness_badge import LikenessBadge
from app.faces.model_strip import ModelChoice, ModelStrip
from app.theme import GRID
from app.translation import translated
from core.advice import crop_warnings, face_warnings
from core.types import BlendOptions, FaceCrop, Pixels

WIDTH = 320


class FacePanel(QScrollArea):
    """Shows the decisions on a photo's faces, and says what the user wants of them; it changes nothing itself."""

    chosen = Signal(object)  # index of a face, None for all
    include_toggled = Signal(int)
    delete_asked = Signal(int)
    blend_changed = Signal(object, object, bool)  # index or None, BlendOptions, more to come
    blend_applied = Signal(object)  # BlendOptions for all faces
    model_chosen = Signal(object, object)  # index or None, the model's name
    models_asked = Signal(int)  # index of the face that all models shall restore

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setWidgetResizable(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFixedWidth(WIDTH)
        self._decisions = Decisions()
        self._index: int | None = None
        self._choices: tuple[ModelChoice, ...] = ()
        self._crops: Mapping[int, FaceCrop] = {}
        self.title = QLabel()
        self.title.setObjectName("heading")
        self.chips = FaceChips()
        self.scope = QLabel()
        self.scope.setObjectName("heading")
        self.controls = BlendControls()
        self.for_all = QPushButton(self.tr("&Apply to all faces"))
        self.models_title = QLabel(self.tr("Model"))
        self.models_title.setObjectName("heading")
        self.models = ModelStrip()
        self.compare = QPushButton(self.tr("Show this face by every &model"))
        self.likeness = LikenessBadge()
        self.warnings = QLabel()
        self.warnings.setWordWrap(True)
        self.warnings.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._lay_out()
        self.chips.chosen.connect(self._on_chosen)
        self.chips.include_toggled.connect(self.include_toggled)
        self.chips.delete_asked.connect(self.delete_asked)
        self.controls.changed.connect(self._on_blend)
        self.for_all.clicked.connect(self._on_for_all)
        self.models.chosen.connect(self._on_model)
        self.compare.clicked.connect(self._on_compare)
        self.set_photo(None, {})

    def add_above(self, widget: QWidget) -> None:
        """Put something of the whole photo above its faces."""
        self._column.insertWidget(0, widget)

    def _lay_out(self) -> None:
        body = QWidget()
        column = self._column = QVBoxLayout(body)
        column.setContentsMargins(2 * GRID, 2 * GRID, 2 * GRID, 2 * GRID)
        column.setSpacing(GRID)
        name = QWidget()
        row = QHBoxLayout(name)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(self.scope, 1)
        row.addWidget(self.likeness)
        parts: list[list[QWidget]] = [
            [self.title, self.chips],
            [name, self.warnings, self.controls, self.for_all],
            [self.models_title, self.models, self.compare],
        ]
        for part in parts:
            for widget in part:
                column.addWidget(widget)
            column.addSpacing(GRID)
        column.addStretch()
        self.setWidget(body)

    @property
    def index(self) -> int | None:
        """The face that is chosen, None for all."""
        return self._index

    @property
    def choices(self) -> tuple[ModelChoice, ...]:
        """The restorers on this machine."""
        return self._choices

    def set_models(self, models: Sequence[ModelChoice]) -> None:
        """The restorers on this machine."""
        self._choices = tuple(models)
        self._show_chosen()

    def set_photo(
        self,
        decisions: Decisions | None,
        crops: Mapping[int, FaceCrop],
        photo: Pixels | None = None,
        failed: bool = False,
    ) -> None:
        """Show what was decided of a photo (None: there is none, or it cannot be read), with the crops that there
        are, by face; `failed` where reading it, or the search for faces, did."""
        self._decisions, self._crops = decisions or Decisions(), crops
        faces = self._decisions.faces or ()
        if self._index is not None and self._index >= len(faces):
            self._index = None
        self.setEnabled(decisions is not None)
        self.title.setText(self._title(decisions, failed))
        self.chips.set_faces(faces, crops, self._index, photo)
        self._show_chosen()

    def choose(self, index: int | None) -> None:
        """Show the options of one face, or those for all."""
        faces = self._decisions.faces or ()
        index = index if index is not None and 0 <= index < len(faces) else None
        if index != self._index:
            self._index = index
            self.models.clear_crops()
            self.chips.set_chosen(index)
            self._show_chosen()
            self.chosen.emit(index)

    def _title(self, decisions: Decisions | None, failed: bool) -> str:
        if decisions is None:
            return self.tr("The photo cannot be read") if failed else self.tr("No photo")
        if decisions.faces is None:
            return self.tr("Looking for faces failed") if failed else self.tr("Looking for faces …")
        return self.tr("%n face(s)", "", len(decisions.faces))

    def _show_chosen(self) -> None:
        faces, one = self._decisions.faces or (), self._index is not None
        face = faces[self._index] if self._index is not None else None
        self.scope.setText(
            self.tr("Face {number}").format(number=self._index + 1)
            if self._index is not None
            else self.tr("All faces")
        )
        self.controls.set_blend((face.blend if face else None) or self._decisions.blend, self._advised())
        self.for_all.setVisible(one and len(faces) > 1)
        several = len(self._choices) > 1 or self._model() is not None  # one that is gone can be left
        self.models_title.setVisible(several)
        self.models.setVisible(several)
        self.compare.setVisible(one and several)
        self.models.set_models(self._offered(), self._model())
        self._show_trust()

    def _advised(self) -> float:
        """The strength advised for the chosen face, the mean where all are meant; 1 before it is known."""
        crops = self._crops.values() if self._index is None else [self._crops.get(self._index)]
        known = [crop.advised_strength for crop in crops if crop is not None and crop.restored is not None]
        return fmean(known) if known else 1.0

    def _show_trust(self) -> None:
        """What there is to say of the chosen face, and of its restored crop where there is one."""
        faces, warnings, crop = self._decisions.faces or (), [], None
        if self._index is not None:
            crop = self._crops.get(self._index)
            warnings = face_warnings(faces[self._index].face) if crop is None else crop_warnings(crop)
        self.likeness.set_likeness(crop.likeness if crop is not None else None)
        self.warnings.setText("\n".join(f"• {each[0].upper()}{each[1:]}." for each in map(translated, warnings)))
        self.warnings.setVisible(bool(warnings))

    def _offered(self) -> list[ModelChoice]:
        """The models to choose from; the one for all comes first where a face may have another one."""
        for_all = ModelChoice(None, self.tr("As all faces"))
        own = self._index is not None and self._decisions.model is not None
        return [for_all if own and choice.name is None else choice for choice in self._choices]

    def _model(self) -> str | None:
        """The name of the model of the chosen face, or of all: None for the one that all have, or the best."""
        faces = self._decisions.faces or ()
        return self._decisions.model if self._index is None else faces[self._index].model

    @Slot(int)
    def _on_chosen(self, index: int) -> None:
        self.choose(None if index == self._index else index)

    @Slot(object, bool)
    def _on_blend(self, blend: BlendOptions, live: bool) -> None:
        self.blend_changed.emit(self._index, blend, live)

    @Slot()
    def _on_for_all(self) -> None:
        self.blend_applied.emit(self.controls.blend)

    @Slot(object)
    def _on_model(self, name: str | None) -> None:
        self.model_chosen.emit(self._index, name)

    @Slot()
    def _on_compare(self) -> None:
        if self._index is not None:
            self.models_asked.emit(self._index)
