"""The program as its user has it: a real window on a real (virtual) screen, driven by keys and pointer."""

from __future__ import annotations

import shutil
import signal
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from core.photo import read_photo
from tests.conftest import PATIENCE, SAMPLES
from tests.e2e.desktop import Desktop

pytestmark = [pytest.mark.slow, pytest.mark.skipif(sys.platform != "linux", reason="needs X11")]


def restore_compare_and_export(desktop: Desktop, photo: Path) -> None:
    """What most users come for, with keys and pointer alone; the files are checked."""
    program = desktop.start(photo)
    window = desktop.window(photo.name)
    desktop.do("windowactivate", "--sync", window)
    desktop.do("windowsize", "--sync", window, 1280, 800)
    crops = desktop.data / "session" / "crops"

    def restored() -> bool:
        if not any(crops.rglob("*.npz")):
            desktop.press(window, "ctrl+r")
            time.sleep(1)
        return any(crops.rglob("*.npz"))

    desktop.until(restored)
    time.sleep(2)
    # Drag the divider to both sides: what is on the screen changes where the face is.
    geometry = desktop.do("getwindowgeometry", "--shell", window)
    x, y = (int(line.split("=")[1]) for line in geometry.splitlines()[1:3])
    middle, height = x + 480, y + 330

    def with_divider_at(start: int, end: int) -> np.ndarray:
        desktop.do("mousemove", start, height, "mousedown", 1)
        for at in np.linspace(start, end, 8).astype(int):
            desktop.do("mousemove", at, height)
            time.sleep(0.02)
        desktop.do("mouseup", 1)
        time.sleep(0.5)
        return desktop.picture()

    right = with_divider_at(middle, middle + 430)
    left = with_divider_at(middle + 430, middle - 430)
    view = (slice(y + 120, y + 560), slice(x + 80, x + 880))
    assert (np.abs(right - left)[view].max(axis=2) > 12).sum() > 200
    desktop.press(window, "ctrl+e")
    dialog = desktop.window("Export 1 photo")
    desktop.do("windowactivate", "--sync", dialog)
    target = photo.with_name(f"{photo.stem}-restored.jpg")

    def exported() -> bool:
        if not target.exists():
            desktop.press(dialog, "Return")
            time.sleep(1)
        return target.exists()

    desktop.until(exported)
    after, before = read_photo(target), read_photo(photo)
    assert after.size == before.size
    assert np.abs(after.rgb.astype(int) - before.rgb).max() > 40
    desktop.do("windowactivate", "--sync", window)
    desktop.press(window, "ctrl+q")
    output, _ = program.communicate(timeout=PATIENCE)
    assert program.returncode == 0, output
    assert "Traceback" not in output


def test_a_photo_is_opened_restored_compared_and_exported(desktop: Desktop, tmp_path: Path) -> None:
    photo = tmp_path / "wallet-photo.jpg"
    shutil.copy(SAMPLES / "wallet-photo.jpg", photo)
    restore_compare_and_export(desktop, photo)


def test_killed_in_the_middle_of_a_queue_it_goes_on(desktop: Desktop, tmp_path: Path) -> None:
    folder = tmp_path / "photos"
    folder.mkdir()
    picture = Image.open(SAMPLES / "wallet-photo.jpg")
    for number in range(4):
        picture.rotate(number, expand=False).save(folder / f"{number}.jpg", quality=90)
    program = desktop.start(folder)
    window = desktop.window("0.jpg")
    desktop.do("windowactivate", "--sync", window)
    journal = tmp_path / "data" / "session" / "photos.json"
    crops = tmp_path / "data" / "session" / "crops"

    def begun() -> bool:
        if not any(crops.rglob("*.npz")):
            desktop.press(window, "ctrl+shift+r")
            time.sleep(0.5)
        return any(crops.rglob("*.npz"))

    desktop.until(begun)
    program.send_signal(signal.SIGKILL)
    program.communicate()
    assert not list(folder.glob("*restored*"))
    assert journal.stat().st_size > 100
    kept = {path: path.stat().st_ino for path in crops.rglob("*.npz")}  # another file where it is written again
    again = desktop.start()
    window = desktop.window("GFP-GAN Desktop")
    desktop.do("windowactivate", "--sync", window)
    desktop.do("windowsize", "--sync", window, 1280, 800)
    time.sleep(1.5)
    geometry = desktop.do("getwindowgeometry", "--shell", window)
    x, y = (int(line.split("=")[1]) for line in geometry.splitlines()[1:3])
    width = int(geometry.splitlines()[3].split("=")[1])

    def going_on() -> bool:
        # The button of the message bar; its place depends on the font.
        for at in range(width - 60, width - 300, -40):
            desktop.do("mousemove", x + at, y + 105, "click", 1)
        time.sleep(1)
        return len(list(crops.rglob("*.npz"))) >= 4

    desktop.until(going_on)
    assert all(path.stat().st_ino == file for path, file in kept.items()), "done once is done"
    again.kill()
