"""The engine's thread as the window sees it: what waits, what runs, and what came of it."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Iterable
from typing import TypeVar

from PySide6.QtCore import QObject, QThread, Signal, Slot

from app.document.decisions import Decisions, FaceDecision
from app.document.library import WORKING, PhotoLibrary, PhotoState
from app.engine.jobs import FindJob, Job, Looked, LookJob, Restored, RestoreJob, TryJob
from app.engine.pace import Pace
from app.engine.shelf import work_of
from app.engine.worker import EngineWorker
from app.engine.workshop import Workshop
from core.geometry import Geometry
from core.memory import release_memory
from core.progress import Progress
from core.types import Face, FaceCrop

J = TypeVar("J", bound=Job)


class EngineController(QObject):
    """Owns the thread. Jobs on the photo in front of the user go before those of the queue, one runs at a time,
    and whatever a job returns for a photo that is gone or decided anew is dropped."""

    faces_found = Signal(int)
    restored = Signal(int, object)  # key, Restored
    face_found = Signal(int, object)  # key, Face or None: what a box drawn by the user holds
    tried = Signal(int, object, object)  # key, TryJob, FaceCrop
    failed = Signal(int, str)
    told = Signal(str)
    was_set_back = Signal(int)
    queue_changed = Signal()
    models_forgotten = Signal()
    _start = Signal(object)
    _forget = Signal()

    def __init__(
        self, library: PhotoLibrary, make_workshop: Callable[[], Workshop], parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._library = library
        self._urgent: deque[Job] = deque()
        self._queue: deque[int] = deque()
        self._running: Job | None = None
        self._paused = False
        self._closed = False
        self._found: dict[tuple[int, Geometry], Looked] = {}
        self._before: dict[int, PhotoState] = {}  # where photos stood before they were asked for
        self.pace = Pace()
        self._thread = QThread()
        self._thread.setObjectName("engine")
        self._worker = EngineWorker(make_workshop)
        self._worker.moveToThread(self._thread)
        self._start.connect(self._worker.do)
        self._forget.connect(self._worker.forget_models)
        self._worker.forgot.connect(self._on_forgot)
        self._worker.returned.connect(self._on_returned)
        self._worker.failed.connect(self._on_failed)
        self._worker.cancelled.connect(self._on_cancelled)
        self._worker.finished.connect(self._on_finished)
        self._worker.progressed.connect(self._on_progressed)
        library.removed.connect(self._on_removed)
        self._thread.start()

    def close(self) -> None:
        """Stop what runs and end the thread, after one step of a network at most; what waits is left as it is."""
        self._closed = True
        if self._running is not None:
            self._running.cancel.cancel()
        self._thread.quit()
        self._thread.wait()

    # What can be asked.

    def look_for_faces(self, key: int) -> None:
        """Find the faces of a photo, before anything that waits."""
        entry = self._library.entry(key)
        known = self._found.get((key, entry.decisions.geometry))
        if known is not None:
            self._take_faces(key, known)
        elif not self._is_asked(key, LookJob, entry.decisions.geometry) and entry.state != PhotoState.RESTORING:
            if entry.state is not PhotoState.QUEUED:
                self._set_working(key, PhotoState.LOOKING)
            self._ask(LookJob(key, entry.path, entry.decisions))

    def find_face(self, key: int, box: tuple[float, float, float, float]) -> None:
        """Look closely for the one face in a box."""
        entry = self._library.entry(key)
        self._ask(FindJob(key, entry.path, entry.decisions, box=box))

    def try_model(self, key: int, face: FaceDecision) -> None:
        """Restore one face with the model it names, to be looked at."""
        entry = self._library.entry(key)
        self._ask(TryJob(key, entry.path, entry.decisions, face=face))

    def restore(self, keys: Iterable[int]) -> None:
        """Put photos into the queue; those that are in it stay where they are. One that is being restored comes
        once more where something was decided since."""
        for key in keys:
            entry = self._library.entry(key)
            if key in self._queue:
                continue
            # By its state: a job that has returned is over, though its thread may not be free yet.
            if entry.state is not PhotoState.RESTORING:
                self._set_working(key, PhotoState.QUEUED)
            elif self._running is not None and self._running.decisions is entry.decisions:
                continue
            self._queue.append(key)
        self.pace.begin(len(self._queue))
        self._go_on()

    def cancel(self, keys: Iterable[int] | None = None) -> None:
        """Take photos out of the queue, and stop what else is done for them; for None, all that is restored."""
        running, chosen = self._running, set(self._queue) if keys is None else set(keys)
        if running is not None and (isinstance(running, RestoreJob) if keys is None else running.key in chosen):
            running.cancel.cancel()
        queued = [key for key in self._queue if key in chosen]
        self._queue = deque(key for key in self._queue if key not in chosen)
        if keys is not None:
            self._urgent = deque(job for job in self._urgent if job.key not in chosen)
        for _ in queued:
            self.pace.photo_left_out()
        # Last, for whoever is told may ask for something anew. The end of a job that runs is told by itself.
        for key in chosen & {entry.key for entry in self._library.entries}:
            state = self._library.entry(key).state
            looks = isinstance(running, LookJob) and running.key == key
            if (state is PhotoState.QUEUED and key in queued) or (state is PhotoState.LOOKING and not looks):
                self._set_back(key)
        self.queue_changed.emit()

    def pause(self) -> None:
        """Take no photo out of the queue until `resume`; the one that runs is finished."""
        self._paused = True
        self.queue_changed.emit()

    def resume(self) -> None:
        """Go on with the queue."""
        self._paused = False
        self._go_on()

    def reorder(self, keys: list[int]) -> None:
        """Work through the queue in this order."""
        place = {key: number for number, key in enumerate(keys)}
        self._queue = deque(sorted(self._queue, key=lambda key: place.get(key, len(place))))

    def forget_models(self) -> None:
        """Open the networks anew when they are next needed: settings changed, or somebody needs the memory.
        `models_forgotten` tells when they are closed, after the job that runs."""
        self._forget.emit()

    @property
    def paused(self) -> bool:
        """Whether the queue waits for `resume`."""
        return self._paused

    @property
    def waiting(self) -> tuple[int, ...]:
        """The keys of the photos in the queue."""
        return tuple(self._queue)

    @property
    def busy(self) -> bool:
        """Whether there is a photo being restored, or one that will be without further ado."""
        return isinstance(self._running, RestoreJob) or bool(self._queue and not self._paused)

    # One job after another.

    def _ask(self, job: Job) -> None:
        self._urgent.append(job)
        self._go_on()

    def _go_on(self) -> None:
        if self._running is None and not self._closed:
            if self._urgent:
                self._run(self._urgent.popleft())
            elif self._queue and not self._paused:
                entry = self._library.entry(self._queue.popleft())
                self._set_working(entry.key, PhotoState.RESTORING)
                self._run(RestoreJob(entry.key, entry.path, entry.decisions))
        self.queue_changed.emit()

    def _run(self, job: Job) -> None:
        self._running = job
        self._began = time.monotonic()
        self._start.emit(job)

    def _is_asked(self, key: int, kind: type[Job], geometry: Geometry | None = None) -> bool:
        """Whether such a job waits or runs, and is not cancelled, for a photo, as this geometry leaves it (any for
        None)."""
        running = self._running
        jobs = [*self._urgent, *([running] if running is not None and not running.cancel.cancelled else [])]
        meant = [job for job in jobs if job.key == key and isinstance(job, kind)]
        return any(geometry in (None, job.decisions.geometry) for job in meant)

    def _set_working(self, key: int, state: PhotoState) -> None:
        entry = self._library.entry(key)
        if entry.state not in WORKING:
            self._before[key] = entry.state
        self._library.set_state(key, state)

    def _set_back(self, key: int) -> None:
        """A photo is as it was before somebody asked for work on it, but for faces found since."""
        state = self._before.pop(key, PhotoState.NEW)
        if state in (PhotoState.NEW, PhotoState.FAILED):
            looked = self._library.entry(key).decisions.faces is not None
            state = PhotoState.FOUND if looked else PhotoState.NEW
        self._library.set_state(key, state)
        self.was_set_back.emit(key)

    # How jobs end.

    @Slot(object, object)
    def _on_returned(self, job: Job, outcome: object) -> None:
        if self._closed or job.key not in self._library:
            return
        match job, outcome:
            case LookJob(), Looked():
                self._found[job.key, job.decisions.geometry] = outcome
                entry = self._library.entry(job.key)
                if self._is_of_same_picture(job) and not entry.decisions.is_searched:
                    self._take_faces(job.key, outcome)
                elif entry.state is PhotoState.LOOKING and entry.decisions.faces is not None:
                    self._set_back(job.key)  # the turn it looked for was taken back, or faces are known by now
            case FindJob(), (Face() | None):
                if self._is_of_same_picture(job):
                    self.face_found.emit(job.key, outcome)
            case TryJob(), FaceCrop():
                self.tried.emit(job.key, job, outcome)
            case RestoreJob(), Restored():
                self._take_restored(job, outcome)

    def _is_of_same_picture(self, job: Job) -> bool:
        """Whether a photo is still turned and cropped as it was when a job began."""
        return self._library.entry(job.key).decisions.geometry == job.decisions.geometry

    def _take_faces(self, key: int, looked: Looked) -> None:
        entry = self._library.entry(key)
        self._library.set_decisions(key, entry.decisions.with_faces(looked.found.faces, looked.seen))
        if entry.state in (PhotoState.NEW, PhotoState.LOOKING, PhotoState.FAILED):
            self._library.set_state(key, PhotoState.FOUND)
        self.faces_found.emit(key)

    def _take_restored(self, job: RestoreJob, outcome: Restored) -> None:
        self.pace.photo_done(time.monotonic() - self._began)
        if outcome.decisions is not job.decisions and self._is_of_same_picture(job):
            self._take_faces_of_restored(job, outcome.decisions)
        decided = self._library.entry(job.key).decisions
        if job.key not in self._queue and work_of(decided) != work_of(outcome.decisions):
            self._queue.append(job.key)  # for what was decided meanwhile
        if job.key in self._queue:
            self._before[job.key] = PhotoState.DONE
            self._library.set_state(job.key, PhotoState.QUEUED)
        else:
            self._library.set_state(job.key, PhotoState.DONE, progress=1.0)
        self.restored.emit(job.key, outcome)

    def _take_faces_of_restored(self, job: RestoreJob, outcome: Decisions) -> None:
        """Take the faces that a restoration had to look for itself into what is decided by now."""
        self._found.pop((job.key, job.decisions.geometry), None)
        decisions = self._library.entry(job.key).decisions
        if job.decisions.is_searched:  # the file has changed since its faces were found
            decisions = decisions.without_places()
        if not decisions.is_searched:
            found = [face.face for face in outcome.faces or () if not face.drawn]
            self._library.set_decisions(job.key, decisions.with_faces(found, outcome.seen))

    @Slot(object, str)
    def _on_failed(self, job: Job, sentence: str) -> None:
        if self._closed or job.key not in self._library:
            return
        if job.key in self._queue:  # it comes once more
            self._library.set_state(job.key, PhotoState.QUEUED)
        elif isinstance(job, LookJob | RestoreJob):
            self._library.set_state(job.key, PhotoState.FAILED, sentence)
            self._count_out(job)
        self.failed.emit(job.key, sentence)

    @Slot(object)
    def _on_cancelled(self, job: Job) -> None:
        if not self._closed and job.key in self._library and isinstance(job, LookJob | RestoreJob):
            if job.key in self._queue:  # asked for again meanwhile
                self._library.set_state(job.key, PhotoState.QUEUED)
                return
            if not self._is_asked(job.key, LookJob):
                self._set_back(job.key)
            self._count_out(job)

    def _count_out(self, job: Job) -> None:
        if isinstance(job, RestoreJob):
            self.pace.photo_left_out()

    @Slot(object)
    def _on_finished(self, job: Job) -> None:
        self._running = None
        if job.key not in self._library:
            self._before.pop(job.key, None)
        self._go_on()

    @Slot()
    def _on_forgot(self) -> None:
        # In this thread: it collects reference cycles, and there may be widgets in them.
        release_memory()
        self.models_forgotten.emit()

    @Slot(object, object)
    def _on_progressed(self, job: Job, progress: Progress) -> None:
        if isinstance(job, RestoreJob) and job is self._running and job.key in self._library:
            share = progress.done / max(progress.total, 1)
            self._library.set_state(job.key, PhotoState.RESTORING, progress=share)
            self.queue_changed.emit()

    @Slot(list)
    def _on_removed(self, keys: list[int]) -> None:
        gone = set(keys)
        self._queue = deque(key for key in self._queue if key not in gone)
        self._urgent = deque(job for job in self._urgent if job.key not in gone)
        self._found = {place: found for place, found in self._found.items() if place[0] not in gone}
        if self._running is not None and self._running.key in gone:
            self._running.cancel.cancel()
        self.queue_changed.emit()
