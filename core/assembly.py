"""Models -> a pipeline that is ready to work."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import cast

from core.detection import RetinaFaceDetector
from core.devices import best_device
from core.errors import ModelError
from core.models import ModelFile, best_model, find_model, known_variants, models_folder
from core.networks.gfpgan import GFPGAN
from core.networks.loading import LoadedNetwork, load_network
from core.parsing import ParseNetParser
from core.pipeline import RestorationPipeline
from core.restoration import GFPGANRestorer

PUBLISHED_SCORE = "0.8"
"""Detection threshold of RetinaFace files that name none."""


@dataclass(frozen=True)
class Assembly:
    """A pipeline, the titles of the models in it by kind, and sentences on the choice of them."""

    pipeline: RestorationPipeline
    models: dict[str, str]
    notes: tuple[str, ...] = ()


def load_detector(wanted: str | None = None, second_look: bool = True) -> tuple[RetinaFaceDetector, ModelFile]:
    """The detector that a name or path means (the best for None), on the CPU. Raises ModelError."""
    file = find_model(wanted, "detector")
    loaded = load_network(file.path, expect="detector")
    return RetinaFaceDetector(loaded.module, _score_threshold(loaded, file), second_look), file


def _score_threshold(loaded: LoadedNetwork, file: ModelFile) -> float:
    text = loaded.metadata.get("score_threshold", PUBLISHED_SCORE)
    try:
        threshold = float(text)
    except ValueError:
        threshold = math.nan
    if not 0 < threshold < 1:
        raise ModelError(
            f"'{file.path}' has a score_threshold of {text!r}, which is not between 0 and 1; fix the file."
        )
    return threshold


def assemble(model: str | None = None, detector: str | None = None) -> Assembly:
    """Load a restorer and a detector by name or path (the best for None), and a parser where there is one.

    Raises ModelError with what to do.
    """
    device = best_device()
    restorer_file = find_model(model, "restorer")
    loaded: LoadedNetwork = load_network(restorer_file.path, known_variants=known_variants(), expect="restorer")
    size = cast(GFPGAN, loaded.module).size
    found, detector_file = load_detector(detector)
    parser_file = best_model("parser")
    parser = None
    if parser_file is not None:
        parser = ParseNetParser(load_network(parser_file.path, expect="parser").module, device)
    models = {"restorer": restorer_file.title, "detector": detector_file.title}
    if parser_file is not None:
        models["parser"] = parser_file.title
    pipeline = RestorationPipeline(found, GFPGANRestorer(loaded.module, size, device), parser)
    return Assembly(pipeline, models, tuple(_notes(model, restorer_file)))


def _notes(wanted: str | None, file: ModelFile) -> list[str]:
    if wanted is None and file.info is not None and file.info.bundled:
        return [
            f"Using the {file.info.title}: put GFPGANv1.4.pth into '{models_folder()}' for the published quality."
        ]
    return []
