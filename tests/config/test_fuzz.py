"""Whatever the file holds: a config or a `ConfigError`, and never another exception."""

from pathlib import Path
from typing import Any

import yaml
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from dlkit.catalog import TABLES
from dlkit.config.dump import dump
from dlkit.config.load import load
from dlkit.config.routing import route
from dlkit.config.schema import COMPONENTS, SECTIONS
from dlkit.config.sections import SETTINGS
from dlkit.config.sections import settings as settings_of
from dlkit.errors import ConfigError, render

fuzz = settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)

NAMES = [name for table in TABLES.values() for name in table.names()]
OPTIONS = [
    *(key for section in SETTINGS for key in settings_of(section).names()),
    *(
        key
        for table in COMPONENTS.values()
        for n in table.names()
        for key in table.signature(n).names()
    ),
]
SCALARS = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=10)
    | st.sampled_from(NAMES)
    | st.sampled_from([10**30, 1e-3, "full", "~", "<<", "a\0b", "1e3"])
)
KEYS = st.sampled_from(["name", *OPTIONS, *NAMES]) | st.text(max_size=5)
ANYTHING = st.recursive(
    SCALARS, lambda x: st.lists(x, max_size=4) | st.dictionaries(KEYS, x, max_size=4), max_leaves=12
)
CONFIGS = st.dictionaries(
    st.sampled_from(SECTIONS) | st.text(max_size=5), st.sampled_from(NAMES) | ANYTHING, max_size=8
)
YAML_TEXT = st.text(st.sampled_from("ab1 \n\t:-?[]{},&*!|>'\"%@`#~<.e+x\\\ufeff\u2028\x85\r"))


def answered(content: bytes, *overrides: str) -> None:
    """Loads the content as a config; what comes out can be printed, or used and read again."""
    path = Path("c.yaml")
    path.write_bytes(content)
    try:
        config = load(path, overrides)
    except ConfigError as error:
        render(error.problems).encode()
    else:
        route(config)
        path.write_text(dump(config.resolved()), encoding="utf-8")
        assert load(path) == config


@fuzz
@given(st.binary(max_size=200))
@example(b"\xff\xfe")
def test_any_bytes_are_answered(content: bytes):
    """Bytes that mostly are no text."""
    answered(content)


@fuzz
@given(YAML_TEXT | st.text())
@example('a: "\\U99999999"')
@example("%YAML 1.2\n---\na: 1")
@example("%TAG ! tag:x,2000:\n---\n!a b")
def test_any_text_is_answered(text: str):
    """Text with all the signs of YAML in any order."""
    answered(text.encode("utf-8", "replace"))


@fuzz
@given(CONFIGS)
def test_any_data_are_answered(data: dict[str, Any]):
    """Mappings of known and unknown sections to values of every kind, as PyYAML writes them."""
    answered(yaml.safe_dump(data, allow_unicode=True).encode("utf-8", "replace"))


@fuzz
@given(CONFIGS)
def test_any_data_beside_a_good_config_are_answered(data: dict[str, Any]):
    """The same, where data and model are right, so that all further checks run."""
    answered(dump({**data, "data": "digits", "model": "cnn"}).encode("utf-8", "replace"))


@example(["model", "name"], [], False)
@fuzz
@given(
    st.lists(st.sampled_from([*SECTIONS, *OPTIONS, *NAMES, "name", ""]), min_size=1, max_size=4),
    ANYTHING,
    st.booleans(),
)
def test_any_override_is_answered(keys: list[str], value: Any, as_yaml: bool):
    """Known keys in any order, set to values of every kind."""
    word = dump(value).strip() if as_yaml else str(value)
    answered(b"data: digits\nmodel: cnn\noptimizer: adam\n", f"{'.'.join(keys)}={word}")


@fuzz
@given(st.text())
def test_any_text_as_an_override_is_answered(text: str):
    """Overrides that are none."""
    answered(b"data: digits\nmodel: cnn\n", text)
