"""Which rules of the catalogue are at home on a surface, and which of them were asked for."""

from __future__ import annotations

from collections.abc import Sequence

from dlkit.catalog import OPTIMIZERS
from dlkit.errors import ConfigError

LEFT_OUT = {
    "adamw": "its decay is for weight matrices, and a point has none: it would be adam",
    "muon": "it makes matrices orthogonal, and a point of two parameters is no matrix",
}
"""Rules of the catalogue that a surface does not run, and why."""


def select(optimizers: Sequence[str] | None) -> tuple[list[str], dict[str, str]]:
    """The rules to run, in the order asked for, and those left out with the reasons.

    None asks for all of the catalogue. Raises `ConfigError` for names that it has not, and where
    nothing is left to run.
    """
    wanted = list(dict.fromkeys(OPTIMIZERS.names() if optimizers is None else optimizers))
    unknown = [OPTIMIZERS.complain(name) for name in wanted if name not in OPTIMIZERS]
    if unknown:
        raise ConfigError(*unknown)
    left_out = {name: LEFT_OUT[name] for name in wanted if name in LEFT_OUT}
    rules = [name for name in wanted if name not in LEFT_OUT]
    if not rules:
        reasons = "; ".join(f"{name}: {reason}" for name, reason in left_out.items())
        raise ConfigError(
            f"no rule is left for a surface ({reasons or 'none was named'}).",
            hint="Name others with --optimizers sgd,adam.",
        )
    return rules, left_out
