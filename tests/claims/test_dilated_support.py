"""The reach of dilated convolutions has a closed form."""

import pytest

from dlkit.claims.dilated_support import run


@pytest.mark.parametrize(("kernel_size", "dilation"), [(3, 1), (3, 4), (5, 2), (2, 7)])
def test_the_reach_is_that_of_the_formula(kernel_size, dilation):
    """`k + (k - 1) (d - 1)` pixels, of which `k` are read."""
    found = run(kernel_size=kernel_size, dilation=dilation)
    assert found["pixels_read"] == kernel_size
    assert found["reach"] == kernel_size + (kernel_size - 1) * (dilation - 1)


@pytest.mark.parametrize("layers", [1, 3, 6])
def test_doubling_dilations_reach_exponentially_far(layers):
    """`1 + (k - 1) (2^L - 1)` with dilations 1, 2, 4, ...; `1 + (k - 1) L` without."""
    found = run(kernel_size=3, layers=layers)
    assert found["reach_of_stack_doubling"] == 2 ** (layers + 1) - 1
    assert found["reach_of_stack_plain"] == 2 * layers + 1
