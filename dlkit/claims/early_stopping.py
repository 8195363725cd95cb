"""What stopping early saves a network that would overfit if it went on."""

from __future__ import annotations

import torch

from dlkit.claims.noisy_moons import fit
from dlkit.ranges import PositiveInt


def run(
    *, seed: int = 0, patience: PositiveInt = 10, updates: PositiveInt = 1200
) -> dict[str, float]:
    """Loss on unseen points of the weights that early stopping keeps, and of the last ones.

    The noisy half-moons of `overfitting_gap`: 60 training points, 200 points for validation, 1,000
    for the measurement, 16 networks. The validation loss is looked at every 15 updates (5 epochs);
    after `patience` looks without a new lowest the training stops, and the weights of the lowest
    are kept. `gap_kept` is the held-out minus the training loss there.
    """
    course = fit(seed=seed, updates=updates, record_every=15).course
    train, validation, held_out = (torch.stack(each) for each in zip(*course, strict=True))
    kept = torch.tensor([_best(losses, patience) for losses in validation.T.tolist()])
    at = kept, torch.arange(len(kept))  # the kept look of each network
    return {
        "held_out_loss_kept": float(held_out[at].mean()),
        "held_out_loss_at_end": float(held_out[-1].mean()),
        "train_loss_kept": float(train[at].mean()),
        "train_loss_at_end": float(train[-1].mean()),
        "gap_kept": float((held_out - train)[at].mean()),
        "updates_kept": float((15.0 * (kept + 1)).mean()),
    }


def _best(losses: list[float], patience: int) -> int:
    """The look with the lowest loss before `patience` looks in a row bring no lower one."""
    best = 0
    for look, loss in enumerate(losses):
        if loss < losses[best]:
            best = look
        if look - best >= patience:
            break
    return best
