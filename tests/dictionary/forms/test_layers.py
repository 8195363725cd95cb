"""The layers' forms on lists of rows give what torch gives."""

import pytest
import torch
from torch.nn import functional as F  # noqa: N812

from dlkit.dictionary.forms import layers, sequence_layers


def random(*shape: int) -> torch.Tensor:
    return torch.randn(*shape, generator=torch.Generator().manual_seed(0), dtype=torch.float64)


def same(rows: list, tensor: torch.Tensor) -> None:
    torch.testing.assert_close(torch.tensor(rows, dtype=torch.float64), tensor)


def test_dense_is_linear():
    """`W x + b` of the form is `F.linear`."""
    x, w, b = random(3), random(2, 3), random(2)
    same(layers.dense(x.tolist(), w.tolist(), b.tolist()), F.linear(x, w, b))


@pytest.mark.parametrize("dilation", [1, 2])
def test_cross_correlation_is_conv2d(dilation):
    """torch's convolution is the form's cross-correlation, dilated or not."""
    x, k = random(7, 8), random(3, 2)
    got = layers.cross_correlation(x.tolist(), k.tolist(), dilation=dilation)
    same(got, F.conv2d(x[None, None], k[None, None], dilation=dilation)[0, 0])


def test_true_convolution_turns_the_kernel():
    """Convolution proper is torch's with the kernel flipped along both axes."""
    x, k = random(5, 6), random(3, 3)
    got = layers.true_convolution(x.tolist(), k.tolist())
    same(got, F.conv2d(x[None, None], k.flip(0, 1)[None, None])[0, 0])


@pytest.mark.parametrize("stride", [1, 2, 3])
def test_transposed_convolution_is_torchs(stride):
    """Kernels put down and added up are `F.conv_transpose2d`."""
    x, k = random(3, 4), random(2, 3)
    got = layers.transposed_convolution(x.tolist(), k.tolist(), stride=stride)
    same(got, F.conv_transpose2d(x[None, None], k[None, None], stride=stride)[0, 0])


@pytest.mark.parametrize(
    ("size", "kernel_size", "stride", "padding", "dilation"),
    [(8, 3, 1, 0, 1), (8, 3, 2, 1, 1), (9, 5, 2, 2, 2), (32, 7, 3, 3, 1), (11, 4, 5, 0, 3)],
)
def test_output_size_is_torchs(size, kernel_size, stride, padding, dilation):
    """The formula of the size is the length of torch's output."""
    out = F.conv1d(
        random(1, 1, size),
        random(1, 1, kernel_size),
        stride=stride,
        padding=padding,
        dilation=dilation,
    )
    got = layers.output_size(size, kernel_size, stride=stride, padding=padding, dilation=dilation)
    assert got == out.shape[-1]


@pytest.mark.parametrize(("size", "kernel_size", "stride", "padding"), [(4, 2, 2, 0), (5, 4, 3, 1)])
def test_transposed_output_size_is_torchs(size, kernel_size, stride, padding):
    """The formula of the size is the length of torch's output."""
    out = F.conv_transpose1d(
        random(1, 1, size), random(1, 1, kernel_size), stride=stride, padding=padding
    )
    got = layers.transposed_output_size(size, kernel_size, stride=stride, padding=padding)
    assert got == out.shape[-1]


@pytest.mark.parametrize(
    ("kernel_sizes", "strides"), [([3], [1]), ([3, 3, 3], [1, 1, 1]), ([3, 2, 3, 2], [1, 2, 1, 2])]
)
def test_receptive_field_is_the_reach_of_the_gradient(kernel_sizes, strides):
    """As many pixels have a gradient of one output as the formula says."""
    x = torch.zeros(1, 1, 64, requires_grad=True)
    out = x
    for kernel_size, stride in zip(kernel_sizes, strides, strict=True):
        out = F.conv1d(out, torch.ones(1, 1, kernel_size), stride=stride)
    out[0, 0, 3].backward()
    assert int((x.grad != 0).sum()) == layers.receptive_field(kernel_sizes, strides)


def test_pooling_is_torchs():
    """The largest and the mean value of each square; what doesn't fill a square is left out."""
    x = random(5, 7)
    same(layers.max_pooling(x.tolist()), F.max_pool2d(x[None], 2)[0])
    same(layers.average_pooling(x.tolist()), F.avg_pool2d(x[None], 2)[0])


def test_max_unpooling_is_torchs():
    """Maxima return to their places."""
    x = random(4, 6)
    pooled, places = F.max_pool2d(x[None], 2, return_indices=True)
    same(layers.max_unpooling(x.tolist()), F.max_unpool2d(pooled, places, 2)[0])


def test_nearest_is_torchs():
    """Repetition is interpolation with the nearest pixel."""
    x = random(2, 3)
    same(layers.nearest(x.tolist()), F.interpolate(x[None, None], scale_factor=2)[0, 0])


def test_residual_adds_its_input():
    """`F(x) + x`."""
    x, w, b = random(3), random(3, 3), random(3)
    got = layers.residual(lambda v: layers.dense(v, w.tolist(), b.tolist()), x.tolist())
    same(got, F.linear(x, w, b) + x)


def test_attention_is_torchs():
    """The form is `scaled_dot_product_attention`."""
    q, k, v = random(2, 4), random(3, 4) + 1, random(3, 5)
    got = sequence_layers.attention(q.tolist(), k.tolist(), v.tolist())
    same(got, F.scaled_dot_product_attention(q[None], k[None], v[None])[0])


def test_gru_is_torchs():
    """The form is `nn.GRUCell` with its weights cut into the three gates."""
    with torch.random.fork_rng():
        torch.manual_seed(0)
        cell = torch.nn.GRUCell(3, 2, dtype=torch.float64)
    x, h = random(3), random(2)
    inputs, states = cell.weight_ih.reshape(3, 2, 3), cell.weight_hh.reshape(3, 2, 2)
    bias = torch.cat([cell.bias_ih, cell.bias_hh]).reshape(6, 2)
    got = sequence_layers.gru(
        x.tolist(), h.tolist(), inputs.tolist(), states.tolist(), bias.tolist()
    )
    same(got, cell(x[None], h[None])[0].detach())
