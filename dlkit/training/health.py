"""Notices what does not stop a run but should be known: exploding gradients, a loss that is nothing."""

from __future__ import annotations

from collections.abc import Mapping
from statistics import median
from typing import Any

TIMES_THE_MEDIAN = 1e4
REMEMBERED = 50


class Health:
    """Watches the logged scalars of a run; says each kind of trouble once."""

    def __init__(self) -> None:
        self._norms: list[float] = []
        self._said: list[str] = []

    def complaints(self, scalars: Mapping[str, float], step: int) -> list[str]:
        """What to warn of after `step` updates, in words."""
        found = {"explosion": self._explosion(scalars, step), "zero": _zero_loss(scalars, step)}
        new = {kind: words for kind, words in found.items() if words and kind not in self._said}
        self._said += new
        return list(new.values())

    def _explosion(self, scalars: Mapping[str, float], step: int) -> str:
        norm = scalars.get("gradient_norm")
        if norm is None:
            return ""
        usual = median(self._norms) if self._norms else norm
        self._norms = [*self._norms, norm][-REMEMBERED:]
        if usual == 0 or norm <= TIMES_THE_MEDIAN * usual:
            return ""
        return (
            f"the gradient norm at step {step} is {norm:.3g}, {norm / usual:.0f} times its usual "
            f"{usual:.3g}: gradients explode. Bound them with regularization.clip_norm, or lower "
            "optimizer.learning_rate."
        )

    def state(self) -> dict[str, Any]:
        """What a resumed run needs so as not to repeat itself."""
        return {"norms": self._norms, "said": self._said}

    def restore(self, state: dict[str, Any]) -> None:
        """Takes up a saved `state`."""
        self._norms, self._said = list(state["norms"]), list(state["said"])


def _zero_loss(scalars: Mapping[str, float], step: int) -> str:
    if scalars.get("loss") != 0.0:
        return ""
    return (
        f"the training loss up to step {step} is exactly 0: there is nothing to learn. Are all "
        "targets equal, or is the loss saturated?"
    )
