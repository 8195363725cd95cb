"""Randomness as a function of integers, not as a stream: nothing that is random holds a state.

Every random number is a hash of what it belongs to (a seed, an epoch, an example), so resuming in
the middle of an epoch needs no saved generator, and no number depends on who asked before.
The hash is the output function of SplitMix64 (Steele, Lea & Flood 2014, "Fast splittable
pseudorandom number generators", figure 14; constants of Stafford's variant 13).
"""

from __future__ import annotations

import torch
from torch import Tensor

_GAMMA = 0x9E3779B97F4A7C15  # 2^64 / golden ratio, odd: the distance between SplitMix64's states
_FIRST, _SECOND = 0xBF58476D1CE4E5B9, 0x94D049BB133111EB
_MASK = (1 << 64) - 1


def mix(*integers: int) -> int:
    """One well-scattered integer from 0 to 2^63 - 1 for a tuple of integers; their order matters.

    Of each integer the lowest 64 bits count.
    """
    state = 0
    for integer in integers:
        state = _scramble(((state ^ integer) + _GAMMA) & _MASK)
    return state >> 1


def permutation(seed: int, epoch: int, n: int) -> Tensor:
    """The order of the `n` examples in an epoch: `(n,)` int64, on the CPU."""
    generator = torch.Generator().manual_seed(mix(seed, epoch))
    return torch.randperm(n, generator=generator)


def uniform(seed: int, epoch: int, indices: Tensor, salt: int) -> Tensor:
    """Numbers in [0, 1), `(B,)` float32, for the examples at `indices` `(B,)` int64.

    They lie on the indices' device. An example's number is the same whatever the rest of the batch
    is; `salt` tells apart the numbers that one example needs. The 24 highest bits of the hash are
    used: all that a float32 can hold.
    """
    states = indices * _signed(_GAMMA) + _signed(mix(seed, epoch, salt) << 1)
    return _shift(_scramble_all(states), 40).to(torch.float32) * 2.0**-24


def _scramble(state: int) -> int:
    state = (state ^ (state >> 30)) * _FIRST & _MASK
    state = (state ^ (state >> 27)) * _SECOND & _MASK
    return state ^ (state >> 31)


def _scramble_all(states: Tensor) -> Tensor:
    """`_scramble` for each int64; products wrap around as they do modulo 2^64."""
    states = (states ^ _shift(states, 30)) * _signed(_FIRST)
    states = (states ^ _shift(states, 27)) * _signed(_SECOND)
    return states ^ _shift(states, 31)


def _shift(states: Tensor, bits: int) -> Tensor:
    """The logical shift to the right; torch's own repeats the sign."""
    return (states >> bits) & ((1 << (64 - bits)) - 1)


def _signed(number: int) -> int:
    """The int64 with the same 64 bits."""
    return number - (1 << 64) if number >> 63 else number
