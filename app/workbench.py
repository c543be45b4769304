"""The photo in front of the user: what is shown of it, and what the user does to it."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
from PySide6.QtCore import QObject, Signal, Slot
from PySide6.QtGui import QUndoGroup

from app.document.decisions import Decisions, FaceDecision
from app.document.library import WORKING, PhotoEntry, PhotoLibrary, PhotoState
from app.engine.controller import EngineController
from app.engine.jobs import Restored
from app.engine.photo_cache import PhotoCache
from app.engine.pictures import Pictures, Shown
from app.engine.shelf import Shelf, background_key, work_of
from app.engine.workshop import OpenAssembly, Workshop
from app.translation import translated
from core.drawn_faces import face_from_points
from core.geometry import Geometry, turned
from core.strokes import Stroke
from core.types import BlendOptions, Box, Face


class Workbench(QObject):
    """Holds the open photos, the engine and the picture on the screen together.

    `current` is the photo in front of the user, None where there is none. Whatever changes its decisions goes
    through here, can be undone, and is drawn at once as far as no network is needed for it.
    """

    current_changed = Signal(object)  # key or None
    shown = Signal(object)  # Shown
    redrawn = Signal(list)  # regions of what is shown
    said = Signal(str, str)  # level, sentence

    def __init__(
        self,
        open_assembly: OpenAssembly,
        folder: Path,
        defaults: Callable[[], Decisions] = Decisions,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self.library = PhotoLibrary(self)
        self.shelf = Shelf(folder / "crops")
        self.photos = PhotoCache()
        self.undo = QUndoGroup(self)
        self.pictures = Pictures(self.photos, self.shelf, self)
        self.engine = EngineController(
            self.library, lambda: Workshop(open_assembly, self.photos, self.shelf), self
        )
        self._defaults = defaults
        self._current: int | None = None
        self._untried: deque[int] = deque()  # opened together with the current photo, after it
        self._slide = 0  # steps of one slider that are one to undo have one number
        self.library.added.connect(self._on_added)
        self.library.removed.connect(self._on_removed)
        self.library.decisions_changed.connect(self._on_decisions_changed)
        self.engine.faces_found.connect(self._on_faces_found)
        self.engine.face_found.connect(self._on_face_found)
        self.engine.restored.connect(self._on_restored)
        self.engine.was_set_back.connect(self._on_set_back)
        self.engine.failed.connect(self._on_failed)
        self.pictures.shown.connect(self._on_shown)
        self.pictures.redrawn.connect(self._on_redrawn)
        self.pictures.failed.connect(self._on_unreadable)

    def close(self) -> None:
        """End all threads; what waits stays in the journal."""
        self.pictures.close()
        self.engine.close()

    # Which photo.

    @property
    def current(self) -> PhotoEntry | None:
        """The photo in front of the user."""
        return None if self._current is None else self.library.entry(self._current)

    def open(self, paths: Iterable[Path]) -> None:
        """Open photos, and show the first one of them."""
        keys = self.library.add(paths, self._defaults())
        if keys:
            self._untried = deque(keys[1:])
            self.show(keys[0])

    def remove(self, keys: Sequence[int]) -> Callable[[], None]:
        """Close photos; returns what opens them again in their places."""
        library = self.library
        gone = [(library.row(key), library.entry(key)) for key in keys]
        library.remove(keys)
        for _, entry in gone:
            self.undo.removeStack(entry.stack)
            entry.stack.setParent(None)

        def take_back() -> None:
            for row, entry in sorted(gone, key=lambda each: each[0]):
                if entry.state in WORKING:
                    entry.state = PhotoState.NEW if entry.decisions.faces is None else PhotoState.FOUND
                library.put_back(entry, row)
                if entry.key in library:
                    self._settle(entry)
                if self._current is None:
                    self.show(library.entries[0].key)

        return take_back

    def show(self, key: int | None) -> None:
        """Put a photo in front of the user."""
        if key == self._current:
            return
        self._current = key
        entry = self.current
        if entry is not None:
            self.undo.setActiveStack(entry.stack)
            self._draw(entry)
            self._look(entry)
        self.current_changed.emit(key)

    def show_at(self, place: int) -> None:
        """Put the photo at a place of the list in front of the user; -1 is the last one."""
        if entries := self.library.entries:
            self.show(entries[place].key)

    def restore(self, keys: Sequence[int]) -> None:
        """Restore these photos, or go on with those that are restored in part."""
        self.engine.restore(keys)

    def lacks(self, key: int) -> bool:
        """Whether a network is still to work on a photo until it is as decided."""
        entry = self.library.entry(key)
        decisions, path = entry.decisions, entry.path
        background = background_key(decisions)
        return (
            decisions.faces is None
            or any(not self.shelf.has_crop(path, decisions.key(face)) for face in decisions.included)
            or (background is not None and not self.shelf.has_background(path, background))
        )

    # What the user does to the photo in front of them.

    def toggle_face(self, index: int) -> None:
        """Leave a face out, or include it."""
        if (face := self._face(index)) is not None:
            included = not face.included
            text = self.tr("include face") if included else self.tr("leave out face")
            self._change(lambda decisions: decisions.with_face(index, included=included), text)

    def remove_face(self, index: int) -> None:
        """Take away a face that is none."""
        if self._face(index) is not None:
            self._change(lambda decisions: decisions.without_face(index), self.tr("remove face"))

    def draw_face(self, box: Box) -> None:
        """Look for a face that was missed, in a box."""
        if self._current is not None:
            self.engine.find_face(self._current, box)

    def place_face(self, left_eye: Sequence[float], right_eye: Sequence[float], mouth: Sequence[float]) -> None:
        """Add a face by its eyes and mouth."""
        try:
            face = face_from_points(np.asarray(left_eye), np.asarray(right_eye), np.asarray(mouth))
        except ValueError:
            self.said.emit("warning", self.tr("These three points span no face; place them anew."))
            return
        self._change(lambda decisions: decisions.with_drawn(face), self.tr("add face"))

    def move_landmarks(self, index: int, landmarks: np.ndarray, live: bool = False) -> None:
        """Correct the landmarks of a face; `live` steps that follow one another are one step to undo."""
        if (face := self._face(index)) is not None:
            moved = replace(face.face, landmarks=np.asarray(landmarks, np.float64))
            self._change(
                lambda decisions: decisions.with_face(index, face=moved, drawn=True),
                self.tr("move landmarks"),
                f"landmarks {index}" if live else None,
            )

    def add_stroke(self, stroke: Stroke) -> None:
        """Erase the restoration somewhere, or paint it back."""
        text = self.tr("erase") if stroke.erases else self.tr("paint back")
        self._change(lambda decisions: replace(decisions, strokes=(*decisions.strokes, stroke)), text)

    def sketch_stroke(self, stroke: Stroke) -> None:
        """Show a stroke that is still being drawn."""
        if self._current is not None:
            self.pictures.sketch(self._current, stroke)

    def drop_stroke(self) -> None:
        """Show what is decided, without a stroke that was begun."""
        if (entry := self.current) is not None:
            self.pictures.change(entry.key, entry.path, entry.decisions)

    def set_geometry(self, key: int, geometry: Geometry) -> None:
        """Turn, straighten or crop a photo, which need not be in front of the user any more."""
        decisions = self.library.entry(key).decisions
        self.library.change(key, decisions.with_geometry(geometry), self.tr("turn and crop"))

    def turn(self, quarters: int) -> None:
        """Turn the photo clockwise by quarters of a circle, as it is."""
        if self.current is not None:
            size = self.photos.size(self.current.path)
            if size is not None:
                geometry = turned(self.current.decisions.geometry, quarters, size)
                self._change(lambda decisions: decisions.with_geometry(geometry), self.tr("turn"))

    def set_blend(self, blend: BlendOptions, index: int | None = None, live: bool = False) -> None:
        """Blend one face in another way, or change the same thing about all; `live` steps of one slider are one
        step to undo."""
        if not live:  # as the end of a slide is, which has the value of its last step
            self._slide += 1
        merge = f"blend {index} {self._slide}" if live else None
        decisions = None if self.current is None else self.current.decisions
        if index is None and decisions is not None:
            if decisions.blend != blend:
                self._change(lambda d: d.changed_for_all(blend), self.tr("change all faces"), merge)
        elif index is not None and (face := self._face(index)) is not None and face.blend != blend:
            self._change(lambda d: d.with_face(index, blend=blend), self.tr("change face"), merge)

    def blend_alike(self, blend: BlendOptions) -> None:
        """Blend all faces in this way, whatever each of them had."""
        self._change(lambda decisions: decisions.for_all(blend), self.tr("change all faces"))

    def set_model(self, model: str | None, index: int | None = None) -> None:
        """Have one face, or all of them, restored by a model; new crops are made where there are none."""
        decisions = None if self.current is None else self.current.decisions
        if index is None and decisions is not None:
            if decisions.model != model or any(face.model is not None for face in decisions.faces or ()):
                self._change(lambda d: d.with_model(model), self.tr("change model"))
        elif index is not None and (face := self._face(index)) is not None and face.model != model:
            self._change(lambda d: d.with_face(index, model=model), self.tr("change model of face"))

    def set_size(self, upscale: int, background: str) -> None:
        """Enlarge the photo, with what is no face enlarged by this network."""
        self._change(lambda d: replace(d, upscale=upscale, background=background), self.tr("change size"))

    def _face(self, index: int) -> FaceDecision | None:
        faces = (self.current.decisions.faces if self.current else None) or ()
        return faces[index] if 0 <= index < len(faces) else None

    def _change(self, change: Callable[[Decisions], Decisions], text: str, merge: str | None = None) -> None:
        entry = self.current
        if entry is not None:
            self.library.change(entry.key, change(entry.decisions), text, merge)

    # What comes of it.

    def _draw(self, entry: PhotoEntry) -> None:
        self.pictures.show(entry.key, entry.path, entry.decisions)

    def _look(self, entry: PhotoEntry) -> None:
        if not entry.decisions.is_searched and entry.state is not PhotoState.FAILED:
            self.engine.look_for_faces(entry.key)

    @Slot(list)
    def _on_added(self, keys: list[int]) -> None:
        for key in keys:
            stack = self.library.entry(key).stack
            # First: PySide counts a stack that it only adds as used for ever.
            stack.setParent(self.undo)
            self.undo.addStack(stack)

    @Slot(list)
    def _on_removed(self, keys: list[int]) -> None:
        if self._current in keys:
            self._current = None
            left = self.library.entries
            self.show(left[0].key) if left else self.current_changed.emit(None)

    @Slot(int, object, object)
    def _on_decisions_changed(self, key: int, before: Decisions, after: Decisions) -> None:
        entry = self.library.entry(key)
        if work_of(after) != work_of(before):
            self._settle(entry)
        if not after.is_searched:
            self._look(entry)
        if key != self._current:
            return
        if after.geometry != before.geometry:
            self._draw(entry)
        else:
            self.pictures.change(key, entry.path, after)

    def _settle(self, entry: PhotoEntry) -> None:
        """A photo is restored as long as all that is decided of it is at hand: decisions are taken back, too."""
        if entry.state in WORKING or not entry.path.exists():  # a disk that is away takes nothing back
            return
        lacks = self.lacks(entry.key)
        if lacks and entry.state is PhotoState.DONE:
            self.library.set_state(entry.key, PhotoState.FOUND)
        elif not lacks and entry.decisions.included and entry.state is not PhotoState.DONE:
            self.library.set_state(entry.key, PhotoState.DONE, progress=1.0)

    @Slot(int)
    def _on_set_back(self, key: int) -> None:
        self._settle(self.library.entry(key))
        if key == self._current:
            self._look(self.library.entry(key))

    @Slot(int)
    def _on_faces_found(self, key: int) -> None:
        if key == self._current and not self.library.entry(key).decisions.faces:
            self.said.emit("info", self.tr("No face was found. Draw a box around one that was missed."))

    @Slot(int, object)
    def _on_face_found(self, key: int, face: Face | None) -> None:
        if face is not None:
            self.library.change(key, self.library.entry(key).decisions.with_drawn(face), self.tr("add face"))
        elif key == self._current:
            self.said.emit(
                "warning",
                self.tr("No face was found in the box. Click on both eyes and the mouth instead."),
            )

    @Slot(int, object)
    def _on_restored(self, key: int, restored: Restored) -> None:
        if key == self._current:
            self._draw(self.library.entry(key))
        for warning in restored.warnings:
            self.said.emit("info", f"{self.library.entry(key).name}: {translated(warning)}")

    @Slot(int, str)
    def _on_failed(self, _: int, sentence: str) -> None:
        self.said.emit("error", sentence)

    @Slot(object)
    def _on_shown(self, shown: Shown) -> None:
        self._untried.clear()
        if shown.ingredients.missing and shown.key in self.library:
            self._settle(self.library.entry(shown.key))  # what was on the shelf was damaged
        if shown.key == self._current:
            self.shown.emit(shown)

    @Slot(int, list)
    def _on_redrawn(self, key: int, regions: list[object]) -> None:
        if key == self._current:
            self.redrawn.emit(regions)

    @Slot(int, str)
    def _on_unreadable(self, key: int, sentence: str) -> None:
        # One that is restored can be drawn again once its disk is back.
        if key in self.library and self.library.entry(key).state is not PhotoState.DONE:
            self.library.set_state(key, PhotoState.FAILED, sentence)
        self.said.emit("error", sentence)
        self._show_next_instead(key)

    def _show_next_instead(self, key: int) -> None:
        """Of photos opened together, show the first one that can be read."""
        while self._untried and key == self._current:
            following = self._untried.popleft()
            if following in self.library:
                self.show(following)
                return
