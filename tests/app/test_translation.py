"""The window in other languages: complete, compiled, and shown."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QCoreApplication, QLocale, QTranslator
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from app.empty_state import EmptyState
from app.strip.strip import PhotoStrip
from app.training.process import for_the_window
from app.translation import install, translated
from app.workbench import Workbench
from core.advice import face_warnings
from core.errors import PhotoError
from core.photo import read_photo
from core.types import Face
from resources.translations import sentences
from tests.conftest import PATIENCE

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "resources" / "translations"
TOOLS = Path(sys.executable).parent


@pytest.fixture
def only_here(qapp: QApplication) -> None:
    """Other tests read English."""
    yield
    install(qapp, "en")
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
    subprocess.run(command, check=True, capture_output=True, timeout=PATIENCE)
    text = path.read_text(encoding="utf-8")
    unfinished = re.findall(r"<source>([^<]*)</source>\s*<translation type=\"unfinished\"", text)
    assert unfinished == []
    assert 'type="vanished"' not in text, "tasks.py translate drops what is no longer said"
    compiled = tmp_path / f"{language}.qm"
    command = [TOOLS / "pyside6-lrelease", "-silent", FOLDER / path.name, "-qm", compiled]
    subprocess.run(command, check=True, capture_output=True, timeout=PATIENCE)
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


ONLY_FOR_A_SHELL = {
    "'{1}' holds no {2}; make a dataset with 'train prepare PHOTOS -o {3}'.",
    "'{1}' is not on this machine: get it with \"{2} models get {3}\".",
    "The run needs up to {1} on disk, and {2} are free; {3}free some space, or choose another folder with --out.",
    'There is no {1} on this machine: get one with "{2} models get NAME" ({3}).',
    "There is no {1} called '{2}', and no such file; there are: {3}.",
    "There is no {1} on this machine; the installation is incomplete, install it again.",
    'Using the {1}: "{2} models get gfpgan-v1.4" gets the published quality.',
}
"""Sentences whose translation leaves something out."""


def test_what_the_engine_and_the_trainer_say_is_translated() -> None:
    known = json.loads(sentences.FILE.read_text(encoding="utf-8"))
    assert sentences.required() - known.keys() == set(), "tasks.py translate takes them into the file"
    assert known.keys() - sentences.possible() == set(), "tasks.py translate drops what is no longer said"
    fields = {text: set(re.findall(r"{\d}", text)) for text in (*known, *known.values())}
    for template, translation in known.items():
        assert translation.strip(), template
        if template in ONLY_FOR_A_SHELL:
            assert fields[translation] < fields[template], template
        else:
            assert fields[translation] == fields[template], template


OF_A_SHELL = re.compile(r"(?<!\w)-o\b|--[a-z]|`|models get")
ALSO_IN_THE_WINDOW = "--max-megapixels"
"""There is no other way yet."""


def test_no_sentence_of_the_engine_tells_the_window_of_a_shell() -> None:
    english = json.loads((FOLDER / "sentences_en.json").read_text(encoding="utf-8"))
    assert english.keys() - sentences.possible() == set()
    said = {sentences.template(node) or "" for path, node in sentences._nodes() if path.startswith("core/")}
    known = json.loads(sentences.FILE.read_text(encoding="utf-8"))
    of_a_shell = {text for text in said & known.keys() if OF_A_SHELL.search(text) and "--forget" not in text}
    assert of_a_shell - english.keys() == set()
    for template, instead in english.items():
        assert not OF_A_SHELL.search(instead.replace(ALSO_IN_THE_WINDOW, "")), instead
        assert set(re.findall(r"{\d}", instead)) <= set(re.findall(r"{\d}", template))


@pytest.mark.usefixtures("only_here")
@pytest.mark.parametrize(
    ("said", "shown"),
    [
        (
            "'a' is one of the input photos, which are never overwritten; choose another folder with -o, or "
            "another --suffix.",
            "'a' is one of the input photos, which are never overwritten; choose another folder or name.",
        ),
        (
            "There is no 'cuda' on this machine, or no driver for it; choose auto, or one of those that "
            "`gfpgan-desktop info` lists.",
            "There is no 'cuda' on this machine, or no driver for it; choose one that there is in the settings.",
        ),
        (
            "'/p/-o' cannot be written (the disk is full); free some space, or choose another folder with -o.",
            "'/p/-o' cannot be written (the disk is full); free some space, or choose another folder.",
        ),
        (
            "'vgg19' is not on this machine: get it with \"gfpgan-desktop models get vgg19\".",
            "'vgg19' is not on this machine: get it in the settings, under models.",
        ),
    ],
)
def test_the_window_says_in_english_what_can_be_done_in_it(qapp: QApplication, said: str, shown: str) -> None:
    install(qapp, "en")
    assert translated(said) == shown


@pytest.mark.usefixtures("only_here")
def test_every_sentence_is_found_by_its_own_template(qapp: QApplication) -> None:
    install(qapp, "de")
    known = json.loads(sentences.FILE.read_text(encoding="utf-8"))
    values = {
        "{1}": "eins",
        "{2}": "zwei (2.0)",
        "{3}": "drei",
        "{4}": "vier",
        "{5}": "fünf",
        "{6}": "6",
        "{7}": "7",
    }

    def filled(text: str) -> str:
        return re.sub(r"{\d}", lambda field: values[field[0]], text)

    for template, translation in known.items():
        if "}{" not in template:  # nobody can tell where one ends and the other begins
            assert translated(filled(template)) == filled(translation)


@pytest.mark.usefixtures("only_here")
@pytest.mark.parametrize(
    ("english", "german"),
    [
        (
            "The perceptual loss is off, so textures come out softer or noisier: 'vgg19' is not on this machine: "
            'get it with "gfpgan-desktop models get vgg19".',
            "Der Verlust perceptual ist aus, daher werden Strukturen weicher oder körniger: „vgg19“ ist nicht auf "
            "diesem Computer: Laden Sie es in den Einstellungen unter Modelle herunter.",
        ),
        (
            "VGG-19 could not be downloaded from example.org: the connection failed ([SSL: WRONG] no: it). "
            "Check the connection and try again. What came so far (12 bytes) stays.",
            "VGG-19 ließ sich nicht von example.org herunterladen: die Verbindung kam nicht zustande "
            "([SSL: WRONG] no: it). Prüfen Sie die Verbindung, und versuchen Sie es noch einmal. Was bisher kam "
            "(12 Bytes), bleibt.",
        ),
        (
            "A training step does not fit into memory. Set batch=1 with accumulate=2, or checkpointing=true, or "
            "precision=bf16.",
            "Ein Trainingsschritt passt nicht in den Speicher. Stellen Sie ein: batch=1 mit accumulate=2 oder "
            "checkpointing=true oder precision=bf16.",
        ),
        ("'memory' is empty; download it again.", "„memory“ ist leer; laden Sie es noch einmal herunter."),
        (
            "'/tmp/a' cannot be read (permission denied); check its permissions.",
            "„/tmp/a“ lässt sich nicht lesen (Zugriff verweigert); prüfen Sie die Zugriffsrechte.",
        ),
        (
            "'9.5' has 1.2 GB, more than a photo of the largest size may have (0.4 GB); raise --max-megapixels if "
            "it is one.",
            "„9.5“ hat 1,2 GB, mehr als ein Foto der größten Größe haben darf (0,4 GB); nehmen Sie die "
            "Befehlszeile mit --max-megapixels, wenn es eines ist.",
        ),
        (
            "the connection ended after 1,024 of 348,632,874 bytes",
            "die Verbindung endete nach 1.024 von 348.632.874 Bytes",
        ),
        ("face 2: no face was found", "Gesicht 2: es wurde kein Gesicht gefunden"),
        ("", ""),
    ],
)
def test_sentences_within_sentences_and_names(qapp: QApplication, english: str, german: str) -> None:
    install(qapp, "de")
    assert translated(english) == german
    assert for_the_window(english) == german


@pytest.mark.usefixtures("only_here")
def test_the_engines_sentences_are_found_by_their_templates(qapp: QApplication, tmp_path: Path) -> None:
    (tmp_path / "Oma (1950).jpg").write_bytes(b"")
    with pytest.raises(PhotoError) as caught:
        read_photo(tmp_path / "Oma (1950).jpg")
    english = str(caught.value)
    install(qapp, "en")
    assert translated(english) == english
    install(qapp, "de")
    path = tmp_path / "Oma (1950).jpg"
    assert translated(english) == f"„{path}“ ist leer (null Bytes); besorgen Sie eine andere Kopie."
    assert translated("'a' is a face detector; a face restorer was expected.") == (
        "„a“ ist ein Netz, das Gesichter findet; erwartet wurde ein Netz, das Gesichter wiederherstellt."
    )
    assert translated("Alles ist gut.") == "Alles ist gut."


@pytest.mark.usefixtures("only_here")
def test_a_faces_warnings_are_german(qapp: QApplication) -> None:
    install(qapp, "de")
    landmarks = np.array([[8, 8], [12, 8], [14, 11], [8, 14], [12, 14]], np.float64)
    warnings = face_warnings(Face((0, 0, 20, 20), landmarks, 0.9))
    assert [translated(each) for each in warnings] == [
        "es ist nur 20 px groß, daher sind seine Züge größtenteils erfunden",
        "es ist weit zur Seite gedreht; dann können wiederhergestellte Züge unnatürlich wirken",
    ]
