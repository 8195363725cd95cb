"""Options of rules and schedules, as `dlkit.signatures` reads them and as Python sees them."""

import inspect
from typing import get_type_hints

import pytest

from dlkit.catalog import OPTIMIZERS, SCHEDULES

COMPONENTS = [(table, name) for table in (OPTIMIZERS, SCHEDULES) for name in table.names()]
HANDED_IN = {OPTIMIZERS: "groups", SCHEDULES: "steps"}


@pytest.mark.parametrize(("table", "name"), COMPONENTS, ids=[name for _, name in COMPONENTS])
def test_options_read_from_source_are_python_s(table, name):
    """Names, annotations and defaults agree; what is handed in is the one positional parameter."""
    component, read = table.load(name), table.signature(name)
    (handed_in, first), *options = inspect.signature(component).parameters.items()
    hints = get_type_hints(component, include_extras=True)

    assert handed_in == HANDED_IN[table]
    assert first.kind is inspect.Parameter.POSITIONAL_OR_KEYWORD
    assert all(parameter.kind is inspect.Parameter.KEYWORD_ONLY for _, parameter in options)
    assert [each.name for each in read.options] == [key for key, _ in options]
    assert all(each.annotation == hints[each.name] for each in read.options)
    defaults = {key: each.default for key, each in options if each.default is not each.empty}
    assert {each.name: each.default for each in read.options if each.name in defaults} == defaults


def test_only_the_period_of_drops_has_no_default():
    """Every component but `step` can be named without options."""
    from dlkit.signatures import REQUIRED

    required = [
        (name, each.name)
        for table, name in COMPONENTS
        for each in table.signature(name).options
        if each.default is REQUIRED
    ]
    assert required == [("step", "every_epochs")]


def test_every_option_is_in_its_docstring():
    """A learner finds each option explained where the component is."""
    for table, name in COMPONENTS:
        read = table.signature(name)
        assert all(f"- `{option}`: " in read.doc for option in read.names()), name


def test_the_rules_with_a_decay_of_their_own_are_those_that_say_so():
    """The catalogue's fact `decoupled` decides where `regularization.weight_decay` goes."""
    own = {
        name for name in OPTIMIZERS.names() if "weight_decay" in OPTIMIZERS.signature(name).names()
    }
    assert own == {name for name in OPTIMIZERS.names() if OPTIMIZERS[name].facts.get("decoupled")}
