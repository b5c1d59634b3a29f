"""Rasa's pipeline of ours: normalising tokenizer, n-gram and sentence featurizers, act classifier.

Loaded by Rasa (Python 3.10) through the dotted paths in config.yml; nothing else imports this module.
"""

import gc
import json
from pathlib import Path
from typing import Any, Dict, List, Optional, Text, Type

import numpy as np
import yaml
from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.classifiers.classifier import IntentClassifier
from rasa.nlu.featurizers.featurizer import Featurizer
from rasa.nlu.tokenizers.tokenizer import Token, Tokenizer
from rasa.shared.exceptions import RasaException
from rasa.shared.nlu.constants import FEATURE_TYPE_SENTENCE, INTENT, TEXT
from rasa.shared.nlu.training_data.features import Features
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData
from scipy import sparse

from bot.nlu.embedding import embed_both, embed_query_both
from bot.nlu.features import Patterns, ngram_views
from bot.nlu.softmax import Softmax, fit
from bot.nlu.text import normalise, skeleton, transliterate_word


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.MESSAGE_TOKENIZER, is_trainable=False)
class CitizenTokenizer(Tokenizer):
    """Whitespace tokens with valid offsets; lemma is the folded word, data hold its Arabic letters and sound."""

    @staticmethod
    def get_default_config() -> Dict[Text, Any]:
        """No intents are split, tokens follow white space."""
        return {"intent_tokenization_flag": False, "intent_split_symbol": "_", "token_pattern": None}

    @classmethod
    def create(
        cls,
        config: Dict[Text, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> "CitizenTokenizer":
        """Make the component for a graph."""
        return cls(config)

    def tokenize(self, message: Message, attribute: Text) -> List[Token]:
        """The tokens of a message's attribute."""
        text = message.get(attribute) or ""
        words = text.split() or [text or " "]
        return [self._token(word, start) for word, start in zip(words, _starts(text, words), strict=True)]

    @staticmethod
    def _token(word: Text, start: int) -> Token:
        folded = normalise(word) or word
        data = {"arabic": transliterate_word(folded), "sound": skeleton(folded)}
        return Token(word, start, lemma=folded, data=data)


def _starts(text: Text, words: List[Text]) -> List[int]:
    starts, at = [], 0
    for word in words:
        at = max(text.find(word, at), 0)
        starts.append(at)
        at += len(word)
    return starts


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
            rows = self._features([message.get(TEXT) for message in with_text])
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
        notions = _read_yaml(self._config["notions"])["notions"]
        terms = _read_yaml(self._config["subjects"])["terms"]
        subjects = [one for term in terms for spellings in term["spellings"].values() for one in spellings]
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

    def _features(self, texts: List[Text]) -> Any:
        if self._patterns is None:
            raise RasaException("The pattern featurizer is not trained.")
        return sparse.hstack(self._patterns.matrices(texts)).tocsr()


def _read_yaml(path: Text) -> Any:
    try:
        return yaml.safe_load(Path(path).read_text(encoding="utf-8"))
    except (OSError, yaml.YAMLError) as error:
        raise RasaException(f"{path} cannot be read: {error}") from error


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=True)
class ActClassifier(IntentClassifier, GraphComponent):
    """Logistic regression over the sentence features; kept as plain arrays, so loading runs no code.

    A model that cannot be loaded is an error, never an untrained classifier.
    """

    @classmethod
    def required_components(cls) -> List[Type[Any]]:
        """Features come first."""
        return [Featurizer]

    @staticmethod
    def get_default_config() -> Dict[Text, Any]:
        """`c` is the inverse of regularisation, `seen` how many examples a sparse feature must occur in."""
        return {"c": 10.0, "iterations": 100, "seen": 2, "ranking_length": 5}

    @classmethod
    def validate_config(cls, config: Dict[Text, Any]) -> None:
        """Nothing to check beyond types."""

    def __init__(
        self,
        config: Dict[Text, Any],
        model_storage: ModelStorage,
        resource: Resource,
        columns: Optional[np.ndarray] = None,
        model: Optional[Softmax] = None,
    ) -> None:
        self._config = {**self.get_default_config(), **config}
        self._storage = model_storage
        self._resource = resource
        self._columns = columns
        self._model = model

    @classmethod
    def create(
        cls,
        config: Dict[Text, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> "ActClassifier":
        """Make an untrained component for training."""
        return cls(config, model_storage, resource)

    def train(self, training_data: TrainingData) -> Resource:
        """Fit on all examples; sparse features that occur too seldom are left out."""
        examples = [e for e in training_data.intent_examples if e.get(INTENT) and e.get(TEXT)]
        if not examples:
            raise RasaException("There are no training examples with an intent.")
        thin = sparse.vstack([_thin(example) for example in examples]).tocsr().astype(np.float32)
        thick = np.vstack([_thick(example) for example in examples]).astype(np.float32)
        seen = np.bincount(thin.indices, minlength=thin.shape[1])
        self._columns = np.flatnonzero(seen >= self._config["seen"])
        self._model = fit(
            thin[:, self._columns],
            thick,
            [example.get(INTENT) for example in examples],
            c=self._config["c"],
            iterations=self._config["iterations"],
        )
        self._persist(self._columns, self._model)
        return self._resource

    def _persist(self, columns: np.ndarray, model: Softmax) -> None:
        with self._storage.write_to(self._resource) as folder:
            np.savez(
                folder / "classifier.npz",
                columns=columns,
                thin=model.thin,
                thick=model.thick,
                bias=model.bias,
            )
            (folder / "labels.json").write_text(json.dumps(model.labels), encoding="utf-8")

    @classmethod
    def load(
        cls,
        config: Dict[Text, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
        **kwargs: Any,
    ) -> "ActClassifier":
        """Load the arrays; raises when they are not there."""
        with model_storage.read_from(resource) as folder:
            labels = json.loads((folder / "labels.json").read_text(encoding="utf-8"))
            with np.load(folder / "classifier.npz", allow_pickle=False) as arrays:
                model = Softmax(labels, arrays["thin"], arrays["thick"], arrays["bias"])
                columns = arrays["columns"]
        # Thousands of objects live as long as the process: spare the collector from visiting them.
        gc.collect()
        gc.freeze()
        return cls(config, model_storage, resource, columns, model)

    def process_training_data(self, training_data: TrainingData) -> TrainingData:
        """Predictions of training examples are not used by the policies."""
        return training_data

    def process(self, messages: List[Message]) -> List[Message]:
        """Set intent and ranking; a message without text has no intent."""
        for message in messages:
            if not message.get(TEXT):
                message.set("intent", {"name": None, "confidence": 0.0}, add_to_output=True)
                continue
            ranking = self._rank(message)
            message.set("intent", ranking[0], add_to_output=True)
            message.set("intent_ranking", ranking, add_to_output=True)
        return messages

    def _rank(self, message: Message) -> List[Dict[Text, Any]]:
        if self._model is None or self._columns is None:
            raise RasaException("The act classifier is not trained.")
        row = _thin(message).tocsr()
        at = np.minimum(np.searchsorted(self._columns, row.indices), len(self._columns) - 1)
        known = self._columns[at] == row.indices
        thin = sparse.csr_matrix((row.data[known], at[known], [0, int(known.sum())]), shape=(1, len(self._columns)))
        chances = self._model.chances(thin, _thick(message))[0]
        best = np.argsort(-chances)[: self._config["ranking_length"]]
        return [{"name": self._model.labels[i], "confidence": float(chances[i])} for i in best]


def _thin(message: Message) -> sparse.csr_matrix:
    return message.get_sparse_features(attribute=TEXT)[1].features


def _thick(message: Message) -> np.ndarray:
    features: np.ndarray = message.get_dense_features(attribute=TEXT)[1].features
    return features
