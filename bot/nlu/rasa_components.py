"""Rasa's tokenizer and act classifier of ours.

Loaded by Rasa (Python 3.10) through the dotted paths in config.yml.
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
from rasa.shared.nlu.constants import INTENT, TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData
from scipy import sparse

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
        """How it learns; the values were chosen by cross-validation, see docs/nlu.md.

        `c` is the inverse of regularisation, `iterations` stops early, `seen` is how many examples a sparse feature
        must occur in, `weight` what sparse features count beside dense ones, `temperature` divides the scores so that
        a confidence of 0.9 is right nine times in ten.
        """
        return {
            "c": 10.0,
            "iterations": 25,
            "seen": 2,
            "weight": 2.0,
            "temperature": 0.92,
            "ranking_length": 5,
        }

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
        weight, temperature = np.float32(self._config["weight"]), np.float32(self._config["temperature"])
        found = fit(
            thin[:, self._columns] * weight,
            thick,
            [example.get(INTENT) for example in examples],
            c=self._config["c"],
            iterations=self._config["iterations"],
        )
        # Weight and temperature go into the weights once, so that serving knows nothing of them.
        self._model = Softmax(
            found.labels, found.thin * (weight / temperature), found.thick / temperature, found.bias / temperature
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
