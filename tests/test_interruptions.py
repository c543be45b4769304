"""What happens to the disks while photos are restored costs no other photo, and is said."""

import contextlib
import hashlib
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest

from app.cli.main import run
from core.pipeline import RestorationPipeline
from core.result import RestoredFaces
from tests.conftest import PATIENCE, SAMPLES
from tests.test_cli import json_lines

PHOTO = SAMPLES / "wallet-photo.jpg"
pytestmark = [pytest.mark.slow, pytest.mark.skipif(os.name != "posix", reason="disks and permissions of POSIX")]


def photos_in(folder: Path, count: int) -> Path:
    folder.mkdir()
    for number in range(count):
        shutil.copy(PHOTO, folder / f"{number}.jpg")
    return folder


def restored_while(happening: Callable[[], object], photos: Path, out: Path) -> int:
    """Restore a folder's photos; once the first is written, `happening` happens. Returns the exit code.

    The networks, of which this is not about, find no face.
    """
    seen = []

    def restore_faces(self, request, *_):
        seen.append(request)
        if len(seen) == 2:
            while not (out / "0.jpg").exists():
                time.sleep(0.01)
            happening()
        return RestoredFaces(photo=request.photo, options=request.options, crops=())

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(RestorationPipeline, "restore_faces", restore_faces)
        options = ["--json", "--on-exists", "overwrite", "--keep-without-faces", "--device", "cpu"]
        return run(["restore", str(photos), "-o", str(out), *options])


def outcomes(capsys: pytest.CaptureFixture[str]) -> list[str]:
    """What the program says of each photo: nothing, or its sentence."""
    return [record["error"] or "" for record in json_lines(capsys)]


def test_photos_that_vanish_are_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    photos = photos_in(tmp_path / "in", 5)
    assert restored_while(lambda: (photos / "3.jpg").unlink(), photos, tmp_path / "out") == 1
    said = outcomes(capsys)
    assert "3.jpg' does not exist" in said[3]
    assert said[:3] == ["", "", ""]
    assert said[4] == ""


def test_a_full_disk_is_said_and_keeps_what_was_there(
    tmp_path: Path, small_disk: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = small_disk / "out"
    out.mkdir()
    (out / "3.jpg").write_bytes(b"old")

    def fill() -> None:
        with (small_disk / "filling").open("wb", buffering=0) as file, contextlib.suppress(OSError):
            while True:
                file.write(bytes(4096))

    assert restored_while(fill, photos_in(tmp_path / "in", 4), out) == 1
    said = outcomes(capsys)
    assert said[0] == ""
    assert all("free some space" in sentence for sentence in said[1:])
    assert sorted(path.name for path in out.iterdir()) == ["0.jpg", "3.jpg"]
    assert (out / "3.jpg").read_bytes() == b"old"


def test_a_disk_disconnected_is_said_and_nothing_written_in_its_place(
    tmp_path: Path, small_disk: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = small_disk / "out"
    out.mkdir()

    def disconnect() -> None:
        subprocess.run(["umount", "--lazy", str(small_disk)], check=True)
        small_disk.rmdir()
        # As with a mount point in a folder of root's.
        (tmp_path / "disk").touch()

    assert restored_while(disconnect, photos_in(tmp_path / "in", 4), out) == 1
    said = outcomes(capsys)
    assert said[0] == ""
    assert all(str(out) in sentence for sentence in said[1:])
    assert "is gone; connect its disk" in said[3]
    (tmp_path / "disk").unlink()
    small_disk.mkdir()


@pytest.mark.parametrize("below", ["out", "."])
def test_a_photo_under_way_is_not_written_where_its_disk_was(
    below: str, tmp_path: Path, small_disk: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = small_disk / below
    out.mkdir(exist_ok=True)
    # Its mount point stays, and anyone may write there.
    happening = partial(subprocess.run, ["umount", "--lazy", str(small_disk)], check=True)
    assert restored_while(happening, photos_in(tmp_path / "in", 4), out) == 1
    said = outcomes(capsys)
    assert said[0] == ""
    assert all("is gone; connect its disk" in sentence for sentence in said[1:])
    assert list(small_disk.iterdir()) == []


def test_a_permission_lost_is_said(as_plain_user: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = as_plain_user / "out"
    out.mkdir()
    assert restored_while(lambda: out.chmod(0o500), photos_in(as_plain_user / "in", 4), out) == 1
    said = outcomes(capsys)
    assert said[0] == ""
    assert all("permission denied" in sentence for sentence in said[1:])
    assert [path.name for path in out.iterdir()] == ["0.jpg"]


def state_of(folder: Path) -> dict[Path, tuple[object, ...]]:
    """Everything about the files of a folder but when they were last read."""
    return {
        path: (hashlib.sha256(path.read_bytes()).digest(), found.st_mtime_ns, found.st_mode, found.st_ino)
        for path in sorted(folder.rglob("*"))
        if path.is_file()
        for found in [path.lstat()]
    }


def test_photos_are_never_touched_and_results_can_keep_their_times(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    photos = photos_in(tmp_path / "in", 2)
    (photos / "link.jpg").symlink_to("1.jpg")
    os.utime(photos / "0.jpg", (10**9, 10**9))
    (photos / "0.jpg").chmod(0o400)
    before = state_of(photos)
    # Where a result would be an input of this run, it is refused.
    assert run(["restore", str(photos), "-o", str(photos), "--on-exists", "overwrite"]) == 1
    assert capsys.readouterr().err.count("never overwritten") == 2
    assert state_of(photos) == before
    assert run(["restore", str(photos), "-o", str(photos), "--keep-times"]) == 0
    results = {photos / "0-1.jpg", photos / "1-1.jpg"}
    after = state_of(photos)
    assert {path: state for path, state in after.items() if path not in results} == before
    assert (photos / "0-1.jpg").stat().st_mtime == 10**9
    assert (photos / "0-1.jpg").stat().st_mode & 0o200


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_a_call_to_end_stops_like_ctrl_c(tmp_path: Path, number: int) -> None:
    out = tmp_path / "out"
    child = subprocess.Popen(
        [sys.executable, "-m", "app", "restore", str(photos_in(tmp_path / "in", 60)), "-o", str(out)],
        cwd=SAMPLES.parent.parent,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    deadline = time.monotonic() + PATIENCE
    while not list(out.glob("*.jpg")) and time.monotonic() < deadline:
        time.sleep(0.02)
    child.send_signal(number)
    _, errors = child.communicate(timeout=PATIENCE)
    assert child.returncode == 130
    assert "Stopped" in errors
    assert all(path.suffix == ".jpg" for path in out.iterdir())
    assert len(list(out.iterdir())) < 60
