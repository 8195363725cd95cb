"""Runs what a page claims: an experiment over several seeds, judged against what is expected."""

from __future__ import annotations

import importlib
import json
import math
import os
import statistics
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from dlkit import signatures
from dlkit.config.scalars import resolve
from dlkit.config.values import UnfitError, convert
from dlkit.errors import ConfigError, DlkitError, ExitCode, Problem
from dlkit.registry import did_you_mean

Record = dict[str, Any]


class NotReproducedError(DlkitError):
    """A claim's measurement is not what its page expects."""

    exit_code = ExitCode.CLAIM


@dataclass(frozen=True)
class Measurement:
    """One measured quantity: its values over the seeds, and whether their median is as expected.

    `as_expected` is None where the page expects nothing.
    """

    name: str
    values: tuple[float, ...]
    expectation: Mapping[str, Any]

    @property
    def median(self) -> float:
        """The median over the seeds; NaN if any seed yields NaN."""
        if any(map(math.isnan, self.values)):
            return math.nan
        return statistics.median(self.values)

    @property
    def as_expected(self) -> bool | None:
        """Whether the median meets the expectation."""
        return meets(self.median, self.expectation) if self.expectation else None


@dataclass(frozen=True)
class Result:
    """What running one claim (or correction) of a page yielded.

    `verdict` is the page's for these knobs, or None where the page says nothing of them.
    """

    page: str
    subject: Record
    knobs: Mapping[str, Any]
    seeds: int
    measurements: tuple[Measurement, ...]
    verdict: str | None
    seconds: float

    @property
    def reproduced(self) -> bool:
        """Whether nothing that is expected was missed."""
        return all(each.as_expected is not False for each in self.measurements)

    @property
    def command(self) -> str:
        """The command that repeats it."""
        knobs = "".join(f" --{name.replace('_', '-')} {_written(value)}"
                        for name, value in self.knobs.items())  # fmt: skip
        seeds = f" --seeds {self.seeds}" if self.seeds != self.subject["seeds"] else ""
        return f"dlkit explain {self.page} --run {self.subject['id']}{knobs}{seeds}"

    def figures(self) -> Record:
        """Everything as plain data."""
        return {
            "page": self.page, "id": self.subject["id"], "verdict": self.verdict,
            "reproduced": self.reproduced, "knobs": dict(self.knobs), "seeds": self.seeds,
            "seconds": round(self.seconds, 3), "command": self.command,
            "measurements": {
                each.name: {"median": each.median, "values": list(each.values),
                            "expected": dict(each.expectation), "as_expected": each.as_expected}
                for each in self.measurements
            },
        }  # fmt: skip


def meets(value: float, expectation: Mapping[str, Any]) -> bool:
    """Whether a number is as expected: `is` nan or inf, `near` with `tolerance`, `min`, `max`."""
    if "is" in expectation:
        return str(value) == str(expectation["is"])
    if "near" in expectation:
        return abs(value - float(expectation["near"])) <= float(expectation["tolerance"])
    low, high = expectation.get("min", -math.inf), expectation.get("max", math.inf)
    return float(low) <= value <= float(high)


def runnable(record: Record) -> list[Record]:
    """The claims and corrections of a page that have an experiment."""
    return [each for each in (*record["claims"], *record["errata"]) if each["experiment"]]


def choose(record: Record, words: Sequence[str]) -> list[Record]:
    """The claims and corrections that the words mean: ids, `claims`, `errata`, or an experiment.

    Without words, all claims but the slow ones. Raises `ConfigError`.
    """
    subjects = runnable(record)
    if not subjects:
        raise ConfigError(f"'{record['id']}' has nothing to run.")
    if not words:
        quick = [each for each in subjects if each.get("tier") in ("instant", "fast")]
        return quick or subjects
    chosen: list[Record] = []
    for word in words:
        hits = [each for each in subjects if _is_meant(word.casefold(), each)]
        if not hits:
            known = [each["id"] for each in subjects]
            problem = f"'{record['id']}' has no claim '{word}' to run."
            raise ConfigError(Problem(problem, hint=did_you_mean(word.upper(), known).strip()))
        chosen += [each for each in hits if each not in chosen]
    return chosen


