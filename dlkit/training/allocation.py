"""Lets the C library keep the memory that a step frees for the next step."""

from __future__ import annotations

import ctypes

M_TRIM_THRESHOLD, M_MMAP_MAX = -1, -4
"""Numbers of glibc's `mallopt` (malloc.h)."""


def keep_freed_memory() -> bool:
    """Asks glibc not to hand large freed buffers back to the kernel; whether it agreed.

    Feature maps of a few MiB are otherwise mapped anew, and cleared page by page, at every step on
    the CPU: 11 % of the time of the residual network of `configs/resnet_fashion_mnist.yaml`
    (docs/speed.md). Where there is no glibc nothing is changed. The peak of memory stays; it is
    only given back later.
    """
    try:
        mallopt = ctypes.CDLL(None).mallopt
    except (AttributeError, OSError):
        return False
    return bool(mallopt(M_MMAP_MAX, 0) and mallopt(M_TRIM_THRESHOLD, 2**31 - 1))
