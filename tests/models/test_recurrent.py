"""Recurrent networks: torch's own numbers, whole or in parts, padded or alone; how they start."""

import pytest
import torch
from torch import nn

from dlkit.data.dataset import Facts, Padded
from dlkit.errors import ConfigError, OptionError
from dlkit.models.recurrent import gru, lstm, rnn

FACTS = Facts((7, 3), 4, "classes")
TOKENS = Facts((7,), 11, "tokens", tuple("abcdefghijk"))
CELLS = {"rnn": (rnn, nn.RNN), "lstm": (lstm, nn.LSTM), "gru": (gru, nn.GRU)}
X = torch.randn(5, 7, 3, generator=torch.Generator().manual_seed(0))
WORDS = torch.randint(11, (5, 7), generator=torch.Generator().manual_seed(1))


def build(name, facts=FACTS, **options):
    torch.manual_seed(0)
    return CELLS[name][0](facts, nn.ReLU, hidden=6, **options).eval()


def torchs(name, model, *, features=3, layers=1, bidirectional=False):
    """torch's module of several layers with the weights of `model`, whose layers are one each."""
    whole = CELLS[name][1](features, 6, layers, batch_first=True, bidirectional=bidirectional)
    with torch.no_grad():
        for number, layer in enumerate(model.layers):
            for key, weight in layer.named_parameters():
                getattr(whole, key.replace("_l0", f"_l{number}")).copy_(weight)
    return whole


@pytest.mark.parametrize("name", CELLS)
@pytest.mark.parametrize("bidirectional", [False, True])
def test_layers_are_torch_s(name, bidirectional):
    """Two layers one by one are torch's module of two; the last state goes to the output layer."""
    model = build(name, layers=2, bidirectional=bidirectional)
    whole = torchs(name, model, layers=2, bidirectional=bidirectional)

    _, state = whole(X)

    hidden = state[0] if isinstance(state, tuple) else state  # (2 directions, B, 6)
    last = torch.cat(list(hidden[-2:] if bidirectional else hidden[-1:]), 1)
    torch.testing.assert_close(model(X), model.output(last))


@pytest.mark.parametrize("readout", ["mean", "max", "mean_max"])
def test_readouts_are_over_all_steps(readout):
    """Mean, largest value, or both in a row, of the outputs of each unit."""
    model = build("gru", readout=readout)
    outputs, _ = torchs("gru", model)(X)

    parts = {"mean": outputs.mean(1), "max": outputs.max(1).values}
    read = torch.cat([parts[each] for each in readout.split("_")], 1)
    torch.testing.assert_close(model(X), model.output(read))


@pytest.mark.parametrize("name", CELLS)
@pytest.mark.parametrize("readout", ["last", "mean", "max", "mean_max"])
@pytest.mark.parametrize("bidirectional", [False, True])
def test_padded_sequences_are_as_if_alone(name, readout, bidirectional):
    """Whatever stands beyond a sequence's end, its outputs are those of the sequence by itself."""
    model = build(name, layers=2, readout=readout, bidirectional=bidirectional)
    lengths = torch.tensor([4, 7, 1, 6, 3])
    beyond = torch.arange(7) >= lengths[:, None]
    alone = torch.cat([model(x[None, :n]) for x, n in zip(X, lengths, strict=True)])

    torch.testing.assert_close(
        model(Padded(X.masked_fill(beyond[:, :, None], 0.0), lengths)), alone
    )
    torch.testing.assert_close(
        model(Padded(X.masked_fill(beyond[:, :, None], 9.0), lengths)), alone
    )


def test_padding_has_no_gradient():
    """What stands beyond the end of a sequence moves nothing."""
    values = X.clone().requires_grad_()
    lengths = torch.tensor([4, 7, 1, 6, 3])
    build("lstm", readout="mean_max", bidirectional=True)(Padded(values, lengths)).sum().backward()

    reached = values.grad.abs().amax(2) > 0
    assert torch.equal(reached, torch.arange(7) < lengths[:, None])


@pytest.mark.parametrize("name", CELLS)
def test_steps_go_on_where_they_stopped(name):
    """Two halves with the state carried over are the whole, and the start is a state of zeros."""
    model = build(name, TOKENS, layers=2)
    whole, end = model.steps(WORDS, model.initial_state(5))
    first, state = model.steps(WORDS[:, :3])
    second, last = model.steps(WORDS[:, 3:], state)

    torch.testing.assert_close(torch.cat([first, second], 1), whole)
    torch.testing.assert_close(last, end)
    torch.testing.assert_close(model(WORDS), whole)
    assert whole.shape == (5, 7, 11)
    assert [tuple(part.shape) for part in end] == [(2, 5, 6)] * (2 if name == "lstm" else 1)


def test_one_hot_tokens_are_an_embedding_by_the_identity():
    """Without an embedding a token is a row of zeros with a one; each embedding is a learnt row."""
    plain, embedded = build("gru", TOKENS), build("gru", TOKENS, embedding=11)
    plain.load_state_dict(
        {key: value for key, value in embedded.state_dict().items() if key != "embedding.weight"}
    )
    nn.init.eye_(embedded.embedding.weight)

    torch.testing.assert_close(plain(WORDS), embedded(WORDS))
    assert build("gru", TOKENS, embedding=5).embedding.weight.shape == (11, 5)


def test_identity_start_is_the_irnn():
    """U is the identity, the biases are 0, W is small: a state stays as it is where nothing comes in."""
    model = build("rnn", nonlinearity="relu", initialisation="identity", layers=2)
    for layer in model.layers:
        assert torch.equal(layer.weight_hh_l0, torch.eye(6))
        assert not layer.bias_ih_l0.any()
        assert not layer.bias_hh_l0.any()
        assert layer.weight_ih_l0.std().item() == pytest.approx(0.001, rel=0.5)
    state = torch.rand(1, 5, 6)
    outputs, _ = model.layers[1](torch.zeros(5, 50, 6), state)
    assert torch.equal(outputs[:, -1], state[0])


