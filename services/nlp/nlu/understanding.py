"""Everything that a bot understands: trained from its examples, then only read."""

import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import numpy as np

from services.nlp.formats.bot import FALLBACK_INTENT, Bot, Example
from services.nlp.nlu.crf import EntityTagger, train_tagger
from services.nlp.nlu.direct import direct_parse
from services.nlp.nlu.encoder import EncoderMissing, SentenceEncoder
from services.nlp.nlu.keywords import Keywords
from services.nlp.nlu.linear import Floats, LinearModel, train_linear
from services.nlp.nlu.matching import Matcher
from services.nlp.nlu.ngrams import Grams, familiarity, letter_grams, trigrams, word_grams
from services.nlp.nlu.parse import Entity, IntentGuess, Parse, ResponseGuess
from services.nlp.nlu.pipeline import Plan, plan_of
from services.nlp.nlu.quantities import QuantityExtractor
from services.nlp.nlu.tokens import (
    JiebaWords,
    Token,
    Tokenizer,
    character_tokens,
    is_word,
    normalized,
    whitespace_tokens,
)

WEIGHTS = (0.7, 1.0, 0.5)
"""Of words, letters, and the names of patterns and tables."""
ENCODER_WEIGHT = 2.0
Notice = Callable[[str], None]


@dataclass(frozen=True)
class Selector:
    """Which of a retrieval intent's answers fits a sentence."""

    intent: str
    model: LinearModel


@dataclass
class Understanding:
    """Read-only and picklable; plain Python and numpy only, so that serving needs no scikit-learn."""

    plan: Plan
    cut: Tokenizer
    matcher: Matcher
    """Over the words that intents are told by."""
    piece_matcher: Matcher
    """Over the pieces that entities are made of: words, or characters in Chinese."""
    exact_matcher: Matcher = field(default_factory=Matcher)
    """Over the same pieces, with what gives entities by itself."""
    intents: LinearModel = field(default_factory=LinearModel)
    keywords: Keywords = field(default_factory=Keywords)
    known: frozenset[str] = frozenset()
    tagger: EntityTagger = field(default_factory=EntityTagger)
    entity_names: frozenset[str] = frozenset()
    synonyms: dict[str, str] = field(default_factory=dict)
    selectors: tuple[Selector, ...] = ()
    quantities: QuantityExtractor | None = None

    def parse(self, text: str) -> Parse:
        """What a sentence means. Never raises: what cannot be understood is nlu_fallback."""
        if direct := direct_parse(text):
            return direct
        tokens = self.cut(text)
        documents = documents_of(text, tokens, self.plan, self.matcher)
        vector = self._vector(text)
        ranking = self._ranking(text, tokens, documents, vector)
        entities = tuple(self._entities(text, tokens))
        places = tuple((token.start, token.end) for token in tokens)
        best = ranking[0] if ranking else IntentGuess(FALLBACK_INTENT, 0.0)
        responses = tuple(self._response(selector, documents, vector) for selector in self.selectors)
        if self._is_unsure(ranking):
            best = IntentGuess(FALLBACK_INTENT, self.plan.threshold or 0.0)
            ranking = (best, *ranking)
        return Parse(text, best.name, best.confidence, ranking, entities, responses, places)

    def __getstate__(self) -> dict[str, object]:
        """Sets as sorted lists: their order differs from process to process; a model's bytes must not."""
        return {name: sorted(v) if isinstance(v, frozenset) else v for name, v in vars(self).items()}

    def __setstate__(self, state: dict[str, object]) -> None:
        sets = {name: frozenset(state[name]) for name in ("known", "entity_names")}  # type: ignore[call-overload]
        self.__dict__.update(state | sets)

    def _ranking(
        self, text: str, tokens: Sequence[Token], documents: Sequence[Grams], vector: Floats | None
    ) -> tuple[IntentGuess, ...]:
        """Intents, likeliest first.

        Confidence is the probability, lowered by the share of letter groups never seen in training: a
        linear model is sure of itself about foreign text too.
        """
        if self.plan.by_keywords:
            name = self.keywords.find(text)
            return (IntentGuess(name, 1.0),) if name else ()
        if not tokens or not self.intents.labels:
            return ()
        share = familiarity(tokens, self.known)
        if not share and not any(map(is_word, tokens)):
            return ()
        trust = min(1.0, 0.1 + 1.1 * share)
        chances = self.intents.chances(documents, vector) * trust
        order = np.argsort(-chances, kind="stable")
        return tuple(IntentGuess(self.intents.labels[i], float(chances[i])) for i in order)

    def _is_unsure(self, ranking: Sequence[IntentGuess]) -> bool:
        if not ranking:
            return True
        if self.plan.threshold is None:
            return False
        second = ranking[1].confidence if len(ranking) > 1 else 0.0
        best = ranking[0].confidence
        return best < self.plan.threshold or best - second < self.plan.ambiguity

    def _entities(self, text: str, tokens: Sequence[Token]) -> list[Entity]:
        pieces = pieces_of(text, tokens, self.plan)
        found = self.tagger.find(text, pieces, marks_of(text, tokens, pieces, self.plan, self.piece_matcher))
        found += self.exact_matcher.entities(text, pieces, self.entity_names)
        if self.quantities:
            found += self.quantities.extract(text)
        return [self._with_synonym(entity) for entity in _without_overlaps(found)]

    def _with_synonym(self, entity: Entity) -> Entity:
        value = self.synonyms.get(normalized(str(entity.value).lower())) if self.plan.maps_synonyms else None
        return entity if value is None else replace(entity, value=value)

    def _response(
        self, selector: Selector, documents: Sequence[Grams], vector: Floats | None
    ) -> ResponseGuess:
        chances = selector.model.chances(documents, vector)
        order = np.argsort(-chances, kind="stable")
        ranking = tuple(IntentGuess(selector.model.labels[i], float(chances[i])) for i in order)
        return ResponseGuess(selector.intent, ranking[0].name, ranking[0].confidence, ranking)

    def _vector(self, text: str) -> Floats | None:
        if not self.plan.encodes:
            return None
        try:
            vector: Floats = SentenceEncoder.load().encode([text])[0] * np.float32(ENCODER_WEIGHT)
        except EncoderMissing:  # trained where it is installed: words and letters have to do
            return None
        return vector


