"""The parts of a record by contest: what was tried, what was reported, what an update cost. No torch."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from dlkit.comparing.plan import Contest, Knobs, Task, contest_of, read_knobs, read_plan
from dlkit.comparing.record import Outcome, Timing, read_outcome, read_timing

Axis = Literal["rules", "estimators"]


@dataclass(frozen=True)
class Field:
    """Those that are compared with each other: the rules on a task, or the estimators on it."""

    task: Task
    axis: Axis
    contests: tuple[Contest, ...]

    def name(self, contest: Contest) -> str:
        """What tells a contest of this field from the others: its rule, or its batch."""
        if self.axis == "rules":
            return contest.rule
        return {"full": "full batch", "1": "1 example"}.get(
            contest.estimator, f"batch {contest.estimator}"
        )


class Results:
    """A record, read. Whatever is not in it yet is simply absent: a record may be unfinished."""

    def __init__(self, record: Mapping[str, Any]) -> None:
        self.plan = read_plan(record["plan"])
        self.status: str = record["status"]
        self.provenance: Mapping[str, Any] = record["provenance"]
        self.methods: list[Mapping[str, Any]] = record["methods"]
        self.chosen = {_contest(each): each for each in record["chosen"]}
        timings = (read_timing(each) for each in record["timings"])
        self.timings: dict[Contest, Timing] = {each.contest: each for each in timings}
        self._cells: dict[tuple[Contest, str], list[Outcome]] = defaultdict(list)
        for outcome in map(read_outcome, record["cells"]):
            self._cells[contest_of(outcome.cell), outcome.cell.phase].append(outcome)

    def fields(self) -> list[Field]:
        """For each task its rules; then, if the plan has that axis, its estimators."""
        fields = []
        contests = list(self.plan.contests())
        for task in self.plan.tasks:
            own = str(task.batch_size)
            here = [each for each in contests if each.task == task.name]
            rules = tuple(each for each in here if each.estimator == own)
            fields.append(Field(task, "rules", rules))
            others = [each for each in here if each.estimator != own]
            if others:
                axis = [Contest(task.name, own, self.plan.axis_rule), *others]
                axis.sort(key=lambda each: (each.estimator != "full", -_number(each)))
                fields.append(Field(task, "estimators", tuple(axis)))
        return fields

    def batch(self, contest: Contest) -> int:
        """Examples in a batch."""
        if contest.estimator == "full":
            return int(self.provenance["data"][contest.task]["sizes"]["train"])
        return _number(contest)

    def trials(self, contest: Contest) -> dict[Knobs, list[Outcome]]:
        """The trainings of the tuning seeds by what was tried, in the order of the rates."""
        trials: dict[Knobs, list[Outcome]] = defaultdict(list)
        for outcome in self._cells[contest, "tuning"]:
            trials[outcome.cell.knobs].append(outcome)
        return dict(sorted(trials.items(), key=lambda item: float(item[0][0][1])))

    def reports(self, contest: Contest) -> list[Outcome]:
        """The trainings of the reporting seeds with the chosen knobs, in the order of the seeds."""
        choice = self.chosen.get(contest)
        if choice is None or choice["knobs"] is None:
            return []
        knobs = read_knobs(choice["knobs"])
        reports = [each for each in self._cells[contest, "reporting"] if each.cell.knobs == knobs]
        return sorted(reports, key=lambda each: each.cell.seed)

    def finished(self, contest: Contest) -> list[Outcome]:
        """Those of the reporting seeds that did not diverge."""
        return [each for each in self.reports(contest) if each.diverged_at is None]


def _number(contest: Contest) -> int:
    return 0 if contest.estimator == "full" else int(contest.estimator)


def _contest(plain: Mapping[str, Any]) -> Contest:
    return Contest(plain["task"], plain["estimator"], plain["rule"])
