"""The record of a comparison: one JSON file from which every table and picture can be made. No torch.

`record.json` (format 1) holds:

- `format`: 1; `kind`: `comparison`; `status`: `running`, `finished` or `interrupted`.
- `provenance`: versions, device, threads, command, commit, start and seconds of wall time; for each
  task, in `data`, the data's `source`, `fingerprint` and `sizes` (`train`, `validation`, `test`), how
  many `parameters` are trained, and the resolved `config` of a task that is a config.
- `plan`: what was asked for (`plan.Plan.plain`): tasks with their budgets, rules, track, seeds.
- `methods`: a list; for each task and estimator how its cells were run and why: `task`, `estimator`,
  `method` (`batched` or `loop`), `batched_seconds` and `loop_seconds` (of one model and update; the
  first is null where it can't be), `processes`, `reason` in words.
- `cells`: a list of every finished training, see `Outcome.plain`: `key`, `task`, `estimator`, `rule`,
  `knobs` (pairs, the learning rate first), `seed`, `phase` (`tuning` or `reporting`), `method`,
  `updates` (the steps at which it was scored, from 1), `train_loss` (mean since the last scoring),
  `validation` (for each score a list as long as `updates`), `test` (scores at the end of the budget,
  reporting cells only, else null), `diverged_at` (the update whose loss was not finite, or null; the
  curves stop before it), `seconds` (of its process, shared by the cells of one batch: not a rule's own
  speed).
- `timings`: a list; for each contest `task`, `estimator`, `rule`, `updates` timed, `warmup` discarded,
  `median`, `lower`, `upper` (quartiles): seconds of one update of this rule alone in a plain loop. The
  seconds of a curve are `updates * median`.
- `chosen`: a list; for each contest `knobs` by the tuning seeds (null if no trial was finite),
  `trials`, `diverged` (trials in which some seed diverged), `edge` (`low`, `high` or null: the best is
  still at an edge after all extensions), `extensions`, `default_rate`.

Examples seen at a step are `updates * batch`, where `full` is the size of the training split. Beside it
`cells.jsonl` has one line a finished cell or timing, in the order in which they ended.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from dlkit.comparing.plan import Cell, Contest, read_knobs
from dlkit.errors import ConfigError, StorageError
from dlkit.runfolder import RunFolder

FORMAT = 1
RECORD, CELLS = "record.json", "cells.jsonl"


@dataclass
class Outcome:
    """What came of one cell. See the module's docstring for the fields."""

    cell: Cell
    method: str
    updates: list[int] = field(default_factory=list)
    train_loss: list[float] = field(default_factory=list)
    validation: dict[str, list[float]] = field(default_factory=dict)
    test: dict[str, float] | None = None
    diverged_at: int | None = None
    seconds: float = 0.0

    def note(self, step: int, train_loss: float, scores: Mapping[str, float]) -> None:
        """Adds a point to every curve."""
        self.updates.append(step)
        self.train_loss.append(train_loss)
        for name, value in scores.items():
            self.validation.setdefault(name, []).append(value)

    def final(self, score: str) -> float | None:
        """The validation score at the end of the budget; None for a training that diverged."""
        values = self.validation.get(score)
        return values[-1] if values and self.diverged_at is None else None

    def plain(self) -> dict[str, Any]:
        """The outcome as JSON-able data."""
        cell = self.cell
        return {
            "key": cell.key,
            "task": cell.task,
            "estimator": cell.estimator,
            "rule": cell.rule,
            "knobs": [[name, value] for name, value in cell.knobs],
            "seed": cell.seed,
            "phase": cell.phase,
            "method": self.method,
            "updates": self.updates,
            "train_loss": self.train_loss,
            "validation": self.validation,
            "test": self.test,
            "diverged_at": self.diverged_at,
            "seconds": round(self.seconds, 6),
        }


def read_outcome(plain: Mapping[str, Any]) -> Outcome:
    """The outcome that `Outcome.plain` wrote."""
    cell = Cell(
        plain["task"], plain["estimator"], plain["rule"], read_knobs(plain["knobs"]), plain["seed"]
    )
    kept = ("method", "updates", "train_loss", "validation", "test", "diverged_at", "seconds")
    return Outcome(cell, **{name: plain[name] for name in kept})


@dataclass(frozen=True)
class Timing:
    """Seconds of one update of a rule alone: median and quartiles over `updates` updates."""

    contest: Contest
    updates: int
    warmup: int
    median: float
    lower: float
    upper: float

    def plain(self) -> dict[str, Any]:
        """The timing as JSON-able data."""
        own = {
            name: getattr(self, name) for name in ("updates", "warmup", "median", "lower", "upper")
        }
        return {**vars(self.contest), **own}


def read_timing(plain: Mapping[str, Any]) -> Timing:
    """The timing that `Timing.plain` wrote."""
    rest = {name: plain[name] for name in ("updates", "warmup", "median", "lower", "upper")}
    return Timing(Contest(plain["task"], plain["estimator"], plain["rule"]), **rest)


class Store:
    """The finished cells and timings of a comparison, on disk as soon as they are there."""

    def __init__(self, folder: RunFolder) -> None:
        self.folder = folder
        self.outcomes: dict[str, Outcome] = {}
        self.timings: dict[Contest, Timing] = {}
        self._read()

    def _read(self) -> None:
        """Takes up what an earlier process finished; a line that was torn off is dropped."""
        path = self.folder.path / CELLS
        if not path.exists():
            return
        text = path.read_text(encoding="utf-8")
        whole = text[: text.rfind("\n") + 1]
        if whole != text:
            path.write_text(whole, encoding="utf-8")
        for line in whole.splitlines():
            plain = json.loads(line)
            if "key" in plain:
                self.outcomes[plain["key"]] = read_outcome(plain)
            else:
                timing = read_timing(plain)
                self.timings[timing.contest] = timing

    def add(self, items: Iterable[Outcome | Timing]) -> None:
        """Keeps finished work, on disk before this returns. Raises `StorageError`."""
        lines = []
        for item in items:
            if isinstance(item, Outcome):
                self.outcomes[item.cell.key] = item
            else:
                self.timings[item.contest] = item
            lines.append(json.dumps(item.plain()) + "\n")
        path = self.folder.path / CELLS
        try:
            with path.open("a", encoding="utf-8") as file:
                file.writelines(lines)
                file.flush()
                os.fsync(file.fileno())
        except OSError as error:
            raise StorageError(f"cannot write {path}: {error.strerror}") from error


def read_record(folder: Path) -> dict[str, Any]:
    """The record in `folder`. Raises `ConfigError` if there is none of this format."""
    path = folder / RECORD
    try:
        record: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ConfigError(
            f"there is no comparison in {folder}: no {RECORD} in it.",
            hint="Name the folder of one with --out.",
        ) from error
    except json.JSONDecodeError as error:
        raise ConfigError(f"{path} is not a record: {error}.") from error
    if record.get("format") != FORMAT or record.get("kind") != "comparison":
        raise ConfigError(f"{path} is not the record of a comparison in format {FORMAT}.")
    return record
