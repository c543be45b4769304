"""From a process to a window on the screen."""

from __future__ import annotations

import faulthandler
import logging
import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import platformdirs

from app.logs import keep_log, report_uncaught
from core.models.folders import APP_NAME, resources_folder

if TYPE_CHECKING:
    from app.application import Application

TORCH_BEFORE_QT = sys.platform == "win32"
"""On Windows torch has been reported not to find its libraries once Qt has loaded its own; elsewhere the window
comes first, and torch is loaded by the thread that needs it."""

CRASH_LOG = "crash.log"
"""What faulthandler wrote when the program crashed; empty while all is well."""

DATA_FOLDER_VARIABLE = "GFPGAN_DESKTOP_DATA"
"""Environment variable that names another folder for sessions, settings and logs."""


def open_window(paths: Sequence[Path]) -> int:
    """Show the window, with these photos and folders opened in it; returns the exit code when it is closed.

    Where one is open already, it opens them and comes to the front instead.
    """
    prepare_environment()
    from PySide6.QtCore import QTimer

    from app.handoff import Reception, hand_over

    app = make_application()
    folder = data_folder()
    if hand_over(folder, paths):
        return 0
    keep_log(folder)
    crash = report_of_last_crash(folder)
    with watch_for_crashes(folder):
        from app.main_window import MainWindow
        from app.settings.settings import SETTINGS, read_settings
        from app.translation import install

        install(app, read_settings(folder / SETTINGS).language)
        window = MainWindow(folder)
        report_uncaught(window.report_mistake)
        app.photos_asked.connect(window.open_paths)
        if window.session.journal.is_ours:
            Reception(folder, window).photos_asked.connect(window.open_paths)
        elif hand_over(folder, paths):
            window.close()
            return 0
        window.place()
        window.show()
        # What takes longer comes once the window is on the screen.
        QTimer.singleShot(0, window, lambda: window.begin(paths, crash))
        return app.exec()


def prepare_environment() -> None:
    """Settle what has to be settled before Qt is imported."""
    if TORCH_BEFORE_QT:
        import torch  # noqa: F401
    before = {name: os.environ.get(name) for name in ("QT_QPA_PLATFORM_PLUGIN_PATH", "QT_QPA_FONTDIR")}
    import cv2  # noqa: F401

    # opencv-python's wheels point Qt to plugins of their own, with which Qt 6 does not start.
    for name, value in before.items():
        if value is None:
            os.environ.pop(name, None)
        else:
            os.environ[name] = value


def make_application() -> Application:
    """The one QApplication, named, so that the desktop groups its windows."""
    from PySide6.QtGui import QGuiApplication, QIcon

    from app.application import Application
    from app.garbage import GarbageCollector

    QGuiApplication.setDesktopFileName(APP_NAME)
    app = Application([APP_NAME])
    app.setApplicationName(APP_NAME)
    app.setApplicationDisplayName("GFP-GAN Desktop")
    app.setWindowIcon(QIcon(str(resources_folder() / "icons" / f"{APP_NAME}.svg")))
    GarbageCollector(app)
    return app


def data_folder() -> Path:
    """Where sessions, settings and logs lie."""
    named = os.environ.get(DATA_FOLDER_VARIABLE)
    folder = Path(named) if named else platformdirs.user_data_path(APP_NAME, appauthor=False)
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def report_of_last_crash(folder: Path) -> str:
    """What faulthandler wrote when the program crashed the last time, "" where it did not; asked for once."""
    log = folder / CRASH_LOG
    try:
        report = log.read_text(encoding="utf-8", errors="replace").strip()
        if report:
            log.replace(folder / f"last-{CRASH_LOG}")
    except OSError:
        return ""
    return report


@contextmanager
def watch_for_crashes(folder: Path) -> Iterator[None]:
    """While this is entered, a crash of native code leaves a report in the folder."""
    try:
        file = (folder / CRASH_LOG).open("w", encoding="utf-8")
    except OSError as error:
        logging.getLogger(__name__).warning("no crash report will be written: %s", error)
        yield
        return
    with file:
        faulthandler.enable(file)
        try:
            yield
        finally:
            faulthandler.disable()
