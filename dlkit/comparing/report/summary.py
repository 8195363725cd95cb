"""What a record says in numbers: the rows, pairs and groups that tables and pictures show. No torch.

Scores are as the task measures them; differences are signed so that more is better.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from dlkit.comparing import search, statistics
from dlkit.comparing.plan import Contest, Task
from dlkit.comparing.record import Outcome
from dlkit.comparing.report.alarms import alarms
from dlkit.comparing.report.curves import scores_of_trials, sensitivity
from dlkit.comparing.report.reading import Axis, Field, Results
from dlkit.comparing.report.target import Target, find_target, hit
from dlkit.comparing.statistics import Interval, Pair

FACTORS = [1.0, 1.1, 1.25, 1.5, 2.0, 2.5, 3.0, 4.0]
"""Where a performance profile is read; AlgoPerf goes to 4 as well (Dahl et al. 2023)."""


@dataclass(frozen=True)
class Good:
    """The rates of one rule that score within the task's tolerance of its best."""

    low: float
    high: float
    decades: float


@dataclass(frozen=True)
class Entry:
    """One contestant: how it was tuned and what its reporting seeds came to.

    A list has an item a reporting seed, in the order of the seeds: `scores` of those that finished,
    `steps` and `seconds` to the target of all, a miss being infinite.
    """

    name: str
    estimator: str
    rule: str
    knobs: list[list[Any]] | None
    default_rate: float | None
    trials: int
    diverged: int
    edge: str | None
    extensions: int
    seeds: int
    finished: int
    scores: list[float]
    """On the test split at the end of the budget, or on the validation split where there is no other."""
    mean: Interval | None
    at_default: float | None
    """The mean validation score of the tuning seeds at the library's default rate, where tried."""
    good: Good | None
    steps: list[float]
    seconds: list[float] | None
    median_steps: float | None
    median_seconds: float | None
    update_seconds: list[float] | None
    """Lower quartile, median and upper quartile of one update of this rule alone."""
    best_of: list[float]
    """The expected best validation score of k trials, k from 1 to all of them. A trial that
    diverged counts as the worst finite trial of its field."""


@dataclass(frozen=True)
class Block:
    """A field: its contestants, those that can be compared, and what the data tell apart."""

    task: Task
    axis: Axis
    split: str
    """Where the final scores are from: `test`, or `validation` where there is no test split."""
    target: Target | None
    entries: list[Entry]
    pairs: list[Pair]
    groups: list[list[str]]
    """Empty where there are no intervals: of one seed, or of one contestant."""
    detectable: float | None
    left_out: list[str]
    """Those that did not finish on all reporting seeds, and so are in no pair and no group."""
    alarms: list[str]


@dataclass(frozen=True)
class Summary:
    """The whole comparison."""

    blocks: list[Block]
    factors: list[float]
    profile: dict[str, list[float]]
    """The share of all tasks and seeds with which a rule hit the target in at most that factor of the
    fewest steps. Empty for a single task."""


def summarise(results: Results) -> Summary:
    """Everything that tables and pictures say, from a record."""
    blocks = [_block(results, field) for field in results.fields()]
    several = len(results.plan.tasks) > 1
    profile = statistics.performance_profile(_costs(blocks), FACTORS) if several else {}
    return Summary(blocks, FACTORS, profile)


def _costs(blocks: list[Block]) -> dict[str, dict[str, float]]:
    """The steps of each rule on each task with each seed: seeds are paired, so each is a problem."""
    costs: dict[str, dict[str, float]] = {}
    for block in blocks:
        if block.axis == "rules":
            for entry in block.entries:
                named = {
                    f"{block.task.name}/{place}": each for place, each in enumerate(entry.steps)
                }
                costs.setdefault(entry.name, {}).update(named)
    return costs


def plain(summary: Summary) -> dict[str, Any]:
    """The summary as JSON-able data; infinite numbers, misses, become None."""
    finite: dict[str, Any] = _finite(asdict(summary))
    return finite


