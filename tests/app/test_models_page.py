"""The model manager with a real server."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot
from safetensors.torch import save

from app.settings.models_page import ModelsPage
from app.settings.settings import SETTINGS, SettingsStore
from core.models import store as model_store
from tests.models.conftest import left_in, model, no_proxy, serve, weights
from tests.models.networks import restorer
from tests.models.web import Request, Web, page, status, whole

__all__ = ["no_proxy", "serve"]

FILE = weights(2_000_000)
LEFT = Qt.MouseButton.LeftButton
Open = Callable[[Web], ModelsPage]


@pytest.fixture
def open_page(qtbot: QtBot, tmp_path: Path, only_model: Callable[[Web, str], None]) -> Iterator[Open]:
    """Opens the page with one model in the catalogue, which a server has."""
    pages: list[ModelsPage] = []

    def make(web: Web) -> ModelsPage:
        only_model(web, "app.settings.models_page")
        made = ModelsPage(SettingsStore(tmp_path / SETTINGS))
        qtbot.addWidget(made)
        made.show()
        pages.append(made)
        return made

    yield make
    for each in pages:
        each.work.close()


def test_a_model_is_downloaded_checked_and_removed(
    open_page: Open, serve: Callable[..., Web], qtbot: QtBot, own_models_folder: Path
) -> None:
    network = save(restorer().state_dict())
    shown = open_page(serve(network, whole(pause=0.02)))
    seen: list[int] = []
    shown.work.progressed.connect(lambda _: seen.append(shown.rows["test"].bar.value()))
    with qtbot.waitSignal(shown.changed):
        qtbot.mouseClick(shown.rows["test"].get, Qt.MouseButton.LeftButton)
    assert (own_models_folder / "Test.safetensors").read_bytes() == network
    assert max(seen) > 0
    assert shown.rows["test"].details.text().startswith("here")
    assert not shown.rows["test"].get.isVisible()
    with qtbot.waitSignal(shown.work.returned):
        qtbot.mouseClick(shown.verifying, Qt.MouseButton.LeftButton)
    assert shown.words.text() == "1 model(s) checked: all are good."
    with qtbot.waitSignal(shown.changed):
        qtbot.mouseClick(shown.rows["test"].remove, Qt.MouseButton.LeftButton)
    assert not (own_models_folder / "Test.safetensors").exists()
    assert "Test was removed" in shown.words.text()
    assert model_store.best_model("restorer") is None


def test_a_download_is_paused_and_goes_on(
    open_page: Open, serve: Callable[..., Web], qtbot: QtBot, own_models_folder: Path
) -> None:
    web = serve(FILE, whole(pause=0.1), whole())
    shown = open_page(web)
    qtbot.mouseClick(shown.rows["test"].get, Qt.MouseButton.LeftButton)
    assert shown.rows["test"].details.text() == "Connecting …"
    qtbot.waitUntil(lambda: shown.rows["test"].bar.value() > 100)
    with qtbot.waitSignal(shown.work.cancelled):
        qtbot.mouseClick(shown.rows["test"].stop, Qt.MouseButton.LeftButton)
    assert shown.words.text() == "Paused; what came so far stays."
    with qtbot.waitSignal(shown.changed):
        qtbot.mouseClick(shown.rows["test"].get, Qt.MouseButton.LeftButton)
    assert (own_models_folder / "Test.safetensors").read_bytes() == FILE
    first, second = web.ranges
    assert first is None
    assert second is not None


def test_what_is_asked_for_while_something_runs_is_done_after_it(
    qtbot: QtBot,
    monkeypatch: pytest.MonkeyPatch,
    serve: Callable[..., Web],
    tmp_path: Path,
    own_models_folder: Path,
) -> None:
    go = threading.Event()

    def held(request: Request) -> None:
        go.wait()
        whole()(request)

    web = serve(FILE, held, whole())
    models = [
        model(web, name=name, title=name.title(), file=f"{name}.safetensors") for name in ("one", "two", "three")
    ]
    for each in ("app.settings.models_page", "core.models.store"):
        monkeypatch.setattr(f"{each}.catalogue", lambda: tuple(models))
    shown = ModelsPage(SettingsStore(tmp_path / SETTINGS))
    qtbot.addWidget(shown)
    shown.show()
    for name in ("one", "two", "three"):
        qtbot.mouseClick(shown.rows[name].get, LEFT)
    (tmp_path / "no model.bin").write_bytes(b"nothing")
    shown.take([tmp_path / "no model.bin"])
    qtbot.mouseClick(shown.verifying, LEFT)
    assert [row.details.text() for row in shown.rows.values()] == ["Connecting …", "Waiting …", "Waiting …"]
    with qtbot.waitSignal(shown.work.cancelled):
        qtbot.mouseClick(shown.rows["three"].stop, LEFT)
    assert shown.rows["three"].get.isVisible()
    assert [shown.rows[name].details.text() for name in ("one", "two")] == ["Connecting …", "Waiting …"]
    go.set()
    qtbot.waitUntil(lambda: not shown.work.busy)
    assert left_in(own_models_folder) == {"one.safetensors", "two.safetensors"}
    paused, refused, checked = shown.words.text().splitlines()
    assert paused == "Paused; what came so far stays."
    assert "no model.bin" in refused
    assert "one.safetensors" in checked, "it came after the downloads"
    assert "two.safetensors" in checked


@pytest.mark.parametrize(("answer", "words"), [(page, "answers with a web page"), (status(404), "404")])
def test_what_goes_wrong_is_a_sentence(
    open_page: Open,
    serve: Callable[..., Web],
    qtbot: QtBot,
    own_models_folder: Path,
    answer: Callable[..., None],
    words: str,
) -> None:
    shown = open_page(serve(FILE, answer))
    with qtbot.waitSignal(shown.work.failed):
        qtbot.mouseClick(shown.rows["test"].get, Qt.MouseButton.LeftButton)
    assert words in shown.words.text()
    assert shown.rows["test"].get.isVisible()


def test_the_mirror_is_asked_instead(
    open_page: Open, serve: Callable[..., Web], qtbot: QtBot, own_models_folder: Path
) -> None:
    original, mirror = serve(FILE), serve(FILE)
    shown = open_page(original)
    shown._store.change(mirror=mirror.url)
    with qtbot.waitSignal(shown.changed):
        qtbot.mouseClick(shown.rows["test"].get, Qt.MouseButton.LeftButton)
    assert original.requests == []
    assert len(mirror.requests) == 1


def test_a_dropped_file_is_imported_by_what_it_is(
    open_page: Open, serve: Callable[..., Web], qtbot: QtBot, own_models_folder: Path, tmp_path: Path
) -> None:
    shown = open_page(serve(FILE))
    (tmp_path / "whatever.bin").write_bytes(FILE)
    with qtbot.waitSignal(shown.work.returned):
        shown.take([tmp_path / "whatever.bin"])
    assert shown.words.text() != "Importing …"
