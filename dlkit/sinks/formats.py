"""How displays write numbers and durations, so that columns stay as wide as they are."""

from __future__ import annotations

import math


def number(value: float) -> str:
    """Four significant digits in at most 9 columns: `0.1235`, `12.35`, `1.235e-05`, `nan`.

    A negative value takes one column more.
    """
    return f"{value:#.4g}".rstrip(".")


def duration(seconds: float | None) -> str:
    """Minutes and seconds, hours where there are any: `0:07`, `51:04:05`; unknown is `-`."""
    if seconds is None or not math.isfinite(seconds):
        return "-"
    minutes, rest = divmod(int(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


def writable(text: str, encoding: str) -> bool:
    """Whether `encoding` has all characters of `text`."""
    try:
        text.encode(encoding)
    except (UnicodeEncodeError, LookupError):
        return False
    return True


def encodable(text: str, encoding: str | None) -> str:
    """`text` with what `encoding` cannot write as an escape, so that writing never fails."""
    encoding = encoding or "utf-8"
    return text.encode(encoding, "backslashreplace").decode(encoding)
