"""Paths of Windows, told on any system; what Windows does with them is documented, not tried here."""

from pathlib import Path, PurePosixPath, PureWindowsPath

import pytest

from core.paths import on_disk

LONG = "\\".join(["a folder with a long name"] * 12)
PREFIX = "\\\\?\\"


@pytest.mark.parametrize("path", [r"C:\photos\a.jpg", r"\\server\share\a.jpg", r"\\.\NUL", PREFIX + r"C:\a.jpg"])
def test_short_paths_stay_as_they_are(path: str) -> None:
    assert on_disk(PureWindowsPath(path)) == PureWindowsPath(path)


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        (rf"C:\{LONG}\a.jpg", rf"{PREFIX}C:\{LONG}\a.jpg"),
        (rf"\\server\share\{LONG}\a.jpg", rf"{PREFIX}UNC\server\share\{LONG}\a.jpg"),
        (rf"C:/{LONG}/../b.jpg", rf"{PREFIX}C:\{LONG.rpartition(chr(92))[0]}\b.jpg"),
        (rf"{PREFIX}C:\{LONG}", rf"{PREFIX}C:\{LONG}"),
        (rf"{PREFIX}UNC\server\share\{LONG}", rf"{PREFIX}UNC\server\share\{LONG}"),
    ],
)
def test_long_paths_get_the_prefix_once(path: str, expected: str) -> None:
    assert str(on_disk(PureWindowsPath(path))) == expected
    assert on_disk(on_disk(PureWindowsPath(path))) == on_disk(PureWindowsPath(path))


def test_a_folder_gets_the_prefix_for_what_lies_below() -> None:
    assert str(on_disk(PureWindowsPath("C:\\"), whatever_follows=True) / "a.jpg") == PREFIX + r"C:\a.jpg"
    share = on_disk(PureWindowsPath(r"\\server\share\photos"), whatever_follows=True)
    assert str(share / "a.jpg") == PREFIX + r"UNC\server\share\photos\a.jpg"
    assert (share / "a.jpg").relative_to(share) == PureWindowsPath("a.jpg")


def test_other_systems_take_any_path() -> None:
    for path in (Path("a" * 300), PurePosixPath("/" + "a/" * 3000), PurePosixPath(PREFIX)):
        assert on_disk(path, whatever_follows=True) is path
