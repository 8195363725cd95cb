"""Update rules against their formulas, written out in NumPy, and against torch's defaults."""

import copy
import inspect

import numpy as np
import pytest
import torch
from torch import nn

from dlkit.errors import OptionError
from dlkit.optim import rules
from dlkit.optim.groups import build_optimizers, parameter_groups

STEPS = 200
FUSED = ["sgd", "momentum", "nag", "adagrad", "adam", "adamw"]
SHAPES = {"weight": (3, 4), "bias": (3,)}


# What each rule subtracts from w at step t (from 1), for the gradient g and the rate r; `s` is its
# memory, which `s.get(key, 0.0)` begins with zeros.


def sgd(s, g, t, r):
    return r * g


def momentum(s, g, t, r, *, m=0.9, d=0.0):
    s["b"] = g if t == 1 else m * s["b"] + (1 - d) * g
    return r * s["b"]


def nag(s, g, t, r, *, m=0.9):
    s["b"] = m * s.get("b", 0.0) + g
    return r * (g + m * s["b"])


def adagrad(s, g, t, r, *, initial=0.0, e=1e-10):
    s["s"] = s.get("s", initial) + g**2
    return r * g / (np.sqrt(s["s"]) + e)


def rmsprop(s, g, t, r, *, a=0.99, e=1e-8):
    s["v"] = a * s.get("v", 0.0) + (1 - a) * g**2
    return r * g / (np.sqrt(s["v"]) + e)


def adadelta(s, g, t, r, *, p=0.9, e=1e-6):
    s["v"] = p * s.get("v", 0.0) + (1 - p) * g**2
    step = np.sqrt(s.get("u", 0.0) + e) / np.sqrt(s["v"] + e) * g
    s["u"] = p * s.get("u", 0.0) + (1 - p) * step**2
    return r * step


def moments(s, g, b1, b2):
    s["m"] = b1 * s.get("m", 0.0) + (1 - b1) * g
    s["v"] = b2 * s.get("v", 0.0) + (1 - b2) * g**2
    return s["m"], s["v"]


def adam(s, g, t, r, *, b1=0.9, b2=0.999, e=1e-8):
    m, v = moments(s, g, b1, b2)
    return r * (m / (1 - b1**t)) / (np.sqrt(v / (1 - b2**t)) + e)


def amsgrad(s, g, t, r, *, b1=0.9, b2=0.999, e=1e-8):
    m, v = moments(s, g, b1, b2)
    s["top"] = np.maximum(s.get("top", 0.0), v)
    return r * (m / (1 - b1**t)) / (np.sqrt(s["top"] / (1 - b2**t)) + e)


def nadam(s, g, t, r, *, b1=0.9, b2=0.999, e=1e-8, c=4e-3):
    m, v = moments(s, g, b1, b2)
    now, ahead = (b1 * (1 - 0.5 * 0.96 ** (c * k)) for k in (t, t + 1))
    s["product"] = s.get("product", 1.0) * now
    looked_ahead = ahead * m / (1 - s["product"] * ahead) + (1 - now) * g / (1 - s["product"])
    return r * looked_ahead / (np.sqrt(v / (1 - b2**t)) + e)


def radam(s, g, t, r, *, b1=0.9, b2=0.999, e=1e-8):
    m, v = moments(s, g, b1, b2)
    longest = 2 / (1 - b2) - 1
    length = longest - 2 * t * b2**t / (1 - b2**t)
    if length <= 5:
        return r * m / (1 - b1**t)
    held = (length - 4) * (length - 2) * longest / ((longest - 4) * (longest - 2) * length)
    return r * m / (1 - b1**t) * np.sqrt(held) * np.sqrt(1 - b2**t) / (np.sqrt(v) + e)


def lion(s, g, t, r, *, b1=0.9, b2=0.99):
    direction = np.sign(b1 * s.get("m", 0.0) + (1 - b1) * g)
    s["m"] = b2 * s.get("m", 0.0) + (1 - b2) * g
    return r * direction


