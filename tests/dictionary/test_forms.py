"""The Python forms of the formulas against torch in float64: values, gradients, steps."""

import importlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor

from dlkit.dictionary.load import PAGES, load
from dlkit.dictionary.page import Check, Formula
from dlkit.dictionary.record import form

FORMULAS = [
    pytest.param(formula, id=f"{path.stem}:{formula.python}")
    for path in sorted(PAGES.glob("*.yaml"))
    if "python:" in path.read_text(encoding="utf-8")
    for formula in load(path)[0].formulas
    if formula.python
]


def torch_object(name: str) -> Callable[..., Any]:
    """`torch.optim:SGD` itself; only names inside torch are possible here."""
    module, _, attribute = name.partition(":")
    assert module.split(".")[0] == "torch"
    return getattr(importlib.import_module(module), attribute)


def tensor(value: float | list[float]) -> Tensor:
    return torch.tensor(value, dtype=torch.float64)


def flat(value: Any) -> list[float]:
    """Numbers out of whatever a form or torch returns."""
    if isinstance(value, Tensor):
        return value.detach().flatten().tolist()
    return [float(each) for each in value] if isinstance(value, list | tuple) else [float(value)]


def nudged(first: Any, index: int, by: float) -> Any:
    """The first argument with one of its numbers moved."""
    if not isinstance(first, list):
        return first + by
    return [number + by * (i == index) for i, number in enumerate(first)]


@pytest.mark.parametrize("formula", FORMULAS)
def test_a_form_is_what_torch_computes(formula: Formula) -> None:
    """The same values, and the gradient in the first argument by central differences."""
    check, function = formula.check, form(formula.python or "")
    assert check is not None
    if check.values:
        compare_values(function, check)
    elif check.steps:
        compare_steps(function, check)
    else:
        path, _, name = (check.test or "").partition("::")
        file = Path(__file__).parents[2] / path
        assert f"def {name}(" in file.read_text(encoding="utf-8"), f"{path} has no test {name}"


def compare_values(function: Callable[..., Any], check: Check) -> None:
    reference = torch_object(check.values or "")
    for arguments in check.at:
        tensors = [tensor(argument) for argument in arguments]
        tensors[0].requires_grad_(check.gradient)
        expected = reference(*tensors, **check.torch_options)
        measured = function(*arguments, **check.options)
        assert flat(measured) == pytest.approx(flat(expected), rel=1e-9, abs=1e-12)
        if check.gradient:
            (gradient,) = torch.autograd.grad(expected.sum(), tensors[0])
            slopes = central(function, arguments, check.options)
            assert slopes == pytest.approx(flat(gradient), rel=1e-5, abs=1e-7)


def central(
    function: Callable[..., Any], arguments: list[Any], options: dict[str, Any]
) -> list[float]:
    """The derivative of the sum of the outputs in each number of the first argument."""
    first, *rest = arguments
    count = len(first) if isinstance(first, list) else 1
    half = 1e-6
    return [
        (sum(flat(function(nudged(first, i, half), *rest, **options)))
         - sum(flat(function(nudged(first, i, -half), *rest, **options)))) / (2 * half)
        for i in range(count)
    ]  # fmt: skip


def compare_steps(function: Callable[..., Any], check: Check) -> None:
    """Twenty steps on `3 w^2 / 2 + sin(2 w)` from 1, whose gradient changes its sign on the way."""
    w = tensor(1.0).requires_grad_()
    optimizer = torch_object(check.steps or "")([w], **check.torch_options)
    expected = []
    for _ in range(20):
        optimizer.zero_grad()
        (1.5 * w * w + torch.sin(2 * w)).backward()
        optimizer.step()
        expected.append(w.item())
    measured = function(gradient, 1.0, 20, **check.options)
    assert measured == pytest.approx(expected, rel=1e-8)  # NAdam keeps float32


def gradient(w: float) -> float:
    return 3 * w + 2 * float(torch.cos(tensor(2 * w)))
