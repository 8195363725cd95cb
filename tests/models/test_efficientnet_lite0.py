"""EfficientNet-Lite0: padding as TensorFlow's, the published layout, weights from a file, freezing."""

import pytest
import torch
from safetensors.torch import save_file
from torch import nn

from dlkit.errors import OptionError
from dlkit.import_weights import import_weights
from dlkit.models.efficientnet_lite0 import EfficientNetLite0, SameConv2d, efficientnet_lite0


def published(seed=0):
    """A state dict as the published file has it: a network's own names, and a classifier's."""
    torch.manual_seed(seed)
    classifier = {
        "_conv_head.weight": torch.randn(1280, 320, 1, 1),
        "_bn1.weight": torch.ones(1280),
        "_bn1.running_mean": torch.zeros(1280),
        "_fc.weight": torch.randn(10, 1280),
        "_fc.bias": torch.zeros(10),
    }
    network = EfficientNetLite0()
    for name, buffer in network.named_buffers():
        if name.endswith("running_mean"):
            buffer.normal_()
    return network.state_dict() | classifier


@pytest.fixture
def write(tmp_path):
    def to_file(tensors):
        path = tmp_path / "weights.safetensors"
        save_file({name: tensor.contiguous() for name, tensor in tensors.items()}, path)
        return str(path)

    return to_file


