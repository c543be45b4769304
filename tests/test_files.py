"""Finding photos, and writing files of which nobody ever sees a half."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.errors import PhotoError
from core.files import InputFile, find_photos, make_folder, reason, write_atomically
from core.photo import read_photo

ROOT = Path(__file__).parent.parent
posix = pytest.mark.skipif(os.name != "posix", reason="needs POSIX")


def touch(folder: Path, *names: str) -> None:
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(b"x")


def relatives(files: list[InputFile]) -> list[str]:
    return [file.relative.as_posix() for file in files]


def found(*inputs: Path, recursive: bool = False, leave_out: Path | None = None) -> list[str]:
    return relatives(list(find_photos(inputs, recursive, [] if leave_out is None else [leave_out])))


def test_photos_of_a_folder_come_in_natural_order(tmp_path: Path) -> None:
    touch(tmp_path, "scan10.jpg", "scan2.jpg", "Scan1.PNG", "scan02.jpg", "notes.txt", "b/deep.jpg", "a.tif")
    assert found(tmp_path) == ["a.tif", "Scan1.PNG", "scan02.jpg", "scan2.jpg", "scan10.jpg"]


def test_subfolders_are_entered_on_demand(tmp_path: Path) -> None:
    touch(tmp_path, "1.jpg", "10/a.jpg", "2/b.jpg", "2/c/d.webp")
    assert found(tmp_path) == ["1.jpg"]
    assert found(tmp_path, recursive=True) == ["1.jpg", "2/b.jpg", "2/c/d.webp", "10/a.jpg"]


def test_the_results_are_left_out(tmp_path: Path) -> None:
    results = tmp_path / "restored"
    touch(tmp_path, "a.jpg", "restored/a.jpg", "restored/more/b.jpg", "other/c.jpg")
    assert found(tmp_path, recursive=True, leave_out=results) == ["a.jpg", "other/c.jpg"]
    # Who names the folder, or a file in it, means it.
    assert found(results, leave_out=results) == ["a.jpg"]
    assert found(results / "more", leave_out=results) == ["b.jpg"]
    assert found(results / "a.jpg", leave_out=results) == ["a.jpg"]


def test_the_results_are_known_under_another_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    touch(tmp_path, "a.jpg", "restored/a.jpg")
    monkeypatch.chdir(tmp_path)
    assert found(tmp_path, recursive=True, leave_out=Path("restored")) == ["a.jpg"]


def test_each_file_comes_once_in_the_order_given(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    touch(tmp_path, "a.jpg", "b.jpg")
    monkeypatch.chdir(tmp_path)
    assert found(tmp_path / "b.jpg", tmp_path, tmp_path / "a.jpg", Path("a.jpg")) == ["b.jpg", "a.jpg"]


def test_a_named_file_may_have_any_name(tmp_path: Path) -> None:
    touch(tmp_path, "scan.dat", ".hidden.jpg")
    assert found(tmp_path / "scan.dat", tmp_path / ".hidden.jpg") == ["scan.dat", ".hidden.jpg"]


def test_hidden_files_and_folders_are_left_out(tmp_path: Path) -> None:
    touch(tmp_path, "a.jpg", "._a.jpg", ".trash/b.jpg", "c/.thumbnails/d.jpg", "c/e.jpg")
    assert found(tmp_path, recursive=True) == ["a.jpg", "c/e.jpg"]


def test_a_hidden_folder_may_be_named(tmp_path: Path) -> None:
    touch(tmp_path, ".album/a.jpg")
    assert found(tmp_path / ".album") == ["a.jpg"]


def test_folders_called_like_photos_are_no_photos(tmp_path: Path) -> None:
    touch(tmp_path, "album.jpg/a.png")
    assert found(tmp_path) == []
    assert found(tmp_path, recursive=True) == ["album.jpg/a.png"]


def test_a_path_that_does_not_exist_is_passed_on(tmp_path: Path) -> None:
    for name in ("missing.jpg", "x" * 300):
        assert found(tmp_path / name) == [name]


@posix
def test_links_in_a_circle_end(tmp_path: Path) -> None:
    touch(tmp_path, "a.jpg", "sub/b.jpg")
    (tmp_path / "sub/up").symlink_to(tmp_path)
    (tmp_path / "self.jpg").symlink_to(tmp_path / "self.jpg")
    (tmp_path / "dangling.jpg").symlink_to(tmp_path / "nowhere.jpg")
    # Broken links are passed on, so that reading them gives the reason.
    assert found(tmp_path, recursive=True) == ["a.jpg", "dangling.jpg", "self.jpg", "sub/b.jpg"]
    assert found(tmp_path / "self.jpg") == ["self.jpg"]
    with pytest.raises(PhotoError):
        read_photo(tmp_path / "self.jpg")


@posix
def test_a_link_and_its_file_are_one(tmp_path: Path) -> None:
    touch(tmp_path, "b.jpg")
    (tmp_path / "a.jpg").symlink_to(tmp_path / "b.jpg")
    assert found(tmp_path) == ["a.jpg"]


def test_a_folder_that_cannot_be_listed_is_passed_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    touch(tmp_path, "a.jpg", "closed/b.jpg", "open/c.jpg")
    scandir = os.scandir

    def refusing(path: str) -> object:
        if Path(path).name == "closed":
            raise PermissionError(13, "Permission denied", str(path))
        return scandir(path)

    monkeypatch.setattr(os, "scandir", refusing)
    assert found(tmp_path, recursive=True) == ["a.jpg", "open/c.jpg", "closed"]
    assert found(tmp_path / "closed", tmp_path / "open") == ["closed", "c.jpg"]


@settings(deadline=None, max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(names=st.lists(st.text(st.characters(exclude_characters="/\0", codec="utf-8"), max_size=20), max_size=8))
def test_any_names_are_sorted(tmp_path_factory: pytest.TempPathFactory, names: list[str]) -> None:
    folder = tmp_path_factory.mktemp("names", numbered=True)
    created = {f"n{name}.jpg" for name in [*names, "1²3"]}
    touch(folder, *created)
    assert set(found(folder)) == {path.name for path in folder.iterdir()}
    assert found(folder) == found(folder)


# Writing.


def test_a_file_is_written_with_its_folders(tmp_path: Path) -> None:
    path = tmp_path / "new/folder/photo.jpg"
    write_atomically(path, b"data")
    assert path.read_bytes() == b"data"
    write_atomically(path, b"other")
    assert path.read_bytes() == b"other"
    assert list(path.parent.iterdir()) == [path]


@posix
@pytest.mark.parametrize("name", ["x" * 251 + ".jpg", "\N{CAMERA}" * 62 + ".jpg", "photo"])
def test_the_longest_names_are_written(tmp_path: Path, name: str) -> None:
    write_atomically(tmp_path / name, b"data")
    assert [path.name for path in tmp_path.iterdir()] == [name]


@posix
@pytest.mark.parametrize("mask", [0o022, 0o077, 0o002])
def test_the_umask_is_respected(tmp_path: Path, mask: int) -> None:
    previous = os.umask(mask)
    try:
        write_atomically(tmp_path / "photo.jpg", b"data")
    finally:
        os.umask(previous)
    assert (tmp_path / "photo.jpg").stat().st_mode & 0o777 == 0o666 & ~mask


@posix
def test_a_full_disk_leaves_the_old_file_and_nothing_else(tmp_path: Path) -> None:
    path = tmp_path / "photo.jpg"
    path.write_bytes(b"old")
    # A limit on the size of files fails the write half way, as a full disk does.
    script = f"""
