"""Options: what `dlkit.signatures` reads from the source is what Python sees."""

import inspect
from typing import get_type_hints

import pytest

from dlkit.catalog import ACTIVATIONS, LOSSES

COMPONENTS = [(table, name) for table in (ACTIVATIONS, LOSSES) for name in table.names()]


@pytest.mark.parametrize(("table", "name"), COMPONENTS, ids=[name for _, name in COMPONENTS])
def test_options_read_from_source_are_python_s(table, name):
    """Names, annotations and defaults agree; everything has a default and is keyword-only."""
    component, read = table.load(name), table.signature(name)
    parameters = inspect.signature(component).parameters
    hints = get_type_hints(component, include_extras=True)

    assert {each.name: each.default for each in read.options} == {
        key: parameter.default for key, parameter in parameters.items()
    }
    assert all(each.annotation == hints[each.name] for each in read.options)
    assert all(each.kind is inspect.Parameter.KEYWORD_ONLY for each in parameters.values())
    assert read.doc == inspect.getdoc(component)


def test_every_option_is_in_its_docstring():
    """A learner finds each option explained where the component is."""
    for table, name in COMPONENTS:
        read = table.signature(name)
        assert all(f"- `{option}`: " in read.doc for option in read.names()), name
