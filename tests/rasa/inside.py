"""Runs in Rasa's environment (Python 3.10): tries our components and tells what it found, as one line of JSON."""

import json
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from rasa.engine.graph import ExecutionContext, GraphSchema
from rasa.engine.storage.local_model_storage import LocalModelStorage
from rasa.engine.storage.resource import Resource
from rasa.shared.nlu.constants import INTENT, TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from bot.nlu import rasa_components as ours
from bot.nlu import rasa_featurizers as featurizers

TEXTS = ["  شحال   التامبر ديال الباسبور؟ ", "Ch7al  lwe9t\nlawra9 ?", "🙂 l'été", "?", "اا\u200fب", "a\u0301 é"]
EXAMPLES = {
    "ask_fee": ["combien ça coûte", "chhal taman", "شحال الثمن", "quel est le prix"],
    "ask_documents": ["quels papiers faut-il", "chno lwra9", "شنو الوراق", "quels documents apporter"],
    "greet": ["bonjour", "salam", "السلام عليكم", "salut à tous"],
}
CONTEXT = ExecutionContext(GraphSchema({}), node_name="tried")
SHOWN = 3


def make(kind: Any, storage: Any = None, **config: Any) -> Any:
    """A component as the graph makes it."""
    return kind.create({**kind.get_default_config(), **config}, storage, Resource("classifier"), CONTEXT)


def featurised(messages: list[Message]) -> list[Message]:
    """Messages with the features that the classifier reads."""
    make(featurizers.NgramFeaturizer).process(messages)
    return list(make(featurizers.SentenceEmbedder).process(messages))


def tokens() -> list[dict[str, Any]]:
    """Each text with its tokens as (start, end, text, lemma)."""
    tokenizer = make(ours.CitizenTokenizer)
    found = []
    for text in TEXTS:
        listed = tokenizer.tokenize(Message({TEXT: text}), TEXT)
        found.append({"text": text, "tokens": [(one.start, one.end, one.text, one.lemma) for one in listed]})
    return found


def features() -> dict[str, Any]:
    """Shapes of the features, and whether one message alone has the same as among others."""
    alone, among = featurised([Message({TEXT: TEXTS[0]})]), featurised([Message({TEXT: text}) for text in TEXTS])
    thin, thick = ours._thin(alone[0]), ours._thick(alone[0])
    return {
        "thin": list(thin.shape),
        "thick": list(thick.shape),
        "same_thin": bool(abs(thin - ours._thin(among[0])).max() < 1e-6),
        "same_thick": bool(np.allclose(thick, ours._thick(among[0]), atol=1e-4)),
        "no_text": len(featurised([Message({})])[0].features),
    }


def classifier(folder: Path) -> dict[str, Any]:
    """What a classifier trained on a few examples says, before and after it is loaded again."""
    storage = LocalModelStorage.create(folder)
    messages = [Message({TEXT: text, INTENT: act}) for act, texts in EXAMPLES.items() for text in texts]
    trained = make(ours.ActClassifier, storage)
    trained.train(TrainingData(featurised(messages)))
    loaded = ours.ActClassifier.load(trained._config, storage, Resource("classifier"), CONTEXT)
    asked = featurised([Message({TEXT: texts[0]}) for texts in EXAMPLES.values()])
    before = [one.get(INTENT) for one in trained.process(asked)]
    after = [one.get(INTENT) for one in loaded.process(asked)]
    silent = loaded.process([Message({TEXT: ""})])[0]
    return {
        "acts": [one["name"] for one in after],
        "same": before == after,
        "ranking": [one["name"] for one in asked[0].get("intent_ranking")],
        "sum": sum(one["confidence"] for one in asked[0].get("intent_ranking")),
        "silent": silent.get(INTENT),
        "files": sorted(path.name for path in folder.rglob("*") if path.is_file()),
    }


def patterns(folder: Path) -> dict[str, Any]:
    """What the featurizer of patterns gives after training and after loading, and its error for a missing file."""
    storage = LocalModelStorage.create(folder)
    files = {"notions": "data/notions.yaml", "subjects": "data/catalogue/glossary.yaml"}
    trained = make(featurizers.PatternFeaturizer, storage, **files)
    trained.train(TrainingData([]))
    loaded = featurizers.PatternFeaturizer.load(trained._config, storage, Resource("classifier"), CONTEXT)
    texts = ["bch7al lpasport", "combien coûte la carte nationale", "شحال لافينييت"]
    before, after = trained._features(texts), loaded._features(texts)
    gaps = after[:, after.shape[1] // 2 :]
    return {
        "same": bool(abs(before - after).max() < 1e-6),
        "shape": list(after.shape),
        "built_alike": bool(abs(gaps[0] - gaps[2]).max() < 1e-6),
        "missing": _raised(
            lambda: make(featurizers.PatternFeaturizer, storage, notions="none.yaml", subjects="").train(None)
        ),
        "untrained": _raised(lambda: make(featurizers.PatternFeaturizer, storage)._features(texts)),
    }


def failures(folder: Path) -> dict[str, str]:
    """What is raised where there is nothing to learn, to load or to ask."""
    storage = LocalModelStorage.create(folder)
    untrained = make(ours.ActClassifier, storage)
    calls: dict[str, Callable[[], Any]] = {
        "train": lambda: untrained.train(TrainingData([])),
        "ask": lambda: untrained.process(featurised([Message({TEXT: "bonjour"})])),
        "load": lambda: ours.ActClassifier.load({}, storage, Resource("nothing"), CONTEXT),
    }
    return {name: _raised(call) for name, call in calls.items()}


def _raised(call: Callable[[], Any]) -> str:
    try:
        call()
    except Exception as error:  # noqa: BLE001 (which one it is, is what is asked)
        return type(error).__name__
    return "nothing"


def main() -> None:
    """Try everything."""
    temporary = tempfile.TemporaryDirectory
    with temporary() as one, temporary() as other, temporary() as third:
        facts = {
            "python": list(sys.version_info[:2]),
            "tokens": tokens(),
            "features": features(),
            "classifier": classifier(Path(one)),
            "failures": failures(Path(other)),
            "patterns": patterns(Path(third)),
        }
    sys.stdout.write(json.dumps(facts) + "\n")


if __name__ == "__main__":
    main()
