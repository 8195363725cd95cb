"""Which trials a contest gets next, and which knobs win: pure functions of what is finished. No torch.

Because they depend on the outcomes alone, a comparison that was killed goes on where it was.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean
from typing import Any

from dlkit.comparing import search
from dlkit.comparing.plan import Cell, Contest, Knobs, Plan
from dlkit.comparing.record import Outcome


@dataclass(frozen=True)
class Choice:
    """What the tuning of a contest came to; `knobs` is None if no trial was finite."""

    contest: Contest
    knobs: Knobs | None
    trials: int
    diverged: int
    edge: str | None
    extensions: int

    def plain(self) -> dict[str, Any]:
        """The choice as JSON-able data."""
        return {
            **vars(self.contest),
            "knobs": [[*pair] for pair in self.knobs] if self.knobs else None,
            "trials": self.trials,
            "diverged": self.diverged,
            "edge": self.edge,
            "extensions": self.extensions,
            "default_rate": search.default_rate(self.contest.rule),
        }


class Tuning:
    """One contest's search, as far as `outcomes` (by key) go."""

    def __init__(self, plan: Plan, contest: Contest, outcomes: Mapping[str, Outcome]) -> None:
        self.plan, self.contest, self.outcomes = plan, contest, outcomes
        self.task = plan.task(contest.task)
        self.extensions = 0
        self.settings: list[Knobs] = []
        self.complete = self._search()

    def _search(self) -> bool:
        """Walks through the search; False where it needs outcomes that aren't there yet."""
        rule = self.contest.rule
        if self.plan.track == "default":
            self.settings = [(("learning_rate", search.default_rate(rule)),)]
            return True
        self.settings = search.grid(rule, self.plan.rates)
        while self._finished():
            best = self.best()
            more = (
                self._extension(best)
                if best and self.extensions < self.plan.most_extensions
                else []
            )
            if not more:
                return best is None or self.plan.track == "lr" or self._further(best)
            self.settings = self.settings + more
            self.extensions += 1
        return False

    def _finished(self) -> bool:
        return not self.pending()

    def _extension(self, best: Knobs) -> list[Knobs]:
        tried = [float(knobs[0][1]) for knobs in self.settings]
        return search.beyond(tried, float(best[0][1]))

    def _further(self, best: Knobs) -> bool:
        self.settings = self.settings + search.further(self.contest.rule, float(best[0][1]))
        return self._finished()

    def pending(self) -> list[Cell]:
        """The cells of the settings so far that are not finished."""
        if self.plan.track == "default":
            return []
        cells = self.contest.cells(self.settings, self.plan.seeds("tuning"))
        return [cell for cell in cells if cell.key not in self.outcomes]

    def reporting(self) -> list[Cell]:
        """The reporting cells of the winner that are not finished; none before it is known."""
        best = self.best() if self.complete else None
        cells = self.contest.cells([best], self.plan.seeds("reporting")) if best else []
        return [cell for cell in cells if cell.key not in self.outcomes]

    def best(self) -> Knobs | None:
        """The setting with the best mean over the tuning seeds, ties broken by the mean loss."""
        if self.plan.track == "default":
            return self.settings[0]
        ranked = [
            (rank, -place)
            for place, knobs in enumerate(self.settings)
            if (rank := self._rank(knobs))
        ]
        return self.settings[-max(ranked)[1]] if ranked else None

    def _rank(self, knobs: Knobs) -> tuple[float, float] | None:
        """What settings are ranked by, larger being better; None where a seed diverged."""
        outcomes = self._outcomes_of(knobs)
        finals = [outcome.final(self.task.score) for outcome in outcomes]
        losses = [outcome.final("loss") or 0.0 for outcome in outcomes]
        values = [value for value in finals if value is not None]
        if len(values) < len(finals):
            return None
        return self.task.worth(fmean(values)), -fmean(losses)

    def _outcomes_of(self, knobs: Knobs) -> list[Outcome]:
        cells = self.contest.cells([knobs], self.plan.seeds("tuning"))
        return [self.outcomes[cell.key] for cell in cells]

    def choice(self) -> Choice:
        """What the finished search came to."""
        best = self.best()
        default = self.plan.track == "default"
        rates = [float(knobs[0][1]) for knobs in self.settings if len(knobs) == 1]
        rate = float(best[0][1]) if best else None
        edge = "high" if rate == max(rates) else "low" if rate == min(rates) else None
        return Choice(
            self.contest,
            best,
            0 if default else len(self.settings),
            0 if default else sum(self._rank(knobs) is None for knobs in self.settings),
            None if default else edge,
            self.extensions,
        )


def tunings(plan: Plan, outcomes: Mapping[str, Outcome]) -> list[Tuning]:
    """The search of every contest of the plan."""
    return [Tuning(plan, contest, outcomes) for contest in plan.contests()]


def pending(searches: Sequence[Tuning]) -> list[Cell]:
    """The cells that can be trained now: trials, and reports on searches that are complete."""
    return [cell for search in searches for cell in [*search.pending(), *search.reporting()]]
