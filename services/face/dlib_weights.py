"""Reads the weights of dlib's face network from its `.dat` file, with numpy alone.

The format is dlib's own serialization (dlib/serialize.h, dlib/dnn/{core,layers}.h). Records lie from
the input towards the output; only the kinds of layer that this network has are known, and every
number that says how a layer works is compared with what the network is known to be. A file that a
newer dlib wrote anew carries other names and is refused.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]

_LAYERS = 130
_PLACE_OF_RECORDS = 289


class WeightsUnknown(ValueError):
    """The file is not the face network in the form that is known here."""


@dataclass(frozen=True)
class Convolution:
    """One convolution and the affine layer behind it: y = gamma * (x conv filters + biases) + beta."""

    filters: Floats
    """out x in x height x width."""
    biases: Floats
    gamma: Floats
    beta: Floats
    stride: int
    padding: int


@dataclass(frozen=True)
class FaceNetwork:
    """The weights of the network; its shape is `onnx_graph`'s to know."""

    means: Floats
    """Of red, green and blue: subtracted from a pixel before it is divided by 256."""
    convolutions: tuple[Convolution, ...]
    """29, from the input to the output."""
    head: Floats
    """256 x 128: the last layer's product, y = x @ head."""


def read_network(path: Path) -> FaceNetwork:
    """The network of `dlib_face_recognition_resnet_model_v1.dat`. Raises WeightsUnknown, OSError."""
    try:
        return _network(_Bytes(path.read_bytes()))
    except (IndexError, ValueError, UnicodeDecodeError) as error:
        raise WeightsUnknown(f"{path.name}: {error}") from error


class _Bytes:
    """The file's content, and how far it was read."""

    def __init__(self, content: bytes) -> None:
        self._content = content
        self.place = 0

    def take(self, count: int) -> bytes:
        piece = self._content[self.place : self.place + count]
        if len(piece) != count:
            raise WeightsUnknown("it ends too soon")
        self.place += count
        return piece

    def at_end(self) -> bool:
        return self.place == len(self._content)

    def integer(self) -> int:
        """A control byte (length, sign in bit 7), then the magnitude, little-endian."""
        control = self.take(1)[0]
        magnitude = int.from_bytes(self.take(control & 0x0F), "little")
        return -magnitude if control & 0x80 else magnitude

    def integers(self, count: int) -> list[int]:
        return [self.integer() for _ in range(count)]

    def number(self) -> float:
        """A float as mantissa and exponent of two."""
        mantissa, exponent = self.integers(2)
        return float(mantissa * 2.0**exponent)

    def text(self) -> str:
        return self.take(self.integer()).decode("ascii")

    def expect(self, value: object, found: object, what: str) -> None:
        if value != found:
            raise WeightsUnknown(f"{what} is {found!r} and not {value!r} before byte {self.place}")

    def tensor(self) -> Floats:
        """Version 2, four sizes, then float32 in rows."""
        self.expect(2, self.integer(), "a tensor's version")
        sizes = self.integers(4)
        count = int(np.prod(sizes))
        return np.frombuffer(self.take(4 * count), dtype="<f4").reshape(sizes).astype(np.float32)

    def alias(self) -> list[int]:
        """The shape of a part of a tensor."""
        self.expect(1, self.integer(), "an alias tensor's version")
        return self.integers(4)


def _network(file: _Bytes) -> FaceNetwork:
    file.integer()
    file.expect("loss_metric_2", file.text(), "the loss layer")
    file.number(), file.number()  # margin and threshold of training
    file.integers(_LAYERS)  # one version a layer, tags and skips too: they write nothing else
    file.expect(_PLACE_OF_RECORDS, file.place, "the place of the input layer")
    file.expect("input_rgb_image_sized", file.text(), "the input layer")
    means = np.array([file.number() for _ in range(3)], dtype=np.float32)
    file.expect([150, 150], file.integers(2), "the size of a chip")
    return FaceNetwork(means, *_layers(file))


def _layers(file: _Bytes) -> tuple[tuple[Convolution, ...], Floats]:
    half: list[tuple[Floats, Floats, int, int]] = []
    convolutions: list[Convolution] = []
    head: Floats | None = None
    first = True
    while not file.at_end():
        kind = file.text()
        if kind == "con_4":
            half.append(_convolution(file))
        elif kind == "affine_":
            filters, biases, stride, padding = half.pop()
            gamma, beta = _affine(file, len(biases))
            convolutions.append(Convolution(filters, biases, gamma, beta, stride, padding))
        elif kind == "fc_2":
            head = _head(file)
        else:
            _WITHOUT_WEIGHTS[kind](file) if kind in _WITHOUT_WEIGHTS else file.expect("", kind, "a layer")
        _end_of_record(file, first)
        first = False
    if head is None or len(convolutions) != 29:
        raise WeightsUnknown(
            f"{len(convolutions)} convolutions, and {'a' if head is not None else 'no'} head"
        )
    return tuple(convolutions), head


def _convolution(file: _Bytes) -> tuple[Floats, Floats, int, int]:
    params = file.tensor().ravel()
    out, height, width, stride, stride_x, padding, padding_x = file.integers(7)
    file.expect((stride, padding), (stride_x, padding_x), "stride and padding across")
    shape, bias_shape = file.alias(), file.alias()
    file.expect([out, height, width], [shape[0], *shape[2:]], "the filters' shape")
    file.expect([1, out, 1, 1], bias_shape, "the biases' shape")
    _multipliers(file)
    count = int(np.prod(shape))
    return params[:count].reshape(shape), params[count:], stride, padding


def _affine(file: _Bytes, channels: int) -> tuple[Floats, Floats]:
    params = file.tensor().ravel()
    file.expect([1, channels, 1, 1], file.alias(), "gamma's shape")
    file.expect([1, channels, 1, 1], file.alias(), "beta's shape")
    file.expect(0, file.integer(), "the affine mode")
    return params[:channels], params[channels:]


def _head(file: _Bytes) -> Floats:
    file.expect([128, 256], file.integers(2), "outputs and inputs of the head")
    weights = file.tensor().reshape(256, 128)
    file.alias(), file.alias()
    file.expect(1, file.integer(), "the head's bias mode")
    _multipliers(file)
    return weights


def _multipliers(file: _Bytes) -> None:
    for _ in range(4):  # of learning rates and weight decay: training's
        file.number()


def _end_of_record(file: _Bytes, first: bool) -> None:
    file.take(3)  # three flags of training, one ASCII digit each
    for _ in range(3):
        file.expect(0, file.tensor().size, "a gradient's size")
    if first:
        file.expect(1, file.integer(), "the sample expansion factor")


_WITHOUT_WEIGHTS: dict[str, Callable[[_Bytes], object]] = {
    "relu_": lambda file: None,
    "add_prev_": lambda file: None,
    "max_pool_2": lambda file: file.integers(6),
    "avg_pool_2": lambda file: file.integers(6),
}
