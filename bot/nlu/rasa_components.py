"""Rasa's pipeline of ours: normalising tokenizer, n-gram and sentence featurizers, act classifier.

Loaded by Rasa (Python 3.10) through the dotted paths in config.yml; nothing else imports this module.
"""

import json
from typing import Any, Dict, List, Optional, Text, Type

import numpy as np
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
from sklearn.linear_model import LogisticRegression

from bot.nlu.embedding import embed_both, embed_query_both
from bot.nlu.features import ngram_views
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
        return [self._token(word, start) for word, start in zip(words, _starts(text, words))]

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
    def required_components() -> List[Type]:
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
                message.add_features(
                    Features(rows[i : i + 1], FEATURE_TYPE_SENTENCE, TEXT, self._identifier)
                )
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


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=True)
class ActClassifier(IntentClassifier, GraphComponent):
    """Logistic regression over the sentence features; kept as plain arrays, so loading runs no code.

    A model that cannot be loaded is an error, never an untrained classifier.
    """

    @classmethod
    def required_components(cls) -> List[Type]:
        """Features come first."""
        return [Featurizer]

    @staticmethod
    def get_default_config() -> Dict[Text, Any]:
        """`C` is the inverse of regularisation; `ranking_length` intents are reported."""
        return {"C": 10.0, "max_iter": 400, "ranking_length": 5}

    @classmethod
    def validate_config(cls, config: Dict[Text, Any]) -> None:
        """Nothing to check beyond types."""

    def __init__(
        self,
        config: Dict[Text, Any],
        model_storage: ModelStorage,
        resource: Resource,
        model: Optional[Dict[Text, Any]] = None,
    ) -> None:
        self._config = {**self.get_default_config(), **config}
        self._storage = model_storage
        self._resource = resource
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

    @staticmethod
    def _matrix(messages: List[Message]) -> sparse.csr_matrix:
        rows = []
        for message in messages:
            thin = message.get_sparse_features(attribute=TEXT)[1].features
            thick = message.get_dense_features(attribute=TEXT)[1].features
            rows.append(sparse.hstack([thin, sparse.csr_matrix(thick)]))
        return sparse.vstack(rows).tocsr()

    def train(self, training_data: TrainingData) -> Resource:
        """Fit on all examples; only the columns that occur are kept."""
        examples = [e for e in training_data.intent_examples if e.get(INTENT) and e.get(TEXT)]
        if not examples:
            raise RasaException("There are no training examples with an intent.")
        matrix = self._matrix(examples)
        columns = np.unique(matrix.indices)
        regression = LogisticRegression(
            C=self._config["C"], max_iter=self._config["max_iter"], class_weight="balanced", random_state=42
        )
        regression.fit(matrix[:, columns], [e.get(INTENT) for e in examples])
        self._model = {
            "columns": columns.astype(np.int32),
            "weights": regression.coef_.T.astype(np.float32),
            "bias": regression.intercept_.astype(np.float32),
            "size": matrix.shape[1],
            "intents": [str(name) for name in regression.classes_],
        }
        self._persist()
        return self._resource

    def _persist(self) -> None:
        model = self._model or {}
        with self._storage.write_to(self._resource) as folder:
            arrays = {key: model[key] for key in ("columns", "weights", "bias")}
            np.savez(folder / "classifier.npz", **arrays)
            labels = {"intents": model["intents"], "size": int(model["size"])}
            (folder / "labels.json").write_text(json.dumps(labels), encoding="utf-8")

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
                model = {key: arrays[key] for key in ("columns", "weights", "bias")}
        return cls(config, model_storage, resource, {**model, **labels})

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
        if self._model is None:
            raise RasaException("The act classifier is not trained.")
        row = self._matrix([message])
        at = np.searchsorted(self._model["columns"], row.indices)
        at = np.minimum(at, len(self._model["columns"]) - 1)
        known = self._model["columns"][at] == row.indices
        scores = row.data[known] @ self._model["weights"][at[known]] + self._model["bias"]
        odds = np.exp(scores - scores.max())
        chances = odds / odds.sum()
        best = np.argsort(-chances)[: self._config["ranking_length"]]
        return [{"name": self._model["intents"][i], "confidence": float(chances[i])} for i in best]
