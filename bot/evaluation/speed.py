"""How long one message takes a classifier and how much memory it needs; a process of its own measures only one."""

import json
import re
import resource
import statistics
import sys
from pathlib import Path
from time import process_time

import numpy as np

from bot.evaluation.examples import read_examples
from bot.evaluation.systems import System, read_patterns, seen_by, views_of
from bot.evaluation.vectors import encoder_of
from bot.nlu.softmax import Softmax
from bot.nlu.text import normalise, transliterate

WARM_UP, MEASURED = 10, 200
WIDTHS = {"use": 512, "e5": 384}


def measure(system: System, root: Path, texts: list[str], columns: int, labels: int) -> dict[str, float]:
    """Median milliseconds of the processor for one message, and the most memory of this process, in MB.

    `columns` is how many sparse features the trained model has. The weights' values change nothing, so they are ones.
    """
    encoders = [encoder_of(name) for name in system.encoders]
    readings = 2 if system.transliterated else 1
    width = readings * sum(WIDTHS[name] for name in system.encoders)
    shape = np.ones((max(columns, 1), labels), np.float32), np.ones((width, labels), np.float32)
    model = Softmax([str(number) for number in range(labels)], *shape, np.zeros(labels, np.float32))
    patterns = read_patterns(root / "data")
    times = []
    for text in texts:
        began = process_time()
        thin = seen_by(system, views_of([text], patterns)) if system.ngrams else []
        kept = [np.unique(view.indices % max(columns, 1)) for view in thin]
        dense = [encode([normalise(text)])[0] for encode in encoders]
        if system.transliterated:
            dense += [encode([transliterate(text)])[0] for encode in encoders]
        scores = sum((model.thin[one].sum(axis=0) for one in kept), model.bias)
        np.argmax(scores + (np.concatenate(dense) @ model.thick if dense else 0))
        times.append((process_time() - began) * 1000)
    return {"milliseconds": round(statistics.median(times[WARM_UP:] or times), 2), "megabytes": peak_megabytes()}


def peak_megabytes() -> int:
    """The most memory that this process had; the kernel's own figure, as `getrusage` counts the parent's too."""
    status = Path("/proc/self/status")
    if status.exists():
        found = re.search(r"VmHWM:\s+(\d+) kB", status.read_text("utf-8"))
        if found:
            return round(int(found[1]) / 1024)
    return round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)


def main(system: str, root: str, columns: str, labels: str) -> None:
    """Print the measurement as JSON."""
    made = json.loads(system)
    made["encoders"] = tuple(made["encoders"])
    examples = read_examples(Path(root) / "data" / "nlu")
    step = max(len(examples) // (WARM_UP + MEASURED), 1)
    texts = [one.text for one in examples[::step]]
    print(json.dumps(measure(System(**made), Path(root), texts, int(columns), int(labels))))  # noqa: T201 (read by the parent)


if __name__ == "__main__":
    main(*sys.argv[1:])
