"""What tables and pages say about a comparison: cells of rows, and sentences. Plain text, no torch."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from string import ascii_letters

from dlkit.comparing import search
from dlkit.comparing.plan import Plan
from dlkit.comparing.report import words
from dlkit.comparing.report.reading import Results
from dlkit.comparing.report.summary import Block, Entry
from dlkit.comparing.report.target import SETTERS

BUDGETS = "as many updates as the task's own batch gets, or as many examples, whichever is more"
"""What an estimator may spend (`plan.evaluation_steps`)."""


@dataclass(frozen=True)
class Column:
    """A heading, what it means, and a cell for each row."""

    heading: str
    meaning: str
    cells: list[str]


def in_order(block: Block) -> list[Entry]:
    """By the mean score, those without one last."""

    def key(entry: Entry) -> tuple[bool, float]:
        return entry.mean is None, -block.task.worth(entry.mean.mean) if entry.mean else 0.0

    return sorted(block.entries, key=key)


def columns(block: Block) -> list[Column]:
    """The table of a field, a row a contestant in the order of `in_order`."""
    letters, unit = _letters(block), " %" if words.is_share(block.task) else ""
    made: list[tuple[str, str, Callable[[Entry], str]]] = [
        (block.axis[:-1], "", lambda e: e.name),
        (
            "rate",
            "chosen by the tuning seeds, with other knobs if any",
            lambda e: words.knobs(e.knobs),
        ),
        (
            f"{block.split}\n{block.task.score}{unit}",
            "mean of the reporting seeds at the end of the budget, with half of its 95 % interval",
            lambda e: _mean(block, e),
        ),
        (
            "tied",
            "those that share a letter cannot be told apart",
            lambda e: letters.get(e.name, "-"),
        ),
        (
            "steps to\ntarget",
            "median updates to hit and hold it",
            lambda e: words.steps(e.median_steps),
        ),
        (
            "time to\ntarget",
            "median time, of this rule alone",
            lambda e: words.seconds(e.median_seconds),
        ),
        ("hits", "reporting seeds that hit and held the target", _hits),
        ("time of\nan update", "median, of this rule alone", _update),
        (
            f"at default\nrate{unit}",
            "validation score at the library's rate",
            lambda e: words.score(block.task, e.at_default).removesuffix(unit),
        ),
        ("width", "decades of rates that score about as well as this one's best", _width),
        ("trials", "settings tried, after extensions of the grid", lambda e: str(e.trials)),
        ("lost", "trials in which a seed diverged", lambda e: str(e.diverged)),
        (
            "edge",
            "whether the best rate is the lowest or the highest tried",
            lambda e: e.edge or "-",
        ),
    ]
    rows = in_order(block)
    return [
        Column(heading, meaning, [make(row) for row in rows]) for heading, meaning, make in made
    ]


def _letters(block: Block) -> dict[str, str]:
    """A letter a group, in the order of the groups."""
    letters: dict[str, str] = {}
    for place, group in enumerate(block.groups):
        letter = ascii_letters[place] if place < len(ascii_letters) else f" {place}"
        for name in group:
            letters[name] = letters.get(name, "") + letter
    return letters


def _mean(block: Block, entry: Entry) -> str:
    if entry.mean is None:
        return "no finite run" if entry.trials else "-"
    mean = words.score(block.task, entry.mean.mean).removesuffix(" %")
    if entry.mean.high is None:
        return mean
    half = entry.mean.high - entry.mean.mean
    return f"{mean} ± {100 * half:.2f}" if words.is_share(block.task) else f"{mean} ± {half:.2g}"


def _update(entry: Entry) -> str:
    return words.seconds(entry.update_seconds[1] if entry.update_seconds else None)


def _hits(entry: Entry) -> str:
    return f"{sum(map(math.isfinite, entry.steps))}/{len(entry.steps)}" if entry.steps else "-"


def _width(entry: Entry) -> str:
    return f"{entry.good.decades:.1f}" if entry.good else "-"


def sentences(results: Results, block: Block) -> list[str]:
    """Target, groups, detectable difference, and how the cells were run."""
    own = [f"Their budgets differ: {BUDGETS}."] if block.axis == "estimators" else []
    return [*own, *_target(block), *_groups(block), *_methods(results, block)]


def _target(block: Block) -> list[str]:
    if block.target is None:
        return []
    score = words.score(block.task, block.target.score)
    setter = block.target.setter
    why = f"the median of {setter}'s best scores" if setter else "as given"
    return [f"Target: {score} validation {block.task.score}, {why}."]


def _groups(block: Block) -> list[str]:
    if not block.groups:
        return []
    said = [
        f"Cannot be told apart: {words.listed(group)}." for group in block.groups if len(group) > 1
    ]
    found = words.spread(block.task, block.detectable)
    seeds = max(entry.seeds for entry in block.entries)
    return [
        *(said or ["All are told apart."]),
        f"{seeds} seeds find a difference of {found} in 80 of 100 comparisons.",
    ]


def _methods(results: Results, block: Block) -> list[str]:
    """The planner's decision for each estimator of the field."""
    own = {entry.estimator for entry in block.entries}
    here = [each for each in results.methods if each["task"] == block.task.name]
    return [
        f"Batch {each['estimator']}: {each['reason']}; {each['processes']} "
        f"process{'es' * (each['processes'] != 1)}."
        for each in here
        if each["estimator"] in own
    ]


def protocol(results: Results) -> list[str]:
    """What everything rests on: tracks, seeds, budgets, splits."""
    plan = results.plan
    said = [
        f"Track {plan.track}: {_track(plan)}; reported on seeds {_seeds(plan.seeds('reporting'))}.",
        "A seed gives the same weights and the same batches to every rule and rate. Chosen and aimed "
        "at on the validation split; scored on the test split once.",
    ]
    if plan.target is None:
        setters = words.listed([rule for rule in SETTERS if rule in plan.rules] or list(plan.rules))
        said.append(f"A target is the best of the medians of the best scores of {setters}.")
    said += [
        f"Budget of every training: {task.name}: {task.epochs} epochs of batch {task.batch_size}, "
        f"{task.schedule} schedule, weight decay {task.weight_decay:g}, scored {task.evaluations} times."
        for task in plan.tasks
    ]
    return said


def _track(plan: Plan) -> str:
    if plan.track == "default":
        return "no tuning: the library's default rates"
    grid = f"{plan.rates} learning rates a factor of {search.FACTOR:g} apart"
    more = (
        f"at most {plan.most_extensions} times {search.EXTENSION} more while the best is at an edge"
    )
    finer = f", then {search.FINER} settings of further knobs" if plan.track == "full" else ""
    return f"{grid}, {more}{finer}, tuned on seeds {_seeds(plan.seeds('tuning'))}"


def _seeds(seeds: Sequence[int]) -> str:
    return f"{seeds[0]}-{seeds[-1]}" if len(seeds) > 1 else str(seeds[0])


def provenance(results: Results) -> list[tuple[str, str]]:
    """Names and values of everything that the record says about its making."""
    plain = {key: value for key, value in results.provenance.items() if key != "data"}
    rows = [(key.replace("_", " "), str(value)) for key, value in plain.items()]
    for name, facts in results.provenance.get("data", {}).items():
        rows += [(f"{name}: {key}", _plain(value)) for key, value in facts.items()]
    return rows


def _plain(value: object) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{key} {each}" for key, each in value.items())
    return str(value)
