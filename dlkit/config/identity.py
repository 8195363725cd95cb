"""Which keys of a config make a run the run that it is, and which may change when it is resumed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

FREE = ("fit.epochs", "fit.device", "fit.threads", "logging", "checkpoints", "name")
"""Keys, or whole sections, that may change on resume; all others decide what is learned."""

Change = tuple[str, Any, Any]
"""A dotted key, its old value and its new one; None also stands for a key that is not there."""


def differences(
    saved: Mapping[str, Any], now: Mapping[str, Any]
) -> tuple[list[Change], list[Change]]:
    """What differs between two resolved configs: changes of identity keys, then of free ones."""
    old, new = dict(_leaves(saved)), dict(_leaves(now))
    keys = [*old, *(key for key in new if key not in old)]
    changes = [(key, old.get(key), new.get(key)) for key in keys if old.get(key) != new.get(key)]
    identity = [change for change in changes if not is_free(change[0])]
    return identity, [change for change in changes if is_free(change[0])]


def is_free(key: str) -> bool:
    """Whether the value of a dotted key may change on resume."""
    return any(key == free or key.startswith(f"{free}.") for free in FREE)


def _leaves(data: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    """Every value that is no mapping, by its dotted key; lists count as one value."""
    for name, value in data.items():
        key = f"{prefix}{name}"
        if isinstance(value, Mapping):
            yield from _leaves(value, f"{key}.")
        else:
            yield key, value
