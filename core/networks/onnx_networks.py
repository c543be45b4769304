"""Face embedding networks from ONNX files, as modules of PyTorch."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from core.errors import ModelError
from core.files import reason

CROP = [3, 112, 112]
"""What an ONNX network must take, after the number of faces."""


def load_onnx(path: Path) -> nn.Module:
    """The network of an `.onnx` file: (N, 3, 112, 112) -> embeddings (N, D). Float32, on the CPU, in eval mode.

    ModelError, one sentence to show as it is: the file cannot be read, or holds another network. It is taken for
    data: no file that it names is read, and no code that it may hold is run.
    """
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        raise ModelError(f"'{path.name}' is not there; check the path.") from None
    except OSError as error:
        raise ModelError(f"'{path.name}' could not be read ({reason(error)}); check the file.") from None
    with warnings.catch_warnings():
        # onnx2torch is older than the torch under it, which tells it so.
        warnings.simplefilter("ignore")
        try:
            import onnx
            import onnx2torch
        except ImportError as error:
            raise ModelError(
                f"'{path.name}' needs the package {error.name}: install it with 'pip install onnx2torch', "
                "or choose an ArcFace ResNet-18."
            ) from None
        try:
            # From bytes, so that the file cannot name other files to read.
            model = onnx.load_model_from_string(content)
        except Exception:
            raise ModelError(f"'{path.name}' is damaged or no ONNX file; download it again.") from None
        _check_input(model, path)
        # Names stand unquoted in the Python code that torch makes of the graph and runs: a file could run its own.
        for number, node in enumerate(model.graph.node):
            node.name = f"node{number}"
        try:
            network = onnx2torch.convert(model)
            _know_shapes(network)
            # Constants that were only needed to build it.
            network.graph.eliminate_dead_code()
            network.delete_all_unused_submodules()
            network.recompile()
            several = _takes_several(_Rows(network).eval())
            return (_Rows(network) if several else _OneByOne(network)).eval().requires_grad_(False)
        except Exception as error:
            # onnx2torch lets whatever went wrong inside it out.
            raise ModelError(
                f"'{path.name}' has parts that onnx2torch cannot convert ({type(error).__name__}: {error}); "
                "choose another network."
            ) from error


class _Rows(nn.Module):
    """A row of numbers a face, from networks too that were exported for one face and put all into one row."""

    def __init__(self, network: nn.Module) -> None:
        super().__init__()
        self.network = network

    def forward(self, crops: Tensor) -> Tensor:
        embeddings: Tensor = self.network(crops)
        return embeddings.reshape(len(crops), -1)


class _OneByOne(_Rows):
    """The same for networks that can take but one face at a time."""

    def forward(self, crops: Tensor) -> Tensor:
        return torch.cat([super(_OneByOne, self).forward(crop[None]) for crop in crops])


def _check_input(model: Any, path: Path) -> None:
    constants = {tensor.name for tensor in model.graph.initializer}
    inputs = [value for value in model.graph.input if value.name not in constants]
    shapes = [[size.dim_value for size in value.type.tensor_type.shape.dim][1:] for value in inputs]
    if shapes != [CROP] or len(model.graph.output) != 1:
        raise ModelError(
            f"'{path.name}' is no network from one RGB crop of 112 px (1, 3, 112, 112) to one embedding; "
            "choose another one."
        )


def _know_shapes(network: Any) -> None:
    """Give reshapes to a constant shape its numbers: a graphics card would have to end all that it still does each
    time that they are read from a tensor."""
    from onnx2torch.node_converters.constant import OnnxConstant
    from onnx2torch.node_converters.reshape import OnnxReshape

    def called(node: Any) -> Any:
        return network.get_submodule(node.target) if node.op == "call_module" else None

    graph = network.graph
    for node in graph.nodes:
        if not isinstance(called(node), OnnxReshape):
            continue
        x, shape = node.args
        if shape.op == "get_attr":
            sizes = network.get_buffer(shape.target)
        elif isinstance(constant := called(shape), OnnxConstant):
            sizes = constant.value
        else:
            continue
        with graph.inserting_after(node):
            node.replace_all_uses_with(graph.call_function(_reshaped, (x, tuple(sizes.tolist()))))
        graph.erase_node(node)


def _reshaped(x: Tensor, sizes: tuple[int, ...]) -> Tensor:
    """ONNX's Reshape: 0 keeps the size that is there."""
    return x.reshape([size or x.shape[dim] for dim, size in enumerate(sizes)])


@torch.no_grad()
def _takes_several(network: nn.Module) -> bool:
    """Whether two faces get the embeddings that each of them gets alone."""
    crops = torch.randn(2, *CROP, generator=torch.Generator().manual_seed(0))
    alone = torch.cat([network(crop[None]) for crop in crops])
    try:
        together = network(crops)
    except RuntimeError:
        # A reshape to a fixed number of faces.
        return False
    return together.shape == alone.shape and torch.allclose(
        together, alone, rtol=1e-3, atol=1e-3 * float(alone.std())
    )
