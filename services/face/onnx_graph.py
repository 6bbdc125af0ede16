"""dlib's face network as an ONNX model: a ResNet of 29 convolutions, from a chip to 128 numbers.

What differs from the usual ResNet is dlib's own: nothing is padded where a layer strides, skips are
averaged and not convolved, and where two operands of an addition differ in size, the missing part
counts as zero, at the end of each dimension.
"""

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

from services.face.dlib_weights import Convolution, FaceNetwork, read_network

CHIP_SIDE = 150
_OPSET = 13
_PIXEL_SCALE = 256
_BLOCKS = ((False,) * 3, (True, *[False] * 3), (True, False, False), (True, False, False), (True,))
"""The levels of the network; True is a block that halves its map."""


def write_onnx(weights: Path, target: Path) -> None:
    """Write the network of a `.dat` file as an `.onnx` file, whole or not at all.

    Input `chips`: float32, n x 3 x 150 x 150, red-green-blue, 0 to 255. Output `embeddings`: float32,
    n x 128.
    Raises WeightsUnknown, OSError.
    """
    model = network_model(read_network(weights))
    draft = target.with_name(f"{target.name}.{np.random.default_rng().integers(2**62):x}")
    target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    try:
        draft.write_bytes(model.SerializeToString())
        draft.replace(target)
    finally:
        draft.unlink(missing_ok=True)


def network_model(network: FaceNetwork) -> onnx.ModelProto:
    """The checked model; see `write_onnx` for its input and output."""
    graph = _Graph()
    x = graph.add("Sub", "chips", graph.constant(network.means.reshape(1, 3, 1, 1)))
    x = graph.add("Mul", x, graph.constant(np.array(1 / _PIXEL_SCALE, np.float32)))
    layers = iter(network.convolutions)
    x = graph.add("Relu", graph.convolve(x, next(layers)))
    x = graph.add("MaxPool", x, kernel_shape=[3, 3], strides=[2, 2])
    size, channels = 35, 32
    for level in _BLOCKS:
        for halves in level:
            x, size, channels = _block(graph, x, layers, size, channels, halves)
    x = graph.add("ReduceMean", x, axes=[2, 3], keepdims=0)
    graph.add("MatMul", x, graph.constant(network.head), output="embeddings")
    return graph.model()


def _block(
    graph: "_Graph", x: str, layers: Iterator[Convolution], size: int, channels: int, halves: bool
) -> tuple[str, int, int]:
    """Two convolutions and the way past them; gives the sum and its sizes."""
    first, second = next(layers), next(layers)
    branch = graph.convolve(graph.add("Relu", graph.convolve(x, first)), second)
    skip, skip_size, branch_size, out = x, size, size, len(second.biases)
    if halves:
        skip = graph.add("AveragePool", x, kernel_shape=[2, 2], strides=[2, 2])
        skip_size, branch_size = size // 2, (size - 3) // 2 + 1
    target = max(skip_size, branch_size)
    skip = graph.pad(skip, out - channels, target - skip_size)
    branch = graph.pad(branch, 0, target - branch_size)
    return graph.add("Relu", graph.add("Add", branch, skip)), target, out


class _Graph:
    """The model under construction; values are known by their names."""

    def __init__(self) -> None:
        self._nodes: list[onnx.NodeProto] = []
        self._constants: list[onnx.TensorProto] = []

    def add(self, operator: str, *inputs: str, output: str = "", **attributes: Any) -> str:
        output = output or f"v{len(self._nodes)}"
        self._nodes.append(helper.make_node(operator, list(inputs), [output], **attributes))
        return output

    def constant(self, values: NDArray[np.generic]) -> str:
        name = f"c{len(self._constants)}"
        self._constants.append(numpy_helper.from_array(np.ascontiguousarray(values), name))
        return name

    def convolve(self, x: str, layer: Convolution) -> str:
        """The convolution with its affine layer folded in, in double precision."""
        gamma = layer.gamma.astype(np.float64)
        filters = (layer.filters * gamma[:, None, None, None]).astype(np.float32)
        biases = (layer.biases * gamma + layer.beta).astype(np.float32)
        return self.add(
            "Conv",
            x,
            self.constant(filters),
            self.constant(biases),
            strides=[layer.stride] * 2,
            pads=[layer.padding] * 4,
        )

    def pad(self, x: str, channels: int, pixels: int) -> str:
        """Zeros at the end of the channels, the rows and the columns."""
        if not channels and not pixels:
            return x
        return self.add(
            "Pad", x, self.constant(np.array([0, 0, 0, 0, 0, channels, pixels, pixels], np.int64))
        )

    def model(self) -> onnx.ModelProto:
        chips = helper.make_tensor_value_info("chips", TensorProto.FLOAT, ["n", 3, CHIP_SIDE, CHIP_SIDE])
        embeddings = helper.make_tensor_value_info("embeddings", TensorProto.FLOAT, ["n", 128])
        graph = helper.make_graph(self._nodes, "dlib-face", [chips], [embeddings], self._constants)
        # The oldest format that this operator set has: what reads the file may be older than what writes it.
        opset = helper.make_opsetid("", _OPSET)
        model = helper.make_model(graph, opset_imports=[opset], ir_version=7, producer_name="switchboard")
        onnx.checker.check_model(model, full_check=True)
        return model


if __name__ == "__main__":
    write_onnx(Path(sys.argv[1]), Path(sys.argv[2]))