CASES = [
    ("sgd", sgd, 0.05, {}, {}),
    ("momentum", momentum, 0.02, {}, {}),
    ("momentum", momentum, 0.02, {"momentum": 0.7, "dampening": 0.4}, {"m": 0.7, "d": 0.4}),
    ("nag", nag, 0.02, {}, {}),
    ("nag", nag, 0.02, {"momentum": 0.6}, {"m": 0.6}),
    ("adagrad", adagrad, 0.1, {}, {}),
    (
        "adagrad",
        adagrad,
        0.1,
        {"initial_accumulator": 0.2, "epsilon": 1e-3},
        {"initial": 0.2, "e": 1e-3},
    ),
    ("rmsprop", rmsprop, 0.01, {}, {}),
    ("rmsprop", rmsprop, 0.01, {"alpha": 0.8, "epsilon": 1e-3}, {"a": 0.8, "e": 1e-3}),
    ("adadelta", adadelta, 1.0, {}, {}),
    ("adadelta", adadelta, 3.0, {"rho": 0.95, "epsilon": 1e-4}, {"p": 0.95, "e": 1e-4}),
    ("adam", adam, 0.01, {}, {}),
    ("adam", adam, 0.01, {"betas": (0.8, 0.9), "epsilon": 1e-3}, {"b1": 0.8, "b2": 0.9, "e": 1e-3}),
    ("adam", amsgrad, 0.01, {"amsgrad": True}, {}),
    ("adamw", adam, 0.01, {"weight_decay": 0.0}, {}),
    (
        "adamw",
        amsgrad,
        0.01,
        {"weight_decay": 0.0, "amsgrad": True, "betas": (0.5, 0.6), "epsilon": 1e-3},
        {"b1": 0.5, "b2": 0.6, "e": 1e-3},
    ),
    ("nadam", nadam, 0.01, {}, {}),
    (
        "nadam",
        nadam,
        0.01,
        {"betas": (0.8, 0.9), "momentum_decay": 0.1, "epsilon": 1e-3},
        {"b1": 0.8, "b2": 0.9, "c": 0.1, "e": 1e-3},
    ),
    ("radam", radam, 0.01, {}, {}),
    (
        "radam",
        radam,
        0.01,
        {"betas": (0.8, 0.95), "epsilon": 1e-3},
        {"b1": 0.8, "b2": 0.95, "e": 1e-3},
    ),
    ("lion", lion, 0.01, {"weight_decay": 0.0}, {}),
    ("lion", lion, 0.01, {"weight_decay": 0.0, "betas": (0.5, 0.7)}, {"b1": 0.5, "b2": 0.7}),
]


def rate(base, t):
    """A rate that changes, since rules differ in whether the past keeps its old rate."""
    return base * (1 + 0.5 * np.cos(t / 10))


def problem():
    """Start, and a gradient that depends on the place and is noisy: `gradient(name, w, t)`."""
    random = np.random.default_rng(0)
    start = {name: random.normal(size=shape) for name, shape in SHAPES.items()}
    centre = {name: random.normal(size=shape) for name, shape in SHAPES.items()}
    noise = {name: random.normal(size=(STEPS + 1, *shape)) for name, shape in SHAPES.items()}

    def gradient(name, w, t):
        return 2 * (w - centre[name]) + (w - centre[name]) ** 3 + 0.3 * noise[name][t]

    return start, gradient


def by_formula(formula, base, constants, decay):
    """Every w after each step, by the formula; the matrix decays first, the bias does not."""
    w, gradient = problem()
    memory = {name: {} for name in w}
    path = []
    for t in range(1, STEPS + 1):
        g, r = {name: gradient(name, w[name], t) for name in w}, rate(base, t)
        kept = {"weight": 1 - r * decay, "bias": 1.0}
        w = {n: w[n] * kept[n] - formula(memory[n], g[n], t, r, **constants) for n in w}
        path.append(w)
    return path


def by_rule(name, base, options, decay):
    """Every w after each step, by the rule that a config names, on float64 tensors."""
    start, gradient = problem()
    module = nn.Linear(4, 3).double()
    module.load_state_dict({key: torch.from_numpy(value) for key, value in start.items()})
    own = "weight_decay" in options  # a decoupled rule's option
    options = {**options, "learning_rate": base} | ({"weight_decay": decay} if own else {})
    optimizers = build_optimizers(
        getattr(rules, name), options, module, weight_decay=0.0 if own else decay
    )
    path = []
    for t in range(1, STEPS + 1):
        for key, parameter in module.named_parameters():
            parameter.grad = torch.from_numpy(gradient(key, parameter.detach().numpy(), t))
        for optimizer in optimizers:
            for group in optimizer.param_groups:
                group["lr"] = rate(base, t)
            optimizer.step()
        path.append({key: p.detach().clone().numpy() for key, p in module.named_parameters()})
    return path


@pytest.fixture
def _float64():
    """Float64 by default: torch keeps NAdam's running product in the default dtype."""
    torch.set_default_dtype(torch.float64)
    yield
    torch.set_default_dtype(torch.float32)


@pytest.mark.usefixtures("_float64")
@pytest.mark.parametrize("decay", [0.0, 0.3])
@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case[0]}-{case[3]}")
def test_200_steps_follow_the_formula(case, decay):
    """Each rule's path over 200 steps is the formula's to 1e-10, with and without weight decay."""
    name, formula, base, options, constants = case
    expected = by_formula(formula, base, constants, decay)
    actual = by_rule(name, base, options, decay)
    for one, other in zip(actual, expected, strict=True):
        for key in SHAPES:
            np.testing.assert_allclose(one[key], other[key], rtol=0, atol=1e-10)
    assert all(np.abs(expected[-1][key] - problem()[0][key]).max() > 0.05 for key in SHAPES)


