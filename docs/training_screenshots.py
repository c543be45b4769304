"""Makes the pictures of the page on fine-tuning, of free photos and with a short run of the bundled model."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable
from pathlib import Path

import skimage.data
from matplotlib import cbook
from PIL import Image, ImageFilter
from PySide6.QtWidgets import QLineEdit, QWidget

from app.main_window import MainWindow

SETTINGS = {
    "steps": "40",
    "batch": "1",
    "samples": "2",
    "losses.adversarial": "0",
    "losses.component": "0",
    "data.held_out": "2",
    "every.report": "1",
    "every.sample": "8",
    "every.evaluation": "20",
    "every.checkpoint": "20",
}


def take_training(
    window: MainWindow, take: Callable[[str, QWidget], None], until: Callable[[Callable[[], bool]], None]
) -> None:
    """Go through a training in the window, and take a picture of each step."""
    os.environ["GFPGAN_DESKTOP_RUNS"] = tempfile.mkdtemp()
    window.training.page_asked.emit()
    panel, page = window.preferences.panel, window.training.page
    assert panel is not None
    assert page is not None
    panel.resize(1120, 760)  # the screen that there is not would be too small
    steps, controller = page.steps, window.training.controller
    take("training-empty", panel)
    steps.collection.add(photos(Path(tempfile.mkdtemp())))
    until(lambda: not steps.collection.busy and steps.collection.model.accepted > 3)
    take("training-faces", panel)
    steps.faces.next.click()
    steps.plan.choose("quick")
    until(lambda: (plan := steps.plan.plan()).config is not None and bool(steps.measuring.known(plan.config)))
    take("training-plan", panel)
    steps.plan.name.setText("grace")
    for key, value in SETTINGS.items():
        field = steps.plan.advanced.fields[key].widget
        assert isinstance(field, QLineEdit)
        field.setText(value)
        field.textEdited.emit(value)
    steps.plan.start.click()
    until(lambda: controller.history.step >= 30)
    take("training-run", panel)
    window.close()
    take("training-closing", window)
    window.training.question.stay.click()
    until(lambda: not controller.running)
    take("training-result", panel)
    steps.show_step(steps.runs)
    until(lambda: bool(steps.runs.rows))
    take("training-runs", panel)


def photos(folder: Path) -> list[Path]:
    """Photos whose faces are taken or left out for many reasons."""
    hopper = Image.open(str(cbook.get_sample_data("grace_hopper.jpg", asfileobj=False))).convert("RGB")
    collins = Image.fromarray(skimage.data.astronaut())
    large = collins.resize((1024, 1024), Image.Resampling.LANCZOS)
    mirrored = Image.Transpose.FLIP_LEFT_RIGHT
    made = {
        "hopper": hopper,
        "hopper mirrored": hopper.transpose(mirrored),
        "hopper tilted": hopper.rotate(12, Image.Resampling.BICUBIC, fillcolor=(40, 60, 90)).transpose(mirrored),
        "collins": collins,
        "collins scanned": large.filter(ImageFilter.UnsharpMask(4, 180, 0)),
        "collins mirrored": large.filter(ImageFilter.UnsharpMask(4, 180, 0)).transpose(mirrored),
        "hopper again": hopper.resize((480, 562)),
        "hopper out of focus": hopper.transpose(mirrored).filter(ImageFilter.GaussianBlur(4)),
        "hopper grey": hopper.rotate(-8).convert("L"),
        "hopper cut": hopper.crop((0, 90, 512, 600)),
    }
    for name, picture in made.items():
        picture.save(folder / f"{name}.png")
    return [folder]
