"""What is left of losses behind one softmax or sigmoid too many, against closed forms."""

import math

import pytest

from dlkit.claims import double_softmax, hinge_floor, sigmoid_before_bce


@pytest.mark.parametrize("classes", [2, 3, 10])
def test_cross_entropy(classes: int) -> None:
    """`ln((e + K - 1) / e)`."""
    expected = math.log((math.e + classes - 1) / math.e)
    found = double_softmax.run(classes=classes)["floor_after_softmax"]
    assert found == pytest.approx(expected, abs=1e-9)


@pytest.mark.parametrize("classes", [2, 3, 10])
def test_hinge(classes: int) -> None:
    """`K - 1`, and `K + 1 - 2 p` for a softmax that gives the true class p."""
    found = hinge_floor.run(classes=classes)
    assert found["floor_softmax"] == classes - 1
    assert found["least_random_softmax"] >= classes - 1


def test_binary_cross_entropy() -> None:
    """`ln 2` for a certain no, `ln(1 + 1/e)` for a certain yes."""
    found = sigmoid_before_bce.run()
    assert found["floor_no"] == pytest.approx(math.log(2), abs=1e-6)
    assert found["floor_yes"] == pytest.approx(math.log(1 + 1 / math.e), abs=1e-6)
