"""What the pages of the settings show when models come and go."""

from __future__ import annotations

from pathlib import Path

from pytestqt.qtbot import QtBot

from app.settings.pages import RestorationPage
from app.settings.settings import SETTINGS, AppSettings, SettingsStore, read_settings
from core.models.records import Record, forget, remember
from tests.models.conftest import weights


def put_model(folder: Path, file: str, kind: str) -> None:
    folder.mkdir(exist_ok=True)
    (folder / file).write_bytes(weights())
    remember(file, Record("", 0, "mine", "2026-01-01", kind, "a model of yours"))


def test_a_model_that_was_removed_is_no_longer_what_photos_begin_with(
    qtbot: QtBot, tmp_path: Path, own_models_folder: Path
) -> None:
    put_model(own_models_folder, "mine.safetensors", "restorer")
    store = SettingsStore(tmp_path / SETTINGS)
    page = RestorationPage(store)
    qtbot.addWidget(page)
    put_model(own_models_folder, "large.safetensors", "upscaler")
    page.refresh_models()
    for field, name in ((page.model, "mine.safetensors"), (page.background, "large.safetensors")):
        field.setCurrentIndex(field.findData(name))
    assert (store.value.model, store.value.background) == ("mine.safetensors", "large.safetensors")
    page.refresh_models()
    assert page.model.currentData() == "mine.safetensors"
    for file in ("mine.safetensors", "large.safetensors"):
        (own_models_folder / file).unlink()
        forget(file)
    page.refresh_models()
    assert (page.model.currentText(), page.background.currentText()) == ("Best", "Best quick way")
    assert read_settings(tmp_path / SETTINGS) == AppSettings()


def test_so_it_is_where_one_was_removed_while_nobody_looked(qtbot: QtBot, tmp_path: Path) -> None:
    store = SettingsStore(tmp_path / SETTINGS)
    store.change(model="mine.safetensors", background="large.safetensors", upscale=2)
    page = RestorationPage(store)
    qtbot.addWidget(page)
    assert store.value == AppSettings(upscale=2)