def train_understanding(bot: Bot, notice: Notice = lambda line: None) -> Understanding:
    """Learn from the bot's examples; adds to its warnings what is not run as config.yml names it."""
    plan = _feasible(plan_of(bot, bot.warnings), bot.warnings)
    cut: Tokenizer = JiebaWords(bot.dictionaries) if plan.is_chinese else whitespace_tokens
    pieces: Tokenizer = character_tokens if plan.is_chinese else whitespace_tokens
    piece_matcher = Matcher.of(bot.patterns, bot.lookups, pieces)
    understanding = Understanding(
        plan=plan,
        cut=cut,
        matcher=Matcher.of(bot.patterns, bot.lookups, cut),
        piece_matcher=piece_matcher,
        exact_matcher=_exact_matcher(bot, plan, piece_matcher, pieces),
        entity_names=frozenset(bot.entities),
        synonyms={normalized(word): value for word, value in sorted(bot.synonyms.items())},
    )
    if plan.quantities is not None:
        understanding.quantities = QuantityExtractor(bot.language, plan.quantities, plan.timezone)
    examples = [example for example in bot.examples if example.intent != FALLBACK_INTENT]
    _learn(understanding, examples, notice)
    return understanding


def _exact_matcher(bot: Bot, plan: Plan, usual: Matcher, pieces: Tokenizer) -> Matcher:
    """The usual one where nothing of it is switched off: long tables need not be kept twice."""
    if plan.matches_patterns and plan.matches_tables and not plan.minds_case:
        return usual
    patterns = bot.patterns if plan.matches_patterns else ()
    lookups = bot.lookups if plan.matches_tables else ()
    return Matcher.of(patterns, lookups, pieces, plan.minds_case)


def _feasible(plan: Plan, warnings: list[str]) -> Plan:
    """Without an encoder that is not installed or a zone that nobody knows; with a warning."""
    if plan.encodes:
        try:
            SentenceEncoder.load()
        except EncoderMissing as error:
            warnings.append(f"pipeline: SentenceEncoderFeaturizer is left out: {error}")
            plan = replace(plan, encodes=False)
    try:
        ZoneInfo(plan.timezone)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        warnings.append(f"pipeline: the timezone {plan.timezone!r} is not known; UTC is taken")
        plan = replace(plan, timezone="UTC")
    return plan


