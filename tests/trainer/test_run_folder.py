import argparse
import subprocess
import sys
from pathlib import Path

import pytest

from app.training.runs import list_runs
from core.errors import UsageError
from trainer.options import add_run_options
from trainer.run_folder import RunFolder, runs_folder, runs_folders
from trainer.worker import _folder

ROOT = Path(__file__).parents[2]
HOLD = """
import sys
from pathlib import Path
from trainer.run_folder import RunFolder
with RunFolder(Path(sys.argv[1])).locked():
    print("locked", flush=True)
    sys.stdin.read()
"""


def test_a_new_run_needs_an_empty_folder(tmp_path):
    folder = RunFolder(tmp_path / "runs" / "anna")
    folder.begin()
    assert folder.path.is_dir()
    (folder.path / "letter.txt").write_text("Dear Anna")
    with pytest.raises(UsageError, match="not empty"):
        folder.begin()
    folder.config.write_text("steps = 3")
    with pytest.raises(UsageError, match="go on with --resume"):
        folder.begin()


def test_going_on_needs_a_run(tmp_path):
    with pytest.raises(UsageError, match="There is no run"):
        RunFolder(tmp_path).check_exists()


def test_two_processes_do_not_train_in_one_folder(tmp_path):
    folder = RunFolder(tmp_path / "anna")
    child = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(folder.path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=ROOT
    )
    assert child.stdout
    assert child.stdout.readline() == b"locked\n"
    with pytest.raises(UsageError, match="Another process"), folder.locked():
        pass
    child.kill()
    child.communicate()
    with folder.locked():
        folder.begin()


def test_what_was_there_before_a_run_that_came_to_nothing_stays(tmp_path):
    curves = tmp_path / "tensorboard" / "of-before"
    curves.parent.mkdir()
    curves.write_text("curves")
    folder = RunFolder(tmp_path)
    folder.begin()
    folder.config.write_text("steps = 3")
    folder.samples.mkdir()
    folder.take_back()
    assert [path.name for path in tmp_path.iterdir()] == ["tensorboard"]
    assert curves.read_text() == "curves"


def test_a_run_that_never_began_leaves_no_folder(tmp_path):
    folder = RunFolder(tmp_path / "anna")
    with pytest.raises(UsageError, match="no such setting"), folder.locked():
        raise UsageError("no such setting")
    assert not folder.path.exists()
    with folder.locked():
        folder.config.write_text("steps = 3")
    assert folder.exists


def test_the_runs_folder_can_be_named(monkeypatch, tmp_path):
    monkeypatch.setenv("GFPGAN_DESKTOP_RUNS", str(tmp_path))
    assert runs_folder() == tmp_path
    monkeypatch.delenv("GFPGAN_DESKTOP_RUNS")
    assert runs_folder().name == "runs"
    assert "gfpgan-desktop" in runs_folder().parts


def test_runs_lie_where_no_cleaner_empties_and_older_ones_are_found(monkeypatch, tmp_path):
    monkeypatch.delenv("GFPGAN_DESKTOP_RUNS", raising=False)
    data, cache = tmp_path / "data", tmp_path / "cache"
    monkeypatch.setattr("platformdirs.user_data_path", lambda *_, **__: data)
    monkeypatch.setattr("platformdirs.user_cache_path", lambda *_, **__: cache)
    assert runs_folder() == data / "runs"
    assert runs_folders() == [data / "runs", cache / "runs"]
    for folder in (data / "runs" / "quick", cache / "runs" / "quick", cache / "runs" / "personal"):
        folder.mkdir(parents=True)
        (folder / "config.toml").write_text("steps = 3")
    parser = argparse.ArgumentParser()
    add_run_options(parser)

    def place(*arguments):
        return _folder(parser.parse_args(arguments))

    assert place("--resume", "--preset", "personal") == cache / "runs" / "personal"
    assert place("--preset", "personal") == data / "runs" / "personal"
    assert place("--resume") == data / "runs" / "quick"
    assert len(list_runs(*runs_folders())) == 3


def test_what_a_killed_process_left_half_written_is_in_nobodys_way(tmp_path):
    folder = RunFolder(tmp_path / "anna")
    (folder.samples / "000500").mkdir(parents=True)
    left = [place / f".gfpgan-desktop-{'0' * 16}.part" for place in (folder.path, folder.samples / "000500")]
    for path in left:
        path.write_bytes(b"half")
    with folder.locked():
        assert not any(path.exists() for path in left)
    for inside in (folder.samples / "000500", folder.samples):
        inside.rmdir()
    left[0].write_bytes(b"half a list of settings")
    with folder.locked():
        folder.begin()
