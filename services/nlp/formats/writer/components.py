"""Pipeline steps by the names that Rasa 3 has for them."""

from services.nlp.formats.bot import Component

_RENAMED = {
    "nlp_spacy": "SpacyNLP",
    "nlp_mitie": "MitieNLP",
    "tokenizer_whitespace": "WhitespaceTokenizer",
    "tokenizer_jieba": "JiebaTokenizer",
    "tokenizer_spacy": "SpacyTokenizer",
    "tokenizer_mitie": "MitieTokenizer",
    "intent_featurizer_count_vectors": "CountVectorsFeaturizer",
    "intent_featurizer_spacy": "SpacyFeaturizer",
    "intent_featurizer_mitie": "MitieFeaturizer",
    "intent_entity_featurizer_regex": "RegexFeaturizer",
    "intent_classifier_keyword": "KeywordIntentClassifier",
    "intent_classifier_sklearn": "SklearnIntentClassifier",
    "intent_classifier_mitie": "MitieIntentClassifier",
    "ner_crf": "CRFEntityExtractor",
    "ner_spacy": "SpacyEntityExtractor",
    "ner_mitie": "MitieEntityExtractor",
    "ner_synonyms": "EntitySynonymMapper",
    "ner_duckling_http": "DucklingEntityExtractor",
    "DucklingHTTPExtractor": "DucklingEntityExtractor",
}
_EMBEDDING = ("intent_classifier_tensorflow_embedding", "EmbeddingIntentClassifier")


def modern_component(step: Component) -> Component:
    """The step as Rasa 3 calls it; the embedding classifier is a DIETClassifier without entities."""
    if step.name in _EMBEDDING:
        kept = {key: value for key, value in step.options.items() if key in ("epochs", "random_seed")}
        return Component("DIETClassifier", {**kept, "entity_recognition": False})
    return Component(_RENAMED.get(step.name, step.name), step.options)
