"""Weights files: reading them without running anything in them, and writing our own."""

import contextlib
import pickle
import warnings
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import safetensors.torch
import torch
from safetensors import SafetensorError, safe_open
from torch import Tensor, nn

from core.errors import ModelError
from core.files import replace_file

WRAPPERS = ("params_ema", "params", "g_ema", "state_dict", "model_state_dict", "model")
"""Entries that published files keep their state dict under, the preferred one first."""

StateDict = dict[str, Tensor]


def read_state_dict(path: str | Path) -> tuple[StateDict, dict[str, str]]:
    """The tensors of a weights file on the CPU in the file's dtypes, and its text metadata (safetensors only).

    Reads safetensors and PyTorch files (zip and legacy format), told by their content. Wrappers such as
    `params_ema` and `module.` prefixes are taken off. Pickled code is refused, never run.

    ModelError, one sentence to show as it is: missing, empty, damaged, unsafe, or no weights.
    """
    path = Path(path)
    try:
        with path.open("rb") as file:
            head = file.read(16)
    except FileNotFoundError:
        raise ModelError(f"'{path.name}' is not there; check the path or download the model again.") from None
    except OSError as error:
        raise ModelError(f"'{path.name}' could not be read ({error.strerror}); check the file.") from None
    if not head:
        raise ModelError(f"'{path.name}' is empty; download it again.")
    if head[8:9] == b"{":
        state, metadata = _read_safetensors(path)
    else:
        state, metadata = _read_torch(path), {}
    if not state:
        raise ModelError(f"'{path.name}' holds no weights; choose a .safetensors or .pth weights file.")
    return {key.removeprefix("module."): value for key, value in state.items()}, metadata


def _read_safetensors(path: Path) -> tuple[StateDict, dict[str, str]]:
    try:
        with safe_open(path, framework="pt", device="cpu") as file:
            return {key: file.get_tensor(key) for key in file.keys()}, file.metadata() or {}  # noqa: SIM118
    except (SafetensorError, OSError, ValueError, RuntimeError, MemoryError):
        raise _damaged(path) from None


def _read_torch(path: Path) -> StateDict:
    try:
        with warnings.catch_warnings():
            # The legacy format and TorchScript archives make torch warn about itself.
            warnings.simplefilter("ignore")
            content = torch.load(path, map_location="cpu", weights_only=True)
    except Exception as error:
        # torch lets a dozen exception types out of a damaged file, struct.error and KeyError among them.
        if _asks_for_code(path, error):
            raise ModelError(
                f"'{path.name}' holds Python code beside its weights and was not opened; "
                "get a file of weights alone, best in the .safetensors format."
            ) from None
        raise _damaged(path) from None
    return _unwrap(content)


def _asks_for_code(path: Path, error: Exception) -> bool:
    """Whether torch refused the file because its pickle names something other than tensors and containers."""
    if isinstance(error, pickle.UnpicklingError):
        # "Unsupported global" for any, "unsupported GLOBAL" for modules such as os.
        text = str(error).casefold()
        return "unsupported global" in text or "unsupported class" in text
    if zipfile.is_zipfile(path):
        with contextlib.suppress(OSError, zipfile.BadZipFile), zipfile.ZipFile(path) as archive:
            return any(name.endswith("constants.pkl") for name in archive.namelist())
    return False


def _damaged(path: Path) -> ModelError:
    return ModelError(f"'{path.name}' is damaged or no weights file; download it again.")


def _unwrap(content: Any) -> StateDict:
    while isinstance(content, Mapping):
        wrapped = next((content[key] for key in WRAPPERS if isinstance(content.get(key), Mapping)), None)
        if wrapped is None:
            return {str(key): value for key, value in content.items() if isinstance(value, Tensor)}
        content = wrapped
    return {}


def as_float32(state: Mapping[str, Tensor], name: str) -> StateDict:
    """A copy of `state` with every float tensor in float32. ModelError, naming the file `name`, for NaN or inf."""
    result: StateDict = {}
    for key, value in state.items():
        if value.layout != torch.strided or value.is_quantized or value.is_complex():
            raise ModelError(f"'{name}' holds sparse or quantised weights, which are not supported.")
        if value.is_floating_point():
            # Always a copy: the file's own memory map must not outlive the reading, or Windows keeps it locked.
            value = value.to(torch.float32, copy=True).contiguous()
            if not torch.isfinite(value).all():
                raise ModelError(
                    f"'{name}' holds weights that are not numbers ('{key}'); use another version of it."
                )
        else:
            value = value.clone()
        result[key] = value
    return result


def save_network(
    network: nn.Module | Mapping[str, Tensor],
    path: str | Path,
    metadata: Mapping[str, object] | None = None,
    dtype: torch.dtype | None = None,
) -> None:
    """Write a network or state dict as safetensors, beside the target first and then moved into place.

    A module's `hyperparameters` join the metadata, so that `load_network` builds the same network, including
    what shapes do not show (variant, input_is_latent, lr_mlp); `metadata` wins over them. Values become text,
    booleans "true" and "false". `dtype` converts the float tensors, torch.float16 halves the file.

    ModelError if a value does not fit `dtype` or the file cannot be written.
    """
    path = Path(path)
    entries: dict[str, object] = {}
    if isinstance(network, nn.Module):
        entries.update(getattr(network, "hyperparameters", {}), architecture=type(network).__name__.lower())
    entries.update(metadata or {})
    state = network.state_dict() if isinstance(network, nn.Module) else network
    tensors = {key: _ready_to_write(key, value, dtype) for key, value in state.items()}
    text = {"format": "pt"} | {key: _as_text(value) for key, value in entries.items()}
    content = safetensors.torch.save(tensors, metadata=text)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        replace_file(path, content)
    except OSError as error:
        raise ModelError(
            f"'{path.name}' could not be written ({error.strerror}); check the folder and the free space."
        ) from error


def _ready_to_write(key: str, value: Tensor, dtype: torch.dtype | None) -> Tensor:
    value = value.detach().cpu()
    if dtype is not None and value.is_floating_point():
        converted = value.to(dtype)
        if torch.isfinite(value).all() and not torch.isfinite(converted).all():
            raise ModelError(f"'{key}' has values too large for half precision; save the network in float32.")
        value = converted
    # Each tensor gets memory of its own: safetensors refuses shared storage, which views and tied weights have.
    return value.clone(memory_format=torch.contiguous_format)


def _as_text(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