import resource, signal
from pathlib import Path
from core.errors import PhotoError
from core.files import write_atomically
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))
try:
    write_atomically(Path({str(path)!r}), bytes(5000))
except PhotoError as error:
    print(error)
"""
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True, timeout=60
    )
    assert str(path) in done.stdout
    assert "free some space" in done.stdout
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]


def test_a_target_that_is_a_folder_is_refused(tmp_path: Path) -> None:
    target = tmp_path / "photo.jpg"
    touch(target, "inside")
    with pytest.raises(PhotoError, match=r"photo\.jpg"):
        write_atomically(target, b"data")
    assert list(tmp_path.rglob("*")) == [target, target / "inside"]


def test_a_folder_that_is_a_file_is_refused(tmp_path: Path) -> None:
    touch(tmp_path, "file")
    for path in (tmp_path / "file/photo.jpg", tmp_path / "file/sub/photo.jpg"):
        with pytest.raises(PhotoError, match=r"cannot be made|is a file") as error:
            write_atomically(path, b"data")
        assert str(path.parent) in str(error.value)
    with pytest.raises(PhotoError):
        make_folder(tmp_path / ("x" * 300))


@pytest.mark.parametrize("failing", ["fsync", "replace", "open"])
@pytest.mark.parametrize("kind", [OSError(28, "No space left on device"), KeyboardInterrupt()])
def test_whatever_fails_the_old_file_survives(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, failing: str, kind: BaseException
) -> None:
    path = tmp_path / "photo.jpg"
    path.write_bytes(b"old")

    def fail(*_: object, **__: object) -> None:
        raise kind

    with monkeypatch.context() as patch:
        patch.setattr(os if failing == "fsync" else Path, failing, fail)
        with pytest.raises(PhotoError if isinstance(kind, OSError) else KeyboardInterrupt):
            write_atomically(path, b"new")
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]


def test_a_folder_that_vanishes_meanwhile_is_an_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("core.files.make_folder", lambda _: None)
    with pytest.raises(PhotoError, match="no such file"):
        write_atomically(tmp_path / "gone/photo.jpg", b"data")


@posix
@pytest.mark.skipif(hasattr(os, "geteuid") and os.geteuid() == 0, reason="root writes everywhere")
def test_an_unwritable_folder_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "closed").mkdir(mode=0o500)
    with pytest.raises(PhotoError, match="permission denied"):
        write_atomically(tmp_path / "closed/photo.jpg", b"data")


@posix
def test_a_link_is_replaced_and_its_file_left_alone(tmp_path: Path) -> None:
    touch(tmp_path, "original.jpg")
    (tmp_path / "link.jpg").symlink_to(tmp_path / "original.jpg")
    write_atomically(tmp_path / "link.jpg", b"data")
    assert (tmp_path / "original.jpg").read_bytes() == b"x"
    assert (tmp_path / "link.jpg").read_bytes() == b"data"


def test_the_reason_is_the_systems_without_number_and_path() -> None:
    assert reason(PermissionError(13, "Permission denied", "/some/path")) == "permission denied"
    assert reason(OSError("Odd.")) == "odd"
