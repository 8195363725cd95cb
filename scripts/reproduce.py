"""Measures the figures of docs/results.md again, and writes that page.

    python scripts/reproduce.py                        # the first figures, a minute
    python scripts/reproduce.py gan-digits --seeds 3
    python scripts/reproduce.py lstm-text --seeds 3 --files ~/files

Each figure is the score on held-out data of a config in `configs/`, over seeds that change weights,
batches and, where the table says so, the split. Raw numbers are kept beside the page, in
docs/figures/NAME.json; the page is made of all that are there.
"""

from __future__ import annotations

import argparse
import json
import platform
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from figures import TABLE, Figure
from results_page import FIGURES, ROOT, page, rows_of


def measure(name: str, figure: Figure, seed: int, threads: int, files: str) -> dict[str, Any]:
    """One training: its test scores and those of rivals, and on which machine it was made."""
    overrides = [f"fit.seed={seed}", f"fit.threads={threads}"]
    overrides += [each.replace("{files}", files) for each in figure.overrides]
    if figure.splits:
        overrides.append(f"data.split_seed={seed}")
    with tempfile.TemporaryDirectory() as folder:
        overrides += [f"logging.folder={folder}", f"name={name}"]
        arguments = [argument for each in overrides for argument in ("--set", each)]
        config = ROOT / "configs" / f"{figure.config}.yaml"
        command = [sys.executable, "-m", "dlkit", "train", str(config), "--json", "--quiet"]
        done = subprocess.run([*command, *arguments], stdout=subprocess.PIPE, text=True, check=True)
        summary = json.loads(done.stdout)
        curve = _curve(Path(summary["folder"]) / "events.jsonl", next(iter(figure.goals)))
    ridge = {"ridge": {"rmse": _ridge(seed)}} if name == "diabetes" else {}
    return {
        "seed": seed,
        "scores": summary["scores"],
        "references": {**summary["references"], **ridge},
        "seconds": summary["seconds"],
        "epochs": summary["epochs"],
        "parameters": summary["parameters"],
        "threads": threads,
        "torch": _version(),
        "machine": _machine(),
        **({"curve": curve} if figure.group == "fashion" else {}),
    }


def _curve(events: Path, score: str) -> list[tuple[float, float]]:
    """Seconds and validation score at the end of each epoch."""
    told = [json.loads(line) for line in events.read_text(encoding="utf-8").splitlines()]
    return [
        (round(each["seconds"], 1), each["scores"].get(f"validation/{score}"))
        for each in told
        if each["event"] == "EpochDone"
    ]


def _ridge(seed: int) -> float:
    """Ridge regression's error on the same split, its penalty chosen by cross-validation."""
    import numpy as np
    import torch
    from sklearn.linear_model import RidgeCV

    from dlkit.config.load import load
    from dlkit.data.diabetes import diabetes

    config = load(ROOT / "configs" / "mlp_diabetes.yaml", [f"data.split_seed={seed}"])
    data = diabetes(**config.data.options)
    train, test = (split.fetch(torch.arange(len(split))) for split in (data.train, data.test))
    model = RidgeCV(np.logspace(-3, 3, 25)).fit(train[0].numpy(), train[1].numpy()[:, 0])
    errors = model.predict(test[0].numpy()) - test[1].numpy()[:, 0]
    return float(np.sqrt(np.mean(errors**2)) * np.ravel(data.facts.target_std)[0])


def _version() -> str:
    import torch

    return str(torch.__version__)


def _machine() -> str:
    path = Path("/proc/cpuinfo")
    lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
    names = [line.split(":")[1].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.processor()


def main() -> None:
    """Measures what is named, then writes the page."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("names", nargs="*", help=f"of {', '.join(TABLE)}")
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--files", default="files", help="the folder of files that dlkit lacks")
    parser.add_argument("--page", action="store_true", help="only write the page")
    options = parser.parse_args()
    core = [name for name, figure in TABLE.items() if figure.group == "core"]
    FIGURES.mkdir(parents=True, exist_ok=True)
    files = str(Path(options.files).expanduser().absolute())
    for name in [] if options.page else options.names or core:
        runs = [
            measure(name, TABLE[name], seed, options.threads, files)
            for seed in range(options.seeds)
        ]
        (FIGURES / f"{name}.json").write_text(json.dumps(runs, indent=1) + "\n", encoding="utf-8")
        print("\n".join(rows_of(name, runs)), flush=True)
    (ROOT / "docs" / "results.md").write_text(page(), encoding="utf-8")


if __name__ == "__main__":
    main()
