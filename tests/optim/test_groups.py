"""Parameter groups and decoupled weight decay."""

import copy

import pytest
import torch
from torch import nn

from dlkit.optim.groups import build_optimizers, decouple, is_weight, parameter_groups
from dlkit.optim.rules import adam, adamw, lion, muon, rmsprop, sgd


def network():
    """A convolution, a normalisation and a dense layer, in float64."""
    torch.manual_seed(0)
    return nn.Sequential(
        nn.Conv2d(1, 2, 3, bias=False), nn.BatchNorm2d(2), nn.ReLU(), nn.Flatten(), nn.Linear(8, 3)
    ).double()


def train(module, optimizers, steps=30):
    """`steps` updates on fixed random images; gradients are those of a squared error."""
    images = torch.randn(6, 1, 4, 4, generator=torch.Generator().manual_seed(1)).double()
    for _ in range(steps):
        for optimizer in optimizers:
            optimizer.zero_grad()
        module(images).square().sum().backward()
        for optimizer in optimizers:
            optimizer.step()


def test_weights_are_in_one_group_and_the_rest_in_another():
    """Kernels and matrices decay; biases, scales and shifts do not."""
    module = network()
    weights, others = parameter_groups(module)
    assert (weights["decays"], others["decays"]) == (True, False)
    assert weights["names"] == ["0.weight", "4.weight"]
    assert others["names"] == ["1.weight", "1.bias", "4.bias"]
    for group in (weights, others):
        assert all(
            module.get_parameter(n) is p
            for n, p in zip(group["names"], group["params"], strict=True)
        )


def test_frozen_parameters_and_empty_groups_are_left_out():
    """With all weights frozen only the other group remains; with all frozen, none does."""
    module = network()
    for parameter in module.parameters():
        parameter.requires_grad_(not is_weight(parameter))
    assert [group["decays"] for group in parameter_groups(module)] == [False]
    module.requires_grad_(False)
    assert parameter_groups(module) == []
    assert build_optimizers(sgd, {}, module) == []


def test_recurrent_and_embedding_weights_are_weights():
    """Matrices of recurrent layers and embeddings decay, recurrent biases do not."""
    recurrent = nn.LSTM(3, 4)
    assert {n for n, p in recurrent.named_parameters() if is_weight(p)} == {
        "weight_ih_l0",
        "weight_hh_l0",
    }
    assert is_weight(nn.Embedding(5, 2).weight)


@pytest.mark.parametrize("amsgrad", [False, True])
def test_adam_with_decoupled_decay_is_adamw(amsgrad):
    """Adam with decay from outside equals torch's AdamW, and so does the rule adamw by itself."""
    ours = network()
    theirs, own = copy.deepcopy(ours), copy.deepcopy(ours)
    options = {"learning_rate": 0.01, "amsgrad": amsgrad}
    train(ours, build_optimizers(adam, options, ours, weight_decay=0.3))
    train(own, build_optimizers(adamw, {**options, "weight_decay": 0.3}, own))
    groups = parameter_groups(theirs)
    groups[1]["weight_decay"] = 0.0
    torch_s = torch.optim.AdamW(groups, lr=0.01, weight_decay=0.3, amsgrad=amsgrad, foreach=False)
    train(theirs, [torch_s])
    for name, value in theirs.named_parameters():
        torch.testing.assert_close(ours.get_parameter(name), value, rtol=0, atol=1e-12)
        torch.testing.assert_close(own.get_parameter(name), value, rtol=0, atol=1e-12)


def test_decay_follows_the_scheduled_rate_and_spares_biases():
    """Without gradient but decay, a weight shrinks by rate times decay; the rate is the current."""
    module = nn.Linear(2, 2).double()
    weight, bias = module.weight.detach().clone(), module.bias.detach().clone()
    [optimizer] = build_optimizers(sgd, {"learning_rate": 0.5}, module, weight_decay=0.1)
    for rate in (0.5, 0.25):
        for group in optimizer.param_groups:
            group["lr"] = rate
        for parameter in module.parameters():
            parameter.grad = torch.zeros_like(parameter)
        optimizer.step()
    torch.testing.assert_close(module.weight, weight * (1 - 0.05) * (1 - 0.025), rtol=0, atol=1e-15)
    torch.testing.assert_close(module.bias, bias, rtol=0, atol=0)


