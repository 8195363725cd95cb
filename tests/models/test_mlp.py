"""The multilayer perceptron: its size, its options, and logistic regression as a special case."""

import pytest
import torch
from torch import nn

from dlkit.data.dataset import Facts
from dlkit.errors import ConfigError
from dlkit.models.mlp import mlp

TABLE = Facts((10,), 3, "classes")
IMAGE = Facts((2, 8, 8), 3, "classes")


def count(model):
    return sum(parameter.numel() for parameter in model.parameters())


def test_parameters_in_closed_form():
    """A layer of n to m units has (n + 1) m parameters; batch norm swaps m biases for 2 m."""
    assert count(mlp(TABLE, nn.ReLU, hidden=(7, 5))) == 11 * 7 + 8 * 5 + 6 * 3
    assert count(mlp(TABLE, nn.ReLU, hidden=(7, 5), batch_norm=True)) == 12 * 7 + 9 * 5 + 6 * 3
    assert count(mlp(IMAGE, nn.ReLU)) == (2 * 8 * 8 + 1) * 128 + 129 * 3


def test_it_is_what_a_page_of_torch_would_write():
    """The network equals the product of its weights and activations, written out."""
    model = mlp(IMAGE, nn.Tanh, hidden=(6,))
    x = torch.randn(4, 2, 8, 8)
    first, last = model.hidden1.linear, model.output

    hidden = torch.tanh(x.reshape(4, -1) @ first.weight.T + first.bias)

    torch.testing.assert_close(model(x), hidden @ last.weight.T + last.bias)


def test_sequences_of_several_lengths_are_refused():
    """They come as batches that have no fixed number of values."""
    with pytest.raises(ConfigError, match="takes inputs of one length"):
        mlp(Facts((8, 2), 3, "classes", ragged=True), nn.ReLU)


def test_without_hidden_layers_it_is_linear():
    """`hidden: []` leaves one linear layer, whatever the activation."""
    model = mlp(TABLE, nn.ReLU, hidden=())
    a, b = torch.randn(2, 4, 10)

    torch.testing.assert_close(model(a) + model(b), model(a + b) + model(torch.zeros(1, 10)))


def test_activation_comes_after_each_hidden_layer_only():
    """Outputs are raw: an activation that is always 0 leaves the last layer's bias."""
    model = mlp(TABLE, lambda: nn.Threshold(1e9, 0.0), hidden=(4, 4))

    torch.testing.assert_close(model(torch.randn(2, 10)), model.output.bias.expand(2, 3))


def test_output_activation_is_applied_to_the_outputs():
    """`output_activation: softmax` turns the same outputs into probabilities."""
    torch.manual_seed(0)
    raw = mlp(TABLE, nn.ReLU)
    torch.manual_seed(0)
    normalised = mlp(TABLE, nn.ReLU, output_activation="softmax")
    x = torch.randn(4, 10)

    assert torch.equal(normalised(x), raw(x).softmax(1))


def test_dropout_zeroes_hidden_units_while_training():
    """The given share of units is 0 in training, the rest is scaled up, none is in evaluation."""
    model = mlp(TABLE, nn.Sigmoid, hidden=(5000,), dropout=0.3)
    seen = []
    model.output.register_forward_hook(lambda _, inputs, __: seen.append(inputs[0]))
    x = torch.randn(4, 10)

    model(x), model.eval()(x)

    thinned, whole = seen
    kept = thinned != 0
    assert abs(kept.float().mean().item() - 0.7) < 0.02
    torch.testing.assert_close(thinned[kept], whole[kept] / 0.7)
    assert (whole != 0).all()


def test_initialisation_reaches_the_layers():
    """`initialisation: he` leaves no bias, the default does."""
    assert mlp(TABLE, nn.ReLU).output.bias.any()
    assert not mlp(TABLE, nn.ReLU, initialisation="he").output.bias.any()
