"""Shapes: the size formula against torch, and data that are no images."""

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn

from dlkit.data.dataset import Facts
from dlkit.errors import ConfigError
from dlkit.models.shapes import Window, image_shape

WINDOWS = st.builds(
    Window,
    kernel_size=st.integers(1, 7),
    stride=st.integers(1, 5),
    padding=st.integers(0, 4),
    dilation=st.integers(1, 4),
)


@settings(deadline=None, max_examples=200)
@given(WINDOWS, st.integers(1, 20))
def test_output_size_is_torch_s(window, size):
    """The formula gives the size that torch's convolution has, and none where torch refuses."""
    convolution = nn.Conv1d(1, 1, **vars(window))
    if size + 2 * window.padding < window.span:
        assert window.output_size(size) < 1
        with pytest.raises(RuntimeError):
            convolution(torch.zeros(1, size))
    else:
        assert convolution(torch.zeros(1, size)).shape[-1] == window.output_size(size) >= 1


def test_span_is_what_a_dilated_kernel_sees():
    """The inputs that move one output of a convolution reach over `span` pixels."""
    window = Window(3, dilation=4)
    x = torch.zeros(1, 30, requires_grad=True)
    nn.init.ones_((convolution := nn.Conv1d(1, 1, **vars(window))).weight)

    convolution(x)[0, 5].backward()

    seen = x.grad[0].nonzero()
    assert seen.max() - seen.min() + 1 == window.span == 9


def test_image_shape_is_channels_height_width():
    """Images give their three numbers."""
    assert image_shape(Facts((3, 32, 24), 10, "classes"), "cnn") == (3, 32, 24)


@pytest.mark.parametrize("model", ["cnn", "resnet"])
def test_tables_are_refused_by_name(model):
    """A model of images says what it got instead, and what to use."""
    with pytest.raises(ConfigError) as caught:
        image_shape(Facts((10,), 1, "values"), model)

    assert str(caught.value) == (
        f"model '{model}' takes images; the data yield 10 features per example. "
        "Use model 'mlp', or a data set of images."
    )
