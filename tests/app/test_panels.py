"""Face panel, photo options, message bar, theme, settings and the straighten view."""

from __future__ import annotations

import itertools
import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QColor, QGuiApplication, QPalette
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from app import message_bar
from app.document.decisions import Decisions, FaceDecision
from app.faces.face_chips import FaceChip
from app.faces.model_strip import ModelChoice
from app.faces.panel import FacePanel
from app.logs import LOG
from app.message_bar import DetailsDialog, MessageBar
from app.notify import Level, Notice, Notifier
from app.photo_options import PhotoOptions
from app.settings.about_page import AboutPage, LicencesDialog
from app.settings.panel import SettingsPanel
from app.settings.settings import AppSettings, SettingsStore, read_settings
from app.theme import DARK, LIGHT, Theme, apply_theme, current
from app.viewer.straighten_view import StraightenView
from core.geometry import Geometry, changed_size, has_empty_corner, largest_inside
from core.types import BlendOptions, ColorMode, Likeness
from tests.conftest import crop_of, face_at, flat, smooth_photo

LEFT = Qt.MouseButton.LeftButton


# The face panel.


@pytest.fixture
def panel(qtbot: QtBot) -> FacePanel:
    made = FacePanel()
    qtbot.addWidget(made)
    made.resize(320, 900)
    made.show()
    pixels = smooth_photo(200, 150)
    faces = [face_at(60, 60, 70), face_at(140, 70, 20)]
    crops = {0: crop_of(pixels, faces[0], flat((200, 40, 40)))}
    made.set_models([ModelChoice(None, "Best"), ModelChoice("a", "Model A")])
    made.set_photo(Decisions().with_faces(faces), crops)
    return made


def test_a_face_is_seen_before_it_is_restored(panel: FacePanel) -> None:
    """At once as the photo has it, also where its square leaves the photo; its crop later."""
    photo = flat((20, 160, 40))[:150, :200]
    face = face_at(10, 70, 60)
    panel.set_photo(Decisions().with_faces([face]), {})
    nothing = middle_of(panel.chips._chips[0])
    panel.set_photo(Decisions().with_faces([face]), {}, photo)
    seen = middle_of(panel.chips._chips[0])
    panel.set_photo(Decisions().with_faces([face]), {0: crop_of(photo, face, flat((200, 40, 40)))}, photo)
    restored = panel.chips._chips[0].grab().toImage().pixelColor(60, 39).getRgb()[:3]
    assert nothing != seen
    assert (seen, restored) == ((20, 160, 40), (200, 40, 40))


def middle_of(chip: FaceChip) -> tuple[int, ...]:
    return chip.grab().toImage().pixelColor(39, 39).getRgb()[:3]


def test_a_face_has_the_strength_that_suits_it_until_somebody_says_otherwise(
    panel: FacePanel, qtbot: QtBot
) -> None:
    photo, faces = flat((20, 160, 40)), [face_at(60, 60, 70), face_at(140, 70, 40)]
    crops = {
        index: replace(crop_of(photo, face, flat((200, 40, 40))), advised_strength=strength)
        for index, (face, strength) in enumerate(zip(faces, (0.5, 1.0), strict=True))
    }
    panel.set_photo(Decisions(blend=BlendOptions(strength=None)).with_faces(faces), crops, photo)
    controls = panel.controls
    assert controls.automatic.isChecked()
    assert controls.percent.value() == 75
    panel.choose(0)
    assert controls.percent.value() == 50
    with qtbot.waitSignal(panel.blend_changed) as told:
        controls.strength.setValue(80)
    assert (told.args[0], told.args[1].strength) == (0, 0.8)
    assert not controls.automatic.isChecked()
    with qtbot.waitSignal(panel.blend_changed) as told:
        controls.automatic.click()
    assert told.args[1].strength is None
    assert controls.percent.value() == 50
    with qtbot.waitSignal(panel.blend_changed) as told:
        controls.automatic.click()
    assert told.args[1].strength == 0.5