def _learn(mind: Understanding, examples: list[Example], notice: Notice) -> None:
    sentences = [mind.cut(example.text) for example in examples]
    documents = [
        documents_of(example.text, tokens, mind.plan, mind.matcher)
        for example, tokens in zip(examples, sentences, strict=True)
    ]
    vectors = _vectors(mind.plan, examples)
    mind.known = frozenset(gram for tokens in sentences for gram in trigrams(tokens))
    if mind.plan.by_keywords:
        mind.keywords = Keywords.of(examples, mind.plan.minds_case_of_keywords)
    elif examples:
        mind.intents = train_linear(documents, [e.intent for e in examples], WEIGHTS, vectors)
    notice(f"{len({e.intent for e in examples})} intents from {len(examples)} examples")
    mind.selectors = tuple(_selectors(examples, documents, vectors, mind.plan.selects))
    if mind.plan.finds_entities:
        mind.tagger = _tagger(mind, examples, sentences)
        mentions = [mention.entity for example in examples for mention in example.mentions]
        notice(f"{len(set(mentions))} entities from {len(mentions)} mentions")


def _selectors(
    examples: Sequence[Example],
    documents: Sequence[Sequence[Grams]],
    vectors: Floats | None,
    wanted: Sequence[str],
) -> list[Selector]:
    found = []
    intents = {example.intent for example in examples if example.response_key}
    for intent in sorted(intents & set(wanted) if wanted else intents):
        own = [place for place, e in enumerate(examples) if e.intent == intent and e.response_key]
        rows = vectors[own] if vectors is not None else None
        keys = [examples[place].response_key for place in own]
        model = train_linear([documents[place] for place in own], keys, WEIGHTS, rows)
        found.append(Selector(intent, model))
    return found


def _tagger(
    mind: Understanding, examples: Sequence[Example], sentences: Sequence[list[Token]]
) -> EntityTagger:
    pieces = [pieces_of(e.text, words, mind.plan) for e, words in zip(examples, sentences, strict=True)]
    marks = [
        marks_of(e.text, words, cut, mind.plan, mind.piece_matcher)
        for e, words, cut in zip(examples, sentences, pieces, strict=True)
    ]
    with tempfile.TemporaryDirectory() as folder:
        return train_tagger(examples, pieces, marks, str(Path(folder) / "crf"))


def _vectors(plan: Plan, examples: Sequence[Example]) -> Floats | None:
    if not plan.encodes or not examples:
        return None
    rows: Floats = SentenceEncoder.load().encode([e.text for e in examples]) * np.float32(ENCODER_WEIGHT)
    return rows


def documents_of(text: str, tokens: Sequence[Token], plan: Plan, matcher: Matcher) -> list[Grams]:
    """What the classifiers see of a sentence, one part a block."""
    names = Grams(name for name, _, _ in matcher.places(text, tokens))
    return [word_grams(tokens, plan.shape), letter_grams(tokens, plan.shape), names]


def pieces_of(text: str, tokens: Sequence[Token], plan: Plan) -> list[Token]:
    """What entities are made of: words; in Chinese characters, so that no cut of jieba's can be wrong."""
    return character_tokens(text) if plan.is_chinese else list(tokens)


def marks_of(
    text: str, words: Sequence[Token], pieces: Sequence[Token], plan: Plan, matcher: Matcher
) -> list[list[str]]:
    """For each piece: its capitals, the patterns and tables that it is in; in Chinese its word, too."""
    marks = matcher.names(text, pieces)
    for row, piece in zip(marks, pieces, strict=True):
        row += [f"case={mark}" for mark in case_marks(text[piece.start : piece.end])]
    if plan.is_chinese:
        starts = {place: word for word in words for place in range(word.start, word.end)}
        for row, piece in zip(marks, pieces, strict=True):
            word = starts.get(piece.start)
            if word:
                side = "B" if piece.start == word.start else "E" if piece.end == word.end else "M"
                row += [f"seg={side}", f"word={word.text}"]
    return marks


def case_marks(word: str) -> list[str]:
    """How a word is written: all capitals, a capital at its beginning, or one inside."""
    if word.isupper():
        return ["upper"]
    if word[:1].isupper():
        return ["title", "inner"] if any(c.isupper() for c in word[1:]) else ["title"]
    return ["inner"] if any(c.isupper() for c in word) else []


def _without_overlaps(found: list[Entity]) -> list[Entity]:
    """The first finder's entities, and those of later ones where they overlap none of the same name."""
    kept: list[Entity] = []
    for entity in found:
        if not any(_overlap(entity, other) and entity.entity == other.entity for other in kept):
            kept.append(entity)
    return sorted(kept, key=lambda entity: (entity.start, entity.end, entity.entity))


def _overlap(one: Entity, other: Entity) -> bool:
    return one.start < other.end and other.start < one.end
