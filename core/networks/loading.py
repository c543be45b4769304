"""A weights file becomes a network: the one way in for every model the program uses.

The network is told by keys and shapes, never by the file's name (only ONNX files are known by theirs), and nothing
in a file is run.
"""

import logging
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn
from torch.overrides import TorchFunctionMode

from core.checksums import file_sha256
from core.errors import ModelError
from core.networks.architectures import (
    KIND_NAMES,
    Architecture,
    Kind,
    Source,
    has_ambiguous_variant,
    recognise,
)
from core.networks.variants import VARIANTS, VariantName
from core.networks.weights import StateDict, as_float32, read_state_dict, save_network

__all__ = [
    "Kind",
    "LoadedNetwork",
    "WeightsDescription",
    "describe_weights",
    "load_network",
    "read_state_dict",
    "save_network",
]

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class LoadedNetwork:
    """A network ready to run: float32 on the CPU, in eval mode, without gradients.

    `description` is a line for people. `metadata` is the file's own (safetensors), else empty. `licence` is what a
    user must be told, if anything. A module of this project's own has a `hyperparameters` dictionary.
    """

    module: nn.Module
    kind: Kind
    description: str
    metadata: dict[str, str] = field(default_factory=dict)
    licence: str = ""


@dataclass(frozen=True)
class WeightsDescription:
    """What a weights file holds: see `LoadedNetwork`."""

    kind: Kind
    description: str
    licence: str = ""


def describe_weights(path: str | Path, known_variants: Mapping[str, str] | None = None) -> WeightsDescription:
    """What a weights file is good for. The network is built and loaded, so that a whole answer is a usable file.

    Raises ModelError as `load_network` does, which also explains `known_variants`.
    """
    loaded = load_network(path, known_variants=known_variants)
    return WeightsDescription(loaded.kind, loaded.description, loaded.licence)


def load_network(
    path: str | Path,
    *,
    variant: VariantName | None = None,
    known_variants: Mapping[str, str] | None = None,
    expect: Kind | None = None,
) -> LoadedNetwork:
    """Build the network that a weights file holds, and load it.

    Original and bilinear GFP-GAN have the same keys. What they are is decided, in this order, by
    `known_variants` (SHA-256 of the file in hexadecimal -> variant), the metadata of our own files, `variant`,
    and the rule of thumb that channel multiplier 1 is original and 2 bilinear (said in the log).

    ModelError, one sentence to show as it is: the file cannot be read (see `read_state_dict`), is no network
    known here, is not of the kind `expect`, has shapes that fit no such network, or holds NaN or inf.
    """
    path = Path(path)
    if path.suffix.lower() == ".onnx":
        return _load_onnx(path, expect)
    state, metadata = read_state_dict(path)
    architecture = recognise(state) or _recognise_others(state, path.name)
    if architecture is None:
        some = ", ".join(sorted(state)[:3])
        raise ModelError(
            f"'{path.name}' is no network this program knows (it begins with {some}); choose another file."
        )
    _check_kind(path, architecture.kind, expect)
    told = metadata["variant"] if metadata.get("variant") in VARIANTS else variant
    if known_variants and has_ambiguous_variant(state):
        told = known_variants.get(file_sha256(path), told)
    module = _build(architecture, as_float32(state, path.name), Source(path.name, metadata, told))
    description = architecture.describe(module)
    log.info("Loaded %s: %s.", path.name, description)
    return LoadedNetwork(module, architecture.kind, description, metadata, architecture.licence)


def _load_onnx(path: Path, expect: Kind | None) -> LoadedNetwork:
    from core.networks.onnx_networks import load_onnx  # here, for importing ONNX takes a second

    _check_kind(path, "identity", expect)
    return LoadedNetwork(load_onnx(path), "identity", "face embedding network for RGB faces of 112 px")


def _check_kind(path: Path, kind: Kind, expect: Kind | None) -> None:
    if expect is not None and kind != expect:
        raise ModelError(f"'{path.name}' is {KIND_NAMES[kind]}; {KIND_NAMES[expect]} was expected.")


def _recognise_others(state: StateDict, name: str) -> Architecture | None:
    from core.networks.spandrel_networks import find_architecture  # here, for our own networks need no spandrel

    return find_architecture(state, name)


def _build(architecture: Architecture, state: StateDict, source: Source) -> nn.Module:
    what = KIND_NAMES[architecture.kind]
    try:
        with _WithoutRandomStart():
            module = architecture.build(state, source)
    except (LookupError, ValueError, TypeError, RuntimeError, ArithmeticError, AssertionError) as error:
        log.info("%s could not be built: %r", source.name, error)
        raise ModelError(
            f"'{source.name}' looks like {what}, but parts are missing or have the wrong size; download it again."
        ) from None
    if architecture.loads_itself:
        return module.eval().requires_grad_(False)
    expected = module.state_dict()
    for key, value in expected.items():
        # Batch norm's step counter is of no use here, and older files do not have it.
        if key.endswith("num_batches_tracked") and key not in state:
            state[key] = value
    if architecture.tolerant:
        state = {key: value for key, value in state.items() if key in expected}
    if wrong := sorted(expected.keys() ^ state.keys()):
        problem = "is missing" if wrong[0] in expected else "does not belong to it"
        raise ModelError(f"'{source.name}' looks like {what}, but '{wrong[0]}' {problem}; download it again.")
    for key, value in expected.items():
        if value.shape != state[key].shape:
            raise ModelError(
                f"'{source.name}' looks like {what}, but '{key}' is {tuple(state[key].shape)} and not "
                f"{tuple(value.shape)}; download it again."
            )
    module.load_state_dict(state, assign=True)
    return module.eval().requires_grad_(False)


class _WithoutRandomStart(TorchFunctionMode):
    """Builds modules without drawing their first parameters, which takes longer than reading the file.

    Torch's "meta" device would do it too, but its first random tensor imports a compiler for two seconds.
    """

    def __torch_function__(
        self, func: Any, types: Any, args: tuple[Any, ...] = (), kwargs: dict[str, Any] | None = None
    ) -> Any:
        if func in (Tensor.normal_, Tensor.uniform_):
            return args[0]
        return (torch.empty if func is torch.randn else func)(*args, **(kwargs or {}))