def test_sliders_speak_for_all_faces_or_the_chosen_one(panel: FacePanel, qtbot: QtBot) -> None:
    with qtbot.waitSignal(panel.blend_changed) as told:
        panel.controls.strength.setValue(40)
    assert (told.args[0], told.args[1].strength, told.args[2]) == (None, 0.4, True)
    qtbot.mouseClick(panel.chips._chips[1], LEFT, pos=QPoint(20, 40))
    assert panel.index == 1
    with qtbot.waitSignal(panel.blend_changed) as told:
        panel.controls.colors.setCurrentIndex(1)
    assert (told.args[0], told.args[1].color, told.args[2]) == (1, ColorMode.KEEP, False)
    with qtbot.waitSignal(panel.blend_applied) as told:
        qtbot.mouseClick(panel.for_all, LEFT)
    assert told.args[0].color is ColorMode.KEEP


def test_a_face_may_have_the_model_of_all_again(panel: FacePanel) -> None:
    panel.set_models([ModelChoice(None, "Best"), ModelChoice("x", "X"), ModelChoice("y", "Y")])
    faces = tuple(map(FaceDecision, (face_at(60, 50, 70), face_at(140, 60, 60))))
    titles = [button.text() for button in panel.models._group.buttons()]
    assert titles == ["Best", "X", "Y"]
    panel.set_photo(Decisions(faces=faces, model="x"), {})
    panel.choose(0)
    assert [button.text() for button in panel.models._group.buttons()] == ["As all faces", "X", "Y"]
    assert panel.models._group.checkedId() == 0


def test_a_model_that_is_gone_can_be_left(panel: FacePanel) -> None:
    panel.set_models([ModelChoice(None, "Best")])
    assert panel.models.isHidden()
    panel.set_photo(Decisions(model="gone"), {})
    assert not panel.models.isHidden()
    assert panel.models._group.checkedId() == -1


def test_a_search_that_failed_is_not_under_way(panel: FacePanel) -> None:
    panel.set_photo(Decisions(), {})
    assert panel.title.text() == "Looking for faces …"
    panel.set_photo(Decisions(), {}, failed=True)
    assert panel.title.text() == "Looking for faces failed"


def test_showing_decisions_says_nothing(panel: FacePanel, qtbot: QtBot) -> None:
    with qtbot.assertNotEmitted(panel.blend_changed):
        panel.set_photo(Decisions(blend=BlendOptions(0.3, ColorMode.MODEL, False, True)), {})
    assert panel.controls.blend == BlendOptions(0.3, ColorMode.MODEL, False, True)
    assert panel.controls.percent.value() == 30


def test_faces_are_left_out_and_deleted_by_pointer_and_keys(panel: FacePanel, qtbot: QtBot) -> None:
    chip = panel.chips._chips[0]
    with qtbot.waitSignal(panel.include_toggled) as told:
        qtbot.mousePress(chip, LEFT, pos=chip._tick_place().center().toPoint())
    assert told.args == [0]
    for key, signal in (
        (Qt.Key.Key_Space, panel.include_toggled),
        (Qt.Key.Key_Delete, panel.delete_asked),
    ):
        with qtbot.waitSignal(signal) as told:
            qtbot.keyClick(chip, key)
        assert told.args == [0]


def test_warnings_of_a_face_are_told(panel: FacePanel) -> None:
    panel.choose(1)
    assert "features are largely invented" in panel.warnings.text()
    panel.choose(0)
    assert "largely guessed" in panel.warnings.text()
    panel.set_photo(Decisions().with_faces([face_at(60, 60, 70)]), {})
    assert not panel.warnings.isVisible()