@pytest.mark.parametrize(
    ("size", "kernel_size", "stride", "expected"),
    [
        (4, 3, 1, [3, 6, 9, 7]),  # one zero at each end
        (4, 3, 2, [6, 7]),  # one zero, at the end
        (5, 3, 2, [3, 9, 9]),  # one at each end
        (4, 5, 2, [10, 9]),  # one at the beginning, two at the end
        (3, 1, 1, [1, 2, 3]),
    ],
)
def test_padding_is_tensorflow_s_same(size, kernel_size, stride, expected):
    """Sums over windows of 1, 2, 3, ...: by hand, with the odd zero at the end."""
    convolution = SameConv2d(1, 1, kernel_size, stride=stride)
    nn.init.constant_(convolution.weight, 0.0)
    convolution.weight.data[0, 0, kernel_size // 2] = 1.0  # a window along one row
    row = torch.arange(1.0, size + 1).expand(1, 1, size, size)

    assert convolution(row)[0, 0, 0].tolist() == expected


def test_maps_halve_down_to_the_stride_that_is_wanted():
    """Sizes are rounded up; blocks beyond the deepest stride are left out, the rest is the same."""
    images = torch.rand(2, 3, 50, 97)
    torch.manual_seed(0)
    whole = EfficientNetLite0().eval()
    shorter = EfficientNetLite0(deepest=8).eval()
    shorter.load_state_dict({name: whole.state_dict()[name] for name in shorter.state_dict()})

    maps = whole.features(images)

    assert whole.strides == (2, 4, 8, 16, 32)
    assert [tuple(each.shape) for each in maps] == [
        (2, 16, 25, 49),
        (2, 24, 13, 25),
        (2, 40, 7, 13),
        (2, 112, 4, 7),
        (2, 320, 2, 4),
    ]
    assert (shorter.strides, shorter.channels) == ((2, 4, 8), (16, 24, 40))
    for one, other in zip(shorter.features(images), maps, strict=False):
        assert torch.equal(one, other)


def test_pixels_are_scaled_as_in_the_first_training():
    """The stem sees (x - 127) / 128 of pixels from 0 to 255."""
    network = EfficientNetLite0(deepest=2)
    seen = []
    network._conv_stem.register_forward_hook(lambda module, inputs, output: seen.append(inputs[0]))

    network.features(torch.tensor([0, 127 / 255, 1]).repeat_interleave(48).reshape(1, 3, 6, 8))

    assert seen[0][0, :, 0, 0].tolist() == pytest.approx([-127 / 128, 0, 1], abs=1e-6)


def test_the_layout_is_the_published_one():
    """Names, shapes and counts of the file's tensors before the classifier: 288 of its 296."""
    shapes = {
        name: tuple(tensor.shape) for name, tensor in EfficientNetLite0().state_dict().items()
    }

    assert len(shapes) == 288
    assert shapes["_conv_stem.weight"] == (32, 3, 3, 3)
    assert shapes["_bn0.running_var"] == (32,)
    assert "_blocks.0._expand_conv.weight" not in shapes
    assert shapes["_blocks.1._expand_conv.weight"] == (96, 16, 1, 1)
    assert shapes["_blocks.3._depthwise_conv.weight"] == (144, 1, 5, 5)
    assert shapes["_blocks.15._project_conv.weight"] == (320, 1152, 1, 1)
    assert shapes["_blocks.15._bn2.num_batches_tracked"] == ()
    norms = [m for m in EfficientNetLite0().modules() if isinstance(m, nn.BatchNorm2d)]
    assert {(norm.eps, norm.momentum) for norm in norms} == {(1e-3, 0.01)}


def test_weights_come_back_from_a_file(write):
    """A file with or without the classifier gives the network that was saved, also a shorter one."""
    tensors = published()
    own = ("_conv_stem", "_bn0", "_blocks")
    for content in (tensors, {n: t for n, t in tensors.items() if n.startswith(own)}):
        network = efficientnet_lite0(write(content), deepest=16)
        for name, tensor in network.state_dict().items():
            assert torch.equal(tensor, tensors[name])


def test_a_pytorch_file_goes_through_import_weights(tmp_path):
    """The published form, a PyTorch file, becomes usable by `dlkit import-weights`."""
    tensors = published()
    torch.save(tensors, tmp_path / "weights.pth")
    import_weights(tmp_path / "weights.pth", tmp_path / "weights.safetensors")

    network = efficientnet_lite0(str(tmp_path / "weights.safetensors"))

    assert torch.equal(network._conv_stem.weight, tensors["_conv_stem.weight"])


def test_without_a_file_weights_are_random():
    """He et al.'s: normal with variance 2 / inputs."""
    torch.manual_seed(0)
    weight = efficientnet_lite0(None)._blocks[15]._project_conv.weight

    assert weight.std().item() == pytest.approx((2 / 1152) ** 0.5, rel=0.01)


def refused(path, **options):
    with pytest.raises(OptionError) as caught:
        efficientnet_lite0(path, **options)
    return caught.value.option, caught.value.message, caught.value.hint


HINT = "See the page pretrained-model for where the weights are."


def test_files_of_other_networks_are_refused(write):
    """Missing tensors, left-over ones, other shapes: ten are named, and how many there are more."""
    tensors = published()
    path = write({n: t for n, t in tensors.items() if not n.startswith("_bn0")})
    named = "_bn0.weight, _bn0.bias, _bn0.running_mean, _bn0.running_var, _bn0.num_batches_tracked"
    lacks = f"{path} is not EfficientNet-Lite0: it lacks {named}"
    assert refused(path) == ("backbone_weights", lacks, HINT)

    path = write(tensors | {"head.weight": torch.zeros(1)})
    left = f"{path} is not EfficientNet-Lite0: it has left over head.weight"
    assert refused(path) == ("backbone_weights", left, HINT)

    path = write(tensors | {"_conv_stem.weight": torch.zeros(32, 1, 3, 3)})
    other = f"{path} is not EfficientNet-Lite0: it has in another shape "
    other += "_conv_stem.weight (32, 1, 3, 3) instead of (32, 3, 3, 3)"
    assert refused(path) == ("backbone_weights", other, HINT)

    path = write({"weight": torch.zeros(1)})
    assert refused(path)[1].endswith(
        "_blocks.0._depthwise_conv.weight, "
        "_blocks.0._bn1.weight, _blocks.0._bn1.bias, _blocks.0._bn1.running_mean and 278 more"
    )


def test_files_that_are_not_safetensors_are_refused(tmp_path):
    """A pickle, a file that is not there: what to do instead."""
    hint = "A PyTorch file becomes one by: dlkit import-weights FILE."
    absent = str(tmp_path / "absent.safetensors")
    option, message, advice = refused(absent)
    assert (option, advice) == ("backbone_weights", hint)
    assert message.startswith(f"{absent} cannot be read as safetensors: No such file or directory")

    pickled = tmp_path / "weights.pth"
    torch.save({"weight": torch.zeros(1)}, pickled)
    option, message, advice = refused(str(pickled))
    assert (option, advice) == ("backbone_weights", hint)
    assert message.startswith(f"{pickled} cannot be read as safetensors: ")


@pytest.mark.parametrize(
    "begin", [lambda network: network, lambda network: network.train()], ids=["new", "train"]
)
def test_frozen_layers_do_not_learn_and_keep_their_statistics(begin):
    """Up to the map that was said; with `frozen_norm` every normalisation; the rest learns. So it is
    from the beginning, and after each return to training mode."""
    network = begin(efficientnet_lite0(None, deepest=16, frozen=2, frozen_norm=True))
    before = {name: tensor.clone() for name, tensor in network.state_dict().items()}

    sum(each.square().mean() for each in network.features(torch.rand(2, 3, 64, 64))).backward()
    with torch.no_grad():
        for parameter in network.parameters():
            if parameter.grad is not None:
                parameter.sub_(parameter.grad)

    changed = {
        name
        for name, tensor in network.state_dict().items()
        if not torch.equal(tensor, before[name])
    }
    assert changed == {name for name, p in network.named_parameters() if p.requires_grad}
    blocks = {int(name.split(".")[1]) for name in changed}
    assert blocks == set(range(3, 11))
    assert not any("_bn" in name for name in changed)


def test_statistics_move_where_nothing_is_frozen():
    """Batch normalisation learns as usual by default."""
    network = efficientnet_lite0(None, deepest=4).train()
    before = network._bn0.running_mean.clone()
    network.features(torch.rand(2, 3, 32, 32))

    assert not torch.equal(network._bn0.running_mean, before)
    assert all(parameter.requires_grad for parameter in network.parameters())


def test_weights_of_a_file_learn_at_a_share_of_the_rate_and_random_ones_at_the_whole(write):
    """So a training from scratch, for which the file is left out, is not slowed down."""
    path = write(published())
    assert efficientnet_lite0(path, deepest=4, backbone_rate=0.1).rate_share == 0.1
    assert efficientnet_lite0(path, deepest=4).rate_share == 1
    assert efficientnet_lite0(None, deepest=4, backbone_rate=0.1).rate_share == 1


def test_more_frozen_maps_than_there_are_is_an_error():
    """The message says how many there are."""
    assert refused(None, deepest=8, frozen=4) == (
        "frozen",
        "there are no 4 maps down to stride 8",
        "Use 0 to 3.",
    )
