"""Writes plain data as YAML that the strict reader reads back as the same data.

PyYAML alone would leave the name `1e3` without quotes, which is a number in YAML 1.2, and write an
alias for a list that occurs twice.
"""

from __future__ import annotations

from typing import Any

import yaml

from dlkit.config.scalars import resolve

_TAGS = {bool: "bool", int: "int", float: "float", str: "str"}


class _Dumper(yaml.SafeDumper):
    """Writes what `resolve` reads back: no aliases, quotes around text that looks otherwise."""

    def ignore_aliases(self, data: Any) -> bool:
        return True

    def resolve(self, kind: Any, value: Any, implicit: Any) -> str:
        """The tag that a word has when it is written without quotes."""
        if kind is not yaml.ScalarNode or not implicit[0]:
            return str(super().resolve(kind, value, implicit))  # type: ignore[no-untyped-call]
        try:
            name = _TAGS.get(type(resolve(value)), "null")
        except ValueError:
            name = "int"
        return f"tag:yaml.org,2002:{'merge' if value == '<<' else name}"


def dump(data: Any) -> str:
    """Plain data as YAML text that `text.parse` reads back as the same data."""
    return yaml.dump(data, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=100)
