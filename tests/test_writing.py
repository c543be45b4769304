"""Writing files of which nobody ever sees a half."""

import errno
import os
import random
import subprocess
import sys
from pathlib import Path

import pytest

from core.errors import PhotoError
from core.files import STALE_SECONDS, keep_times, make_folder, reason, remove_stale, write_atomically
from core.outputs import OnExists, Outputs
from tests.conftest import PATIENCE
from tests.test_files import posix, touch

ROOT = Path(__file__).parent.parent


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
        [sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True, timeout=PATIENCE
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
def test_an_unwritable_folder_is_an_error(as_plain_user: Path) -> None:
    (as_plain_user / "closed").mkdir(mode=0o500)
    with pytest.raises(PhotoError, match="permission denied"):
        write_atomically(as_plain_user / "closed/photo.jpg", b"data")
    with pytest.raises(PhotoError, match=r"cannot be made \(permission denied\)"):
        write_atomically(as_plain_user / "closed/below/photo.jpg", b"data")


@posix
def test_what_stopped_the_writing_is_told_and_not_that_nothing_could_be_removed(
    as_plain_user: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = as_plain_user / "folder"
    folder.mkdir()

    def lose_permission(_: int) -> None:
        folder.chmod(0o500)
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "fsync", lose_permission)
    with pytest.raises(PhotoError, match=r"no space left on device.*free some space"):
        write_atomically(folder / "photo.jpg", b"data")
    folder.chmod(0o700)


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


@posix
def test_the_file_and_then_its_name_are_brought_to_the_disk(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    synced = []
    monkeypatch.setattr(os, "fsync", lambda handle: synced.append(os.fstat(handle)))
    write_atomically(tmp_path / "photo.jpg", b"data")
    assert [entry.st_ino for entry in synced] == [p.stat().st_ino for p in (tmp_path / "photo.jpg", tmp_path)]


@posix
def test_a_name_that_the_disk_refuses_is_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(PhotoError, match="shorten the file's name"):
        write_atomically(tmp_path / ("é" * 126 + ".jpg"), b"data")
    assert list(tmp_path.iterdir()) == []


def test_the_times_of_a_photo_can_be_kept(tmp_path: Path) -> None:
    touch(tmp_path, "old.jpg", "new.jpg")
    os.utime(tmp_path / "old.jpg", ns=(86_400_000_000_123, -1_000_000_000))  # written before 1970
    assert keep_times(tmp_path / "old.jpg", tmp_path / "new.jpg") == []
    old, new = ((tmp_path / name).stat() for name in ("old.jpg", "new.jpg"))
    assert (new.st_atime_ns, new.st_mtime_ns) == (old.st_atime_ns, old.st_mtime_ns)
    (note,) = keep_times(tmp_path / "gone.jpg", tmp_path / "new.jpg")
    assert note == "the time stamps could not be kept (no such file or directory)"


# What killed runs leave.

KILLED = """
import os, random, signal, sys, time
from pathlib import Path
import numpy as np
from core.encoding import write_photo
from core.photo import read_photo
from core.types import Photo

path = Path(sys.argv[1]) / "photo.png"
pictures = [np.random.default_rng(number).integers(0, 256, (96, 96, 3), np.uint8) for number in range(2)]
def write(number):
    write_photo(Photo(pictures[number], pictures[number]), pictures[number], path, "PNG")
write(0)
moment = random.Random(6)
for _ in range(20):
    writer = os.fork()
    while not writer:
        write(1)
        write(0)
    time.sleep(moment.uniform(0, 0.06))
    os.kill(writer, signal.SIGKILL)
    os.waitpid(writer, 0)
    assert any(np.array_equal(read_photo(path).rgb, picture) for picture in pictures)
"""


@posix
@pytest.mark.slow
def test_a_run_killed_at_any_moment_leaves_the_old_file_or_the_new_one(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", KILLED, str(tmp_path)], cwd=ROOT, capture_output=True, text=True, timeout=PATIENCE
    )
    assert done.returncode == 0, done.stderr
    left = [path for path in tmp_path.iterdir() if path.name != "photo.png"]
    assert all(path.name.startswith(".gfpgan-desktop-") and path.suffix == ".part" for path in left)
    # Another run may be writing them, unless they are old.
    remove_stale(tmp_path)
    assert len(list(tmp_path.iterdir())) == len(left) + 1
    for path in left:
        os.utime(path, (path.stat().st_mtime - STALE_SECONDS - 1,) * 2)
    assert Outputs(tmp_path, OnExists.UNIQUE).claim(Path("photo.png")) == tmp_path / "photo-1.png"
    assert [path.name for path in tmp_path.iterdir()] == ["photo.png"]


def test_only_our_own_old_temporary_files_are_removed(tmp_path: Path) -> None:
    token = random.Random(1).randbytes(8).hex()
    ours = tmp_path / f".gfpgan-desktop-{token}.part"
    others = [tmp_path / name for name in (f".{token}.part", f"gfpgan-desktop-{token}.part", "photo.jpg.part")]
    for path in (ours, *others):
        path.write_bytes(b"half")
        os.utime(path, (0, 0))
    remove_stale(tmp_path)
    assert sorted(tmp_path.iterdir()) == sorted(others)
    remove_stale(tmp_path / "missing")


@posix
def test_a_full_disk_leaves_the_old_photo(small_disk: Path) -> None:
    path = small_disk / "photo.png"
    write_atomically(path, b"old")
    with pytest.raises(PhotoError, match=r"no space left on device.*free some space"):
        write_atomically(path, bytes(2_000_000))
    assert path.read_bytes() == b"old"
    assert list(small_disk.iterdir()) == [path]