def test_a_badge_tells_how_much_likeness_is_kept(panel: FacePanel) -> None:
    decisions = Decisions().with_faces([face_at(60, 60, 70), face_at(140, 70, 60)])
    crop = crop_of(smooth_photo(200, 150), face_at(60, 60, 70), flat((200, 40, 40)))
    panel.set_photo(decisions, {0: crop})
    panel.choose(0)
    assert not panel.likeness.isVisible()
    shown = []
    for angle, network in ((23.4, "mobilefacenet"), (81.0, "mobilefacenet"), (81.0, "unknown")):
        panel.set_photo(decisions, {0: replace(crop, likeness=Likeness(angle, network))})
        assert panel.likeness.isVisible()
        color = panel.likeness.palette().color(QPalette.ColorRole.WindowText).name().upper()
        shown.append((panel.likeness.text(), color, "another person" in panel.warnings.text()))
    assert shown == [
        ("Likeness 23°", LIGHT.good.upper(), False),
        ("Likeness 81°", LIGHT.warning.upper(), True),
        ("Likeness 81°", LIGHT.secondary.upper(), False),
    ]
    assert "full strength" in panel.likeness.toolTip()
    panel.choose(1)
    assert not panel.likeness.isVisible()


def test_models_are_compared_and_chosen(panel: FacePanel, qtbot: QtBot) -> None:
    panel.choose(0)
    with qtbot.waitSignal(panel.models_asked) as told:
        qtbot.mouseClick(panel.compare, LEFT)
    assert told.args == [0]
    panel.models.set_crop("a", crop_of(smooth_photo(200, 150), face_at(60, 60, 70), flat((1, 2, 3))))
    button = panel.models._group.button(1)
    assert not button.icon().isNull()
    assert button.text() == "Model A"
    crop = crop_of(smooth_photo(200, 150), face_at(60, 60, 70), flat((1, 2, 3)))
    panel.models.set_crop("a", replace(crop, likeness=Likeness(30.6, "mobilefacenet")))
    assert (button.text(), button.toolTip()) == ("Model A\n31°", "Model A\nLikeness 31°")
    with qtbot.waitSignal(panel.model_chosen) as told:
        qtbot.mouseClick(button, LEFT)
    assert told.args == [0, "a"]


def test_size_and_background_are_said_once(qtbot: QtBot) -> None:
    options = PhotoOptions()
    qtbot.addWidget(options)
    options.set_upscalers([ModelChoice("esr", "Real-ESRGAN")])
    with qtbot.assertNotEmitted(options.changed):
        options.set_decisions(Decisions(upscale=2, background="esr"))
    assert options.background.currentText() == "Real-ESRGAN"
    with qtbot.waitSignal(options.changed) as told:
        options.enlarge.setCurrentIndex(2)
    assert told.args == [4, "esr"]


# Messages.


@pytest.fixture
def bar(qtbot: QtBot) -> MessageBar:
    made = MessageBar()
    qtbot.addWidget(made)
    return made


def test_messages_wait_for_one_another(bar: MessageBar, qtbot: QtBot) -> None:
    for sentence in ("One.", "Two.", "Two."):
        bar.show_notice(Notice(sentence, Level.WARNING))
    assert (bar.sentence.text(), bar.more.text()) == ("One.", "1 more")
    bar.dismiss()
    assert bar.sentence.text() == "Two."
    qtbot.keyClick(bar, Qt.Key.Key_Escape)
    assert bar.shown is None
    assert not bar.isVisible()


def test_many_messages_can_be_read_at_once(bar: MessageBar, qtbot: QtBot) -> None:
    bar.show()
    assert not bar.more.isVisible()
    for number in range(3):
        bar.show_notice(Notice(f"Photo {number} is damaged.", Level.ERROR, f"at byte {number}"))
    bar.show_notice(Notice("A model is missing.", Level.WARNING, action=("Get it", lambda: None)))
    bar.show_notice(Notice("A hint."))
    assert bar.more.text() == "4 more"
    qtbot.mouseClick(bar.more, LEFT)
    (dialog,) = bar.findChildren(DetailsDialog)
    assert dialog.text.toPlainText() == (
        "Error: Photo 0 is damaged.\nat byte 0\n\nError: Photo 1 is damaged.\nat byte 1\n\n"
        "Error: Photo 2 is damaged.\nat byte 2\n\nWarning: A model is missing.\n\nA hint."
    )
    assert bar.sentence.text() == "A model is missing."  # it asks for something
    assert not bar.more.isVisible()
    dialog.close()


