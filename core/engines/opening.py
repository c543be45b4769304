"""A weights file becomes an engine, by way of the cache where its target needs a converted model."""

from __future__ import annotations

import logging
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from core.engines.cache import NetworkFacts, discard_entry, entry_key, find_entry, store_entry
from core.engines.engine import Engine, Precision, Target
from core.engines.ladder import out_of_memory
from core.errors import CoreError, DeviceError
from core.models import known_variants

if TYPE_CHECKING:
    from torch import nn

    from core.networks.architectures import Kind

log = logging.getLogger(__name__)

PREPARING = "Preparing the model for this processor; this happens once."


@dataclass(frozen=True)
class OpenedNetwork:
    """An engine and what is known about its network."""

    engine: Engine
    facts: NetworkFacts


def open_network(
    path: Path,
    kind: Kind,
    target: Target,
    tell: Callable[[str], None] = lambda _: None,
    size: int | None = None,
) -> OpenedNetwork:
    """An engine for the network of a weights file; see `for_inference` for what it takes and gives, and `size`.

    `tell` gets a sentence before something that takes long. A network that cannot be converted runs in PyTorch
    on the processor instead, with a line in the log. Raises ModelError as `load_network` does, and DeviceError
    where a device that is no processor does not take the network.
    """
    if target.backend == "pytorch":
        return _open_pytorch(path, kind, target, size)
    try:
        return _open_openvino(path, kind, target, tell, size)
    except CoreError:
        raise
    except Exception as error:
        # What converters and compilers raise is not documented; they fail on networks, not on users.
        if out_of_memory(error):
            raise
        if target.device != "CPU":
            raise DeviceError(
                f"'{path.name}' does not run on {target} ({error}); choose another --device."
            ) from error
        log.warning("'%s' cannot be converted for OpenVINO (%s); PyTorch runs it instead.", path.name, error)
        return _open_pytorch(path, kind, _pytorch_instead(target), size)


def _pytorch_instead(target: Target) -> Target:
    from core.engines.pytorch import precisions

    precision = target.precision if target.precision in precisions("cpu") else Precision.FP32
    return replace(target, backend="pytorch", device="cpu", precision=precision)


def _open_pytorch(path: Path, kind: Kind, target: Target, size: int | None) -> OpenedNetwork:
    from core.engines.pytorch import TorchEngine

    module, facts = _load(path, kind, size)
    return OpenedNetwork(TorchEngine(module, target, facts.size), facts)


def discard_converted(path: Path, kind: str) -> None:
    """Delete the converted model of a weights file that is about to be deleted."""
    with suppress(OSError):
        discard_entry(entry_key(path, kind, known_variants(), None))  # as `_open_openvino` keeps it


def _open_openvino(
    path: Path, kind: Kind, target: Target, tell: Callable[[str], None], size: int | None
) -> OpenedNetwork:
    try:
        key = entry_key(path, kind, known_variants(), size)
    except OSError:
        # Loading it says what is wrong with the file.
        _load(path, kind, size)
        raise
    found = find_entry(key)
    if found is not None:
        model, facts = found
        try:
            return _compiled(model, facts, target)
        except RuntimeError as error:
            if out_of_memory(error):
                raise
            log.info("The converted model '%s' does not open (%s); making it anew.", model, error)
            discard_entry(key)
    return _converted(path, kind, target, key, tell, size)


def _converted(
    path: Path, kind: Kind, target: Target, key: str, tell: Callable[[str], None], size: int | None
) -> OpenedNetwork:
    from core.engines.openvino import OpenVINOEngine, convert, save

    module, facts = _load(path, kind, size)
    tell(PREPARING)
    model = convert(module, (1, facts.channels, facts.size, facts.size))
    try:
        # Opened from the file, so that the first start runs what later ones run, and torch's weights can go.
        return _compiled(store_entry(key, facts, lambda place: save(model, place)), facts, target)
    except (OSError, RuntimeError) as error:
        if out_of_memory(error):
            raise
        log.info("The converted model of '%s' cannot be kept (%s).", path.name, error)
        return OpenedNetwork(OpenVINOEngine(model, target, facts.size), facts)


def _compiled(model: Path, facts: NetworkFacts, target: Target) -> OpenedNetwork:
    from core.engines.openvino import OpenVINOEngine

    return OpenedNetwork(OpenVINOEngine(model, target, facts.size, model.parent / "compiled"), facts)


def _load(path: Path, kind: Kind, size: int | None) -> tuple[nn.Module, NetworkFacts]:
    from core.networks.inference import for_inference
    from core.networks.loading import load_network

    loaded = load_network(path, known_variants=known_variants(), expect=kind)
    ready = for_inference(loaded, size)
    facts = NetworkFacts(
        loaded.description, loaded.metadata, ready.size, ready.channels, ready.scale, loaded.licence
    )
    return ready.module, facts
