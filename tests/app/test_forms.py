"""Forms that are longer than their window are scrolled, whatever the pointer is on."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from app.document.decisions import Decisions
from app.export.dialog import ExportDialog
from app.export.plan import ExportOptions
from app.faces.panel import FacePanel
from app.photo_options import PhotoOptions
from app.settings.pages import RestorationPage
from app.settings.settings import SETTINGS, AppSettings, SettingsStore
from core.types import BlendOptions


def takes_wheel(field: QWidget) -> bool:
    """Turn the wheel by one notch on a field; returns whether what is around it gets none of that.

    Only a real wheel goes on to what is around: an event of a test ends here.
    """
    at, scene = QPointF(field.rect().center()), QPointF(field.mapToGlobal(field.rect().center()))
    none, buttons = Qt.KeyboardModifier.NoModifier, Qt.MouseButton.NoButton
    phase = Qt.ScrollPhase.NoScrollPhase
    event = QWheelEvent(at, scene, QPoint(), QPoint(0, -120), buttons, none, phase, False)
    QApplication.sendEvent(field, event)
    return event.isAccepted()


@pytest.fixture
def panel(qtbot: QtBot) -> FacePanel:
    made = FacePanel()
    qtbot.addWidget(made)
    made.add_above(PhotoOptions())
    made.resize(320, 200)
    made.show()
    made.set_photo(Decisions(blend=BlendOptions(strength=0.5)), {})
    made.findChild(PhotoOptions).set_decisions(Decisions(upscale=2))  # type: ignore[union-attr]
    made.setFocus()
    return made


def test_the_wheel_scrolls_the_panel_and_changes_nothing_in_it(panel: FacePanel, qtbot: QtBot) -> None:
    options, controls = panel.findChild(PhotoOptions), panel.controls
    assert options is not None
    fields = (options.enlarge, options.background, controls.strength, controls.percent, controls.colors)
    for field in fields:
        with qtbot.assertNotEmitted(options.changed), qtbot.assertNotEmitted(panel.blend_changed):
            assert not takes_wheel(field)


def test_it_changes_what_has_the_focus(panel: FacePanel, qtbot: QtBot) -> None:
    controls = panel.controls
    controls.strength.setFocus()
    qtbot.waitUntil(controls.strength.hasFocus)
    with qtbot.waitSignal(panel.blend_changed):
        assert takes_wheel(controls.strength)
    assert controls.strength.focusPolicy() is Qt.FocusPolicy.StrongFocus, "the wheel gives none"


def test_settings_stay_what_they_are(qtbot: QtBot, tmp_path: Path) -> None:
    store = SettingsStore(tmp_path / SETTINGS)
    page = RestorationPage(store)
    qtbot.addWidget(page)
    for field in page.findChildren(QWidget):
        takes_wheel(field)
    assert store.value == AppSettings()


def test_so_do_the_options_of_an_export(qtbot: QtBot) -> None:
    dialog = ExportDialog([], ExportOptions(quality=50))
    qtbot.addWidget(dialog)
    before = dialog.options()
    for field in dialog.body.findChildren(QWidget):
        takes_wheel(field)
    assert dialog.options() == before
