"""Models -> a pipeline that is ready to work."""

from __future__ import annotations

import functools
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from core.background import AUTO, LANCZOS, TiledUpscaler
from core.detection import PUBLISHED_THRESHOLD, RetinaFaceDetector
from core.devices import choose_target, lower_targets
from core.engines.cache import NetworkFacts
from core.engines.engine import Engine, Precision, Target
from core.engines.ladder import LadderEngine
from core.engines.opening import open_network
from core.errors import DeviceError, ModelError
from core.identity import IdentityMeter
from core.models import APP_NAME, ModelFile, best_model, catalogue, find_model, present_models
from core.parsing import ParseNetParser
from core.pipeline import RestorationPipeline
from core.restoration import NetworkRestorer

if TYPE_CHECKING:
    from core.networks.architectures import Kind

SMALL_UPSCALER = 10_000_000
"""Bytes of the largest upscaler that a processor is given unasked: Real-ESRGAN's compact network has 5 million,
its large ones have 67 million and take minutes a megapixel (docs/how-it-works.md)."""

SMALL_TILE = 128
"""Side in pixels of the tiles that an upscaler goes on with when memory runs out; at least twice its overlap."""

DEFAULT_FIDELITY = 0.5
"""CodeFormer's authors' own."""

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
    """The detector that a name or path means (the best for None), at `target` (`auto` for None).

    The last look at a face is in float32, because its landmarks decide the alignment; those before are in bfloat16
    where `target` is. `tell` gets a sentence before what takes long, `steps_down` one for each step that lack of
    memory forces. Raises ModelError or DeviceError.
    """
    file = find_model(wanted, "detector")
    target = target or choose_target()
    targets = [target, *lower_targets(target)]
    exact, facts = _open(file, "detector", list(dict.fromkeys(map(_exact, targets))), tell, steps_down)
    engine = exact
    if target.precision is Precision.BF16:
        engine, _ = _open(file, "detector", targets, tell, steps_down)
    return RetinaFaceDetector(engine, _score_threshold(facts, file), second_look, exact), file


def _exact(target: Target) -> Target:
    """The target for landmarks. NPUs take pictures of one size alone."""
    device = "CPU" if target.device == "NPU" else target.device
    return replace(target, device=device, precision=Precision.FP32)


def _score_threshold(facts: NetworkFacts, file: ModelFile) -> float:
    text = facts.metadata.get("score_threshold", PUBLISHED_THRESHOLD)
    try:
        threshold = float(text)
    except ValueError:
        threshold = math.nan
    if not 0 < threshold < 1:
        raise ModelError(
            f"'{file.path}' has a score_threshold of {text!r}, which is not between 0 and 1; fix the file."
        )
    return threshold


def load_restorer(
    wanted: str | None = None,
    target: Target | None = None,
    tell: Tell = lambda _: None,
    fidelity: float | None = None,
) -> tuple[NetworkRestorer, ModelFile]:
    """The restorer alone that a name or path means (the best for None), at `target` (`auto` for None); see
    `assemble`. Raises ModelError or DeviceError."""
    file, target = find_model(wanted, "restorer"), target or choose_target()
    return _open_restorer(file, target, tell, tell, fidelity)[0], file


def _open_restorer(
    file: ModelFile, target: Target, tell: Tell, steps_down: Tell, fidelity: float | None
) -> tuple[NetworkRestorer, NetworkFacts, float | None]:
    """The restorer, what is known of its network, and its fidelity if it has one."""
    engine, facts = _open(file, "restorer", [target, *lower_targets(target)], tell, steps_down)
    fidelity = _fidelity(fidelity, facts, file)
    exact = _in_float32(file, "restorer", target)
    restorer = NetworkRestorer(
        engine,
        exact,
        fidelity,
        _sharp_strength(file, facts),
        # Not for what was tuned from it: it may know on which side somebody's mole is.
        self_ensemble=file.info is not None and file.info.self_ensemble,
    )
    return restorer, facts, fidelity


def _sharp_strength(file: ModelFile, facts: NetworkFacts) -> float:
    """That of the catalogue; a model that was tuned from one of it has its base's."""
    base = facts.metadata.get("base")
    info = file.info or next((info for info in catalogue() if info.title == base), None)
    return info.sharp_strength if info else 1.0


