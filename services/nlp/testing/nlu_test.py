"""How well a bot understands sentences that it has not seen: by cross-validation, or a given file."""

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from random import Random

from services.nlp.formats.bot import FALLBACK_INTENT, Bot, Example
from services.nlp.nlu.understanding import Understanding, train_understanding
from services.nlp.testing.scores import Guess, Span

_SEED = 0


@dataclass
class NluResult:
    """What was found in each held-out sentence."""

    intents: list[Guess] = field(default_factory=list)
    responses: list[Guess] = field(default_factory=list)
    """Of retrieval intents: which answer was chosen."""
    expected_entities: list[set[Span]] = field(default_factory=list)
    found_entities: list[set[Span]] = field(default_factory=list)


def cross_validate(bot: Bot, folds: int, notice: Callable[[int], None] = lambda fold: None) -> NluResult:
    """Each example is looked at by an understanding that was trained without it.

    Every intent's examples are spread over the folds, so that none is trained without any where it has two.
    """
    result = NluResult()
    parts = _folds([e for e in bot.examples if e.intent != FALLBACK_INTENT], folds)
    for number, part in enumerate(parts):
        held_out = set(map(id, part))
        rest = [example for example in bot.examples if id(example) not in held_out]
        mind = train_understanding(replace(bot, examples=rest, warnings=[]))
        look_at(mind, part, result)
        notice(number + 1)
    return result


def look_at(mind: Understanding, examples: Sequence[Example], result: NluResult) -> NluResult:
    """Add what is found in these examples."""
    for example in examples:
        parse = mind.parse(example.text)
        result.intents.append(Guess(example.text, example.intent, parse.intent, parse.confidence))
        chosen = next((r for r in parse.responses if r.intent == example.intent), None)
        if example.response_key:
            key, confidence = (chosen.key, chosen.confidence) if chosen else ("", 0.0)
            result.responses.append(Guess(example.text, example.response_key, key, confidence))
        result.expected_entities.append(
            {(m.start, m.end, m.entity, m.role, m.group) for m in example.mentions}
        )
        result.found_entities.append({(e.start, e.end, e.entity, e.role, e.group) for e in parse.entities})
    return result


def _folds(examples: Sequence[Example], folds: int) -> list[list[Example]]:
    by_intent: dict[str, list[Example]] = defaultdict(list)
    for example in examples:
        by_intent[f"{example.intent}/{example.response_key}"].append(example)
    parts: list[list[Example]] = [[] for _ in range(folds)]
    chance, place = Random(_SEED), 0
    for intent in sorted(by_intent):
        own = by_intent[intent]
        chance.shuffle(own)
        for example in own:
            parts[place % folds].append(example)
            place += 1
    return [part for part in parts if part]
