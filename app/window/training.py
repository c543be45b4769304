"""Training in the window: its page, its memory, what happens when the window goes, and when it comes back."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QObject, Qt, Signal, Slot
from PySide6.QtWidgets import QApplication, QMainWindow, QMenu, QSystemTrayIcon

from app.document.library import PhotoState
from app.notify import Level, Notifier
from app.settings.panel import SettingsPanel
from app.settings.settings import SettingsStore
from app.theme import icon
from app.training.controller import TrainingController
from app.training.page import TrainingPage
from app.training.process import Outcome
from app.training.question import ClosingQuestion
from app.workbench import Workbench


class Training(QObject):
    """Connects the one training with the rest of the window. `page_asked` wants the page to be seen."""

    page_asked = Signal()
    models_changed = Signal()
    tried = Signal()  # the photo is being restored with the new model

    def __init__(
        self, bench: Workbench, notifier: Notifier, store: SettingsStore, folder: Path, window: QMainWindow
    ) -> None:
        super().__init__(window)
        self._bench, self._notifier, self._store = bench, notifier, store
        self._folder, self._window = folder, window
        self.controller = TrainingController(folder / "training", parent=self)
        self.question = ClosingQuestion()
        self.page: TrainingPage | None = None
        self.tray: QSystemTrayIcon | None = None
        self._menu: QMenu | None = None
        self._closing = False
        self.controller.room_asked.connect(self._make_room)
        self.controller.models_changed.connect(self.models_changed)
        self.controller.ended.connect(self._on_ended)
        bench.engine.models_forgotten.connect(self.controller.try_again)
        self.question.background_asked.connect(self._to_background)
        self.question.stop_asked.connect(self._stop_and_close)

    def add_page(self, panel: SettingsPanel) -> None:
        """Add the page to the settings."""
        self.page = TrainingPage(self.controller, self._store, self._open_photos, self._folder)
        self.page.try_asked.connect(self._try)
        self.page.models_changed.connect(self.models_changed)
        panel.add_page(self.tr("Fine-tuning"), "school-outline", self.page, before=panel.privacy)
        panel.training = self.page

    def begin(self) -> None:
        """Offer to go on with a training that the last window left."""
        run = self.controller.interrupted()
        if run is None:
            return

        def go_on() -> None:
            if not self.controller.running:
                self.controller.go_on(run)
            self.page_asked.emit()

        sentence = self.tr("The training of '{name}' was interrupted; what it learned is safe.")
        action = (self.tr("Go on with it"), go_on)
        self._notifier.tell(sentence.format(name=run.name), Level.WARNING, action=action)

    @Slot()
    def refresh_models(self) -> None:
        """There are other models than before."""
        if self.page is not None:
            self.page.refresh_models()

    # The end of the window.

    def may_close(self) -> bool:
        """Whether nothing is lost if the window closes now; else the user is asked."""
        if not self.controller.running:
            return True
        if not self._closing:
            self.come_back()
            self.question.ask()
        return False

    def close(self) -> None:
        """The window closes."""
        self.controller.close()
        if self.page is not None:
            self.page.close_threads()
        self._leave_tray()

    @Slot()
    def _stop_and_close(self) -> None:
        self._closing = True
        self.controller.stop()

    @Slot()
    def _to_background(self) -> None:
        if not QSystemTrayIcon.isSystemTrayAvailable():
            self._window.showMinimized()
            return
        app = QApplication.instance()
        assert isinstance(app, QApplication)
        app.setQuitOnLastWindowClosed(False)
        if self.tray is None:
            self.tray, self._menu = QSystemTrayIcon(icon("school-outline"), self), QMenu()
            self._menu.addAction(self.tr("Show the window")).triggered.connect(self.come_back)
            self._menu.addAction(self.tr("Save and stop training")).triggered.connect(self.controller.stop)
            self.tray.setContextMenu(self._menu)
            self.tray.setToolTip(self.tr("A model is being trained"))
            self.tray.activated.connect(self.come_back)
        self.tray.show()
        for window in app.topLevelWidgets():
            if window.isWindow() and window.isVisible() and window is not self._menu:
                window.hide()

    @Slot()
    def come_back(self) -> None:
        """Bring the window to the front, from wherever it is."""
        self._leave_tray()
        self._window.setWindowState(self._window.windowState() & ~Qt.WindowState.WindowMinimized)
        self._window.show()
        self._window.raise_()
        self._window.activateWindow()

    def _leave_tray(self) -> None:
        if self.tray is not None:
            self.tray.hide()
            app = QApplication.instance()
            assert isinstance(app, QApplication)
            app.setQuitOnLastWindowClosed(True)

    @Slot(object)
    def _on_ended(self, outcome: Outcome) -> None:
        self.question.hide()
        if self._closing:
            self._closing = False
            self._window.close()
            return
        level = Level.ERROR if outcome.state == "failed" else Level.INFO
        self._notifier.tell(outcome.sentence, level, action=(self.tr("Show it"), self.page_asked.emit))
        if self.tray is not None and self.tray.isVisible():
            self.tray.showMessage(self._window.windowTitle(), outcome.sentence)

    # Memory, and photos.

    @Slot()
    def _make_room(self) -> None:
        sentence = self.tr("The models for restoring are closed, so that the training fits into memory.")
        self._notifier.tell(sentence)
        self._bench.engine.forget_models()

    def _open_photos(self) -> list[Path]:
        return [e.path for e in self._bench.library.entries if e.state is not PhotoState.FAILED]

    @Slot(str)
    def _try(self, model: str) -> None:
        """Restore the photo in front of the user with a model."""
        entry = self._bench.current
        self.come_back()
        if entry is None:
            self._notifier.tell(self.tr("Open a photo first, and try the model on it then."))
            return
        self._bench.set_model(f"{model}.safetensors")
        self._bench.restore([entry.key])
        self.tried.emit()
