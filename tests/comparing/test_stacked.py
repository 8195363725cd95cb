"""Stacked trainings are single trainings, whoever is beside them."""

from dataclasses import replace
from functools import partial
from typing import Any

import pytest
import torch

from dlkit.comparing import stacked_rules
from dlkit.comparing.gradients import Dense, Mapped, gradients_for
from dlkit.comparing.loop_runner import train_alone
from dlkit.comparing.plan import Cell
from dlkit.comparing.problem import Problem
from dlkit.comparing.record import Outcome
from dlkit.comparing.stacked import MOST_IN_BLOCK, Stack, train_stacked
from dlkit.comparing.stacked_rules import RULES

RATES = {"sgd": 0.5, "momentum": 0.05, "nag": 0.05, "adadelta": 4.0, "muon": 0.05}


def cell(rule: str, seed: int = 0, rate: float | None = None, **knobs: Any) -> Cell:
    rate = RATES.get(rule, 0.01) if rate is None else rate
    return Cell("tiny", "128", rule, (("learning_rate", rate), *knobs.items()), seed)


def same(one: Outcome, other: Outcome, within: float) -> None:
    assert one.updates == other.updates
    assert one.diverged_at == other.diverged_at
    assert one.train_loss == pytest.approx(other.train_loss, abs=within)
    for name, values in one.validation.items():
        assert values == pytest.approx(other.validation[name], abs=within)
    assert one.test == pytest.approx(other.test, abs=within)


@pytest.mark.parametrize("rule", [rule for rule in RULES if rule != "muon"])
def test_a_stacked_cell_is_the_cell_alone(rule: str, exact: Problem) -> None:
    """Curves and test scores of two seeds of every rule, stacked with the others, in float64.

    torch's NAdam keeps one of its numbers in float32.
    """
    cells = [cell(each, seed) for each in RULES for seed in (0, 1000)]
    stacked = {o.cell.key: o for o in train_stacked(exact, cells)}
    for seed in (0, 1000):
        same(
            stacked[cell(rule, seed).key],
            train_alone(exact, cell(rule, seed)),
            1e-7 if rule == "nadam" else 1e-9,
        )


def test_muon_stacked_is_muon_alone(exact: Problem, monkeypatch: pytest.MonkeyPatch) -> None:
    """Muon's matrices are rounded to bfloat16, so it is compared in the working precision."""
    double = partial(stacked_rules.orthogonalised, dtype=torch.float64)
    monkeypatch.setattr(stacked_rules, "orthogonalised", double)
    torchs = "torch.optim._muon._zeropower_via_newtonschulz"
    monkeypatch.setattr(torchs, lambda grad, *_: double(grad[None])[0])
    same(train_stacked(exact, [cell("muon")])[0], train_alone(exact, cell("muon")), 1e-9)


def test_another_rule_beside_it_changes_no_bit(tiny: Any) -> None:
    """In float32: the outcome of adam and sgd is the same with ten other rules in the stack."""
    problem = Problem(tiny)
    few = [cell("adam"), cell("sgd", 1)]
    many = [*(cell(rule, seed) for rule in RULES for seed in range(3))]
    alone = {o.cell.key: o for o in train_stacked(problem, few)}
    beside = {o.cell.key: o for o in train_stacked(problem, many)}
    for key, outcome in alone.items():
        assert outcome.validation == beside[key].validation
        assert outcome.train_loss == beside[key].train_loss


def test_a_diverged_model_is_frozen_and_leaves_the_others_alone(exact: Problem) -> None:
    """It is reported at the step at which its loss was no longer finite; its neighbours go on."""
    wild, calm = cell("sgd", rate=1e200), cell("sgd")
    outcomes = train_stacked(exact, [wild, calm, cell("adam")])
    alone = train_alone(exact, wild)
    assert outcomes[0].diverged_at == alone.diverged_at is not None
    assert outcomes[0].updates == alone.updates
    same(outcomes[1], train_stacked(exact, [calm])[0], 0)


def test_all_may_diverge(exact: Problem) -> None:
    """A stack that loses its last model ends there."""
    outcomes = train_stacked(exact, [cell("sgd", 1000, rate=1e200)])
    assert outcomes[0].diverged_at is not None
    assert outcomes[0].test is None
    assert outcomes[0].final("loss") is None


@pytest.mark.parametrize("estimator", ["1000", "full"])
def test_the_last_batch_of_an_epoch_may_be_smaller(estimator: str, exact: Problem) -> None:
    """Of 1,078 examples the second batch of 1,000 has 78."""
    one = replace(cell("adam"), estimator=estimator)
    same(train_stacked(exact, [one])[0], train_alone(exact, one), 1e-9)


def test_knobs_other_than_the_rate_may_differ_in_a_stack(exact: Problem) -> None:
    """Each setting of a knob is a run of rows of its own."""
    cells = [cell("adam"), cell("adam", epsilon=0.1), cell("momentum", momentum=0.5)]
    for outcome in train_stacked(exact, cells):
        same(outcome, train_alone(exact, outcome.cell), 1e-9)


def test_convolutions_are_mapped(exact_cnn: Problem) -> None:
    """A convolutional network goes by vmap, and trains as it does alone."""
    ways = gradients_for(exact_cnn)
    assert isinstance(ways, Mapped)
    cells = [
        replace(cell(rule, seed), estimator="256") for rule in ("adam", "sgd") for seed in (0, 1)
    ]
    for outcome in train_stacked(exact_cnn, cells, ways):
        same(outcome, train_alone(exact_cnn, outcome.cell), 1e-9)


def test_hand_written_gradients_equal_autograd(exact: Problem) -> None:
    """Losses and gradients of both ways, for ten models with batches of their own."""
    w = torch.stack([exact.initial(seed) for seed in range(10)])
    x, y = next(exact.batches(range(10), 32))
    dense, mapped = torch.empty_like(w), torch.empty_like(w)
    one = Dense(exact.layout).losses(w, x, y, dense)
    other = Mapped(exact).losses(w, x, y, mapped)
    torch.testing.assert_close(one, other, rtol=1e-12, atol=1e-12)
    torch.testing.assert_close(dense, mapped, rtol=1e-12, atol=1e-12)


def test_a_large_rule_moves_in_blocks(exact: Problem) -> None:
    """Rows of one rule are cut where the block would not stay in the cache; none is lost."""
    cells = [cell("adam", seed) for seed in range(60)]
    blocks = Stack(exact, cells, gradients_for(exact)).blocks
    assert len(blocks) > 1
    assert [block.rows.stop for block in blocks][:-1] == [block.rows.start for block in blocks][1:]
    assert max(block.w.numel() for block in blocks) <= MOST_IN_BLOCK


def test_running_statistics_are_refused(tiny: Any) -> None:
    """Batch normalisation has buffers, which a stack does not keep apart."""
    model = {"name": "mlp", "hidden": [8], "batch_norm": True}
    with pytest.raises(TypeError, match="running statistics belong to one model at a time"):
        gradients_for(Problem(replace(tiny, model=model)))