def test_every_rule_but_muon_is_compared_with_its_formula():
    """Muon computes in bfloat16 and is compared with its formula below."""
    from dlkit.catalog import OPTIMIZERS

    assert {case[0] for case in CASES} == set(OPTIMIZERS.names()) - {"muon"}


TORCH_DEFAULTS = {
    "sgd": (torch.optim.SGD, {"learning_rate": "lr"}),
    "momentum": (torch.optim.SGD, {"learning_rate": "lr", "dampening": "dampening"}),
    "nag": (torch.optim.SGD, {"learning_rate": "lr"}),
    "adagrad": (
        torch.optim.Adagrad,
        {
            "learning_rate": "lr",
            "epsilon": "eps",
            "initial_accumulator": "initial_accumulator_value",
        },
    ),
    "rmsprop": (torch.optim.RMSprop, {"learning_rate": "lr", "alpha": "alpha", "epsilon": "eps"}),
    "adadelta": (torch.optim.Adadelta, {"learning_rate": "lr", "rho": "rho", "epsilon": "eps"}),
    "adam": (
        torch.optim.Adam,
        {"learning_rate": "lr", "betas": "betas", "epsilon": "eps", "amsgrad": "amsgrad"},
    ),
    "adamw": (
        torch.optim.AdamW,
        {
            "learning_rate": "lr",
            "betas": "betas",
            "epsilon": "eps",
            "amsgrad": "amsgrad",
            "weight_decay": "weight_decay",
        },
    ),
    "nadam": (
        torch.optim.NAdam,
        {
            "learning_rate": "lr",
            "betas": "betas",
            "epsilon": "eps",
            "momentum_decay": "momentum_decay",
        },
    ),
    "radam": (torch.optim.RAdam, {"learning_rate": "lr", "betas": "betas", "epsilon": "eps"}),
    "muon": (
        torch.optim.Muon,
        {
            "learning_rate": "lr",
            "momentum": "momentum",
            "nesterov": "nesterov",
            "weight_decay": "weight_decay",
        },
    ),
}
OWN_DEFAULTS = {"momentum": {"momentum"}, "nag": {"momentum"}, "muon": {"adamw_learning_rate"}}


@pytest.mark.parametrize("name", TORCH_DEFAULTS)
def test_defaults_are_torch_s(name):
    """Every default is torch's, but for momentum, torch's 0, and Muon's second rate."""
    torch_s, names = TORCH_DEFAULTS[name]
    theirs = inspect.signature(torch_s).parameters
    ours = dict(inspect.signature(getattr(rules, name)).parameters)
    ours.pop("groups")
    assert set(ours) == set(names) | OWN_DEFAULTS.get(name, set())
    for key, their_key in names.items():
        default = theirs[their_key].default
        assert ours[key].default == (default.item() if torch.is_tensor(default) else default), key


def images():
    """A convolution, a normalisation and a dense layer, for `(B, 3, 8, 8)`."""
    torch.manual_seed(0)
    return nn.Sequential(
        nn.Conv2d(3, 8, 3, bias=False),
        nn.BatchNorm2d(8),
        nn.Tanh(),
        nn.Flatten(),
        nn.Linear(288, 4),
    )


@pytest.mark.parametrize("layout", [torch.contiguous_format, torch.channels_last])
@pytest.mark.parametrize(("dtype", "tolerance"), [(torch.float32, 2e-5), (torch.float64, 1e-12)])
@pytest.mark.parametrize("name", FUSED)
def test_fused_equals_unfused(name, dtype, tolerance, layout):
    """The fused kernels end where the plain loops do, in both precisions and both layouts."""
    fused = images().to(dtype=dtype, memory_format=layout)
    assert fused[0].weight.is_contiguous(memory_format=layout)
    plain = copy.deepcopy(fused)
    optimizers = [
        build_optimizers(getattr(rules, name), {"learning_rate": 0.01}, module, weight_decay=0.1)
        for module in (fused, plain)
    ]
    for group in optimizers[0][0].param_groups:
        assert group["fused"] is True
    for group in optimizers[1][0].param_groups:
        group["fused"], group["foreach"] = False, False
    batch = torch.randn(5, 3, 8, 8, generator=torch.Generator().manual_seed(1)).to(
        dtype=dtype, memory_format=layout
    )
    for _ in range(10):
        for module, [optimizer] in zip((fused, plain), optimizers, strict=True):
            optimizer.zero_grad()
            module(batch).square().mean().backward(inputs=list(module.parameters()))
            optimizer.step()
    for one, other in zip(fused.parameters(), plain.parameters(), strict=True):
        torch.testing.assert_close(one, other, rtol=0, atol=tolerance)
        assert one.stride() == other.stride()


