"""An event as a line of JSON, and back.

`{"event": "StepDone", "time": "2025-01-31T12:00:00+00:00", "step": 10, …}`. JSON has no infinite
numbers: they are written as the strings `nan`, `inf` and `-inf`.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import fields
from datetime import UTC, datetime
from typing import Any, get_args, get_origin, get_type_hints

from dlkit.events import Event

KINDS = {kind.__name__: kind for kind in Event.__subclasses__()}
TYPES = {name: get_type_hints(kind) for name, kind in KINDS.items()}


def encode(event: Event) -> str:
    """`event` as one line, without its line break."""
    record: dict[str, Any] = {
        "event": type(event).__name__,
        "time": datetime.now(UTC).isoformat(timespec="seconds"),
    }
    record |= {field.name: _jsonable(getattr(event, field.name)) for field in fields(event)}
    return json.dumps(record, allow_nan=False, ensure_ascii=False)


def parse(line: bytes) -> dict[str, Any]:
    """The JSON object of a line. Raises `ValueError` when it is not that of an event."""
    try:
        record = json.loads(line)
    except ValueError:  # JSON and UTF-8 alike
        record = None
    if not isinstance(record, dict) or not isinstance(record.get("step"), int):
        raise ValueError("not an event")
    if str(record.get("event")) not in KINDS:
        raise ValueError(f"no event is called {record.get('event')!r}")
    return record


def decode(record: Mapping[str, Any]) -> Event:
    """The event that a parsed line holds. Raises `ValueError` when its fields do not fit."""
    name = record["event"]
    given = {key: value for key, value in record.items() if key not in ("event", "time")}
    try:
        return KINDS[name](
            **{key: _restored(item, TYPES[name][key]) for key, item in given.items()}
        )
    except (KeyError, TypeError, AttributeError) as error:
        raise ValueError(f"not a {name}") from error


def _jsonable(value: Any) -> Any:
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)
    if isinstance(value, Mapping):
        return {key: _jsonable(item) for key, item in value.items()}
    if isinstance(value, tuple | list):
        return [_jsonable(item) for item in value]
    return value


def _restored(value: Any, hint: Any) -> Any:
    """`value` as the annotation `hint` has it: numbers as floats, lists as tuples."""
    if hint is float:
        return float(value)
    if get_origin(hint) is tuple:
        return tuple(_restored(item, get_args(hint)[0]) for item in value)
    if get_origin(hint) is Mapping:
        return {key: _restored(item, get_args(hint)[1]) for key, item in value.items()}
    return value
