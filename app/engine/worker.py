"""The object that lives in the engine's thread."""

from __future__ import annotations

import logging
from collections.abc import Callable

from PySide6.QtCore import QObject, Signal, Slot

from app.engine.jobs import Job
from app.engine.workshop import Workshop
from core.errors import Cancelled, CoreError
from core.progress import Progress

log = logging.getLogger(__name__)


class EngineWorker(QObject):
    """Does one job after another. Each ends in one of returned, failed and cancelled, and then finished."""

    returned = Signal(object, object)  # job, outcome
    failed = Signal(object, str)
    cancelled = Signal(object)
    finished = Signal(object)
    progressed = Signal(object, object)  # job, Progress
    forgot = Signal()

    def __init__(self, make_workshop: Callable[[], Workshop]) -> None:
        super().__init__()
        self._make_workshop = make_workshop
        self._workshop: Workshop | None = None

    @Slot(object)
    def do(self, job: Job) -> None:
        """Do a job and tell how it ended."""
        try:
            job.cancel.raise_if_cancelled()
            if self._workshop is None:
                self._workshop = self._make_workshop()
            outcome = self._workshop.do(job, lambda progress: self._tell(job, progress))
        except Cancelled:
            self.cancelled.emit(job)
        except CoreError as error:
            self.failed.emit(job, str(error))
        except MemoryError:
            self.failed.emit(job, f"'{job.path}' needs more memory than there is; close other programs.")
        except Exception as error:  # a mistake of ours: it must not take the other photos down
            log.warning("%s", job.path, exc_info=error)
            self.failed.emit(
                job, f"'{job.path}' met an error that should not happen ({type(error).__name__}: {error})."
            )
        else:
            self.returned.emit(job, outcome)
        finally:
            self.finished.emit(job)

    @Slot()
    def forget_models(self) -> None:
        """Close all networks."""
        if self._workshop is not None:
            self._workshop.forget_models()
        self.forgot.emit()

    def _tell(self, job: Job, progress: Progress) -> None:
        self.progressed.emit(job, progress)
