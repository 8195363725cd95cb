"""What every model promises: shapes, options, weights that follow from the seed, autocast, vmap."""

import inspect
from typing import get_type_hints

import pytest
import torch
from torch import nn
from torch.func import functional_call, stack_module_state, vmap

from dlkit.catalog import ACTIVATIONS, MODELS
from dlkit.data.dataset import Facts
from dlkit.errors import ConfigError

FACTS = Facts((3, 16, 16), 5, "classes")
CLASSIFIERS = [
    name
    for name in MODELS.names()
    if "images" in MODELS[name].facts["reads"]
    and "task" not in MODELS[name].facts
    and "classes" in MODELS[name].facts["learns"]
]
"""The models that give one output a class for an image; the others have tests of their own."""
OPTIONS = {"mlp": {"batch_norm": True}, "cnn": {"batch_norm": True}, "resnet": {}}
X = torch.randn(4, 3, 16, 16, generator=torch.Generator().manual_seed(0))


def build(name, *, seed=0, activation="relu", **options):
    torch.manual_seed(seed)
    return MODELS.load(name)(FACTS, ACTIVATIONS.load(activation), **OPTIONS[name], **options)


@pytest.mark.parametrize("name", MODELS.names())
def test_options_read_from_source_are_python_s(name):
    """Names, annotations and defaults agree; all but what is handed in is keyword-only."""
    component, read = MODELS.load(name), MODELS.signature(name)
    parameters = list(inspect.signature(component).parameters.values())
    hints = get_type_hints(component, include_extras=True)

    assert [each.name for each in parameters[:2]] == ["facts", "activation"]
    assert [(each.name, each.default) for each in read.options] == [
        (each.name, each.default) for each in parameters[2:]
    ]
    assert all(each.kind is inspect.Parameter.KEYWORD_ONLY for each in parameters[2:])
    assert all(each.annotation == hints[each.name] for each in read.options)
    assert all(f"- `{each.name}`: " in read.doc for each in read.options)


@pytest.mark.parametrize("name", CLASSIFIERS)
@pytest.mark.parametrize("activation", ACTIVATIONS.names())
def test_every_model_takes_every_activation(name, activation):
    """Outputs have the promised shape, and every parameter gets a gradient."""
    model = build(name, activation=activation)

    outputs = model(X)
    outputs.square().sum().backward()

    assert outputs.shape == (4, 5)
    assert all(parameter.grad is not None for parameter in model.parameters())


@pytest.mark.parametrize("name", CLASSIFIERS)
def test_same_seed_same_weights(name):
    """A model is a function of torch's global seed, and other seeds give other weights."""
    first, second, other = build(name), build(name), build(name, seed=1)

    for key, value in first.state_dict().items():
        assert torch.equal(value, second.state_dict()[key])
    assert not torch.equal(first(X), other(X))


@pytest.mark.parametrize("name", CLASSIFIERS)
def test_bfloat16_and_channels_last(name):
    """Under bf16 autocast and with channels last, outputs are bf16 and close to float32's."""
    model = build(name)
    expected = model(X)
    model = model.to(memory_format=torch.channels_last)

    with torch.autocast("cpu", dtype=torch.bfloat16):
        outputs = model(X.to(memory_format=torch.channels_last))
    outputs.float().square().sum().backward()

    assert outputs.dtype == torch.bfloat16
    assert (outputs.float() - expected).norm() < 0.05 * expected.norm()
    assert all(parameter.grad.isfinite().all() for parameter in model.parameters())


@pytest.mark.parametrize("name", CLASSIFIERS)
def test_several_models_run_as_one(name):
    """Stacked weights under vmap give what each model gives by itself, running statistics too."""
    models = [build(name, seed=seed) for seed in range(2)]
    parameters, buffers = stack_module_state(models)
    skeleton = build(name).to("meta")

    def call(own, running, x):
        return functional_call(skeleton, (own, running), (x,)), running

    outputs, running = vmap(call, in_dims=(0, 0, None))(parameters, buffers, X)

    for index, model in enumerate(models):
        torch.testing.assert_close(outputs[index], model(X), rtol=1e-3, atol=1e-4)
        for key, value in model.named_buffers():
            torch.testing.assert_close(running[key][index], value, rtol=1e-3, atol=1e-4)


@pytest.mark.parametrize("name", ["cnn", "resnet"])
def test_models_of_images_refuse_tables(name):
    """What a model cannot take is the config's mistake."""
    with pytest.raises(ConfigError, match=f"model '{name}' takes images"):
        MODELS.load(name)(Facts((10,), 1, "values"), nn.ReLU)
