"""From the command line to a plan, and what is refused."""

from pathlib import Path
from typing import Any

import pytest

from dlkit.comparing.plan import Plan
from dlkit.comparing.planning import Wishes, plan_for
from dlkit.errors import ConfigError


def quick(**wishes: Any) -> Plan:
    return plan_for(None, None, (), Wishes(**wishes))[0]


def test_without_wishes_it_is_quick() -> None:
    """Offline: scikit-learn's digits."""
    plan = quick()
    assert plan.name == "quick"
    assert [task.data["name"] for task in plan.tasks] == ["digits"]


def test_wishes_change_the_preset() -> None:
    """Each of them."""
    plan = quick(
        optimizers="adam, lion,adam", seeds=7, tuning_seeds=2, rates=5, track="full",
        estimators="full,1,064", budget=3, target=0.9,
    )  # fmt: skip
    assert plan.rules == ("adam", "lion")
    assert (plan.reporting_seeds, plan.tuning_seeds, plan.rates) == (7, 2, 5)
    assert (plan.track, plan.estimators, plan.target) == ("full", ("full", "1", "64"), 0.9)
    assert plan.tasks[0].epochs == 3
    assert plan.axis_rule == "adam", "sgd does not take part"
    assert quick(estimators="none").estimators == ()


def test_other_seeds_are_all_other_seeds() -> None:
    """A second comparison from --first-seed on shares no training with the first."""
    first, second = quick(), quick(first_seed=100)
    for phase in ("tuning", "reporting"):
        assert not set(first.seeds(phase)) & set(second.seeds(phase))
        assert len(first.seeds(phase)) == len(second.seeds(phase))
    assert not set(second.seeds("tuning")) & set(second.seeds("reporting"))


@pytest.mark.parametrize(
    ("wishes", "message"),
    [
        ({"optimizers": "adm"}, "unknown optimizer 'adm'. Did you mean 'adam'?"),
        (
            {"optimizers": "adm,sdg"},
            "unknown optimizer 'adm'. Did you mean 'adam'?; unknown optimizer 'sdg'. Did you mean 'sgd'?",
        ),
        ({"optimizers": ","}, "--optimizers names no rule. Name some: --optimizers adam,sgd."),
        ({"track": "ful"}, "unknown track 'ful'. Did you mean 'full'?"),
        ({"budget": 0}, "--budget 0: epochs train nothing; it must be at least 1."),
        ({"seeds": 0}, "--seeds 0: seeds say nothing; it must be at least 1."),
        ({"first_seed": 999}, "--first-seed 999: tuning seeds are from 0 to 999."),
        ({"rates": -1}, "--rates -1: rates say nothing; it must be at least 1."),
        ({"tuning_seeds": 0}, "--tuning-seeds 0: tuning seeds say nothing; it must be at least 1."),
        (
            {"estimators": "full,0"},
            "--estimators: '0' is no batch size. "
            "Write full for all examples at once, 1 for one, or any number: full,1,64.",
        ),
    ],
)
def test_what_cannot_be_is_refused(wishes: dict[str, Any], message: str) -> None:
    """With the nearest name, or what to write instead."""
    with pytest.raises(ConfigError) as error:
        quick(**wishes)
    assert str(error.value) == message


def test_an_unknown_preset_is_refused() -> None:
    """The nearest is named."""
    with pytest.raises(ConfigError) as error:
        plan_for("lapto", None, (), Wishes())
    assert str(error.value) == "unknown preset 'lapto'. Did you mean 'laptop'?"


def test_a_preset_and_a_config_exclude_each_other() -> None:
    """As do --set and a preset."""
    with pytest.raises(ConfigError, match="--preset and --config are two different comparisons"):
        plan_for("quick", Path("x.yaml"), (), Wishes())
    with pytest.raises(ConfigError, match="--set overrides a key of --config, and there is none"):
        plan_for(None, None, ("fit.epochs=1",), Wishes())
