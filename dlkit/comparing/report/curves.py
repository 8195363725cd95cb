"""What a picture of training draws: means over seeds with intervals, over three clocks. No torch."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from dlkit.comparing import statistics
from dlkit.comparing.plan import Contest, Knobs
from dlkit.comparing.record import Outcome
from dlkit.comparing.report.reading import Results
from dlkit.comparing.statistics import Interval


@dataclass(frozen=True)
class Curve:
    """Validation scores of the reporting seeds that finished, at each scoring.

    `seconds` is None where the rule was not timed.
    """

    updates: list[int]
    examples: list[int]
    seconds: list[float] | None
    scores: list[Interval]


def curve(results: Results, contest: Contest) -> Curve | None:
    """The curve of a contest; None where no reporting seed finished."""
    finished = results.finished(contest)
    if not finished:
        return None
    name = results.plan.task(contest.task).score
    updates = finished[0].updates
    points = list(zip(*(each.validation[name] for each in finished), strict=True))
    bands = [statistics.interval(point) for point in points]
    timing = results.timings.get(contest)
    batch = results.batch(contest)
    return Curve(
        updates,
        [update * batch for update in updates],
        [update * timing.median for update in updates] if timing else None,
        bands,
    )


@dataclass(frozen=True)
class Trial:
    """What one learning rate came to over the tuning seeds; None where a seed diverged."""

    rate: float
    score: float | None


def sensitivity(results: Results, contest: Contest) -> list[Trial]:
    """The trials that set the rate alone, by rate."""
    name = results.plan.task(contest.task).score
    trials = results.trials(contest).items()
    return [
        Trial(float(knobs[0][1]), mean_final(each, name))
        for knobs, each in trials
        if len(knobs) == 1
    ]


def scores_of_trials(results: Results, contest: Contest) -> dict[Knobs, float | None]:
    """The mean final validation score of every trial; None where a seed diverged."""
    name = results.plan.task(contest.task).score
    return {knobs: mean_final(each, name) for knobs, each in results.trials(contest).items()}


def mean_final(outcomes: Sequence[Outcome], score: str) -> float | None:
    """The mean validation score at the end of the budget; None where a seed diverged."""
    finals = [outcome.final(score) for outcome in outcomes]
    values = [value for value in finals if value is not None]
    return sum(values) / len(values) if values and len(values) == len(finals) else None
