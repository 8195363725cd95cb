"""Layers: the order inside a hidden layer, names, and what is left out."""

import torch
from torch import nn

from dlkit.nn.layers import dense_layers, output_layer, stack


def test_stack_keeps_order_and_leaves_out_none():
    """Layers run in the order given, under their names; None is no layer."""
    model = stack(first=nn.Flatten(), second=None, third=nn.ReLU())

    assert [name for name, _ in model.named_children()] == ["first", "third"]


def test_hidden_layer_is_linear_norm_activation_dropout():
    """With everything on, a hidden layer has this order, and no bias before its normalisation."""
    layers = dense_layers([5, 4, 3], nn.Tanh, batch_norm=True, dropout=0.5)

    assert [type(part).__name__ for part in layers["hidden1"]] == [
        "Linear",
        "BatchNorm1d",
        "Tanh",
        "Dropout",
    ]
    assert layers["hidden1"].linear.bias is None
    assert layers["output"].bias is not None


def test_a_bias_before_batch_norm_would_have_no_gradient():
    """The reason for leaving it out: its gradient is 0 up to rounding."""
    linear = nn.Linear(5, 4).double()
    y = nn.BatchNorm1d(4).double()(linear(torch.randn(8, 5, dtype=torch.float64)))

    y.square().mul(torch.rand_like(y)).sum().backward()

    assert linear.bias.grad.abs().max() < 1e-12
    assert linear.weight.grad.abs().max() > 1e-3


def test_without_hidden_sizes_there_is_one_linear_layer():
    """Two sizes are inputs and outputs."""
    layers = dense_layers([5, 3], nn.Tanh, batch_norm=True, dropout=0.5)

    assert list(layers) == ["output"]


def test_output_layer_is_the_catalogue_s():
    """A name gives that activation, None gives none."""
    assert output_layer(None) is None
    assert isinstance(output_layer("tanh"), nn.Tanh)