def test_fused_only_where_torch_has_kernels_for_the_device():
    """Parameters elsewhere, here on torch's `meta` device, are left to torch's own choice."""
    [optimizer] = rules.adam(parameter_groups(nn.Linear(2, 2, device="meta")))
    assert [group["fused"] for group in optimizer.param_groups] == [None, None]


def orthogonalised(matrix):
    """What five Newton-Schulz steps make of `matrix`: its singular vectors, with each value put
    through Jordan's quintic five times, after scaling to Frobenius norm 1."""
    left, values, right = np.linalg.svd(matrix, full_matrices=False)
    values = values / np.linalg.norm(values)
    for _ in range(5):
        values = 3.4445 * values - 4.7750 * values**3 + 2.0315 * values**5
    return left @ np.diag(values) @ right


@pytest.mark.parametrize("nesterov", [True, False])
def test_muon_moves_hidden_matrices_along_orthogonalised_momenta(nesterov):
    """The step is the momentum with its singular values brought near 1, to bfloat16's precision."""
    module = nn.Sequential(nn.Linear(4, 6, bias=False), nn.Linear(6, 2, bias=False)).double()
    options = {"learning_rate": 0.1, "momentum": 0.8, "weight_decay": 0.5, "nesterov": nesterov}
    optimizers = build_optimizers(rules.muon, options, module)
    w, mean = module[0].weight.detach().numpy().copy(), 0.0
    random = np.random.default_rng(0)
    for _ in range(20):
        g = random.normal(size=(6, 4))
        mean = 0.8 * mean + 0.2 * g
        direction = orthogonalised(0.2 * g + 0.8 * mean if nesterov else mean)
        w = w * (1 - 0.1 * 0.5) - 0.1 * np.sqrt(6 / 4) * direction
        module[0].weight.grad = torch.from_numpy(g)
        for optimizer in optimizers:
            optimizer.step()
    np.testing.assert_allclose(module[0].weight.detach().numpy(), w, rtol=0, atol=0.02)
    assert np.abs(w).max() > 0.5


def test_muon_leaves_all_but_hidden_matrices_to_adamw():
    """Convolutions, norms, biases and the output layer are AdamW's; weights decay under both."""
    module = nn.Sequential(
        nn.Conv2d(1, 2, 3), nn.BatchNorm2d(2), nn.Flatten(), nn.Linear(8, 4), nn.Linear(4, 3)
    )
    matrices, rest = rules.muon(parameter_groups(module), weight_decay=0.2)
    assert (type(matrices), type(rest)) == (torch.optim.Muon, torch.optim.AdamW)
    assert [group["names"] for group in matrices.param_groups] == [["3.weight"]]
    assert [group["names"] for group in rest.param_groups] == [
        ["0.weight", "4.weight"],
        ["0.bias", "1.weight", "1.bias", "3.bias", "4.bias"],
    ]
    assert [group["weight_decay"] for group in matrices.param_groups + rest.param_groups] == [
        0.2,
        0.2,
        0.0,
    ]


def test_muon_takes_the_last_weight_at_full_rate_for_the_output_layer():
    """A backbone that learns at a share of the rate has groups that come later, but no output layer."""
    module = nn.Sequential(nn.Linear(4, 4), nn.Linear(4, 4), nn.Linear(4, 3))
    module[0].rate_share = 0.1
    matrices, _ = rules.muon(parameter_groups(module))
    assert [group["names"] for group in matrices.param_groups] == [["1.weight"], ["0.weight"]]


def test_muon_refuses_a_model_without_hidden_matrices():
    """A convolution and an output layer: nothing would be left of Muon but its name."""
    module = nn.Sequential(nn.Conv2d(1, 2, 3), nn.Flatten(), nn.Linear(8, 4))
    with pytest.raises(OptionError) as caught:
        rules.muon(parameter_groups(module))
    assert str(caught.value) == (
        "name: muon moves the 2-D weights of hidden layers, and this model has none"
    )
    assert caught.value.hint == "Use adamw."


def test_lion_without_gradients_moves_nothing():
    """A group that the loss did not reach is skipped."""
    module = nn.Linear(2, 2)
    before = copy.deepcopy(module.state_dict())
    [optimizer] = rules.lion(parameter_groups(module), weight_decay=0.5)
    optimizer.step()
    assert all(torch.equal(before[key], value) for key, value in module.state_dict().items())
    assert not optimizer.state
