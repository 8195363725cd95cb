"""Runs a plan to its end: trials, extensions, reports, timings; whatever is finished stays finished.

Nothing of the search is kept in memory alone: which cells come next follows from the plan and the
finished ones (`tuning`), so a comparison that was killed goes on where it was.
"""

from __future__ import annotations

import sys
import time
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from dlkit.comparing.execute import Executor
from dlkit.comparing.jobs import Decide, Decision, Describe, Job, Measure, Train, jobs_for
from dlkit.comparing.plan import Plan
from dlkit.comparing.record import FORMAT, RECORD, Outcome, Store
from dlkit.comparing.tuning import Tuning, pending, tunings
from dlkit.comparing.view import View
from dlkit.errors import ConfigError, Diverged
from dlkit.runfolder import RunFolder


class Comparison:
    """A plan under way in a folder of its own."""

    def __init__(
        self,
        plan: Plan,
        folder: RunFolder,
        executor: Executor,
        view: View,
        *,
        before: Mapping[str, Any] | None = None,
    ) -> None:
        """`before` is the record that a resumed comparison goes on from."""
        self.plan, self.folder, self.executor, self.view = plan, folder, executor, view
        past = before["provenance"] if before else {}
        self.before: Mapping[str, Any] = past.get("data", {})
        self.store = Store(folder)
        self.decisions: dict[tuple[str, str], Decision] = {
            (each["task"], each["estimator"]): Decision(**each)
            for each in (before or {}).get("methods", [])
        }
        self.provenance: dict[str, Any] = {
            "command": " ".join([Path(sys.argv[0]).name, *sys.argv[1:]]),
            "started": past.get("started", datetime.now(UTC).isoformat(timespec="seconds")),
            "data": dict(self.before),
        }
        self._began = time.perf_counter() - past.get("seconds", 0.0)

    def run(self) -> dict[str, Any]:
        """The record of the finished comparison, which is in the folder too.

        Raises `Diverged` if no rule had a finite run. An interruption leaves a record, and goes on.
        """
        self.write("running")
        self.view.say_quietly("starting")
        try:
            self._describe()
            self._decide()
            self._train()
            self._time()
        except BaseException:
            self.executor.close()
            self.write("interrupted")
            raise
        record = self.write("finished")
        if all(choice["knobs"] is None for choice in record["chosen"]):
            raise Diverged(
                "no rule had a finite run: every rate that was tried diverged.",
                hint=f"Is the data sound? The record is {self.folder.path / RECORD}.",
            )
        return record

    def _describe(self) -> None:
        """Notes what the comparison is made with, and leaves out rules that don't fit some task."""
        jobs: list[Job] = [Describe(task, self.plan.rules) for task in self.plan.tasks]
        unfit: dict[str, str] = {}
        for job, facts in self.executor.run(jobs):
            self.provenance |= facts["environment"]
            _refuse_change(job.task.name, self.before.get(job.task.name), facts["data"])
            self.provenance["data"][job.task.name] = facts["data"]
            unfit |= facts["unfit"]
        rules = tuple(rule for rule in self.plan.rules if rule not in unfit)
        for rule, why in unfit.items():
            self.view.say(f"left out: {rule}: {why}")
        if not rules:
            raise ConfigError("no rule is left to compare.")
        axis = self.plan.axis_rule if self.plan.axis_rule in rules else rules[0]
        self.plan = replace(self.plan, rules=rules, axis_rule=axis)

    def _decide(self) -> None:
        """Both methods are timed with nothing beside them."""
        rules: dict[tuple[str, str], list[str]] = defaultdict(list)
        for contest in self.plan.contests():
            rules[contest.task, contest.estimator].append(contest.rule)
        searches = tunings(self.plan, self.store.outcomes)
        if not pending(searches):
            return
        for (task, estimator), names in rules.items():
            self.view.say_quietly("timing both ways")
            job = Decide(self.plan.task(task), estimator, tuple(names))
            many = self.executor.processes
            decision = replace(self.executor.alone(job), processes=many)
            self.decisions[task, estimator] = decision
            shared = f"; {many} processes" if many > 1 else ""
            self.view.say(f"{task}, batch {estimator}: {decision.reason}{shared}")

    def _train(self) -> None:
        """Wave after wave: a wave is all that can be trained by what is known."""
        while cells := pending(searches := tunings(self.plan, self.store.outcomes)):
            jobs = jobs_for(self.plan, cells, self.decisions, self.executor.processes)
            self.view.expect(len(self.store.outcomes), self._foreseen(searches), _seconds(jobs))
            for job, outcomes in self.executor.run(sorted(jobs, key=lambda job: -job.seconds)):
                self.store.add(outcomes)
                self.view.done(len(outcomes), job.seconds)

    def _foreseen(self, searches: Sequence[Tuning]) -> int:
        """How many cells the comparison will have, if no search is extended any more."""
        reports = len(searches) * self.plan.reporting_seeds
        if self.plan.track == "default":
            return reports
        return reports + sum(len(s.settings) for s in searches) * self.plan.tuning_seeds

    def _time(self) -> None:
        """Each rule alone, at its chosen knobs."""
        for search in tunings(self.plan, self.store.outcomes):
            best = search.best() if search.complete else None
            if best is not None and search.contest not in self.store.timings:
                job = Measure(search.task, search.contest, best, self.plan.timed_updates)
                self.view.say_quietly(f"timing {search.contest.rule} alone")
                self.store.add([self.executor.alone(job)])

    def record(self, status: str) -> dict[str, Any]:
        """The record as far as the comparison is."""
        searches = tunings(self.plan, self.store.outcomes)
        chosen = [search.choice().plain() for search in searches if search.complete]
        spent = round(time.perf_counter() - self._began, 2)
        return {
            "format": FORMAT,
            "kind": "comparison",
            "status": status,
            "provenance": self.provenance
            | {"seconds": spent, "processes": self.executor.processes},
            "plan": self.plan.plain(),
            "methods": [vars(each) for each in self.decisions.values()],
            "cells": [each.plain() for each in _in_order(self.store.outcomes.values())],
            "timings": [each.plain() for each in self.store.timings.values()],
            "chosen": chosen,
        }

    def write(self, status: str) -> dict[str, Any]:
        """Writes the record whole, and returns it."""
        record = self.record(status)
        self.folder.write_json(RECORD, record)
        return record


def _refuse_change(task: str, before: Mapping[str, Any] | None, now: Mapping[str, Any]) -> None:
    """Cells of other data or of another config can't be compared with those that are finished."""
    for key, word in (("fingerprint", "data"), ("config", "config")):
        if before and before.get(key) != now.get(key):
            raise ConfigError(
                f"the {word} of {task} changed since the comparison began.",
                hint="Start another comparison with --out.",
            )


def _seconds(jobs: Sequence[Train]) -> float:
    return sum(job.seconds for job in jobs)


def _in_order(outcomes: Any) -> list[Outcome]:
    """By task, estimator, rule, rate and seed: the same order however the cells ended."""
    return sorted(
        outcomes,
        key=lambda each: (
            *(each.cell.task, each.cell.estimator, each.cell.rule, each.cell.rate),
            *(repr(each.cell.knobs), each.cell.seed),
        ),
    )
