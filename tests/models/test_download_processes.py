"""Downloads in processes that are killed, that meet, and that run out of disk."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path

import pytest

from core.models.catalogue import ModelInfo
from core.models.download import download_model
from core.models.download_progress import DownloadProgress
from tests.conftest import PATIENCE, SAMPLES
from tests.models.conftest import IMPATIENT, left_in, model, weights
from tests.models.web import Web, whole

Serve = Callable[..., Web]
FILE = weights(3_000_000)
KILLS = 50

DOWNLOAD = """
import json, sys
from core.errors import ModelError
from core.models.catalogue import ModelInfo
from core.models.download import download_model
from core.models.transfer import Patience
limit = int(sys.argv[2])
if limit:
    import resource
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
try:
    download_model(ModelInfo(**json.loads(sys.argv[1])), print, patience=Patience(failures=2, pause=0.01))
except ModelError as error:
    sys.exit(f"SENTENCE {error}")
"""


def start(info: ModelInfo, largest_file: int = 0) -> subprocess.Popen[str]:
    """A process that downloads a model; it may write no file larger than that."""
    return subprocess.Popen(
        [sys.executable, "-c", DOWNLOAD, json.dumps(asdict(info)), str(largest_file)],
        cwd=SAMPLES.parent.parent,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


@pytest.mark.slow
@pytest.mark.parametrize("known", [True, False], ids=["known checksum", "unknown checksum"])
def test_killed_at_any_byte_it_goes_on_and_the_file_is_right(
    serve: Serve, own_models_folder: Path, known: bool
) -> None:
    random_ = random.Random(7 + known)
    stops = sorted(random_.sample(range(1, len(FILE)), KILLS // 2))
    reached = threading.Event()
    web = serve(FILE)

    def held(_: object) -> None:
        reached.set()
        web.closing.wait(1)

    web.answers = [*(whole(until=stop, then=held) for stop in stops), whole()]
    info = model(web, known)
    for number in range(len(stops)):
        child = start(info)
        assert reached.wait(30), child.communicate()
        reached.clear()
        threading.Event().wait(random_.choice([0, 0.001, 0.01]))
        child.send_signal(signal.SIGKILL)
        child.communicate()
        assert len(web.requests) == number + 1
        assert "Test.safetensors" not in left_in(own_models_folder)
        part = own_models_folder / "Test.safetensors.part"
        if part.exists():
            assert FILE.startswith(part.read_bytes())
    last = start(info)
    last.communicate()
    assert last.returncode == 0
    assert (own_models_folder / "Test.safetensors").read_bytes() == FILE
    # What a note was being written to when its process was killed is deleted a day later.
    left = {name for name in left_in(own_models_folder) if not name.startswith(".gfpgan-desktop-")}
    assert left == {"Test.safetensors"} | (set() if known else {"records.json"})
    # Each went on where the one before was killed, give or take what was still on its way.
    begins = [int(asked[6:-1]) for asked in web.ranges if asked]
    assert begins == sorted(begins)
    assert len(begins) > KILLS // 2 - 5


def test_what_killed_processes_left_half_written_is_deleted_a_day_later(
    serve: Serve, own_models_folder: Path
) -> None:
    own_models_folder.mkdir()
    stale = own_models_folder / f".gfpgan-desktop-{'0' * 16}.part"
    info = model(serve(FILE))
    for _ in ("it is not here yet", "it is here"):
        stale.write_bytes(b"half")
        os.utime(stale, (0, 0))
        download_model(info, patience=IMPATIENT)
        assert left_in(own_models_folder) == {"Test.safetensors"}


def test_of_two_processes_one_downloads_and_one_waits(serve: Serve, own_models_folder: Path) -> None:
    waiting = threading.Event()
    web = serve(FILE)
    web.answers = [whole(until=1_000_000, then=lambda _: waiting.wait(30) and None), whole()]
    info = model(web)
    first = start(info)
    while not web.requests:
        threading.Event().wait(0.01)
    notes: list[str] = []

    def look(progress: DownloadProgress) -> None:
        notes.append(progress.note)
        waiting.set()

    assert download_model(info, look, patience=IMPATIENT).read_bytes() == FILE
    _, errors = first.communicate(timeout=PATIENCE)
    assert first.returncode == 0, errors
    assert notes == ["another process is at it; waiting for that"]
    assert web.ranges == [None, "bytes=1000000-"], "the second asked for nothing"


def test_two_threads_share_a_download_too(serve: Serve) -> None:
    web = serve(FILE, whole(pause=0.005))
    info, got = model(web), []
    threads = [threading.Thread(target=lambda: got.append(download_model(info))) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [place.read_bytes() == FILE for place in got] == [True] * 3
    assert len(web.requests) == 1


def test_a_process_that_was_killed_holds_nobody_up(serve: Serve) -> None:
    web = serve(FILE)
    web.answers = [whole(until=500_000, then=lambda _: web.closing.wait(30) and None), whole()]
    first = start(model(web))
    while not web.requests:
        threading.Event().wait(0.01)
    first.kill()
    first.communicate()
    assert download_model(model(web), patience=IMPATIENT).read_bytes() == FILE


@pytest.mark.skipif(sys.platform == "win32", reason="needs POSIX limits")
def test_a_full_disk_is_a_sentence_and_what_came_stays(serve: Serve, own_models_folder: Path) -> None:
    web = serve(FILE)
    child = start(model(web), largest_file=1_500_000)
    _, errors = child.communicate(timeout=PATIENCE)
    assert child.returncode == 1
    assert "cannot be written (file too large); free some space" in errors
    assert "Traceback" not in errors
    kept = (own_models_folder / "Test.safetensors.part").read_bytes()
    assert FILE.startswith(kept)
    assert len(kept) > 1_000_000
    assert download_model(model(web), patience=IMPATIENT).read_bytes() == FILE
    assert web.ranges[-1] == f"bytes={len(kept)}-"


def test_a_disk_without_room_is_said_before_anything_comes(
    serve: Serve, small_disk: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GFPGAN_DESKTOP_MODELS", str(small_disk / "models"))
    with pytest.raises(Exception, match=r"Test.safetensors needs 70 MB in .*, where 1 MB are free"):
        download_model(model(serve(FILE)), patience=IMPATIENT)
    assert left_in(small_disk / "models") <= {"Test.safetensors.part"}


def test_a_folder_that_cannot_be_written_is_a_sentence(
    serve: Serve, as_plain_user: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    closed = as_plain_user / "closed"
    closed.mkdir(mode=0o500)
    monkeypatch.setenv("GFPGAN_DESKTOP_MODELS", str(closed))
    with pytest.raises(Exception, match=r"cannot be written \(permission denied\); check that folder"):
        download_model(model(serve(FILE)), patience=IMPATIENT)
