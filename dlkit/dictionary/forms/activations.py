"""Activation functions of one number."""

from __future__ import annotations


def relu(x: float) -> float:
    """`max(0, x)`."""
    return max(0.0, x)
