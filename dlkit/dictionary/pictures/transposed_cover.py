"""How many kernels meet at each pixel behind a transposed convolution along a line."""

from __future__ import annotations

from dlkit.dictionary.drawing import Line, Picture
from dlkit.dictionary.forms.layers import transposed_convolution


def draw() -> Picture:
    """10 pixels of 1, stride 2, a kernel of ones: 3 wide (uneven) and 4 wide (even)."""
    return Picture(
        (0.0, 22.0),
        (0.0, 3.0),
        lines=[
            Line(_cover(3), "kernel 3, stride 2", "カーネル3、ストライド2"),
            Line(_cover(4), "kernel 4, stride 2", "カーネル4、ストライド2", style="dashed"),
        ],
    )


def _cover(kernel_size: int) -> list[tuple[float, float]]:
    (row,) = transposed_convolution([[1.0] * 10], [[1.0] * kernel_size], stride=2)[:1]
    return [(float(i), value) for i, value in enumerate(row)]
