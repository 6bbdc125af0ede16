"""What Rasa 1 and 2 said in their own way, said in Rasa 3's."""

from dataclasses import replace
from typing import Any

from services.nlp.formats.bot import FALLBACK_INTENT, Bot, Component, Intent
from services.nlp.formats.checks import known_actions
from services.nlp.formats.story import ActionStep, LoopStep, Story, UserStep
from services.nlp.formats.writer.components import modern_component

_RULES = "RulePolicy"
_LEARNED = "TEDPolicy"
_AS_RULES = ("MappingPolicy", "FormPolicy", "FallbackPolicy", "TwoStageFallbackPolicy", _RULES)
_AS_LEARNED = ("KerasPolicy", "EmbeddingPolicy", "SklearnPolicy", _LEARNED)
_KEPT = ("max_history", "epochs", "priority", "batch_size", "random_seed")
_RULE_OPTIONS = {
    "core_threshold": "core_fallback_threshold",
    "fallback_action_name": "core_fallback_action_name",
    "fallback_core_action_name": "core_fallback_action_name",
}
_CLASSIFIER = "FallbackClassifier"
_THRESHOLDS = {"nlu_threshold": "threshold", "ambiguity_threshold": "ambiguity_threshold"}
_TOKENIZERS = ("WhitespaceTokenizer", "JiebaTokenizer")
_USUAL = (
    "RegexFeaturizer",
    "LexicalSyntacticFeaturizer",
    "CountVectorsFeaturizer",
    "LogisticRegressionClassifier",
    "CRFEntityExtractor",
    "RegexEntityExtractor",
    "EntitySynonymMapper",
    "ResponseSelector",
)
"""What a bot without a pipeline of its own is run with."""
_TWO_STAGES = "action_two_stage_fallback"


def modernized(bot: Bot) -> Bot:
    """The bot with rules in place of mapped intents and fallback policies; its warnings are new ones only."""
    rules = [*_mapped(bot), *_fallen_back(bot)]
    renamed = {f"respond_{name}": f"utter_{name}" for name in bot.retrieval_intents}
    known = known_actions(bot)
    steps = (step for rule in rules for step in rule.steps if isinstance(step, ActionStep))
    missing = (step.action for step in steps if step.action not in known)
    return replace(
        bot,
        intents={name: replace(intent, triggers="") for name, intent in bot.intents.items()},
        actions=tuple(dict.fromkeys((*(renamed.get(name, name) for name in bot.actions), *missing))),
        pipeline=_pipeline(bot),
        policies=_policies(bot, bool(rules)),
        stories=[*bot.stories, *rules],
        format_version="3",
        warnings=list(_warnings(bot)),
    )


def _mapped(bot: Bot) -> list[Story]:
    """Rasa 1's `triggers:` as rules."""
    return [_answer(intent) for intent in bot.intents.values() if intent.triggers]


def _answer(intent: Intent) -> Story:
    steps = (UserStep(intent.name), ActionStep(intent.triggers))
    return Story(f"{intent.name} is always answered alike", steps, is_rule=True)


def _fallen_back(bot: Bot) -> list[Story]:
    """A rule for messages that are not understood, where a policy of Rasa 1 saw to them."""
    policy = _fallback_policy(bot)
    if not policy or any(isinstance(s, UserStep) and s.intent == FALLBACK_INTENT for s in _rule_steps(bot)):
        return []
    message = UserStep(FALLBACK_INTENT)
    if policy.name == "TwoStageFallbackPolicy":
        steps: tuple[Any, ...] = (message, ActionStep(_TWO_STAGES), LoopStep(_TWO_STAGES))
    else:
        steps = (message, ActionStep(policy.options.get("fallback_action_name", "action_default_fallback")))
    return [Story("what is not understood", steps, is_rule=True)]


def _rule_steps(bot: Bot) -> list[Any]:
    return [step for story in bot.stories if story.is_rule for step in story.steps]


def _fallback_policy(bot: Bot) -> Component | None:
    return next((policy for policy in bot.policies if policy.name.endswith("FallbackPolicy")), None)


def _pipeline(bot: Bot) -> tuple[Component, ...]:
    steps = tuple(map(modern_component, bot.pipeline))
    policy = _fallback_policy(bot)
    if not policy or any(step.name == _CLASSIFIER for step in steps):
        return steps
    given = {new: policy.options[old] for old, new in _THRESHOLDS.items() if old in policy.options}
    if not steps and not given:
        return ()
    steps = steps or (Component(_TOKENIZERS[bot.is_chinese]), *map(Component, _USUAL))
    return (*steps, Component(_CLASSIFIER, {"threshold": 0.3, "ambiguity_threshold": 0.1, **given}))


def _policies(bot: Bot, has_new_rules: bool) -> tuple[Component, ...]:
    """Those of Rasa 3, each of them once; none at all stay the default."""
    found: dict[str, Component] = {}
    for policy in bot.policies:
        new = _policy(policy)
        earlier = found.get(new.name, new)
        found[new.name] = replace(new, options={**new.options, **earlier.options})
    if found and has_new_rules:
        found.setdefault(_RULES, Component(_RULES))
    if (
        _RULES in found
        and not _fallback_policy(bot)
        and all(policy.name != _RULES for policy in bot.policies)
    ):
        # Rasa 1 fell back only where a policy for it was named
        found[_RULES] = Component(_RULES, {"enable_fallback_prediction": False})
    return tuple(found.values())


def _policy(policy: Component) -> Component:
    if policy.name in _AS_RULES and policy.name != _RULES:
        options = {new: policy.options[old] for old, new in _RULE_OPTIONS.items() if old in policy.options}
        return Component(_RULES, options)
    if policy.name in _AS_LEARNED and policy.name != _LEARNED:
        return Component(_LEARNED, {key: value for key, value in policy.options.items() if key in _KEPT})
    return policy


def _warnings(bot: Bot) -> list[str]:
    return [
        f"form {form.name!r}: its FormAction in actions.py still leads it; list its slots in domain.yml "
        "to do without"
        for form in bot.forms.values()
        if form.is_coded
    ]