def _finite(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _finite(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_finite(each) for each in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value


def _block(results: Results, field: Field) -> Block:
    task, target = field.task, find_target(results, field.task)
    worst = _worst_trial(results, field)
    entries = [_entry(results, field, contest, target, worst) for contest in field.contests]
    planned = results.plan.reporting_seeds
    complete = [each for each in entries if each.finished == planned]
    rows = {each.name: [task.worth(score) for score in each.scores] for each in complete}
    pairs = statistics.compare_pairs(rows)
    means = {name: math.fsum(row) / len(row) for name, row in rows.items()}
    left_out = [each.name for each in entries if each not in complete]
    return Block(
        task, field.axis, _split(results, field), target, entries, pairs,
        statistics.tied_groups(means, pairs) if pairs else [],
        statistics.typical_detectable(rows),
        left_out,
        alarms(results, field, entries, pairs, target),
    )  # fmt: skip


def _entry(
    results: Results, field: Field, contest: Contest, target: Target | None, worst: float | None
) -> Entry:
    task, choice = field.task, results.chosen.get(contest, {})
    reports, timing = results.reports(contest), results.timings.get(contest)
    scores = [
        score for each in results.finished(contest) if (score := _last(task, each)) is not None
    ]
    steps = [hit(task, each, target) for each in reports] if target else []
    seconds = [each * timing.median for each in steps] if timing else None
    default = choice.get("default_rate")
    trials = {trial.rate: trial.score for trial in sensitivity(results, contest)}
    return Entry(
        name=field.name(contest),
        estimator=contest.estimator,
        rule=contest.rule,
        knobs=choice.get("knobs"),
        default_rate=default,
        trials=choice.get("trials", 0),
        diverged=choice.get("diverged", 0),
        edge=choice.get("edge"),
        extensions=choice.get("extensions", 0),
        seeds=len(reports),
        finished=len(scores),
        scores=scores,
        mean=statistics.interval(scores) if scores else None,
        at_default=trials.get(default) if default else None,
        good=_good(task, trials),
        steps=steps,
        seconds=seconds,
        median_steps=statistics.quartiles(steps)[1] if steps else None,
        median_seconds=statistics.quartiles(seconds)[1] if seconds else None,
        update_seconds=[timing.lower, timing.median, timing.upper] if timing else None,
        best_of=_best_of(results, task, contest, worst),
    )


def _last(task: Task, outcome: Outcome) -> float | None:
    return outcome.test[task.score] if outcome.test else outcome.final(task.score)


def _split(results: Results, field: Field) -> str:
    tested = any(each.test for contest in field.contests for each in results.finished(contest))
    return "test" if tested else "validation"


def _good(task: Task, trials: Mapping[float, float | None]) -> Good | None:
    """The stretch of rates around the best that has no worse rate in it; None if none was finite."""
    scores = {rate: task.worth(score) for rate, score in trials.items() if score is not None}
    if not scores:
        return None
    best = max(scores, key=lambda rate: scores[rate])
    allowed = task.tolerance if task.direction == "max" else task.tolerance * abs(scores[best])
    rates = sorted(trials)
    low = high = rates.index(best)
    while low > 0 and scores.get(rates[low - 1], -math.inf) >= scores[best] - allowed:
        low -= 1
    while (
        high + 1 < len(rates) and scores.get(rates[high + 1], -math.inf) >= scores[best] - allowed
    ):
        high += 1
    return Good(rates[low], rates[high], search.decades(rates[low], rates[high]))


def _worst_trial(results: Results, field: Field) -> float | None:
    """The worst finite trial of the whole field, as its task measures it."""
    trials = [scores_of_trials(results, contest).values() for contest in field.contests]
    worths = [field.task.worth(score) for each in trials for score in each if score is not None]
    return field.task.worth(min(worths)) if worths else None


def _best_of(results: Results, task: Task, contest: Contest, worst: float | None) -> list[float]:
    scores = scores_of_trials(results, contest).values()
    if worst is None or all(score is None for score in scores):
        return []
    worths = [task.worth(worst if score is None else score) for score in scores]
    return [task.worth(statistics.best_of(worths, k)) for k in range(1, len(worths) + 1)]