def _is_meant(word: str, subject: Record) -> bool:
    if word in ("claims", "errata", "all"):
        return word == "all" or (word == "claims") == ("tier" in subject)
    experiment = subject["experiment"].rpartition(".")[2].partition(":")[0]
    return word == subject["id"].casefold() or word.replace("-", "_") in experiment.split("_") or (
        word.replace("-", "_") == experiment)  # fmt: skip


def run(page: str, subject: Record, knobs: Mapping[str, str], seeds: int | None = None) -> Result:
    """Runs one claim or correction. `knobs` are as written on the command line.

    Raises `ConfigError` where a knob is unknown or its value unfit.
    """
    settings = read_knobs(subject["experiment"], knobs)
    case = _case(subject, settings)
    count = seeds or subject["seeds"]
    began = time.perf_counter()
    values = measure(subject["experiment"], range(count), settings)
    expect = case["expect"] if case else {}
    missing = sorted(set(expect) - set(values))
    if missing:
        raise ConfigError(f"{subject['id']} expects {', '.join(missing)}, which its experiment "
                          f"doesn't measure ({', '.join(values)}).")  # fmt: skip
    measurements = tuple(Measurement(name, tuple(each), expect.get(name, {}))
                         for name, each in values.items())  # fmt: skip
    verdict = case["verdict"] if case else None
    seconds = time.perf_counter() - began
    return Result(page, subject, settings, count, measurements, verdict, seconds)


def _case(subject: Record, settings: Mapping[str, Any]) -> Record | None:
    """What the page says of these knobs: its default, one of its cases, or nothing."""
    if not settings:
        return {"expect": subject["expect"], "verdict": subject.get("verdict", "wrong")}
    cases = subject.get("cases", ())
    return next((case for case in cases if case["knobs"] == dict(settings)), None)


def measure(
    experiment: str, seeds: Sequence[int], settings: Mapping[str, Any]
) -> dict[str, list[float]]:
    """The measurements of an experiment, each over the seeds."""
    for variable in ("OMP_NUM_THREADS", "MKL_NUM_THREADS"):
        os.environ.setdefault(variable, "1")  # more threads cost more than they give here
    rows = [_measured(experiment, seed, json.dumps(settings)) for seed in seeds]
    return {name: [float(row[name]) for row in rows] for name in rows[0]}


@cache
def _measured(experiment: str, seed: int, settings: str) -> dict[str, float]:
    """One seed's measurements; claims that share an experiment share its run."""
    module, _, name = experiment.partition(":")
    function: Callable[..., dict[str, float]] = getattr(importlib.import_module(module), name)
    return function(seed=seed, **json.loads(settings))


def read_knobs(experiment: str, knobs: Mapping[str, str]) -> dict[str, Any]:
    """The knobs as the experiment takes them. Raises `ConfigError`."""
    options = {each.name: each for each in signatures.read(experiment).options}
    settings: dict[str, Any] = {}
    for written, text in knobs.items():
        name = written.replace("-", "_")
        if name not in options or name == "seed":
            known = [each.replace("_", "-") for each in options if each != "seed"]
            hint = did_you_mean(written, known).strip() if known else "It has no knobs."
            raise ConfigError(Problem(f"the experiment has no knob '--{written}'.", hint=hint))
        try:
            value = resolve(text) if options[name].annotation is not str else text
            settings[name] = convert(options[name].annotation, value, (written,), Path())
        except UnfitError as error:
            faults = (fault.message.removeprefix(f"'{written}' ") for fault in error.faults)
            raise ConfigError(*(f"--{written} {fault}" for fault in faults)) from None
    return settings


def _written(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
