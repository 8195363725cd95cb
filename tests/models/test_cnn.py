"""The convolutional network: each option does what it says, and images too small are refused."""

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn
from torch.nn import functional

from dlkit.data.dataset import Facts
from dlkit.errors import OptionError
from dlkit.models.cnn import cnn

IMAGE = Facts((3, 12, 10), 5, "classes")


def count(model):
    return sum(parameter.numel() for parameter in model.parameters())


def build(**options):
    torch.manual_seed(0)
    return cnn(IMAGE, nn.ReLU, **({"channels": (4, 6), "dense": (7,)} | options))


def sizes(model, facts=IMAGE):
    """Height and width behind each block."""
    seen = []
    for name, block in model.named_children():
        if name.startswith("block"):
            block.register_forward_hook(lambda _, __, out: seen.append(tuple(out.shape[2:])))
    model.eval()(torch.zeros(1, *facts.input_shape))
    return seen


def test_parameters_in_closed_form():
    """A convolution has (k k c_in + 1) c_out parameters, here on 12x10, 6x5 and then 3x2 pixels."""
    convolutions = (9 * 3 + 1) * 4 + (9 * 4 + 1) * 6

    assert count(build()) == convolutions + (6 * 3 * 2 + 1) * 7 + 8 * 5
    assert count(build(global_average=True)) == convolutions + (6 + 1) * 7 + 8 * 5
    assert count(build(dense=())) == convolutions + (6 * 3 * 2 + 1) * 5


def test_batch_norm_swaps_each_bias_for_scale_and_shift():
    """With batch norm, maps and hidden units have one parameter more, and no convolution a bias."""
    model = build(batch_norm=True)

    assert count(model) == count(build()) + 4 + 6 + 7
    assert all(layer.bias is None for layer in model.modules() if isinstance(layer, nn.Conv2d))


def test_channels_say_how_many_maps_and_blocks():
    """Each entry is a block with that many feature maps."""
    model = build(channels=(2, 3, 4), pooling="none")

    convolutions = [layer for layer in model.modules() if isinstance(layer, nn.Conv2d)]
    assert [layer.out_channels for layer in convolutions] == [2, 3, 4]


def test_convolutions_per_block_come_before_the_pooling():
    """The second of two convolutions keeps the size: only the first one strides."""
    model = build(channels=(4,), convolutions_per_block=2, stride=2)

    strides = [layer.stride[0] for layer in model.modules() if isinstance(layer, nn.Conv2d)]
    assert strides == [2, 1]
    assert sizes(model) == sizes(build(channels=(4,), stride=2)) == [(3, 2)]
    assert [name for name, _ in model.block1.named_children()] == [
        "convolution1",
        "convolution2",
        "pool",
    ]


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({}, [(6, 5), (3, 2)]),
        ({"kernel_size": 5}, [(6, 5), (3, 2)]),
        ({"kernel_size": 5, "dilation": 2}, [(6, 5), (3, 2)]),
        ({"padding": "valid"}, [(5, 4), (1, 1)]),
        ({"padding": 0}, [(5, 4), (1, 1)]),
        ({"padding": 2}, [(7, 6), (4, 4)]),
        ({"padding": "valid", "pooling": "none", "dilation": 2}, [(8, 6), (4, 2)]),
        ({"stride": 2, "pooling": "none"}, [(6, 5), (3, 3)]),
        ({"pooling": "none"}, [(12, 10), (12, 10)]),
        ({"pooling": "average"}, [(6, 5), (3, 2)]),
        ({"pool_size": 3}, [(4, 3), (1, 1)]),
        ({"pool_size": 1}, [(12, 10), (12, 10)]),
    ],
)
def test_sizes_follow_kernel_stride_padding_dilation_and_pooling(options, expected):
    """Every option that shapes the image leaves the size that the formula gives by hand."""
    assert sizes(build(**options)) == expected


