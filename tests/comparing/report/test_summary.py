"""What a record says in numbers, against scipy and by hand."""

import copy
import json
import math
from collections.abc import Callable
from statistics import fmean, median
from typing import Any

import numpy as np
import pytest
from scipy import stats

from dlkit.comparing.plan import Contest, Plan, Task
from dlkit.comparing.record import Outcome
from dlkit.comparing.report import as_json
from dlkit.comparing.report.reading import Results
from dlkit.comparing.report.summary import Block, Entry, summarise
from dlkit.comparing.report.target import Target, hit

Record = dict[str, Any]
Maker = Callable[..., Record]


def block_of(record: Record, place: int = 0) -> Block:
    return summarise(Results(record)).blocks[place]


def entry_of(record: Record, name: str, place: int = 0) -> Entry:
    return next(each for each in block_of(record, place).entries if each.name == name)


def reported(record: Record, rule: str, estimator: str = "32") -> list[Record]:
    """The reporting cells of a rule on the first task."""
    name = record["plan"]["tasks"][0]["name"]
    wanted = (name, estimator, rule, "reporting")
    return [
        c for c in record["cells"] if (c["task"], c["estimator"], c["rule"], c["phase"]) == wanted
    ]


def test_the_mean_and_its_interval_are_those_of_the_test_scores(small: Record) -> None:
    """Mean and 95 % interval equal scipy's t interval of the five reporting seeds."""
    scores = [cell["test"]["accuracy"] for cell in reported(small, "adam")]
    low, high = stats.t.interval(0.95, 4, loc=np.mean(scores), scale=stats.sem(scores))
    mean = entry_of(small, "adam").mean
    assert mean is not None
    assert mean.mean == pytest.approx(fmean(scores))
    assert (mean.low, mean.high) == pytest.approx((low, high))


def test_a_target_is_the_best_median_of_its_setters(small: Record) -> None:
    """Of SGD, Adam and Lion only Adam sets targets: by the median of its trainings' best scores."""
    bests = [max(cell["validation"]["accuracy"]) for cell in reported(small, "adam")]
    assert block_of(small).target == Target(median(bests), "adam")


def test_a_target_that_was_given_is_taken(maker: Maker, a_task: Callable[..., Task]) -> None:
    """A plan's own target needs no setter."""
    record = maker(Plan("given", (a_task(),), ("sgd", "adam"), reporting_seeds=2, target=0.9))
    block = block_of(record)
    assert block.target == Target(0.9, None)
    assert all(math.isfinite(step) for each in block.entries for step in each.steps)


def test_a_hit_must_be_held_and_a_diverged_training_has_none() -> None:
    """A single touch is passed over, the last scoring cannot be held, and divergence is a miss."""
    task, target = Task("t", 1, 1), Target(0.9, None)
    [cell] = Contest("t", "1", "sgd").cells([(("learning_rate", 0.1),)], range(1000, 1001))

    def training(*scores: float, diverged: int | None = None) -> Outcome:
        steps = [10 * (k + 1) for k in range(len(scores))]
        return Outcome(cell, "loop", steps, [0.0] * len(scores), {"accuracy": [*scores]},
                       diverged_at=diverged)  # fmt: skip

    assert hit(task, training(0.91, 0.8, 0.9, 0.95, 0.9), target) == 30
    assert hit(task, training(0.1, 0.2, 0.95), target) == math.inf
    assert hit(task, training(0.95, 0.95, diverged=25), target) == math.inf


def test_a_loss_is_reached_from_above() -> None:
    """Where smaller is better, a target is hit by what is below it."""
    task = Task("t", 1, 1, score="loss", direction="min")
    [cell] = Contest("t", "1", "sgd").cells([(("learning_rate", 0.1),)], range(1000, 1001))
    outcome = Outcome(cell, "loop", [1, 2, 3], [0.0] * 3, {"loss": [0.5, 0.2, 0.1]})
    assert hit(task, outcome, Target(0.2, None)) == 2


def test_steps_and_seconds_to_target_are_those_of_the_curves(small: Record) -> None:
    """Recounted from the cells: the first scoring that is held, times the rule's own speed."""
    entry, target = entry_of(small, "adam"), block_of(small).target
    assert target is not None
    expected = []
    for cell in reported(small, "adam"):
        above = [score >= target.score for score in cell["validation"]["accuracy"]]
        held = [k for k in range(len(above) - 1) if above[k] and above[k + 1]]
        expected.append(cell["updates"][held[0]] if held else math.inf)
    assert entry.steps == expected
    assert math.inf in expected
    assert min(expected) < math.inf
    speed = next(each["median"] for each in small["timings"] if each["rule"] == "adam")
    assert entry.seconds == pytest.approx([step * speed for step in expected])
    assert entry.median_steps == sorted(expected)[2]


