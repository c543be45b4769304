"""The computer stays awake while a queue runs: a desktop of its own is asked, and hears when it ends."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import PATIENCE

ROOT = Path(__file__).parents[2]

DESKTOP = """
from PySide6.QtCore import ClassInfo, QCoreApplication, QObject, QTimer, Slot
from PySide6.QtDBus import QDBusConnection, QDBusContext
app = QCoreApplication([])

@ClassInfo({"D-Bus Interface": "org.freedesktop.ScreenSaver"})
class ScreenSaver(QObject):
    @Slot(str, str, result="uint")
    def Inhibit(self, name, reason):
        print("held by", name, "for", reason, flush=True)
        return 7

bus = QDBusConnection.sessionBus()
saver = ScreenSaver()
assert bus.registerService("org.freedesktop.ScreenSaver")
assert bus.registerObject("/org/freedesktop/ScreenSaver", saver, QDBusConnection.RegisterOption.ExportAllSlots)
print("ready", flush=True)
QTimer.singleShot(20000, app.quit)
app.exec()
"""

PROGRAM = """
import subprocess, sys
from PySide6.QtCore import QCoreApplication
from PySide6.QtDBus import QDBusConnection
desktop = subprocess.Popen([sys.executable, "-c", sys.argv[1]], stdout=subprocess.PIPE, text=True)
assert desktop.stdout.readline() == "ready\\n"
app = QCoreApplication([])
from app.engine.wakelock import _CONNECTION, Wakelock
lock = Wakelock()
lock.set(True)
lock.set(True)
print(desktop.stdout.readline(), end="")
print(QDBusConnection(_CONNECTION).isConnected())
lock.set(False)
print(QDBusConnection(_CONNECTION).isConnected())
desktop.kill()
"""


@pytest.mark.skipif(sys.platform != "linux", reason="needs D-Bus")
def test_the_desktop_is_asked_once_and_let_go(tmp_path: Path) -> None:
    if shutil.which("dbus-run-session") is None:
        pytest.skip("dbus-run-session is not installed")
    command = ["dbus-run-session", sys.executable, "-c", PROGRAM, DESKTOP]
    environment = {**os.environ, "QT_QPA_PLATFORM": "offscreen", "PYTHONPATH": str(ROOT)}
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=PATIENCE)
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines() == ["held by gfpgan-desktop for Photos are being restored", "True", "False"]


def test_without_a_desktop_nothing_happens(monkeypatch: pytest.MonkeyPatch) -> None:
    from app.engine.wakelock import Wakelock

    monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nowhere")
    lock = Wakelock()
    lock.set(True)
    assert lock.held
    lock.set(False)
    assert not lock.held
