"""The window in other languages: complete, compiled, and shown."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from PySide6.QtCore import QCoreApplication, QLocale, QTranslator
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from app.empty_state import EmptyState
from app.strip.strip import PhotoStrip
from app.translation import install
from app.workbench import Workbench

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "resources" / "translations"
TOOLS = Path(sys.executable).parent


@pytest.fixture
def only_here(qapp: QApplication) -> None:
    """Other tests read English."""
    yield
    for translator in qapp.findChildren(QTranslator):
        qapp.removeTranslator(translator)
        translator.deleteLater()
    QLocale.setDefault(QLocale("en"))


@pytest.mark.slow
@pytest.mark.parametrize(("language", "options"), [("de", []), ("en", ["-pluralonly"])])
def test_every_text_is_translated_and_compiled(language: str, options: list[str], tmp_path: Path) -> None:
    path = tmp_path / f"gfpgan-desktop_{language}.ts"
    shutil.copy(FOLDER / path.name, path)
    texts = sorted(map(str, (ROOT / "app").rglob("*.py")))
    command = [TOOLS / "pyside6-lupdate", *texts, "-locations", "none", *options, "-ts", path]
    subprocess.run(command, check=True, capture_output=True, timeout=120)
    text = path.read_text(encoding="utf-8")
    unfinished = re.findall(r"<source>([^<]*)</source>\s*<translation type=\"unfinished\"", text)
    assert unfinished == []
    assert 'type="vanished"' not in text, "tasks.py translate drops what is no longer said"
    compiled = tmp_path / f"{language}.qm"
    command = [TOOLS / "pyside6-lrelease", "-silent", FOLDER / path.name, "-qm", compiled]
    subprocess.run(command, check=True, capture_output=True, timeout=120)
    assert compiled.read_bytes() == (FOLDER / f"gfpgan-desktop_{language}.qm").read_bytes()


def test_fields_of_sentences_are_the_same_in_every_language() -> None:
    text = (FOLDER / "gfpgan-desktop_de.ts").read_text(encoding="utf-8")
    pairs = re.findall(r"<source>(.*?)</source>\s*<translation>(.*?)</translation>", text, re.S)
    assert len(pairs) > 200
    for source, translation in pairs:
        assert sorted(re.findall(r"\{\w+\}", source)) == sorted(re.findall(r"\{\w+\}", translation)), source
        forms = re.findall(r"<numerusform>(.*?)</numerusform>", translation) or [translation]
        assert all(("%n" in source) == ("%n" in form) for form in forms), source


@pytest.mark.usefixtures("only_here")
def test_the_window_speaks_german(qapp: QApplication, qtbot: QtBot, bench: Workbench) -> None:
    install(qapp, "de")
    empty = EmptyState()
    qtbot.addWidget(empty)
    assert empty.button.text() == "Fotos öffnen…"
    strip = PhotoStrip(bench.library, bench.engine)
    qtbot.addWidget(strip)
    assert strip.duration_in_words(60) == "noch etwa 1 Minute"
    assert strip.duration_in_words(500) == "noch etwa 8 Minuten"


@pytest.mark.usefixtures("only_here")
@pytest.mark.parametrize("language", ["en", "xx", "fr"])
def test_english_has_its_plurals_and_stands_in(qapp: QApplication, qtbot: QtBot, language: str) -> None:
    install(qapp, language)
    assert QCoreApplication.translate("FacePanel", "%n face(s)", "", 1) == "1 face"
    assert QCoreApplication.translate("FacePanel", "%n face(s)", "", 3) == "3 faces"