def test_a_median_with_half_of_the_seeds_missing_is_infinite(wide: Record) -> None:
    """SGD never reaches the target that better rules set; JSON says null."""
    assert entry_of(wide, "sgd").median_steps == math.inf
    rows = as_json(wide)["summary"]["blocks"][0]["entries"]
    assert next(row for row in rows if row["name"] == "sgd")["median_steps"] is None


def test_pairs_are_decided_by_holm_over_all_of_them(wide: Record) -> None:
    """A pair is apart only if Holm's step-down on the larger of both p values says so, and the t
    test of a pair that is apart agrees."""
    block = block_of(wide)
    assert len(block.pairs) == 12 * 11 // 2
    scores = {each.name: each.scores for each in block.entries}
    apart = [pair for pair in block.pairs if pair.apart]
    assert 0 < len(apart) < len(block.pairs)
    for pair in apart:
        assert stats.ttest_rel(scores[pair.one], scores[pair.other]).pvalue <= pair.p <= 0.05
        assert pair.difference == pytest.approx(fmean(scores[pair.one]) - fmean(scores[pair.other]))


def test_groups_are_what_the_data_cannot_tell_apart(wide: Record) -> None:
    """The nine rules made equal are one group; the three made worse are in none of theirs."""
    groups = block_of(wide).groups
    behind = {"sgd", "rmsprop", "adagrad"}
    assert len(groups[0]) == 9
    assert not behind & set(groups[0])
    assert set().union(*groups[1:]) == behind


def test_the_width_ends_where_a_rate_scores_worse(small: Record) -> None:
    """Recounted: neighbours of the best rate within one point of it, in powers of ten."""
    means: dict[float, list[float]] = {}
    for cell in small["cells"]:
        if (cell["rule"], cell["phase"]) == ("adam", "tuning") and cell["diverged_at"] is None:
            rate = cell["knobs"][0][1]
            means.setdefault(rate, []).append(cell["validation"]["accuracy"][-1])
    scores = {rate: fmean(values) for rate, values in means.items()}
    good = [rate for rate, score in scores.items() if score >= max(scores.values()) - 0.01]
    entry = entry_of(small, "adam")
    assert entry.good is not None
    assert (entry.good.low, entry.good.high) == (min(good), max(good))
    assert entry.good.decades == pytest.approx(math.log10(max(good) / min(good)))
    assert entry.at_default == pytest.approx(scores[1e-3])
    assert (entry.trials, entry.diverged) == (13, 2)


def test_the_best_of_all_trials_is_the_best_trial(small: Record) -> None:
    """Best of 1 is the mean of all trials, best of all the maximum, and it never falls; the two that
    diverged count as the worst finite trial of the field."""
    scores: dict[tuple[str, float], list[float]] = {}
    for cell in small["cells"]:
        if cell["phase"] == "tuning" and cell["estimator"] == "32" and cell["diverged_at"] is None:
            scores.setdefault((cell["rule"], cell["knobs"][0][1]), []).append(
                cell["validation"]["accuracy"][-1]
            )
    means = {key: fmean(values) for key, values in scores.items()}
    own = [mean for (rule, _), mean in means.items() if rule == "adam"]
    curve = entry_of(small, "adam").best_of
    assert curve[0] == pytest.approx((sum(own) + 2 * min(means.values())) / 13)
    assert curve[-1] == pytest.approx(max(own))
    assert curve == sorted(curve)


def test_a_rule_without_a_finite_run_is_said_so_and_not_compared(small: Record) -> None:
    """Lion has no mean, no pair and no group, and an alarm of its own."""
    block, entry = block_of(small), entry_of(small, "lion")
    assert entry.mean is None
    assert entry.good is None
    assert block.left_out == ["lion"]
    assert {name for group in block.groups for name in group} == {"sgd", "adam"}
    assert "lion: no finite run, all 13 trials diverged." in block.alarms


def test_a_rule_that_lost_a_reporting_seed_is_in_no_group(small: Record) -> None:
    """Its mean is of the seeds that are left, and the alarm says how many are not."""
    record = copy.deepcopy(small)
    cell = reported(record, "adam")[0]
    cell["diverged_at"], cell["test"] = 7, None
    block = block_of(record)
    expected = (
        "adam diverged in 1 of 5 reporting seeds: it is in no group, its mean is of the others."
    )
    assert expected in block.alarms
    assert block.pairs == []
    assert len(entry_of(record, "adam").scores) == 4


def test_one_seed_gives_no_intervals(lone: Record) -> None:
    """No interval, no pair, no group, no detectable difference, and the reader is told."""
    block = block_of(lone)
    assert block.alarms[0] == "One seed: there are no intervals, and nothing can be told apart."
    assert all(each.mean and each.mean.low is None for each in block.entries)
    assert (block.pairs, block.groups, block.detectable) == ([], [], None)