def torch_runs(image, *, kernel_size, stride, padding, dilation, pooling, pool_size):
    """Whether torch's own functions get through two such blocks."""
    rings = {"same": dilation * (kernel_size - 1) // 2, "valid": 0}.get(padding, padding)
    pool = {"max": functional.max_pool2d, "average": functional.avg_pool2d}.get(pooling)
    kernel = torch.zeros(1, 1, kernel_size, kernel_size)
    try:
        for _ in range(2):
            image = functional.conv2d(image, kernel, None, stride, rings, dilation)
            image = pool(image, pool_size) if pool else image
    except RuntimeError:
        return False
    return True


@settings(deadline=None, max_examples=150)
@given(
    side=st.integers(1, 14),
    options=st.fixed_dictionaries(
        {
            "kernel_size": st.sampled_from([1, 3, 5]),
            "stride": st.integers(1, 3),
            "padding": st.sampled_from(["same", "valid", 1, 2]),
            "dilation": st.integers(1, 3),
            "pooling": st.sampled_from(["max", "average", "none"]),
            "pool_size": st.integers(1, 3),
        }
    ),
)
def test_an_image_is_refused_where_torch_would_fail(side, options):
    """A network is built exactly where torch can run its blocks, and then it runs as well."""
    facts = Facts((1, side, side + 1), 2, "classes")

    if torch_runs(torch.zeros(1, 1, side, side + 1), **options):
        model = cnn(facts, nn.ReLU, channels=(2, 2), dense=(3,), **options)
        assert model(torch.zeros(2, 1, side, side + 1)).shape == (2, 2)
    else:
        with pytest.raises(OptionError, match=r"kernel_size|dilation|pool_size"):
            cnn(facts, nn.ReLU, channels=(2, 2), dense=(3,), **options)


def test_pooling_keeps_the_largest_or_the_mean():
    """The pooled maps are torch's maxima and means of the maps before them."""
    x = torch.randn(2, 3, 12, 10)
    maps = build().block1.convolution1(x)

    assert torch.equal(build().block1(x), functional.max_pool2d(maps, 2))
    assert torch.equal(build(pooling="average").block1(x), functional.avg_pool2d(maps, 2))
    assert torch.equal(build(pooling="none").block1(x), maps)


def test_global_average_hands_on_the_mean_of_each_map():
    """The dense layers see one number a map."""
    model = build(global_average=True, dense=())
    x = torch.randn(2, 3, 12, 10)

    features = model.block2(model.block1(x)).mean((2, 3))

    torch.testing.assert_close(model(x), model.output(features))


def test_dropout_thins_the_inputs_of_every_dense_layer():
    """Half of the flattened maps and of the hidden units are 0 in training, none in evaluation."""
    model = cnn(IMAGE, nn.Sigmoid, channels=(200,), dense=(4000,), dropout=0.5)
    shares = []
    for layer in (model.hidden1.linear, model.output):
        layer.register_forward_pre_hook(lambda _, x: shares.append((x[0] == 0).float().mean()))
    x = torch.randn(2, 3, 12, 10)

    model(x), model.eval()(x)

    assert [round(share.item(), 1) for share in shares] == [0.5, 0.5, 0, 0]


def test_activation_output_activation_and_initialisation_are_used():
    """The activation handed in is in every layer; outputs pass the one named; biases obey."""
    model = build()
    assert sum(isinstance(layer, nn.ReLU) for layer in model.modules()) == 3

    bounded = build(output_activation="tanh")
    x = torch.randn(2, 3, 12, 10)
    assert torch.equal(bounded(x), model(x).tanh())
    assert model.output.bias.any()
    assert not build(initialisation="xavier").output.bias.any()


SMALL = Facts((1, 8, 8), 10, "classes")
POOL_HINT = "Use fewer blocks (channels), a smaller pool_size or stride, or pooling: none."
KERNEL_HINT = (
    "Use fewer blocks (channels), a smaller kernel_size, dilation or stride, or padding: same."
)


@pytest.mark.parametrize(
    ("options", "option", "message", "hint"),
    [
        (
            {"channels": (8, 8, 8, 8)},
            "pool_size",
            "block 4 pools 2x2 pixels, but only 1x1 are left",
            POOL_HINT,
        ),
        (
            {"padding": "valid", "kernel_size": 5},
            "kernel_size",
            "block 2 convolves 5x5 pixels, but only 2x2 are left, padding included",
            KERNEL_HINT,
        ),
        (
            {"padding": 1, "dilation": 6},
            "dilation",
            "block 1 convolves 13x13 pixels, but only 10x10 are left, padding included",
            KERNEL_HINT,
        ),
    ],
)
def test_images_that_get_too_small_are_refused(options, option, message, hint):
    """The error names the option, the block and both sizes, and says what to do."""
    with pytest.raises(OptionError) as caught:
        cnn(SMALL, nn.ReLU, **options)

    assert caught.value.option == option
    assert caught.value.message == message
    assert caught.value.hint == hint
