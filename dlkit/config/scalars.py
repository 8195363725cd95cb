"""YAML scalars by the core schema of YAML 1.2.2 (section 10.3.2): what an unquoted word means.

PyYAML follows YAML 1.1, in which `no` is false, `1e-3` text, `010` eight and `1:30` ninety. Here
`no`, `1:30` and dates stay text, `1e-3` is a number and `010` is ten.
"""

from __future__ import annotations

import math
import re
from typing import Any

MAX_DIGITS = 100
"""Characters of a number; more say nothing that a setting needs, and cost time to convert."""

_CONSTANTS: dict[str, Any] = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL"), None),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
    **dict.fromkeys((".inf", ".Inf", ".INF", "+.inf", "+.Inf", "+.INF"), math.inf),
    **dict.fromkeys(("-.inf", "-.Inf", "-.INF"), -math.inf),
    **dict.fromkeys((".nan", ".NaN", ".NAN"), math.nan),
}
_INTEGER = re.compile(r"[-+]?[0-9]+")
_BASED = re.compile(r"0o[0-7]+|0x[0-9a-fA-F]+")
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")


def resolve(word: str) -> Any:
    """The value of an unquoted scalar; `ValueError` if it is a number over `MAX_DIGITS` long."""
    if word in _CONSTANTS:
        return _CONSTANTS[word]
    for pattern, convert in ((_INTEGER, int), (_BASED, _based), (_FLOAT, float)):
        if pattern.fullmatch(word):
            if len(word) > MAX_DIGITS:
                raise ValueError(f"a number of {len(word)} characters is too long")
            return convert(word)
    return word


def _based(word: str) -> int:
    return int(word[2:], 8 if word[1] == "o" else 16)


def show(value: Any) -> str:
    """A value as an error message names it: `the text 'ten'`, `true`, `a list of 3`."""
    if isinstance(value, str):
        return f"the text {quoted(value)}"
    if isinstance(value, dict):
        return "a mapping"
    if isinstance(value, list):
        return f"a list of {len(value)}"
    word = _word(value)
    return f"the number {word}" if word[-1].isdigit() else word


def _word(value: float | bool | None) -> str:
    """A scalar that is not text, as YAML 1.2 writes it."""
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    if isinstance(value, float) and not math.isfinite(value):
        return ".nan" if math.isnan(value) else ".inf" if value > 0 else "-.inf"
    return repr(value)


def quoted(text: str, limit: int = 60) -> str:
    """The text in quotes, on one line and not too long to read."""
    return repr(text if len(text) <= limit else text[: limit - 1] + "…")
