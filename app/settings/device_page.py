"""The page on devices: what the networks run on, and how fast that is."""

from __future__ import annotations

import time
from collections.abc import Callable

from PySide6.QtCore import Slot
from PySide6.QtWidgets import QLabel, QPushButton

from app.amounts import number
from app.forms import add_row, make_form
from app.settings.background_work import BackgroundWork
from app.settings.fields import ChoiceField, NumberField, note
from app.settings.pages import Page
from app.settings.settings import AppSettings, SettingsStore
from core.progress import CancelToken

_RUNS = 5


class DevicePage(Page):
    """Device, precision, threads, and a test of them."""

    def __init__(self, store: SettingsStore) -> None:
        super().__init__()
        self._store = store
        form = make_form()
        devices = {
            "auto": self.tr("The best there is"),
            "cpu": self.tr("Processor (PyTorch)"),
            "openvino": self.tr("Processor (OpenVINO)"),
            "openvino:gpu": self.tr("Intel graphics (OpenVINO)"),
            "openvino:npu": self.tr("Intel NPU (OpenVINO)"),
            "cuda": self.tr("NVIDIA graphics"),
            "mps": self.tr("Apple graphics"),
        }
        add_row(form, self.tr("&Device"), ChoiceField(store, "device", devices))
        precisions = {"auto": self.tr("As is best"), "fp32": "fp32", "bf16": "bf16", "fp16": "fp16"}
        add_row(form, self.tr("&Precision"), ChoiceField(store, "precision", precisions))
        add_row(form, self.tr("&Threads"), NumberField(store, "threads", 0, 256, self.tr("As is best")))
        self.test = QPushButton(self.tr("Test this device"))
        self.result = QLabel()
        self.result.setWordWrap(True)
        form.addRow("", self.test)
        form.addRow("", self.result)
        self.column.addWidget(
            note(self.tr("What the networks run on. Results differ by less than anybody can see."))
        )
        self.column.addLayout(form)
        self.column.addStretch()
        self.work = BackgroundWork(self)
        self.test.clicked.connect(self._start)
        self.work.returned.connect(self._on_returned)
        self.work.failed.connect(self._on_failed)

    @Slot()
    def _start(self) -> None:
        settings = self._store.value
        self.test.setEnabled(False)
        self.result.setText(self.tr("Testing; the first time a model is prepared, which takes a while …"))
        self.work.start(lambda cancel, _: measure(settings, cancel))

    @Slot(object)
    def _on_returned(self, outcome: tuple[str, float]) -> None:
        self.test.setEnabled(True)
        device, seconds = outcome
        text = self.tr("{device}: {ms} ms a face").format(device=device, ms=number(seconds * 1000))
        self.result.setText(text)

    @Slot(str)
    def _on_failed(self, sentence: str) -> None:
        self.test.setEnabled(True)
        self.result.setText(sentence)


def measure(
    settings: AppSettings, cancel: CancelToken, clock: Callable[[], float] = time.perf_counter
) -> tuple[str, float]:
    """Where the best restorer runs by these settings, and its seconds a face (the median of some). Raises
    CoreError and Cancelled."""
    import numpy as np

    from core.assembly import assemble
    from core.devices import choose_target
    from core.types import Face, FaceCrop

    target = choose_target(*settings.target)
    pipeline = assemble(settings.model, target=target).pipeline
    grey = np.full((512, 512, 3), 128, np.uint8)
    matrix = np.array([[1.0, 0, 0], [0, 1, 0]])
    crop = FaceCrop(Face((0, 0, 511, 511), np.zeros((5, 2)), 1.0), matrix, grey)
    times = []
    for _ in range(_RUNS + 1):
        cancel.raise_if_cancelled()
        start = clock()
        pipeline.restore_crops([crop])
        times.append(clock() - start)
    return str(target), sorted(times[1:])[_RUNS // 2]