def test_identity_start_needs_relu():
    """With tanh the identity would shrink the state at each step."""
    with pytest.raises(OptionError) as caught:
        build("rnn", initialisation="identity")
    assert str(caught.value) == "initialisation: identity is made for ReLU units, these are tanh"
    assert caught.value.hint == "Set 'model.nonlinearity: relu'."


@pytest.mark.parametrize("bidirectional", [False, True])
def test_forget_bias_goes_to_one_of_torch_s_two(bidirectional):
    """`bias_ih` of the forget gates has it, `bias_hh` has 0; the other gates are as torch drew them."""
    model = build("lstm", forget_bias=2.0, layers=2, bidirectional=bidirectional)
    drawn = build("lstm", forget_bias=None, layers=2, bidirectional=bidirectional)
    forget = slice(6, 12)
    for (key, weight), before in zip(
        model.layers.named_parameters(), drawn.layers.parameters(), strict=True
    ):
        if "bias" in key:
            expected = before.detach().clone()
            expected[forget] = 2.0 if "bias_ih" in key else 0.0
            assert torch.equal(weight, expected)
        else:
            assert torch.equal(weight, before)


def test_forget_bias_decides_what_a_cell_keeps():
    """Where nothing comes in, a cell keeps sigmoid(forget_bias) of its content each step."""
    layer = build("lstm", forget_bias=1.0).layers[0]
    with torch.no_grad():
        layer.weight_hh_l0.zero_()
        layer.bias_ih_l0[12:18] = 0.0  # what could be written is tanh(0)
        layer.bias_hh_l0[12:18] = 0.0
    cell = torch.rand(1, 5, 6)
    _, (_, kept) = layer(torch.zeros(5, 3, 3), (torch.zeros(1, 5, 6), cell))

    torch.testing.assert_close(kept, cell * torch.sigmoid(torch.tensor(1.0)) ** 3)


@pytest.mark.parametrize("name", CELLS)
def test_orthogonal_start_keeps_lengths(name):
    """The recurrent weights of every gate turn a state without stretching it."""
    for layer in build(name, initialisation="orthogonal", layers=2).layers:
        for gate in layer.weight_hh_l0.split(6):
            torch.testing.assert_close(gate @ gate.T, torch.eye(6))


def test_dropout_acts_upwards_not_in_time():
    """It zeroes what goes to the next layer and to the output, the state of the first goes on whole."""
    model = build("lstm", TOKENS, layers=2, dropout=0.5)
    whole, (hidden, _) = model.steps(WORDS)
    model.train()
    torch.manual_seed(0)
    thinned, (noisy, _) = model.steps(WORDS)

    assert torch.equal(noisy[0], hidden[0])
    assert not torch.allclose(noisy[1], hidden[1])
    assert not torch.allclose(thinned, whole)


def test_dropout_of_packed_sequences_has_its_share():
    """Between layers a quarter of the values of all valid steps is zeroed, the rest scaled up."""
    model = build("gru", layers=2, dropout=0.25).train()
    seen = []
    model.layers[1].register_forward_pre_hook(lambda _, inputs: seen.append(inputs[0].data))
    model(Padded(torch.randn(400, 7, 3), torch.arange(400) % 7 + 1))

    assert (seen[0] == 0).float().mean() == pytest.approx(0.25, abs=0.02)


@pytest.mark.parametrize("name", CELLS)
def test_bfloat16_is_close(name):
    """Under autocast outputs are bf16 and near those of float32, padded ones too."""
    model = build(name, layers=2, bidirectional=True, readout="mean_max")
    for inputs in (X, Padded(X, torch.tensor([4, 7, 1, 6, 3]))):
        expected = model(inputs)
        with torch.autocast("cpu", dtype=torch.bfloat16):
            outputs = model(inputs)
        outputs.float().square().sum().backward()

        assert outputs.dtype == torch.bfloat16
        assert (outputs.float() - expected).norm() < 0.05 * expected.norm()
        assert all(parameter.grad.isfinite().all() for parameter in model.parameters())


@pytest.mark.parametrize("name", CELLS)
def test_tables_and_images_are_refused(name):
    """What has no steps is the config's mistake, and a data set that has them is named."""
    for shape, words in (((10,), "10"), ((1, 8, 8), "1x8x8")):
        with pytest.raises(ConfigError) as caught:
            build(name, Facts(shape, 4, "classes"))
        assert str(caught.value) == (
            f"model '{name}' takes sequences; the data yield {words} numbers an example. "
            "Use a data set of sequences, such as digits_rows, ucr or series."
        )


@pytest.mark.parametrize(
    ("facts", "options", "message"),
    [
        (
            TOKENS,
            {"bidirectional": True},
            "bidirectional: reads the very tokens that are to be predicted",
        ),
        (
            TOKENS,
            {"readout": "mean"},
            "readout: mean gives one output a sequence, tokens need one a step",
        ),
        (TOKENS, {"prompt": "ax"}, "prompt: 'x' is none of the 11 tokens of the data"),
        (FACTS, {"embedding": 8}, "embedding: stands for tokens, and the data yield numbers"),
        (
            FACTS,
            {"embedding_dropout": 0.5},
            "embedding_dropout: acts on tokens, and the data yield numbers",
        ),
    ],
)
def test_options_unfit_for_the_data_are_refused(facts, options, message):
    """Each at its option, so that the config's line can be shown."""
    with pytest.raises(OptionError) as caught:
        build("lstm", facts, **options)
    assert str(caught.value) == message
