"""The program's icon, for each system."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from resources.bundle.icons import SIDES, draw, write_icon


@pytest.mark.parametrize(("system", "form"), [("win32", "ICO"), ("darwin", "ICNS"), ("linux", "PNG")])
def test_each_system_has_its_form(tmp_path: Path, system: str, form: str) -> None:
    with Image.open(write_icon(tmp_path, system)) as icon:
        assert icon.format == form
        assert icon.size[0] >= 256


def test_a_windows_icon_has_each_size_drawn(tmp_path: Path) -> None:
    with Image.open(write_icon(tmp_path, "win32")) as icon:
        assert icon.info["sizes"] == {(side, side) for side in SIDES}
        icon.size = (16, 16)
        assert np.array_equal(np.asarray(icon.convert("RGBA")), np.asarray(draw(16).convert("RGBA")))


def test_the_corners_are_transparent() -> None:
    alpha = np.asarray(draw(64).convert("RGBA"))[..., 3]
    assert alpha[0, 0] == 0
    assert alpha[32, 10] == 255
