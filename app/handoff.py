"""Photos opened while the program runs go to the window that is there."""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QObject, Signal, Slot
from PySide6.QtNetwork import QLocalServer, QLocalSocket

from app.document.journal import SESSION
from core.locks import is_locked
from core.models.folders import APP_NAME

_TAKEN = b"taken\n"
_BEGINNING = 5.0  # seconds from a window's lock to its reception
_ANSWERING = 15_000  # ms; longer than a window is ever busy


def hand_over(folder: Path, paths: Sequence[Path]) -> bool:
    """Let the window whose data lies in `folder` open these, and come to the front; returns whether there is one
    and it does.

    One that is just beginning is waited for.
    """
    socket = QLocalSocket()
    deadline = time.monotonic() + _BEGINNING
    socket.connectToServer(_address(folder))
    while not socket.waitForConnected():
        if not is_locked(folder / SESSION) or time.monotonic() > deadline:
            return False
        time.sleep(0.05)
        socket.connectToServer(_address(folder))
    socket.write(json.dumps([str(path.absolute()) for path in paths]).encode() + b"\n")
    return socket.waitForReadyRead(_ANSWERING) and socket.readAll().data() == _TAKEN


class Reception(QObject):
    """Takes what `hand_over` brings. Only processes of the same user reach it."""

    photos_asked = Signal(list)
    """Paths to open."""

    def __init__(self, folder: Path, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._server = QLocalServer(self)
        self._server.setSocketOptions(QLocalServer.SocketOption.UserAccessOption)
        self._server.newConnection.connect(self._connect)
        QLocalServer.removeServer(_address(folder))  # of a program that was killed
        self._server.listen(_address(folder))

    @Slot()
    def _connect(self) -> None:
        while (socket := self._server.nextPendingConnection()) is not None:
            socket.readyRead.connect(self._read)
            socket.disconnected.connect(socket.deleteLater)

    @Slot()
    def _read(self) -> None:
        socket = self.sender()
        assert isinstance(socket, QLocalSocket)
        if not socket.canReadLine():
            return
        try:
            paths = [Path(text) for text in json.loads(bytes(socket.readLine().data()))]
        except (ValueError, TypeError):
            return
        socket.write(_TAKEN)
        socket.flush()
        self.photos_asked.emit(paths)


def _address(folder: Path) -> str:
    return f"{APP_NAME}-{hashlib.sha256(str(folder.resolve()).encode()).hexdigest()[:16]}"
