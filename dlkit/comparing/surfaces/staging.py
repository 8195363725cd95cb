"""What the animations show, on paper and in the terminal: three scenes, and which steps they show."""

from __future__ import annotations

from dataclasses import dataclass

from dlkit.comparing.surfaces import caption
from dlkit.comparing.surfaces.record import Record, Trial

FRAMES = 60


@dataclass(frozen=True)
class Scene:
    """One map with a run of every rule."""

    title: str
    trials: list[Trial]


def scenes(record: Record) -> list[Scene]:
    """All rules at one rate, then at their best, then at their best on the surface turned most."""
    most = record.rotations[-1]
    return [
        Scene(
            f"one rate for all, {caption.number(record.common_rate)}",
            [record.trial(rule, "common") for rule in record.rules],
        ),
        Scene("best rate each, 0°", [record.trial(rule, "best") for rule in record.rules]),
        Scene(
            f"best rate each, turned {caption.degrees(most)}",
            [record.trial(rule, "best", most) for rule in record.rules],
        ),
    ]


def timeline(record: Record, frames: int = FRAMES) -> list[int]:
    """The steps shown: every one at first, then ever fewer, up to the last hit at best rates."""
    hits = [c.steps for c in record.choices if c.steps is not None]
    last = min(record.steps, round(1.1 * max(hits, default=record.steps)) + 3)
    curve = (round(last * (k / frames) ** 2.5) for k in range(frames + 1))
    return sorted({*curve, *range(min(last, 8) + 1)})


def at(trial: Trial, step: int) -> tuple[float, float]:
    """Where the run is at that step; where a run ended, it stays."""
    return trial.path[min(step, len(trial.path) - 1)]


def legend(trial: Trial) -> str:
    """Sign, rule, rate, and steps to the target: `s sgd 0.0178: 174`."""
    rate = caption.number(trial.rate)
    end = caption.outcome(trial).removesuffix("s").removesuffix(" step")
    return f"{caption.SIGNS[trial.rule]} {trial.rule} {rate}: {end}"
