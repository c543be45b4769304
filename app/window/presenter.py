"""Keeps view and panels in step with the photo in front of the user, and passes on what is done there."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from PySide6.QtCore import QObject, Signal, Slot

from app.document.decisions import Decisions
from app.document.library import PhotoState
from app.engine.jobs import TryJob
from app.engine.pictures import Shown
from app.faces.model_strip import ModelChoice
from app.faces.panel import FacePanel
from app.photo_options import PhotoOptions
from app.translation import translated
from app.viewer.marks import FaceMark
from app.viewer.photo_view import PhotoView
from app.viewer.straighten_view import StraightenView
from app.viewer.tools import Tool
from app.workbench import Workbench
from core.errors import CoreError
from core.models.store import present_models
from core.types import BlendOptions, FaceCrop, Pixels


class Presenter(QObject):
    """`tool_changed` tells when a tool has done its work and another one takes over."""

    tool_changed = Signal(object)

    def __init__(
        self,
        bench: Workbench,
        view: PhotoView,
        straighten: StraightenView,
        panel: FacePanel,
        options: PhotoOptions,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._bench, self._view, self._straighten = bench, view, straighten
        self._panel, self._options = panel, options
        self._shown: Shown | None = None
        self._missing: int | None = None  # the photo in front where nothing of it could be shown
        self._straightened: int | None = None  # the photo in the crop frame
        bench.current_changed.connect(self._on_current)
        bench.shown.connect(self._on_shown)
        bench.pictures.failed.connect(self._on_not_shown)
        bench.redrawn.connect(view.refresh)
        bench.engine.tried.connect(self._on_tried)
        bench.library.decisions_changed.connect(self._on_decisions_changed)
        bench.library.state_changed.connect(self._on_state_changed)
        self._connect_view(view)
        self._connect_panel(panel)
        options.changed.connect(bench.set_size)

    def _connect_view(self, view: PhotoView) -> None:
        bench = self._bench
        view.face_clicked.connect(self._on_face_clicked)
        view.face_chosen.connect(self._on_face_chosen)
        view.face_toggle_asked.connect(bench.toggle_face)
        view.face_delete_asked.connect(bench.remove_face)
        view.face_box_drawn.connect(self._on_box_drawn)
        view.landmarks_placed.connect(self._on_landmarks_placed)
        view.landmarks_moved.connect(bench.move_landmarks)
        view.stroke_drawn.connect(bench.add_stroke)
        view.stroke_grown.connect(bench.sketch_stroke)
        view.stroke_dropped.connect(bench.drop_stroke)
        self._straighten.accepted.connect(self.finish_straightening)
        self._straighten.cancelled.connect(self._end_straightening)

    def _connect_panel(self, panel: FacePanel) -> None:
        bench = self._bench
        panel.chosen.connect(self._mark_faces)
        panel.include_toggled.connect(bench.toggle_face)
        panel.delete_asked.connect(bench.remove_face)
        panel.blend_changed.connect(self._on_blend)
        panel.blend_applied.connect(bench.blend_alike)
        panel.model_chosen.connect(self._on_model)
        panel.models_asked.connect(self._on_models_asked)

    @property
    def result(self) -> Pixels | None:
        """The picture on the screen: restored where it is, else as it was; None where there is none."""
        if self._shown is None:
            return None
        return self._shown.before if self._shown.after is None else self._shown.after

    @property
    def unreadable(self) -> bool:
        """Whether nothing can be shown of the photo in front, because of its file."""
        entry = self._bench.current
        if entry is None:
            return False
        failed = entry.state is PhotoState.FAILED and not self._bench.photos.size(entry.path)
        return failed or self._missing == entry.key

    def refresh_models(self) -> None:
        """Offer the models that are on this machine now."""
        best = ModelChoice(None, self.tr("Best"))
        restorers = [ModelChoice(m.name, translated(m.title)) for m in present_models("restorer") if m.kind]
        self._panel.set_models([best, *restorers] if len(restorers) > 1 else [best])
        upscalers = [ModelChoice(m.name, translated(m.title)) for m in present_models("upscaler") if m.kind]
        self._options.set_upscalers(upscalers)

    def begin_straightening(self) -> bool:
        """Show the photo as its file has it in the crop frame; returns whether it is at hand."""
        entry = self._bench.current
        if entry is None or self._bench.photos.size(entry.path) is None:
            return False
        try:
            photo = self._bench.photos.get(entry.path)
        except CoreError as error:  # its disk is gone
            self._bench.said.emit("error", str(error))
            return False
        self._straighten.set_photo(photo.rgb, entry.decisions.geometry)
        self._straightened = entry.key
        entry.stack.setActive(False)  # what it would take back is not seen
        return True

    @Slot()
    def finish_straightening(self) -> None:
        """Turn and crop the photo in the crop frame as it is there: who goes on from it wants what they see."""
        key = self._straightened
        self._end_straightening()
        if key is not None and key in self._bench.library:
            self._bench.set_geometry(key, self._straighten.frame.geometry_)

    @Slot()
    def _end_straightening(self) -> None:
        self._straightened = None
        if (entry := self._bench.current) is not None:
            self._bench.undo.setActiveStack(entry.stack)

    # The photo.

    @Slot(object)
    def _on_current(self, _: int | None) -> None:
        self.finish_straightening()
        self._missing = None
        self._clear()

    @Slot(int, str)
    def _on_not_shown(self, key: int, _: str) -> None:
        entry = self._bench.current
        if entry is not None and entry.key == key and self._shown is None:
            self._missing = key
            self._clear()

    def _clear(self) -> None:
        """Nothing of the photo in front is shown yet, or nothing can be."""
        entry = self._bench.current
        unreadable = self.unreadable
        decisions = None if entry is None or unreadable else entry.decisions
        self._shown = None
        self._panel.choose(None)
        self._panel.set_photo(decisions, {}, failed=unreadable)
        self._options.set_decisions(decisions)
        self._view.set_ready(False)
        self._view.set_faces([])
        if entry is None or unreadable:
            self._view.set_pictures(None, None)

    @Slot(int)
    def _on_state_changed(self, key: int) -> None:
        entry = self._bench.current
        if entry is None or entry.key != key:
            return
        if self.unreadable:
            self._clear()
        elif entry.state is PhotoState.FAILED:
            self._show_decisions()

    @Slot(object)
    def _on_shown(self, shown: Shown) -> None:
        self._shown, self._missing = shown, None
        self._view.set_pictures(shown.before, shown.after, keep_view=True)
        self._view.set_ready(True)
        self._show_decisions()

    @Slot(int, object, object)
    def _on_decisions_changed(self, key: int, before: Decisions, after: Decisions) -> None:
        entry = self._bench.current
        if entry is not None and entry.key == key:
            self._show_decisions()
            if (index := _placed_by_hand(before, after)) is not None:
                self._panel.choose(index)  # its points can be moved then

    def _show_decisions(self) -> None:
        entry = self._bench.current
        if entry is not None:
            photo = None if self._shown is None else self._shown.before
            failed = entry.state is PhotoState.FAILED
            self._panel.set_photo(entry.decisions, self._crops(entry.decisions), photo, failed=failed)
            self._options.set_decisions(entry.decisions)
            self._mark_faces()

    def _crops(self, decisions: Decisions) -> dict[int, FaceCrop]:
        """The crops at hand by the index of their face: also of faces that are left out now."""
        if self._shown is None:
            return {}
        made = {crop.face.landmarks.tobytes(): crop for crop in self._shown.ingredients.faces.values()}
        keys = {index: face.face.landmarks.tobytes() for index, face in enumerate(decisions.faces or ())}
        return {index: made[key] for index, key in keys.items() if key in made}

    @Slot()
    def _mark_faces(self) -> None:
        entry = self._bench.current
        faces = (entry.decisions.faces if entry and self._shown else None) or ()  # of what is seen
        chosen = self._panel.index
        crops = self._crops(entry.decisions) if entry else {}
        restored = {index for index, crop in crops.items() if crop.restored is not None}
        self._view.set_faces(
            [
                FaceMark(face.face, face.included, face.drawn, i == chosen, face.included and i in restored)
                for i, face in enumerate(faces)
            ]
        )

    # What is done on it.

    @Slot(int)
    def _on_face_clicked(self, index: int) -> None:
        if self._panel.index == index:
            self._bench.toggle_face(index)
        else:
            self._panel.choose(index)

    @Slot(int)
    def _on_face_chosen(self, index: int) -> None:
        self._panel.choose(index if index >= 0 else None)

    @Slot(tuple)
    def _on_box_drawn(self, box: tuple[float, float, float, float]) -> None:
        self._bench.draw_face(box)
        self.tool_changed.emit(Tool.PAN)

    @Slot(object)
    def _on_landmarks_placed(self, points: tuple[Sequence[float], Sequence[float], Sequence[float]]) -> None:
        self._bench.place_face(*points)
        self.tool_changed.emit(Tool.PAN)

    @Slot(object, object, bool)
    def _on_blend(self, index: int | None, blend: BlendOptions, live: bool) -> None:
        self._bench.set_blend(blend, index, live)

    @Slot(object, object)
    def _on_model(self, index: int | None, model: str | None) -> None:
        self._bench.set_model(model, index)
        if self._bench.current is not None:
            self._bench.restore([self._bench.current.key])

    @Slot(int)
    def _on_models_asked(self, index: int) -> None:
        entry = self._bench.current
        if entry is not None and entry.decisions.faces is not None:
            for model in self._panel.choices:
                face = replace(entry.decisions.faces[index], model=model.name)
                self._bench.engine.try_model(entry.key, face)

    @Slot(int, object, object)
    def _on_tried(self, key: int, job: TryJob, crop: FaceCrop) -> None:
        entry = self._bench.current
        faces = (entry.decisions.faces if entry else None) or ()
        chosen = self._panel.index
        if entry is None or entry.key != key or chosen is None or chosen >= len(faces):
            return
        if np.array_equal(faces[chosen].face.landmarks, job.face.face.landmarks):  # not of one chosen before
            self._panel.models.set_crop(job.face.model, crop)


def _placed_by_hand(before: Decisions, after: Decisions) -> int | None:
    """The index of the one face that was added, if it was placed by hand."""
    old, new = before.faces or (), after.faces or ()
    if len(new) != len(old) + 1:
        return None
    there = set(map(id, old))
    added = [index for index, face in enumerate(new) if face.drawn and id(face) not in there]
    return added[0] if len(added) == 1 else None
