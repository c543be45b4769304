"""Models -> a pipeline that is ready to work."""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

from core.detection import RetinaFaceDetector
from core.devices import best_device
from core.models import ModelFile, best_model, find_model, known_variants, models_folder
from core.networks.gfpgan import GFPGAN
from core.networks.loading import LoadedNetwork, load_network
from core.parsing import ParseNetParser
from core.pipeline import RestorationPipeline
from core.restoration import GFPGANRestorer

PUBLISHED_SCORE = 0.8
"""Detection threshold of RetinaFace files that name none."""


@dataclass(frozen=True)
class Assembly:
    """A pipeline, the titles of the models in it by kind, and sentences on the choice of them."""

    pipeline: RestorationPipeline
    models: dict[str, str]
    notes: tuple[str, ...] = ()


def load_detector(wanted: str | None = None) -> tuple[RetinaFaceDetector, ModelFile]:
    """The detector that a name or path means (the best for None). Raises ModelError."""
    file = find_model(wanted, "detector")
    loaded = load_network(file.path, expect="detector")
    threshold = float(loaded.metadata.get("score_threshold", PUBLISHED_SCORE))
    # facexlib's class keeps its device to itself; detection runs where it was built, on the CPU.
    return RetinaFaceDetector(loaded.module, threshold), file


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