def assemble(
    model: str | None = None,
    detector: str | None = None,
    target: Target | None = None,
    tell: Tell = lambda _: None,
    background: str = LANCZOS,
    fidelity: float | None = None,
) -> Assembly:
    """Load a restorer and a detector by name or path (the best for None), a parser and an embedding network where
    there are any.

    They run at `target`, `auto` for None; `tell` gets a sentence before what takes long, once. `background` is
    "lanczos", which needs no model, an upscaler by name or path, or "auto": the best one present that is fast
    enough at `target`. `fidelity` is for restorers that have one (CodeFormer): 0 gives the clearest face, 1 the
    one most like the photo, None means the default. Raises ModelError or DeviceError with what to do.
    """
    target = target or choose_target()
    tell = functools.cache(tell)  # a sentence that was told is not told again
    steps: list[str] = []
    restorer_file, parser_file = find_model(model, "restorer"), best_model("parser")
    upscaler_file = _find_upscaler(background, target)
    targets = [target, *lower_targets(target)]
    restorer, facts, fidelity = _open_restorer(restorer_file, target, tell, steps.append, fidelity)
    found, detector_file = load_detector(detector, target=target, tell=tell, steps_down=steps.append)
    models = {"restorer": restorer_file.title, "detector": detector_file.title}
    if fidelity is not None:
        models["restorer"] += f", fidelity {fidelity:g}"
    notes = _notes(model, restorer_file) + _licence_notes(restorer_file, facts)
    parser = None
    if parser_file is not None:
        parser = ParseNetParser(_open(parser_file, "parser", targets, tell, steps.append)[0])
        models["parser"] = parser_file.title
    meter, unmeasured = _meter(targets, tell, steps.append, models)
    upscaler = None
    if upscaler_file is not None:
        engine, facts = _open(upscaler_file, "upscaler", targets, tell, steps.append, SMALL_TILE)
        upscaler = TiledUpscaler(engine, facts.scale, _in_float32(upscaler_file, "upscaler", target))
        models["upscaler"] = upscaler_file.title
    pipeline = RestorationPipeline(found, restorer, parser, functools.partial(_taken, steps), upscaler, meter)
    return Assembly(pipeline, models, target, (*notes, *unmeasured))


def load_identity_meter(
    wanted: str | None = None,
    targets: Sequence[Target] = (),
    tell: Tell = lambda _: None,
    steps_down: Tell = lambda _: None,
) -> tuple[IdentityMeter, ModelFile]:
    """What measures likeness by the embedding network that a name or path means (the best for None).

    In float32, at the first of `targets` with enough memory (`auto` for none). Raises ModelError or DeviceError.
    """
    file = find_model(wanted, "identity")
    exact = list(dict.fromkeys(map(_exact, targets or [choose_target()])))
    return IdentityMeter(_open(file, "identity", exact, tell, steps_down)[0], file.name), file


def _meter(
    targets: Sequence[Target], tell: Tell, steps_down: Tell, models: dict[str, str]
) -> tuple[IdentityMeter | None, list[str]]:
    """What measures likeness, where there is a network for it (it joins `models`), or why there is none."""
    file = best_model("identity")
    if file is None:
        return None, []
    try:
        meter, file = load_identity_meter(file.name, targets, tell, steps_down)
    except (ModelError, DeviceError) as error:
        # A badge is no reason to restore nothing.
        return None, [f"Likeness is not measured: {error}"]
    models["identity"] = file.title
    return meter, []


def _find_upscaler(wanted: str, target: Target) -> ModelFile | None:
    if wanted == LANCZOS:
        return None
    if wanted != AUTO:
        return find_model(wanted, "upscaler")
    largest = SMALL_UPSCALER if target.device.lower() == "cpu" else math.inf
    present = [file for file in present_models("upscaler") if file.info is not None]
    return next((file for file in present if file.path.stat().st_size <= largest), None)


def _fidelity(wanted: float | None, facts: NetworkFacts, file: ModelFile) -> float | None:
    if facts.channels == 4:
        return DEFAULT_FIDELITY if wanted is None else wanted
    if wanted is not None:
        raise ModelError(f"{file.title} has no fidelity to choose; leave it out, or use CodeFormer.")
    return None


def _open(
    file: ModelFile,
    kind: Kind,
    targets: Sequence[Target],
    tell: Tell,
    steps_down: Tell,
    smaller: int | None = None,
) -> tuple[Engine, NetworkFacts]:
    """An engine that goes from target to target when memory runs out, and what is known about its network.

    Where it may take `smaller` pictures, of that size, it does so first.
    """
    facts: list[NetworkFacts] = []

    def at(target: Target, size: int | None) -> Engine:
        opened = open_network(file.path, kind, target, tell, size)
        facts.append(opened.facts)
        return opened.engine

    steps = [functools.partial(at, targets[0], None)]
    steps += [functools.partial(at, target, smaller) for target in (targets[1:] if smaller is None else targets)]
    try:
        engine = LadderEngine(steps, kind, steps_down)
    except MemoryError as error:
        raise DeviceError(f"{error} Close other programs, or choose a smaller model.") from error
    return engine, facts[0]


def _in_float32(file: ModelFile, kind: Kind, target: Target) -> Callable[[], Engine] | None:
    """Opens the network in float32, once, where `target` has less."""
    if target.precision is Precision.FP32:
        return None
    return functools.cache(lambda: open_network(file.path, kind, _exact(target)).engine)


def _taken(sentences: list[str]) -> list[str]:
    """The sentences, which are then gone."""
    taken, sentences[:] = sentences[:], []
    return taken


def _notes(wanted: str | None, file: ModelFile) -> list[str]:
    if wanted is None and file.info is not None and file.info.bundled:
        return [f'Using the {file.info.title}: "{APP_NAME} models get gfpgan-v1.4" gets the published quality.']
    return []


def _licence_notes(file: ModelFile, facts: NetworkFacts) -> list[str]:
    return [f"{file.title} is under the {facts.licence}."] if facts.licence else []
