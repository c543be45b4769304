"""Getting what a training would lack, from a real server."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import msgspec
import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from app.settings.settings import SETTINGS, SettingsStore
from app.training.missing_networks import MissingNetworks
from tests.models.conftest import left_in, model, no_proxy, serve, weights
from tests.models.web import Web, status, whole
from trainer.config import Losses

__all__ = ["no_proxy", "serve"]

FILE = weights(2_000_000)
LOSSES = Losses(perceptual=0, identity_network="test")
Open = Callable[[Web], MissingNetworks]


@pytest.fixture
def shown(qtbot: QtBot, tmp_path: Path, only_model: Callable[[Web, str], None]) -> Iterator[Open]:
    """Shows what is missing, with one model in the catalogue, which a server has."""
    made: list[MissingNetworks] = []

    def show(web: Web) -> MissingNetworks:
        only_model(web, "app.training.missing_networks")
        missing = MissingNetworks(SettingsStore(tmp_path / SETTINGS))
        qtbot.addWidget(missing)
        missing.show_for(LOSSES)
        made.append(missing)
        return missing

    yield show
    for each in made:
        each.work.close()


def test_a_network_is_downloaded_and_no_longer_missing(
    shown: Open, serve: Callable[..., Web], qtbot: QtBot, own_models_folder: Path
) -> None:
    missing = shown(serve(FILE, whole(pause=0.02)))
    assert missing.isVisible()
    row = missing.rows["test"]
    assert row.details.text().startswith("Without it faces drift further from the person (2 MB, ")
    seen: list[int] = []
    missing.work.progressed.connect(lambda _: seen.append(row.bar.value()))
    with qtbot.waitSignal(missing.changed):
        qtbot.mouseClick(row.get, Qt.MouseButton.LeftButton)
        # Whatever else is chosen meanwhile, the row stays until it has come.
        missing.show_for(None)
        assert missing.rows == {"test": row}
    assert max(seen) > 0
    assert (own_models_folder / "Test.safetensors").read_bytes() == FILE
    missing.show_for(LOSSES)
    assert not missing.rows
    assert not missing.isVisible()


def test_a_download_is_paused_and_goes_on(shown: Open, serve: Callable[..., Web], qtbot: QtBot) -> None:
    web = serve(FILE, whole(pause=0.1), whole())
    missing = shown(web)
    qtbot.mouseClick(missing.rows["test"].get, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: missing.rows["test"].bar.value() > 100)
    with qtbot.waitSignal(missing.work.cancelled):
        qtbot.mouseClick(missing.rows["test"].stop, Qt.MouseButton.LeftButton)
    assert missing.words.text() == "Paused; what came so far stays."
    with qtbot.waitSignal(missing.changed):
        qtbot.mouseClick(missing.rows["test"].get, Qt.MouseButton.LeftButton)
    assert web.ranges[1] is not None


def test_two_are_downloaded_one_after_the_other(
    shown: Open,
    serve: Callable[..., Web],
    qtbot: QtBot,
    monkeypatch: pytest.MonkeyPatch,
    own_models_folder: Path,
) -> None:
    web = serve(FILE, whole(pause=0.02), whole())
    missing = shown(web)
    models = (model(web), model(web, name="other", title="Other", file="Other.safetensors"))
    for each in ("app.training.missing_networks", "core.models.store"):
        monkeypatch.setattr(f"{each}.catalogue", lambda: models)
    missing.show_for(Losses(perceptual_network="other", identity_network="test"))
    for name in ("other", "test"):
        qtbot.mouseClick(missing.rows[name].get, Qt.MouseButton.LeftButton)
    assert missing.rows["test"].details.text() == "Waiting …"
    with qtbot.waitSignal(missing.changed):
        pass
    assert list(missing.rows) == ["test"]
    missing.show_for(None)
    with qtbot.waitSignal(missing.changed):
        assert list(missing.rows) == ["test"], "it is on its way"
    assert left_in(own_models_folder) == {"Other.safetensors", "Test.safetensors"}
    assert not missing.isVisible()


def test_once_paused_the_choice_made_meanwhile_is_shown(
    shown: Open, serve: Callable[..., Web], qtbot: QtBot
) -> None:
    missing = shown(serve(FILE, whole(pause=0.1)))
    qtbot.mouseClick(missing.rows["test"].get, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: missing.rows["test"].bar.value() > 100)
    missing.show_for(None)
    with qtbot.waitSignal(missing.work.cancelled):
        qtbot.mouseClick(missing.rows["test"].stop, Qt.MouseButton.LeftButton)
    assert not missing.rows
    assert not missing.isVisible()


def test_what_goes_wrong_is_a_sentence(shown: Open, serve: Callable[..., Web], qtbot: QtBot) -> None:
    missing = shown(serve(FILE, status(404)))
    with qtbot.waitSignal(missing.work.failed):
        qtbot.mouseClick(missing.rows["test"].get, Qt.MouseButton.LeftButton)
    assert "404" in missing.words.text()
    qtbot.waitUntil(missing.rows["test"].get.isVisible)


def test_a_failure_is_said_whatever_was_chosen_meanwhile(
    shown: Open, serve: Callable[..., Web], qtbot: QtBot
) -> None:
    missing = shown(serve(FILE, status(404)))
    with qtbot.waitSignal(missing.work.failed):
        qtbot.mouseClick(missing.rows["test"].get, Qt.MouseButton.LeftButton)
        missing.show_for(None)
    assert not missing.rows
    assert "404" in missing.words.text()
    assert missing.words.isVisible()


def test_a_file_that_no_catalogue_has_is_said(
    shown: Open, serve: Callable[..., Web], qtbot: QtBot, tmp_path: Path
) -> None:
    missing = shown(serve(FILE))
    missing.show_for(msgspec.structs.replace(LOSSES, identity_network=str(tmp_path / "mine.onnx")))
    assert not missing.rows
    assert "mine.onnx" in missing.words.text()
    assert "--" not in missing.words.text()