def test_what_went_wrong_goes_before_what_is_only_said(bar: MessageBar) -> None:
    bar.show_notice(Notice("A hint."))
    bar.show_notice(Notice("It failed.", Level.ERROR, "why"))
    assert bar.sentence.text() == "It failed."


def test_the_next_step_of_what_is_told_again_is_the_new_one(bar: MessageBar, qtbot: QtBot) -> None:
    done: list[str] = []
    for name in ("first", "second"):
        bar.show_notice(Notice("1 photo closed.", action=("Undo", lambda name=name: done.append(name))))  # type: ignore[misc]
    bar.show_notice(Notice("It failed.", Level.ERROR))
    assert bar.sentence.text() == "It failed."
    bar.dismiss()
    assert bar.sentence.text() == "1 photo closed."
    qtbot.mouseClick(bar.action, LEFT)
    assert done == ["second"]
    assert bar.shown is None


def test_something_new_is_shown_before_an_error_that_was_read(
    bar: MessageBar, monkeypatch: pytest.MonkeyPatch
) -> None:
    bar.show_notice(Notice("one", Level.ERROR))
    bar.show_notice(Notice("two"))
    assert bar.sentence.text() == "one"
    monkeypatch.setattr(message_bar, "_READ", -1.0)
    bar.show_notice(Notice("three"))
    assert bar.sentence.text() == "three"
    bar.show_notice(Notice("closed", action=("Undo", lambda: None)))
    assert bar.sentence.text() == "closed"
    bar.show_notice(Notice("four", Level.ERROR))
    bar.show_notice(Notice("five", Level.ERROR))
    assert bar.sentence.text() == "four", "errors come one after the other"
    monkeypatch.setattr(message_bar, "_STAYS", -1.0)  # what only waits is old by now
    for sentence in ("closed", "one", "five"):
        bar.dismiss()
        assert bar.sentence.text() == sentence
    bar.dismiss()
    assert bar.shown is None


def test_a_next_step_is_taken(bar: MessageBar, qtbot: QtBot) -> None:
    done: list[str] = []
    notifier = Notifier()
    notifier.told.connect(bar.show_notice)
    notifier.tell("There is more.", action=("Get it", lambda: done.append("got")))
    bar.show()
    assert bar.action.text() == "Get it"
    qtbot.mouseClick(bar.action, LEFT)
    assert done == ["got"]
    notifier.tell("It failed.", Level.ERROR, "at line 7")
    qtbot.mouseClick(bar.details, LEFT)
    (dialog,) = bar.findChildren(DetailsDialog)
    assert dialog.text.toPlainText() == "at line 7"
    dialog.reject()
    bar.dismiss()


# The theme.


