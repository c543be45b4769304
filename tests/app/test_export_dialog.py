"""Where the export dialog lets photos go, and that it can be read."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QStandardPaths
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
    """Opens the dialog for one photo, which lies in the folder of the test."""

    def show(options: ExportOptions = ExportOptions(), own: Path | None = None) -> ExportDialog:  # noqa: B008
        bench.library.add(make_photos())
        made = ExportDialog(bench.library.entries, options, own=own)
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


def test_a_pasted_photo_goes_where_its_user_finds_it(open_dialog: Open, tmp_path: Path) -> None:
    """Not beside itself: it lies in the program's own folder."""
    dialog = open_dialog(own=tmp_path)
    pictures = QStandardPaths.writableLocation(QStandardPaths.StandardLocation.PicturesLocation)
    assert dialog.options().folder == Path(pictures)
    assert not dialog.beside.isEnabled()
    assert dialog.go.isEnabled()
    chosen = open_dialog(ExportOptions(tmp_path / "chosen before"), own=tmp_path)
    assert chosen.options().folder == tmp_path / "chosen before"
    elsewhere = open_dialog(own=tmp_path / "own")
    assert elsewhere.options().folder is None
    assert elsewhere.beside.isEnabled()


@pytest.mark.usefixtures("only_here")
@pytest.mark.parametrize("language", ["en", "de"])
def test_nothing_is_cut_at_the_side(open_dialog: Open, qapp: QApplication, language: str) -> None:
    install(qapp, language)
    dialog = open_dialog()
    qapp.processEvents()
    assert dialog.scrolled.horizontalScrollBar().maximum() == 0
    right = dialog.choose.mapTo(dialog.body, dialog.choose.rect().topRight()).x()
    assert right < dialog.scrolled.viewport().width()
