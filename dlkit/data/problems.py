"""Says what is wrong with data: all of it in one pass, but no flood."""

from __future__ import annotations

from collections.abc import Sequence

from dlkit.errors import DataError, Problem

MOST = 20


def raise_any(problems: Sequence[Problem]) -> None:
    """Raises `DataError` with the first 20 of `problems` and how many more there are, if any."""
    if not problems:
        return
    more = len(problems) - MOST
    raise DataError(*problems[:MOST], *([Problem(f"... and {more} more")] if more > 0 else []))
