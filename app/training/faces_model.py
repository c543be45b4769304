"""The faces of a collection as a list to look at, and the thread that reads their pictures."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import replace
from enum import IntEnum
from pathlib import Path

from PySide6.QtCore import (
    QAbstractListModel,
    QCoreApplication,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QSize,
    Qt,
    Signal,
    Slot,
)
from PySide6.QtGui import QImage, QImageReader

from app.amounts import number
from app.threads import WorkThread
from trainer.dataset import FaceRecord
from trainer.quality import Reason

Index = QModelIndex | QPersistentModelIndex

SIDE = 208
"""Pixels of a thumbnail: twice that of the grid, for screens of high resolution."""

_KEPT = 3000  # thumbnails, 130 KB each


class FaceRole(IntEnum):
    """What a view may ask of a face."""

    FACE = Qt.ItemDataRole.UserRole + 1
    THUMBNAIL = Qt.ItemDataRole.UserRole + 2


class FacesModel(QAbstractListModel):
    """Shows those faces that a filter lets through. `decided` tells of one that the user took or left out."""

    decided = Signal(str, bool)  # file, accepted
    counted = Signal()  # others are accepted than before

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._folder = Path()
        self._faces: list[FaceRecord] = []
        self._shown: list[int] = []
        self._rows: dict[str, int] = {}
        self._filter: Callable[[FaceRecord], bool] = lambda _: True
        self._thumbnails = FaceThumbnails(self)
        self._thumbnails.made.connect(self._on_made)

    @property
    def faces(self) -> Sequence[FaceRecord]:
        """All of them, shown or not."""
        return self._faces

    @property
    def accepted(self) -> int:
        """How many there are to learn from."""
        return sum(face.usable for face in self._faces)

    def set_faces(self, folder: Path, faces: Sequence[FaceRecord]) -> None:
        """Show the faces of a collection."""
        if folder != self._folder:
            self._thumbnails.forget()
        self.beginResetModel()
        self._folder, self._faces = folder, list(faces)
        self._choose()
        self.endResetModel()
        self.counted.emit()

    def add(self, faces: Sequence[FaceRecord]) -> None:
        """Show more of them."""
        new = [len(self._faces) + place for place, face in enumerate(faces) if self._filter(face)]
        self._faces += faces
        if new:
            first = len(self._shown)
            self.beginInsertRows(QModelIndex(), first, first + len(new) - 1)
            for place in new:
                self._rows[self._faces[place].file] = len(self._shown)
                self._shown.append(place)
            self.endInsertRows()
        self.counted.emit()

    def show_only(self, wanted: Callable[[FaceRecord], bool]) -> None:
        """Show those that `wanted` says yes to."""
        self.beginResetModel()
        self._filter = wanted
        self._choose()
        self.endResetModel()

    def toggle(self, index: Index) -> None:
        """Accept a face, or leave it out. Where its picture is gone there is nothing to decide."""
        place = self._shown[index.row()]
        face = self._faces[place]
        if Reason.MISSING in face.reasons:
            return
        self._faces[place] = replace(face, accepted=not face.accepted, by_user=True)
        self.dataChanged.emit(index, index)
        self.decided.emit(face.file, not face.accepted)
        self.counted.emit()

    def close(self) -> None:
        """Read no more pictures."""
        self._thumbnails.close()

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: N802, B008
        """How many are shown."""
        return 0 if parent.isValid() else len(self._shown)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        """What there is to show of a face; its picture is read when it is first asked for."""
        face = self._faces[self._shown[index.row()]]
        if role == FaceRole.FACE:
            return face
        if role == FaceRole.THUMBNAIL:
            return self._thumbnails.get(self._folder / face.file)
        if role == Qt.ItemDataRole.ToolTipRole:
            return f"{face.source}\n{verdict(face)}"
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole):
            return f"{face.source}: {verdict(face)}"
        return None

    def _choose(self) -> None:
        self._shown = [place for place, face in enumerate(self._faces) if self._filter(face)]
        self._rows = {self._faces[place].file: row for row, place in enumerate(self._shown)}

    @Slot(str)
    def _on_made(self, path: str) -> None:
        row = self._rows.get(Path(path).relative_to(self._folder).as_posix()) if self._is_ours(path) else None
        if row is not None:
            index = self.index(row, 0)
            self.dataChanged.emit(index, index, [FaceRole.THUMBNAIL])

    def _is_ours(self, path: str) -> bool:
        return Path(path).is_relative_to(self._folder)


class FaceThumbnails(QObject):
    """Reads pictures in a thread of its own, those asked for last first."""

    made = Signal(str)  # path
    _read = Signal(str, QImage)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._images: OrderedDict[Path, QImage] = OrderedDict()
        self._asked: list[Path] = []
        self._running = False
        self._thread = WorkThread(self)
        self._read.connect(self._on_read)

    def get(self, path: Path) -> QImage | None:
        """The picture, or None for now."""
        if path in self._images:
            self._images.move_to_end(path)
            return self._images[path]
        if path in self._asked:
            self._asked.remove(path)
        self._asked.append(path)
        self._go_on()
        return None

    def forget(self) -> None:
        """Drop all of them."""
        self._images.clear()
        self._asked.clear()

    def close(self) -> None:
        """Wait for the one that is being read."""
        self._asked.clear()
        self._thread.close()

    def _go_on(self) -> None:
        if not self._running and self._asked:
            self._running = True
            path = self._asked.pop()
            del self._asked[:-200]  # scrolled past long ago
            self._thread.run(lambda: self._read.emit(str(path), read_face(path)))

    @Slot(str, QImage)
    def _on_read(self, path: str, image: QImage) -> None:
        self._running = False
        self._images[Path(path)] = image
        while len(self._images) > _KEPT:
            self._images.popitem(last=False)
        self.made.emit(path)
        self._go_on()


def read_face(path: Path) -> QImage:
    """A face's picture at the size of the grid; a null one where it is gone or damaged."""
    reader = QImageReader(str(path))
    reader.setScaledSize(QSize(SIDE, SIDE))
    return reader.read()


def verdict(face: FaceRecord) -> str:
    """Whether a face is learned from, and why not, for people."""
    measures = face.measures
    words = {
        Reason.SMALL: QCoreApplication.translate("Faces", "too small: {size} px").format(
            size=number(measures.native_size)
        ),
        Reason.BLURRED: QCoreApplication.translate("Faces", "blurred"),
        Reason.POSE: QCoreApplication.translate("Faces", "turned away"),
        Reason.CUT: QCoreApplication.translate("Faces", "cut by the border"),
        Reason.DUPLICATE: QCoreApplication.translate("Faces", "as one before"),
        Reason.GREY: QCoreApplication.translate("Faces", "without colour"),
        Reason.MISSING: QCoreApplication.translate("Faces", "its picture is gone"),
    }
    reasons = ", ".join(words[Reason(reason)] for reason in face.reasons)
    if face.usable:
        return (
            QCoreApplication.translate("Faces", "taken by you")
            if face.by_user and reasons
            else QCoreApplication.translate("Faces", "taken")
        )
    return reasons or QCoreApplication.translate("Faces", "left out by you")