def luminance(color: str) -> float:
    """WCAG 2.1, relative luminance."""
    parts = [part / 255 for part in QColor(color).getRgb()[:3]]
    linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return sum(weight * part for weight, part in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


def contrast(one: str, other: str) -> float:
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("theme", [DARK, LIGHT], ids=["dark", "light"])
def test_all_text_can_be_read(theme: Theme) -> None:
    surfaces = ("window", "panel", "raised")
    texts = ("text", "secondary", "good", "warning", "danger")
    for text, surface in itertools.product(texts, surfaces):
        assert contrast(getattr(theme, text), getattr(theme, surface)) >= 4.5, (text, surface)
    assert contrast(theme.on_accent, theme.accent) >= 4.5
    for surface in ("window", "panel", "raised", "canvas"):
        assert contrast(theme.accent, getattr(theme, surface)) >= 3, surface


def test_the_look_can_be_changed_at_any_time(qapp: QApplication) -> None:
    apply_theme(qapp, "dark")
    assert current() is DARK
    assert DARK.accent in qapp.styleSheet()
    apply_theme(qapp, "light")
    assert current() is LIGHT


# Settings.


def test_only_what_differs_is_written(tmp_path: Path, qtbot: QtBot) -> None:
    path = tmp_path / "settings.json"
    store = SettingsStore(path)
    with qtbot.waitSignal(store.changed):
        store.change(upscale=2, color=ColorMode.KEEP)
    store.change(upscale=1)
    assert json.loads(path.read_text()) == {"color": "keep"}
    assert SettingsStore(path).value == AppSettings(color=ColorMode.KEEP)


@pytest.mark.parametrize("text", ["", "{", "[]", '{"upscale": "two"}', '{"unknown": 1}', '{"strength": "much"}'])
def test_damaged_settings_give_the_defaults(tmp_path: Path, text: str) -> None:
    (tmp_path / "settings.json").write_text(text)
    assert read_settings(tmp_path / "settings.json") == AppSettings()


def test_one_bad_setting_costs_no_other(tmp_path: Path) -> None:
    (tmp_path / "settings.json").write_text('{"upscale": "two", "theme": "dark"}')
    assert read_settings(tmp_path / "settings.json") == AppSettings(theme="dark")


def test_a_disk_that_takes_nothing_is_told(as_plain_user: Path) -> None:
    closed = as_plain_user / "closed"
    closed.mkdir(mode=0o500)
    store = SettingsStore(closed / "settings.json")
    assert "permission denied" in (store.change(upscale=2) or "")
    assert store.value.upscale == 2


def test_every_page_can_be_reached_and_changes_its_settings(tmp_path: Path, qtbot: QtBot) -> None:
    store = SettingsStore(tmp_path / "settings.json")
    panel = SettingsPanel(store, tmp_path)
    qtbot.addWidget(panel)
    panel.show()
    for place in range(panel.list.count()):
        panel.list.setCurrentRow(place)
        assert panel.stack.currentIndex() == place
    page = panel.stack.widget(1)
    from app.settings.fields import CheckField, ChoiceField, NumberField

    strength = next(field for field in page.findChildren(NumberField))
    strength.setValue(65)
    assert store.value.strength == pytest.approx(0.65)
    strength.setValue(strength.minimum())
    assert store.value.strength is None
    assert strength.text() == "As suits each face"
    grain = page.findChildren(CheckField)[1]
    grain.setChecked(True)
    assert store.value.match_grain
    store.change(upscale=4)
    assert any(field.currentText() == "Four times as large" for field in page.findChildren(ChoiceField))
    panel.close_threads()


def test_the_report_has_what_happened_until_it_is_copied(tmp_path: Path, qtbot: QtBot) -> None:
    page = AboutPage(SettingsStore(tmp_path / "settings.json"), tmp_path)
    qtbot.addWidget(page)
    (tmp_path / LOG).write_text("ERROR before it was shown\n")
    page.show()
    assert "before it was shown" in page.report.toPlainText()
    (tmp_path / LOG).write_text("ERROR while it was shown\n")
    qtbot.mouseClick(page.copy, LEFT)
    assert "while it was shown" in QGuiApplication.clipboard().text()


def test_the_licences_are_shown_one_by_one(tmp_path: Path, qtbot: QtBot) -> None:
    page = AboutPage(SettingsStore(tmp_path / "settings.json"), tmp_path)
    qtbot.addWidget(page)
    page.show()
    qtbot.mouseClick(page.licences, Qt.MouseButton.LeftButton)
    (dialog,) = page.findChildren(LicencesDialog)
    assert "LGPL-3.0" in dialog.text.toPlainText()
    names = [dialog.list.item(row).text() for row in range(dialog.list.count())]
    dialog.list.setCurrentRow(names.index("PySide6"))
    assert "GNU LESSER GENERAL PUBLIC LICENSE" in dialog.text.toPlainText()
    dialog.list.setCurrentRow(len(names) - 1)
    assert "(non-commercial)" in names[-1]
    assert "FFHQ" in dialog.text.toPlainText()
    dialog.close()


# Straightening.


@pytest.fixture
def straighten(qtbot: QtBot) -> StraightenView:
    made = StraightenView()
    qtbot.addWidget(made)
    made.resize(600, 500)
    made.show()
    made.set_photo(smooth_photo(400, 300), Geometry())
    return made


def test_an_angle_crops_the_empty_corners(straighten: StraightenView, qtbot: QtBot) -> None:
    straighten.angle.setValue(50)
    with qtbot.waitSignal(straighten.accepted) as told:
        qtbot.keyClick(straighten, Qt.Key.Key_Return)
    geometry = told.args[0]
    assert geometry.degrees == 5.0
    width, height = changed_size(geometry, (400, 300))
    assert 300 < width < 400
    assert 200 < height < 300
    straighten.angle.setValue(0)
    assert straighten.frame.geometry_ == Geometry()


def test_a_crop_survives_another_angle(straighten: StraightenView) -> None:
    straighten.frame.set_geometry(Geometry(crop=(100, 75, 300, 225)))
    straighten.angle.setValue(40)
    left, top, right, bottom = straighten.frame.crop
    inside = largest_inside(Geometry(degrees=4.0), (400, 300))
    assert (right - left) / (inside[2] - inside[0]) == pytest.approx(0.5, abs=0.01)
    assert (bottom - top) / (inside[3] - inside[1]) == pytest.approx(0.5, abs=0.01)
    straighten.angle.setValue(0)
    assert straighten.frame.crop == pytest.approx((100, 75, 300, 225), abs=1)


def test_a_frame_is_never_dragged_over_an_empty_corner(straighten: StraightenView) -> None:
    straighten.angle.setValue(100)
    for edges in ((-1, -1), (1, 1), (1, -1), (0, 0), (-1, 0)):
        straighten.frame.drag(edges, edges[0] * 60 or 60, edges[1] * 60 or 60)
        assert not has_empty_corner(straighten.frame.geometry_, (400, 300))


def test_edges_corners_and_the_whole_frame_are_dragged(straighten: StraightenView, qtbot: QtBot) -> None:
    frame = straighten.frame

    def drag(start: QPointF, dx: int, dy: int) -> None:
        at = start.toPoint()
        qtbot.mousePress(frame, LEFT, pos=at)
        qtbot.mouseMove(frame, at + QPoint(dx // 2, dy // 2))
        qtbot.mouseMove(frame, at + QPoint(dx, dy))
        qtbot.mouseRelease(frame, LEFT, pos=at + QPoint(dx, dy))

    scale = frame._scale()
    drag(frame.frame().topLeft(), 50, 40)
    left, top, right, bottom = frame.crop
    assert (left, top) == pytest.approx((50 / scale, 40 / scale), abs=2)
    assert (right, bottom) == (400, 300)
    drag(frame.frame().center(), -20, -20)
    assert frame.crop[0] == pytest.approx(left - 20 / scale, abs=2)
    assert frame.crop[2] - frame.crop[0] == pytest.approx(right - left)
    drag(frame.frame().bottomRight(), -5000, -5000)
    assert frame.crop[2] - frame.crop[0] == pytest.approx(16)


def test_turning_keeps_the_crop_on_what_it_shows(straighten: StraightenView, qtbot: QtBot) -> None:
    straighten.frame.set_geometry(Geometry(crop=(10, 20, 110, 70)))
    straighten.right.click()
    assert straighten.frame.geometry_ == Geometry(1, crop=(230, 10, 280, 110))
    straighten.left.click()
    assert straighten.frame.geometry_ == Geometry(crop=(10, 20, 110, 70))
    with qtbot.waitSignal(straighten.cancelled):
        qtbot.keyClick(straighten, Qt.Key.Key_Escape)


def test_what_is_cut_off_is_darkened(straighten: StraightenView) -> None:
    straighten.frame.set_photo(np.full((300, 400, 3), 200, np.uint8), Geometry(crop=(100, 75, 300, 225)))
    image = straighten.frame.grab().toImage()
    centre = straighten.frame.frame().center().toPoint()
    assert image.pixelColor(centre + QPoint(5, 5)).red() == 200
    outside = straighten.frame.frame().topLeft().toPoint() - QPoint(20, 20)
    assert image.pixelColor(outside).red() < 120