def test_parameters_without_gradient_do_not_decay():
    """What the loss did not reach is left alone, as torch's AdamW leaves it."""
    module = nn.Linear(2, 2)
    before = module.weight.detach().clone()
    [optimizer] = build_optimizers(sgd, {}, module, weight_decay=0.9)
    module.bias.grad = torch.ones(2)
    optimizer.step()
    assert torch.equal(module.weight, before)


@pytest.mark.parametrize("held_back", [False, True])
def test_a_step_that_is_held_back_on_the_device_decays_nothing(held_back):
    """`found_inf`, which keeps a fused kernel from moving weights, keeps the decay from it too."""
    module = nn.Linear(3, 2)
    before = module.weight.detach().clone()
    [optimizer] = build_optimizers(adam, {"learning_rate": 0.5}, module, weight_decay=0.5)
    for parameter in module.parameters():
        parameter.grad = torch.zeros_like(parameter)
    optimizer.found_inf = torch.tensor(float(held_back))
    optimizer.step()
    expected = before if held_back else before * 0.75
    torch.testing.assert_close(module.weight.detach(), expected, rtol=0, atol=1e-7)


@pytest.mark.parametrize("rule", [sgd, adamw, muon, lion])
def test_a_module_with_a_share_of_the_rate_has_groups_of_its_own(rule):
    """Its groups come after those of the whole rate, whose first rate is the one that is reported."""
    module = nn.Sequential(nn.Linear(4, 5), nn.Linear(5, 5), nn.Linear(5, 2))
    module[0].rate_share = 0.1
    groups = parameter_groups(module)
    assert [(group["rate_share"], group["names"]) for group in groups] == [
        (1.0, ["1.weight", "2.weight"]),
        (1.0, ["1.bias", "2.bias"]),
        (0.1, ["0.weight"]),
        (0.1, ["0.bias"]),
    ]
    rates = {
        name: group["initial_lr"]
        for optimizer in build_optimizers(rule, {"learning_rate": 1e-3}, module)
        for group in optimizer.param_groups
        for name in group["names"]
    }
    assert rates == {name: 1e-4 if name[0] == "0" else 1e-3 for name in rates}
    assert len(rates) == 6


def test_a_share_of_the_rate_is_a_share_of_the_step_and_of_its_decay():
    """With plain SGD, weights that learn at a quarter of the rate move a quarter as far."""
    whole = network()
    quarter = copy.deepcopy(whole)
    quarter[0].rate_share = 0.25
    before = whole[0].weight.detach().clone()
    for module in (whole, quarter):
        options = {"learning_rate": 0.01}
        train(module, build_optimizers(sgd, options, module, weight_decay=0.5), steps=1)
    expected = (whole[0].weight - before) / 4
    torch.testing.assert_close(quarter[0].weight - before, expected, rtol=0, atol=1e-15)
    torch.testing.assert_close(quarter[4].weight, whole[4].weight, rtol=0, atol=0)


@pytest.mark.parametrize("rule", [adam, rmsprop])
def test_a_scaler_that_skips_a_step_skips_its_decay(rule):
    """After an overflow GradScaler leaves weights alone, whether the kernel is fused or not."""
    module = nn.Linear(3, 2)
    before = module.weight.detach().clone()
    optimizers = build_optimizers(rule, {}, module, weight_decay=10.0)
    scaler = torch.amp.GradScaler("cpu")
    for value, moves in ((float("inf"), False), (1.0, True)):
        scaler.scale(torch.zeros(())).item()
        for parameter in module.parameters():
            parameter.grad = torch.full_like(parameter, value)
        for optimizer in optimizers:
            scaler.unscale_(optimizer)
            scaler.step(optimizer)
        scaler.update()
        assert torch.equal(module.weight, before) == (not moves)


def test_every_group_notes_its_base_rate():
    """Schedules multiply `initial_lr`: it is the rule's rate, and of Muon's AdamW its own."""
    module = nn.Sequential(nn.Linear(4, 5), nn.Linear(5, 2))
    optimizers = build_optimizers(muon, {"learning_rate": 0.3, "adamw_learning_rate": 0.2}, module)
    noted = [[group["initial_lr"] for group in each.param_groups] for each in optimizers]
    assert noted == [[0.3], [0.2, 0.2]]


def test_without_decay_there_is_no_hook():
    """A decay of 0 costs nothing."""
    [plain] = build_optimizers(sgd, {}, network(), weight_decay=0.0)
    assert not plain._optimizer_step_pre_hooks
    decouple(plain, 0.1)
    assert len(plain._optimizer_step_pre_hooks) == 1
