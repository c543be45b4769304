"""Small face embedding networks as ONNX files."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper


def tiny_onnx(
    path: Path, *, batch: int | str = 1, shape: tuple[int, ...] = (1, -1), side: int = 112, name: str = "conv"
) -> np.ndarray:
    """Write a network of one strided convolution and a batch norm, flattened to `shape`; returns its weights."""
    random = np.random.default_rng(0)
    weight = random.standard_normal((2, 3, 56, 56)).astype(np.float32) / 56
    norm = [np.array(x, np.float32) for x in ([1, 2], [0.5, 0], [0.1, -0.1], [1, 4])]
    arrays = {"w": weight, "shape": np.array(shape, np.int64)} | {f"n{i}": x for i, x in enumerate(norm)}
    nodes = [
        helper.make_node("Conv", ["in", "w"], ["c"], name=name, kernel_shape=[56, 56], strides=[56, 56]),
        helper.make_node("BatchNormalization", ["c", "n0", "n1", "n2", "n3"], ["b"], name="norm"),
        helper.make_node("Reshape", ["b", "shape"], ["out"], name="flatten"),
    ]
    graph = helper.make_graph(
        nodes,
        "tiny",
        [helper.make_tensor_value_info("in", TensorProto.FLOAT, [batch, 3, side, side])],
        [helper.make_tensor_value_info("out", TensorProto.FLOAT, [batch, None])],
        [numpy_helper.from_array(array, key) for key, array in arrays.items()],
    )
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=8), path)
    return weight
