"""The sentence encoder with its real model."""

import sys
from pathlib import Path

import numpy as np
import pytest

from deploy.test_setup import ENCODER
from services.nlp.formats.bot import Component
from services.nlp.nlu.encoder import WIDTH, SentenceEncoder
from services.nlp.nlu.understanding import train_understanding
from tests.corpora import corpus, score

if str(ENCODER) not in sys.path:
    sys.path.append(str(ENCODER))  # behind everything else: only what the rooms do without comes from there


@pytest.fixture(scope="module")
def encoder() -> SentenceEncoder:
    """The encoder that `make test` has installed."""
    return SentenceEncoder.load()


def test_vectors_have_unit_length(encoder: SentenceEncoder) -> None:
    vectors = encoder.encode(["hello", "", "words " * 1000, "日本 🙂"])
    assert vectors.dtype == np.float32
    assert vectors.shape == (4, WIDTH)
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)


def test_the_model_is_loaded_once(encoder: SentenceEncoder) -> None:
    assert SentenceEncoder.load() is encoder


def test_no_texts_give_no_vectors(encoder: SentenceEncoder) -> None:
    assert encoder.encode([]).shape == (0, WIDTH)


@pytest.mark.parametrize(
    ("sentence", "paraphrase", "unrelated"),
    [
        ("How do I reset my password?", "I forgot my login password", "The weather is sunny today"),
        ("A man is eating food.", "A man is eating a piece of bread.", "The girl is carrying a baby."),
        ("book a table for two", "reserve seats at the restaurant", "what is your refund policy"),
    ],
)
def test_a_paraphrase_is_nearer_than_another_sentence(
    encoder: SentenceEncoder, sentence: str, paraphrase: str, unrelated: str
) -> None:
    vectors = encoder.encode([sentence, paraphrase, unrelated])
    assert vectors[0] @ vectors[1] > vectors[0] @ vectors[2] + 0.2


def test_sentences_are_as_near_as_the_documentation_of_sentence_transformers_says(
    encoder: SentenceEncoder,
) -> None:
    vectors = encoder.encode(
        ["The weather is lovely today.", "It's so sunny outside!", "He drove to the stadium."]
    )
    published = [[1.0000, 0.6660, 0.1046], [0.6660, 1.0000, 0.1411], [0.1046, 0.1411, 1.0000]]
    np.testing.assert_allclose(vectors @ vectors.T, published, atol=1e-4)


def test_a_sentence_has_the_same_vector_in_any_company(encoder: SentenceEncoder) -> None:
    texts = [
        "hi",
        "I would like to book a table for two people tomorrow evening",
        *["more " * n for n in range(70)],
    ]
    together = encoder.encode(texts)
    alone = np.vstack([encoder.encode([text]) for text in texts])
    np.testing.assert_allclose(together, alone, atol=1e-5)


@pytest.mark.parametrize(("name", "rasa"), [("chatbot", 0.972), ("askubuntu", 0.917), ("webapps", 0.831)])
def test_with_the_encoder_every_corpus_is_understood_as_well_as_by_rasa(
    test_data: Path, name: str, rasa: float
) -> None:
    folder = test_data / "nlu" / "corpora"
    bot = corpus(folder, name, "train")
    names = ("WhitespaceTokenizer", "SentenceEncoderFeaturizer", "LogisticRegressionClassifier")
    bot.pipeline = tuple(Component(name) for name in names)
    mind = train_understanding(bot)
    assert bot.warnings == []
    assert score(mind, corpus(folder, name, "test").examples).accuracy >= rasa
