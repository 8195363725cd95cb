"""What layers compute, on plain lists: rows of rows of numbers."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

Vector = Sequence[float]
Matrix = Sequence[Sequence[float]]


def dense(x: Vector, weights: Matrix, bias: Vector) -> list[float]:
    """`W x + b`: one row of `weights` and one number of `bias` for each output."""
    return [
        sum(w * v for w, v in zip(row, x, strict=True)) + b
        for row, b in zip(weights, bias, strict=True)
    ]


def cross_correlation(image: Matrix, kernel: Matrix, *, dilation: int = 1) -> list[list[float]]:
    """The sum of products wherever the kernel fits; its cells are `dilation` pixels apart."""
    height, width = span(len(kernel), dilation), span(len(kernel[0]), dilation)
    return [
        [
            sum(
                k * image[i + a * dilation][j + b * dilation]
                for a, row in enumerate(kernel)
                for b, k in enumerate(row)
            )
            for j in range(len(image[0]) - width + 1)
        ]
        for i in range(len(image) - height + 1)
    ]


def true_convolution(image: Matrix, kernel: Matrix) -> list[list[float]]:
    """Convolution as mathematics has it: the kernel is turned by 180 degrees first."""
    return cross_correlation(image, [row[::-1] for row in kernel[::-1]])


def transposed_convolution(image: Matrix, kernel: Matrix, *, stride: int = 1) -> list[list[float]]:
    """Each pixel puts the kernel, times its value, `stride` pixels further; overlaps add up."""
    height = (len(image) - 1) * stride + len(kernel)
    width = (len(image[0]) - 1) * stride + len(kernel[0])
    out = [[0.0] * width for _ in range(height)]
    for i, row in enumerate(image):
        for j, pixel in enumerate(row):
            for a, weights in enumerate(kernel):
                for b, k in enumerate(weights):
                    out[i * stride + a][j * stride + b] += pixel * k
    return out


def span(kernel_size: int, dilation: int) -> int:
    """How many pixels a dilated kernel reaches over: `k + (k - 1) (d - 1)`."""
    return kernel_size + (kernel_size - 1) * (dilation - 1)


def output_size(
    size: int, kernel_size: int, *, stride: int = 1, padding: int = 0, dilation: int = 1
) -> int:
    """Pixels behind a convolution or a pooling: `floor((n + 2p - d (k - 1) - 1) / s) + 1`."""
    return (size + 2 * padding - dilation * (kernel_size - 1) - 1) // stride + 1


def transposed_output_size(
    size: int, kernel_size: int, *, stride: int = 1, padding: int = 0
) -> int:
    """Pixels behind a transposed convolution: `s (n - 1) + k - 2p`."""
    return stride * (size - 1) + kernel_size - 2 * padding


def receptive_field(kernel_sizes: Sequence[int], strides: Sequence[int]) -> int:
    """Pixels of the input that one value behind the layers can depend on, along one axis."""
    field, step = 1, 1
    for kernel_size, stride in zip(kernel_sizes, strides, strict=True):
        field += (kernel_size - 1) * step
        step *= stride
    return field


def max_pooling(image: Matrix, *, size: int = 2) -> list[list[float]]:
    """The largest value of each square of `size`."""
    return _pooled(image, size, max)


def average_pooling(image: Matrix, *, size: int = 2) -> list[list[float]]:
    """The mean of each square of `size`."""
    return _pooled(image, size, lambda values: math.fsum(values) / len(values))


def _pooled(image: Matrix, size: int, reduce: Callable[[list[float]], float]) -> list[list[float]]:
    return [
        [
            reduce([image[i + a][j + b] for a in range(size) for b in range(size)])
            for j in range(0, len(image[0]) - size + 1, size)
        ]
        for i in range(0, len(image) - size + 1, size)
    ]


def nearest(image: Matrix, *, factor: int = 2) -> list[list[float]]:
    """Up-sampling by repetition: each pixel becomes a square of `factor`."""
    return [[v for v in row for _ in range(factor)] for row in image for _ in range(factor)]


def max_unpooling(image: Matrix, *, size: int = 2) -> list[list[float]]:
    """Pools the image, then puts each maximum back where it was, zeros elsewhere."""
    out = [[0.0] * len(row) for row in image]
    for i in range(0, len(image) - size + 1, size):
        for j in range(0, len(image[0]) - size + 1, size):
            cells = [(i + a, j + b) for a in range(size) for b in range(size)]
            row, column = max(cells, key=lambda cell: image[cell[0]][cell[1]])
            out[row][column] = image[row][column]
    return out


def residual(branch: Callable[[Vector], Vector], x: Vector) -> list[float]:
    """`F(x) + x`."""
    return [f + v for f, v in zip(branch(x), x, strict=True)]
