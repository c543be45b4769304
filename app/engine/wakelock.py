"""Keeps the computer awake while photos are restored, where the platform lets us say so."""

from __future__ import annotations

import logging
import os
import sys

from PySide6.QtCore import QObject, QProcess

from core.models.folders import APP_NAME

log = logging.getLogger(__name__)

_CONNECTION = "gfpgan-desktop-wakelock"
_REASON = "Photos are being restored"
_SERVICE, _PATH = "org.freedesktop.ScreenSaver", "/org/freedesktop/ScreenSaver"
_CONTINUOUS, _SYSTEM_REQUIRED = 0x80000000, 0x00000001  # SetThreadExecutionState


class Wakelock(QObject):
    """Held or not (`set`). The desktop lets go of what a program held when that ends, however it ends."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.held = False
        self._child: QProcess | None = None

    def set(self, wanted: bool) -> None:
        """Hold it, or let go."""
        if wanted != self.held:
            self.held = wanted
            try:
                {"linux": self._linux, "win32": self._windows, "darwin": self._mac}[sys.platform](wanted)
            except Exception as error:
                # Staying awake is a courtesy: no queue fails for it.
                log.info("the computer cannot be kept awake: %s", error)

    def _linux(self, wanted: bool) -> None:
        from PySide6.QtDBus import QDBusConnection, QDBusInterface, QDBusMessage

        if not wanted:
            # The desktop lets go of what a connection held when that ends.
            QDBusConnection.disconnectFromBus(_CONNECTION)
            return
        bus = QDBusConnection.connectToBus(QDBusConnection.BusType.SessionBus, _CONNECTION)
        answer = QDBusInterface(_SERVICE, _PATH, _SERVICE, bus).call("Inhibit", APP_NAME, _REASON)
        if answer.type() is not QDBusMessage.MessageType.ReplyMessage:
            log.info("the computer cannot be kept awake: %s", answer.errorMessage())

    def _windows(self, wanted: bool) -> None:
        import ctypes

        state = _CONTINUOUS | (_SYSTEM_REQUIRED if wanted else 0)
        ctypes.windll.kernel32.SetThreadExecutionState(state)  # type: ignore[attr-defined]

    def _mac(self, wanted: bool) -> None:
        if wanted:
            self._child = QProcess(self)
            self._child.start("caffeinate", ["-i", "-w", str(os.getpid())])
        elif self._child is not None:
            self._child.kill()
            self._child.waitForFinished(1000)
            self._child = None
