"""Rasa's featurizers of ours: slips repaired, n-grams, patterns, sentence embeddings.

Loaded by Rasa (Python 3.10) through the dotted paths in config.yml.
"""

import json
from pathlib import Path
from typing import Any, Dict, List, Optional, Text, Tuple, Type

import yaml
from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.featurizers.featurizer import Featurizer
from rasa.shared.exceptions import RasaException
from rasa.shared.nlu.constants import FEATURE_TYPE_SENTENCE, TEXT
from rasa.shared.nlu.training_data.features import Features
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData
from scipy import sparse

from bot.nlu.embedding import embed_both, embed_query_both
from bot.nlu.features import SUBJECT, Patterns, ngram_views
from bot.nlu.spelling import Vocabulary, count_words

# The message with its slips repaired: what the featurizers read. The text itself stays as it was written.
REPAIRED = "repaired"
# How many of its words anybody has used before.
KNOWN_WORDS = "known_words"
# How many subjects of the administration (papers, offices, taxes) it names.
SUBJECTS = "subjects"


class _SentenceFeaturizer(Featurizer, GraphComponent):
    """One feature vector a message, by `_features` of the child class."""

    @staticmethod
    def required_components() -> List[Type[Any]]:
        """Needs no other component; the text itself is read."""
        return []

    @staticmethod
    def get_default_config() -> Dict[Text, Any]:
        """The name under which the features are kept."""
        return {**Featurizer.get_default_config(), "alias": None}

    def __init__(self, name: Text, config: Dict[Text, Any]) -> None:
        super().__init__(name, config)

    @classmethod
    def create(
        cls,
        config: Dict[Text, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> "_SentenceFeaturizer":
        """Make the component for a graph."""
        return cls(execution_context.node_name, config)

    @classmethod
    def validate_config(cls, config: Dict[Text, Any]) -> None:
        """Nothing to set."""

    def process_training_data(self, training_data: TrainingData) -> TrainingData:
        """Add features to every training example."""
        self.process(training_data.training_examples)
        return training_data

    def process(self, messages: List[Message]) -> List[Message]:
        """Add features to messages that have a text."""
        with_text = [message for message in messages if message.get(TEXT)]
        if with_text:
            rows = self._features([message.get(REPAIRED) or message.get(TEXT) for message in with_text])
            for i, message in enumerate(with_text):
                message.add_features(Features(rows[i : i + 1], FEATURE_TYPE_SENTENCE, TEXT, self._identifier))
        return messages

    def _features(self, texts: List[Text]) -> Any:
        raise NotImplementedError


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.MESSAGE_FEATURIZER, is_trainable=False)
class NgramFeaturizer(_SentenceFeaturizer):
    """Sparse: n-grams of spelling, of sound, and words."""

    def _features(self, texts: List[Text]) -> Any:
        return sparse.hstack(ngram_views(texts)).tocsr()


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.MESSAGE_FEATURIZER, is_trainable=False)
class SentenceEmbedder(_SentenceFeaturizer):
    """Dense: the sentence embedding of the text as written and in Arabic letters."""

    def _features(self, texts: List[Text]) -> Any:
        return embed_query_both(texts[0]) if len(texts) == 1 else embed_both(texts)


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.MESSAGE_FEATURIZER, is_trainable=True)
class PatternFeaturizer(_SentenceFeaturizer):
    """Sparse: how the message is built of notions (`notions` file) around subjects (`subjects` file)."""

    WORDS = "patterns.json"

    def __init__(
        self,
        name: Text,
        config: Dict[Text, Any],
        model_storage: ModelStorage,
        resource: Resource,
        patterns: Optional[Patterns] = None,
    ) -> None:
        super().__init__(name, config)
        self._config = config
        self._storage = model_storage
        self._resource = resource
        self._patterns = patterns

    @classmethod
    def create(
        cls,
        config: Dict[Text, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> "PatternFeaturizer":
        """Make the component for training."""
        return cls(execution_context.node_name, config, model_storage, resource)

    def train(self, training_data: TrainingData) -> Resource:
        """Take the words from their files into the model, so that serving needs no files."""
        notions, subjects = _read_words(self._config)
        self._patterns = Patterns(notions, subjects)
        with self._storage.write_to(self._resource) as folder:
            words = {"notions": notions, "subjects": subjects}
            (folder / self.WORDS).write_text(json.dumps(words, ensure_ascii=False), encoding="utf-8")
        return self._resource

    @classmethod
    def load(
        cls,
        config: Dict[Text, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
        **kwargs: Any,
    ) -> "PatternFeaturizer":
        """Read the words that the model was trained with."""
        with model_storage.read_from(resource) as folder:
            words = json.loads((folder / cls.WORDS).read_text(encoding="utf-8"))
        patterns = Patterns(words["notions"], words["subjects"])
        return cls(execution_context.node_name, config, model_storage, resource, patterns)

    def process(self, messages: List[Message]) -> List[Message]:
        """Add the features, and count the subjects."""
        for message in messages:
            if message.get(TEXT) and self._patterns:
                found = self._patterns.tokens_of(message.get(REPAIRED) or message.get(TEXT))
                message.set(SUBJECTS, found.count(SUBJECT), add_to_output=True)
        return super().process(messages)

    def _features(self, texts: List[Text]) -> Any:
        if self._patterns is None:
            raise RasaException("The pattern featurizer is not trained.")
        return sparse.hstack(self._patterns.matrices(texts)).tocsr()


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.MESSAGE_FEATURIZER, is_trainable=True)
class WordRepairer(GraphComponent):
    """Reads unknown words as the known ones that were meant; knows the words of examples, notions and subjects."""

    WORDS = "words.json"

    @staticmethod
    def get_default_config() -> Dict[Text, Any]:
        """The files of words."""
        return {"notions": None, "subjects": None}

    def __init__(
        self,
        config: Dict[Text, Any],
        model_storage: ModelStorage,
        resource: Resource,
        vocabulary: Optional[Vocabulary] = None,
    ) -> None:
        self._config = config
        self._storage = model_storage
        self._resource = resource
        self._vocabulary = vocabulary

    @classmethod
    def create(
        cls,
        config: Dict[Text, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> "WordRepairer":
        """Make the component for training."""
        return cls(config, model_storage, resource)

    def train(self, training_data: TrainingData) -> Resource:
        """Count the words that are known."""
        notions, subjects = _read_words(self._config)
        texts = [example.get(TEXT) or "" for example in training_data.intent_examples]
        counts = count_words([*texts, *subjects, *(one for spellings in notions.values() for one in spellings)])
        with self._storage.write_to(self._resource) as folder:
            (folder / self.WORDS).write_text(json.dumps(counts, ensure_ascii=False), encoding="utf-8")
        return self._resource

    @classmethod
    def load(
        cls,
        config: Dict[Text, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
        **kwargs: Any,
    ) -> "WordRepairer":
        """Read the words that the model was trained with."""
        with model_storage.read_from(resource) as folder:
            counts = json.loads((folder / cls.WORDS).read_text(encoding="utf-8"))
        return cls(config, model_storage, resource, Vocabulary(counts))

    def process_training_data(self, training_data: TrainingData) -> TrainingData:
        """All words of the examples are known."""
        return training_data

    def process(self, messages: List[Message]) -> List[Message]:
        """Put the repaired text beside the text."""
        for message in messages:
            if message.get(TEXT) and self._vocabulary:
                repaired = self._vocabulary.repair(message.get(TEXT))
                message.set(REPAIRED, repaired, add_to_output=True)
                message.set(KNOWN_WORDS, self._vocabulary.count_known(repaired), add_to_output=True)
        return messages


def _read_words(config: Dict[Text, Any]) -> "Tuple[Dict[Text, List[Text]], List[Text]]":
    """The notions with their spellings, and the spellings of all subjects, from the files of a component."""
    terms = _read_yaml(config["subjects"])["terms"]
    subjects = [one for term in terms for spellings in term["spellings"].values() for one in spellings]
    return _read_yaml(config["notions"])["notions"], subjects


def _read_yaml(path: Text) -> Any:
    try:
        return yaml.safe_load(Path(path).read_text(encoding="utf-8"))
    except (OSError, yaml.YAMLError) as error:
        raise RasaException(f"{path} cannot be read: {error}") from error
