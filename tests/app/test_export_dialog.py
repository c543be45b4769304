"""Where the export dialog lets photos go, and that it can be read."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from app.export.dialog import ExportDialog
from app.export.plan import ExportOptions
from app.translation import install
from app.workbench import Workbench
from tests.app.test_translation import only_here

__all__ = ["only_here"]

Open = Callable[..., ExportDialog]


@pytest.fixture
def open_dialog(bench: Workbench, make_photos: Callable[..., list[Path]], qtbot: QtBot) -> Iterator[Open]:
    """Opens the dialog for one photo, in the folder of the test where no other is given."""

    def show(options: ExportOptions = ExportOptions()) -> ExportDialog:  # noqa: B008
        bench.library.add(make_photos())
        made = ExportDialog(bench.library.entries, options)
        qtbot.addWidget(made)
        made.show()
        return made

    return show


def test_a_folder_may_begin_at_home_and_has_to_be_a_whole_path(
    open_dialog: Open, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("HOME", "USERPROFILE"):
        monkeypatch.setenv(name, str(tmp_path))
    dialog = open_dialog()
    dialog.into.setChecked(True)
    dialog.folder.setText(" ~/Pictures/restored ")
    assert dialog.options().folder == tmp_path / "Pictures" / "restored"
    assert dialog.go.isEnabled()
    for text in ("Pictures", "~nobody-of-this-name/Pictures"):
        dialog.folder.setText(text)
        assert dialog.example.text() == "Choose a folder, or give its whole path."
        assert not dialog.go.isEnabled()
    dialog.beside.setChecked(True)
    assert dialog.go.isEnabled()


@pytest.mark.usefixtures("only_here")
@pytest.mark.parametrize("language", ["en", "de"])
def test_nothing_is_cut_at_the_side(open_dialog: Open, qapp: QApplication, language: str) -> None:
    install(qapp, language)
    dialog = open_dialog()
    qapp.processEvents()
    assert dialog.scrolled.horizontalScrollBar().maximum() == 0
    right = dialog.choose.mapTo(dialog.body, dialog.choose.rect().topRight()).x()
    assert right < dialog.scrolled.viewport().width()
