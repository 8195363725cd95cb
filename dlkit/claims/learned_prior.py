"""What a variational autoencoder gains by a prior that is learned, on points along a ring."""

from __future__ import annotations

from dlkit.claims import vae_ring
from dlkit.ranges import PositiveInt


def run(
    *, seed: int = 0, components: PositiveInt = 8, steps: PositiveInt = 1000
) -> dict[str, float]:
    """ELBO in nats of new points, and the share of samples near the ring, with either prior.

    The networks and the data are those of `vae_ring`, for the standard normal prior and for a learned
    mixture of normal distributions (Tomczak & Welling 2018, arXiv:1705.07120, section 2). `gain` is the
    difference of the two ELBOs.

    - `components`: of the mixture.
    - `steps`: updates of each of the two, on 128 new points each.
    """
    normal = vae_ring.run(seed=seed, steps=steps)
    mixture = vae_ring.run(seed=seed, steps=steps, components=components)
    return {
        "elbo_normal": normal["elbo"],
        "elbo_mixture": mixture["elbo"],
        "gain": mixture["elbo"] - normal["elbo"],
        "near_the_ring_normal": normal["near_the_ring"],
        "near_the_ring_mixture": mixture["near_the_ring"],
    }
