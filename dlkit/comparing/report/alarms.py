"""What makes a comparison doubtful, in sentences. No torch."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from dlkit.comparing.report import words
from dlkit.comparing.report.reading import Field, Results
from dlkit.comparing.report.target import Target
from dlkit.comparing.statistics import Pair

if TYPE_CHECKING:
    from dlkit.comparing.report.summary import Entry

SPECIAL_CASES = {"momentum": ("sgd",), "nag": ("sgd",)}
"""Which rules each contains as the special case of a knob: losing to one says it was not tuned."""


def alarms(
    results: Results,
    field: Field,
    entries: Sequence[Entry],
    pairs: Sequence[Pair],
    target: Target | None,
) -> list[str]:
    """Everything a reader of this field must know before believing it."""
    return [
        *_seeds(results),
        *_trouble(entries, results.plan.reporting_seeds),
        *_edges(entries),
        *(_under_tuned(results, entries, pairs) if field.axis == "rules" else ()),
        *_target(field, entries, target),
    ]


def _seeds(results: Results) -> Iterator[str]:
    if results.status != "finished":
        yield f"The comparison is {results.status}: what follows is from the cells it finished."
    if results.plan.reporting_seeds == 1:
        yield "One seed: there are no intervals, and nothing can be told apart."
    if results.plan.track == "default":
        yield "Nothing was tuned: this is a comparison of default rates, not of rules."


def _trouble(entries: Sequence[Entry], planned: int) -> Iterator[str]:
    for each in entries:
        if each.trials and each.diverged == each.trials:
            yield f"{each.name}: no finite run, all {each.trials} trials diverged."
        elif each.finished < each.seeds:
            lost = each.seeds - each.finished
            yield (
                f"{each.name} diverged in {lost} of {each.seeds} reporting seeds: "
                "it is in no group, its mean is of the others."
            )
        elif 0 < each.seeds < planned:
            yield f"{each.name} has {each.seeds} of {planned} reporting seeds: it is in no group."


def _edges(entries: Sequence[Entry]) -> Iterator[str]:
    for side, word in (("low", "lowest"), ("high", "highest")):
        names = [each.name for each in entries if each.edge == side and each.knobs]
        if names:
            who = words.listed(names)
            yield f"The best rate is the {word} tried, a better one may lie beyond: {who}."


def _under_tuned(
    results: Results, entries: Sequence[Entry], pairs: Sequence[Pair]
) -> Iterator[str]:
    """Wherever a rule loses to its special case (Choi et al. 2019, arXiv:1910.05446, section 3)."""
    contains = dict(SPECIAL_CASES)
    if results.plan.track == "full":  # with a large epsilon Adam nears momentum, so it contains it
        contains |= {each.rule: ("momentum",) for each in entries if "adam" in each.rule}
    for pair in pairs:
        worse, better = (pair.one, pair.other) if pair.difference < 0 else (pair.other, pair.one)
        if pair.apart and better in contains.get(worse, ()):
            yield f"{worse} loses to {better}, which it contains: it is under-tuned, not worse."


def _target(field: Field, entries: Sequence[Entry], target: Target | None) -> Iterator[str]:
    if target is None:
        yield "There is no target: no rule that could set one has a finished training."
    elif not any(step != float("inf") for each in entries for step in each.steps):
        yield f"Nobody reached and held the target of {words.score(field.task, target.score)}."
