"""Models -> a pipeline that is ready to work."""

from __future__ import annotations

import functools
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from core.detection import RetinaFaceDetector
from core.devices import choose_target, lower_targets
from core.engines.cache import NetworkFacts
from core.engines.engine import Engine, Precision, Target
from core.engines.ladder import LadderEngine
from core.engines.opening import open_network
from core.errors import DeviceError, ModelError
from core.models import APP_NAME, ModelFile, best_model, find_model
from core.parsing import ParseNetParser
from core.pipeline import RestorationPipeline
from core.restoration import GFPGANRestorer

if TYPE_CHECKING:
    from core.networks.architectures import Kind

PUBLISHED_SCORE = "0.8"
"""Detection threshold of RetinaFace files that name none."""

Tell = Callable[[str], None]
"""Takes a sentence for the user."""


@dataclass(frozen=True)
class Assembly:
    """A pipeline, the titles of the models in it by kind, where it runs, and sentences on the choice of models."""

    pipeline: RestorationPipeline
    models: dict[str, str]
    target: Target
    notes: tuple[str, ...] = ()


def load_detector(
    wanted: str | None = None,
    second_look: bool = True,
    target: Target | None = None,
    tell: Tell = lambda _: None,
    steps_down: Tell = lambda _: None,
) -> tuple[RetinaFaceDetector, ModelFile]:
    """The detector that a name or path means (the best for None), at `target` (`auto` for None) in float32.

    `tell` gets a sentence before what takes long, `steps_down` one for each step that lack of memory forces.
    Raises ModelError or DeviceError.
    """
    file = find_model(wanted, "detector")
    target = target or choose_target()
    # Less precision is no step here, see `_for_detection`.
    targets = list(dict.fromkeys(map(_for_detection, [target, *lower_targets(target)])))
    engine, facts = _open(file, "detector", targets, tell, steps_down)
    return RetinaFaceDetector(engine, _score_threshold(facts, file), second_look), file


def _for_detection(target: Target) -> Target:
    # Landmarks decide the alignment and cost little. NPUs take pictures of one size alone.
    device = "CPU" if target.device == "NPU" else target.device
    return replace(target, device=device, precision=Precision.FP32)


def _score_threshold(facts: NetworkFacts, file: ModelFile) -> float:
    text = facts.metadata.get("score_threshold", PUBLISHED_SCORE)
    try:
        threshold = float(text)
    except ValueError:
        threshold = math.nan
    if not 0 < threshold < 1:
        raise ModelError(
            f"'{file.path}' has a score_threshold of {text!r}, which is not between 0 and 1; fix the file."
        )
    return threshold


def assemble(
    model: str | None = None,
    detector: str | None = None,
    target: Target | None = None,
    tell: Tell = lambda _: None,
) -> Assembly:
    """Load a restorer and a detector by name or path (the best for None), and a parser where there is one.

    They run at `target`, `auto` for None; `tell` gets a sentence before what takes long, once. Raises ModelError
    or DeviceError with what to do.
    """
    target = target or choose_target()
    tell = functools.cache(tell)  # a sentence that was told is not told again
    steps: list[str] = []
    restorer_file, parser_file = find_model(model, "restorer"), best_model("parser")
    targets = [target, *lower_targets(target)]
    engine, _ = _open(restorer_file, "restorer", targets, tell, steps.append)
    found, detector_file = load_detector(detector, target=target, tell=tell, steps_down=steps.append)
    models = {"restorer": restorer_file.title, "detector": detector_file.title}
    parser = None
    if parser_file is not None:
        parser = ParseNetParser(_open(parser_file, "parser", targets, tell, steps.append)[0])
        models["parser"] = parser_file.title
    restorer = GFPGANRestorer(engine, _exact(restorer_file, target))
    pipeline = RestorationPipeline(found, restorer, parser, engine_notes=functools.partial(_taken, steps))
    return Assembly(pipeline, models, target, tuple(_notes(model, restorer_file)))


def _open(
    file: ModelFile, kind: Kind, targets: Sequence[Target], tell: Tell, steps_down: Tell
) -> tuple[Engine, NetworkFacts]:
    """An engine that goes from target to target when memory runs out, and what is known about its network."""
    facts: list[NetworkFacts] = []

    def at(target: Target) -> Engine:
        opened = open_network(file.path, kind, target, tell)
        facts.append(opened.facts)
        return opened.engine

    try:
        engine = LadderEngine([functools.partial(at, target) for target in targets], kind, steps_down)
    except MemoryError as error:
        raise DeviceError(f"{error} Close other programs, or choose a smaller model.") from error
    return engine, facts[0]


def _exact(file: ModelFile, target: Target) -> Callable[[], Engine] | None:
    """Opens the restorer in float32, once, where `target` has less."""
    if target.precision is Precision.FP32:
        return None
    exact = replace(target, precision=Precision.FP32)
    return functools.cache(lambda: open_network(file.path, "restorer", exact).engine)


def _taken(sentences: list[str]) -> list[str]:
    """The sentences, which are then gone."""
    taken, sentences[:] = sentences[:], []
    return taken


def _notes(wanted: str | None, file: ModelFile) -> list[str]:
    if wanted is None and file.info is not None and file.info.bundled:
        return [f'Using the {file.info.title}: "{APP_NAME} models get gfpgan-v1.4" gets the published quality.']
    return []
