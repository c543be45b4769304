"""Locks on folders."""

import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from filelock import Timeout

from core import locks
from core.locks import is_locked, lock

HOLD = """
import sys
from pathlib import Path
from core.locks import lock
held = lock(Path(sys.argv[1]))
print("locked", flush=True)
sys.stdin.read()
"""


def test_the_lock_of_another_process_holds_until_that_ends(tmp_path):
    child = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(tmp_path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        cwd=Path(__file__).parent.parent,
    )
    assert child.stdout
    assert child.stdout.readline() == b"locked\n"
    assert is_locked(tmp_path)
    with pytest.raises(Timeout):
        lock(tmp_path)
    child.kill()
    child.communicate()
    assert not is_locked(tmp_path)
    lock(tmp_path).release()


def test_who_only_looks_is_waited_for(tmp_path, monkeypatch):
    looking = lock(tmp_path)
    monkeypatch.setattr(locks, "_MOMENT", 60)
    letting_go = threading.Timer(0.1, looking.release)
    letting_go.start()
    held = lock(tmp_path)
    letting_go.join()
    assert is_locked(tmp_path)
    held.release()
    assert not is_locked(tmp_path)


def test_lookers_do_not_see_each_other(tmp_path, monkeypatch):
    monkeypatch.setattr(locks, "_LOOK", 60)
    looking = lock(tmp_path)
    letting_go = threading.Timer(0.1, looking.release)
    letting_go.start()
    assert not is_locked(tmp_path)
    letting_go.join()


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may do everything")
def test_what_another_user_has_is_locked(tmp_path):
    lock(tmp_path).release()
    (tmp_path / locks.LOCK).chmod(0)
    assert is_locked(tmp_path)
    tmp_path.chmod(0)
    assert is_locked(tmp_path)
    tmp_path.chmod(0o700)


def test_looking_leaves_nothing_behind(tmp_path):
    assert not is_locked(tmp_path)
    assert not is_locked(tmp_path / "missing")
    assert list(tmp_path.iterdir()) == []
