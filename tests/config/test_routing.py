"""Each regularizer acts in one place, and is refused where it can't, or is set twice."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from dlkit.catalog import OPTIMIZERS, REGULARIZERS
from dlkit.config.routing import Routed, Rule, route
from dlkit.config.schema import Component, RunConfig
from dlkit.errors import ConfigError

Read = Callable[..., RunConfig]
Complaints = Callable[..., list[str]]

LEAST = "data: digits\nmodel: cnn\n"


def test_without_regularizers_the_parts_stay_as_they_are(read: Read):
    """Nothing is added, and the loss is left to the task."""
    config = read(LEAST + "optimizer: {learning_rate: 0.1}")
    assert route(config) == Routed(config.model, None, {"": Rule(config.optimizer)})


def test_each_word_has_one_destination(read: Read):
    """Dropout and batch norm, label smoothing, penalties, clipping, augmentation, averaging."""
    routed = route(
        read(
            LEAST
            + """\
loss: cross_entropy
regularization:
  dropout: 0.3
  batch_norm: true
  label_smoothing: 0.1
  l2: 0.01
  l1: {strength: 0.1, method: proximal, include_biases: true}
  clip_norm: 1
  clip_value: 0.5
  augmentation: {shift: 2, rotation: 10}
  weight_averaging: 0.99
"""
        )
    )
    assert routed.model.options == {"dropout": 0.3, "batch_norm": True}
    assert routed.loss
    assert (routed.loss.name, routed.loss.options) == ("cross_entropy", {"label_smoothing": 0.1})
    assert routed.penalties == (
        {"kind": "l1", "strength": 0.1, "include_biases": True, "proximal": True},
        {"kind": "l2", "strength": 0.01, "include_biases": False},
    )
    assert (routed.clip_norm, routed.clip_value, routed.rule("model").weight_decay) == (
        1.0,
        0.5,
        0.0,
    )
    assert routed.weight_averaging == 0.99
    assert routed.augmentation == {
        "shift": 2,
        "horizontal_flip": False,
        "vertical_flip": False,
        "quarter_turns": False,
        "rotation": 10.0,
        "zoom": 0.0,
        "cutout": 0,
        "colour": 0.0,
    }


def test_the_options_of_the_section_are_kept(read: Read):
    """What the model's own section sets stays beside what a regularizer adds."""
    text = "data: digits\nmodel: {name: mlp, hidden: [8]}\nregularization: {dropout: 0.3}"
    assert route(read(text)).model.options == {"hidden": [8], "dropout": 0.3}


def test_label_smoothing_needs_no_loss_section(read: Read):
    """The default loss of data with classes is named where it gets an option."""
    loss = route(read(LEAST + "regularization: {label_smoothing: 0.1}")).loss
    assert loss == Component("cross_entropy", {"label_smoothing": 0.1})


@pytest.mark.parametrize("rule", OPTIMIZERS.names())
def test_weight_decay_goes_where_it_is_decoupled(rule: str, read: Read):
    """Into the rule's own decoupled decay where there is one, else to the parameter groups."""
    routed = route(read(f"{LEAST}optimizer: {rule}\nregularization: {{weight_decay: 0.1}}")).rule(
        "model"
    )
    own = OPTIMIZERS[rule].facts.get("decoupled", False)
    own = own and "weight_decay" in OPTIMIZERS.signature(rule).names()
    expected: tuple[object, float] = ({"weight_decay": 0.1}, 0.0) if own else ({}, 0.1)
    assert (routed.optimizer.options, routed.weight_decay) == expected


def test_some_rule_has_weight_decay_of_its_own():
    """The test above meets both cases: AdamW decays by itself, Adam does not."""
    assert "weight_decay" in OPTIMIZERS.signature("adamw").names()
    assert not OPTIMIZERS["adam"].facts.get("decoupled")


def test_the_same_thing_set_twice(complaints: Complaints):
    """A model's, a loss's and a rule's own option against the regularizer, with both places."""
    text = """\
data: digits
model: {name: cnn, dropout: 0.1}
loss: {name: cross_entropy, label_smoothing: 0.1}
optimizer: {name: adamw, weight_decay: 0.1}
regularization: {dropout: 0.1, label_smoothing: 0.1, weight_decay: 0.1}
"""
    keep = "set the same thing. Keep one of them; the second is set at c.yaml:5"
    assert complaints(text) == [
        f"c.yaml:2:29: 'model.dropout' and 'regularization.dropout' {keep}:27.",
        f"c.yaml:3:46: 'loss.label_smoothing' and 'regularization.label_smoothing' {keep}:49.",
        f"c.yaml:4:40: 'optimizer.weight_decay' and 'regularization.weight_decay' {keep}:68.",
    ]


def test_a_model_without_the_option(complaints: Complaints):
    """A residual network always normalises, so it has nothing to switch on."""
    assert complaints("data: digits\nmodel: resnet\nregularization: {batch_norm: true}") == [
        "c.yaml:3:30: model 'resnet' has no option 'batch_norm' for 'regularization.batch_norm' "
        "to set. These have: mlp, cnn, autoencoder, vae."
    ]


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (LEAST + "loss: mse\n", "label smoothing acts on class labels: loss 'mse' has none."),
        (
            "model: mlp\ndata: diabetes\n\n",
            "label smoothing acts on class labels: data 'diabetes' yields values.",
        ),
        (
            LEAST + "loss: hinge\n",
            "loss 'hinge' has no option 'label_smoothing' for "
            "'regularization.label_smoothing' to set. These have: cross_entropy.",
        ),
    ],
)
def test_label_smoothing_without_classes(text: str, reason: str, complaints: Complaints):
    """Losses of values, data of values, and losses that have no such thing."""
    assert complaints(text + "regularization: {label_smoothing: 0.1}") == [f"c.yaml:4:35: {reason}"]


def test_route_raises_what_load_reports(read: Read):
    """A config that was made by hand is refused in the same words."""
    config = replace(
        read(LEAST),
        model=Component("cnn", {"dropout": 0.1}),
        regularization={"dropout": Component("dropout", {"rate": 0.1})},
    )
    with pytest.raises(ConfigError) as caught:
        route(config)
    assert str(caught.value) == (
        "c.yaml:2:1: 'model.dropout' and 'regularization.dropout' set the same thing. "
        "Keep one of them."
    )


def test_every_regularizer_has_a_destination():
    """Each name of the catalogue leads to a known section, and sets something there."""
    for name in REGULARIZERS.names():
        first = REGULARIZERS.signature(name).options[0].name
        target = REGULARIZERS.load(name)(**{first: 0.1})
        assert target.section in ("model", "loss", "optimizer", "engine", "data")
        assert target.options


def test_a_gan_has_an_average_of_its_own(complaints: Complaints):
    """A second one, also of the discriminator, is refused, and the option is named."""
    text = "data: digits\nmodel: gan\nregularization: {weight_averaging: 0.9}"
    assert complaints(text) == [
        "c.yaml:3:36: model 'gan' keeps an average of its own, of the generator. "
        "Set its decay with 'model.ema_decay'."
    ]