def test_momentum_that_loses_to_sgd_is_under_tuned(
    maker: Maker, a_task: Callable[..., Task]
) -> None:
    """A planted loss of three points to its own special case is an alarm, not a verdict."""
    plan = Plan("planted", (a_task(),), ("sgd", "momentum"), reporting_seeds=6)
    record = maker(plan, lambda contest: 0.94 if contest.rule == "momentum" else 0.97)
    alarm = "momentum loses to sgd, which it contains: it is under-tuned, not worse."
    assert alarm in block_of(record).alarms
    assert not any("under-tuned" in each for each in block_of(maker(plan)).alarms)


@pytest.mark.parametrize("track", ["lr", "full"])
def test_adam_contains_momentum_once_epsilon_is_tuned(
    maker: Maker, a_task: Callable[..., Task], track: Any
) -> None:
    """On the track `full` Adam's loss to momentum is an alarm, on `lr` a result."""
    plan = Plan("planted", (a_task(),), ("momentum", "adam"), reporting_seeds=6, track=track)
    record = maker(plan, lambda contest: 0.94 if contest.rule == "adam" else 0.97)
    told = any("adam loses to momentum" in each for each in block_of(record).alarms)
    assert told == (track == "full")


def test_best_rates_at_an_edge_are_an_alarm(small: Record) -> None:
    """The grid was extended as often as it may be, and the best is still its last."""
    record = copy.deepcopy(small)
    record["chosen"][1]["edge"] = "high"
    alarm = "The best rate is the highest tried, a better one may lie beyond: adam."
    assert alarm in block_of(record).alarms


def test_a_target_that_nobody_reached_is_an_alarm(small: Record) -> None:
    """A target of 99.9 % is out of reach."""
    record = copy.deepcopy(small)
    record["plan"]["target"] = 0.999
    assert "Nobody reached and held the target of 99.90 %." in block_of(record).alarms


def test_estimators_are_a_field_of_their_own(wide: Record) -> None:
    """The second axis has SGD's own batch among the others, from the full batch to one example."""
    block = block_of(wide, 1)
    assert block.axis == "estimators"
    assert [each.name for each in block.entries] == [
        "full batch",
        "batch 64",
        "batch 32",
        "1 example",
    ]
    assert {each.rule for each in block.entries} == {"sgd"}


def test_the_profile_counts_tasks_and_seeds(wide: Record, small: Record) -> None:
    """At factor 1 a rule's share is how often it was (among) the fastest; one task has no profile."""
    summary = summarise(Results(wide))
    steps = {
        each.name: [step for block in summary.blocks if block.axis == "rules"
                    for e in block.entries if e.name == each.name for step in e.steps]
        for each in summary.blocks[0].entries
    }  # fmt: skip
    problems = list(zip(*steps.values(), strict=True))
    assert len(problems) == 16
    fastest = sum(a == min(all_) < math.inf for a, all_ in zip(steps["nag"], problems, strict=True))
    assert summary.profile["nag"][0] == pytest.approx(fastest / 16)
    assert fastest > 0
    assert summarise(Results(small)).profile == {}


def test_the_summary_is_json_without_nan(wide: Record) -> None:
    """Strict JSON takes it, and the trainings themselves are left out."""
    plain = as_json(wide)
    json.dumps(plain, allow_nan=False)
    assert "cells" not in plain
    assert plain["provenance"] == wide["provenance"]


@pytest.mark.parametrize("cells", [0, 30])
def test_an_interrupted_record_is_reported_as_far_as_it_goes(small: Record, cells: int) -> None:
    """Nothing is chosen yet: no means, no target, and the first alarm says why."""
    cut = small["cells"][:cells]
    record = small | {"status": "interrupted", "cells": cut, "chosen": [], "timings": []}
    block = block_of(record)
    assert (
        block.alarms[0]
        == "The comparison is interrupted: what follows is from the cells it finished."
    )
    assert block.target is None
    assert all(each.mean is None for each in block.entries)


def test_losses_are_compared_the_other_way_round(maker: Maker, a_task: Callable[..., Task]) -> None:
    """With the loss as score the smaller mean leads, and a positive difference still is the better."""
    task = a_task(score="loss", direction="min", tolerance=0.2)
    block = block_of(maker(Plan("loss", (task,), ("sgd", "adam"), reporting_seeds=6)))
    assert block.groups[0] == ["adam"]
    assert block.pairs[0].one == "sgd"
    assert block.pairs[0].difference < 0
    best_of = next(each.best_of for each in block.entries if each.name == "adam")
    assert best_of == sorted(best_of, reverse=True)


def test_without_a_test_split_the_last_validation_score_is_reported(small: Record) -> None:
    """The table says which split its scores are from."""
    record = copy.deepcopy(small)
    for cell in record["cells"]:
        cell["test"] = None
    block = block_of(record)
    assert block.split == "validation"
    expected = [cell["validation"]["accuracy"][-1] for cell in reported(record, "adam")]
    assert entry_of(record, "adam").scores == expected
