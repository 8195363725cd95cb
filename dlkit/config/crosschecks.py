"""What two keys of a config may not say together: small checks, none of which needs torch."""

from __future__ import annotations

from collections.abc import Sequence

from dlkit.catalog import DATASETS, LOSSES, MODELS
from dlkit.config.document import ABSENT
from dlkit.config.schema import RunConfig
from dlkit.errors import Problem

_MEANING = {
    "classes": "class labels",
    "values": "values",
    "either": "class labels or values",
    "tokens": "tokens",
    "boxes": "boxes",
    "adversarial": "the logits of a discriminator",
}


def half_precision_on_cpu(config: RunConfig) -> Problem | None:
    """The float16 of training needs a scaled loss, which torch has for accelerators only."""
    if config.fit.precision != "fp16" or config.fit.device != "cpu":
        return None
    message = "'fit.precision' fp16 needs an accelerator, but 'fit.device' is cpu."
    return Problem(message, config.locate("fit.precision"), "Use bf16 or fp32.")


def full_batch_accumulated(config: RunConfig) -> Problem | None:
    """There is only one micro-batch in an epoch if it holds all examples."""
    if config.fit.batch_size != "full" or config.fit.accumulate == 1:
        return None
    message = (
        f"'fit.accumulate' {config.fit.accumulate} sums micro-batches, "
        "but 'fit.batch_size' full makes one of all examples."
    )
    hint = "Name the size of a micro-batch, or leave out 'fit.accumulate'."
    return Problem(message, config.locate("fit.accumulate"), hint)


def loss_unfit_for_data(config: RunConfig) -> Problem | None:
    """A loss of class labels can't be had from values, nor the other way round."""
    wanted = config.takes()
    if config.loss is None or wanted == "either" or config.loss.name in _losses(wanted):
        return None
    place = config.locate("loss.name")
    if wanted == "own":
        message = f"model '{config.model.name}' has losses of its own."
        return Problem(message, place, "Leave out 'loss'.")
    takes = LOSSES[config.loss.name].facts["takes"]
    other = (
        f"model '{config.model.name}' needs one of {_MEANING[wanted]}"
        if wanted == "adversarial"
        else f"data '{config.data.name}' yields {_MEANING[config.yields()]}"
    )
    message = f"loss '{config.loss.name}' takes {_MEANING[takes]}; {other}."
    return Problem(message, place, f"Use {_choice(_losses(wanted))}.")


def _losses(wanted: str) -> list[str]:
    both = ("either", wanted) if wanted in ("classes", "values") else (wanted,)
    return [name for name in LOSSES.names() if LOSSES[name].facts["takes"] in both]


def _choice(names: Sequence[str]) -> str:
    return " or ".join(filter(None, [", ".join(names[:-1]), *names[-1:]]))


def data_unfit_for_model(config: RunConfig) -> Problem | None:
    """A model reads some kinds of inputs, and learns some kinds of targets."""
    model, inputs = MODELS[config.model.name].facts, DATASETS[config.data.name].facts["inputs"]
    learns = (*model["learns"], *(["either"] if {"classes", "values"} & {*model["learns"]} else []))
    if inputs in model["reads"] and config.yields() in learns:
        return None
    reads = _choice(model["reads"])
    targets = _choice([_MEANING[each] for each in model["learns"]])
    message = (
        f"model '{config.model.name}' reads {reads} and learns {targets}; data "
        f"'{config.data.name}' is of {inputs} with {_MEANING[config.yields()]}."
    )
    fitting = [
        name
        for name in DATASETS.names()
        if DATASETS[name].facts["inputs"] in model["reads"]
        and DATASETS[name].facts["yields"] in learns
    ]
    return Problem(message, config.locate("model.name"), f"Use data {_choice(fitting)}.")


def activation_without_use(config: RunConfig) -> Problem | None:
    """No key of a config is ignored."""
    place = config.locate("activation.name")
    if config.activation or config.document.get(("activation",)) in (ABSENT, None):
        return None
    message = f"model '{config.model.name}' has no use for 'activation'."
    return Problem(message, place, "Leave it out.")


_WHY_RAW = {
    "cross_entropy": "it applies log-softmax itself, and on outputs between 0 and 1 it can't fall "
    "below ln((e + C - 1) / e), 1.4612 for ten classes",
    "binary_cross_entropy": "it applies the sigmoid itself, and on outputs between 0 and 1 a 'no' "
    "can't cost less than ln 2, 0.6931",
    "hinge": "outputs between 0 and 1 never reach its margins: one-vs-rest can't fall below K - 1, "
    "9 for ten classes",
}
"""Each loss with logits at its least on one-hot outputs, the best that softmax or sigmoid allow."""


def normalised_before_logits(config: RunConfig) -> Problem | None:
    """A loss that takes raw outputs must not get them through softmax or sigmoid."""
    loss = config.loss_name()
    activation = config.model.complete().get("output_activation")
    if activation not in ("softmax", "sigmoid") or not loss or not LOSSES[loss].facts.get("logits"):
        return None
    reason = _WHY_RAW.get(loss, "it is made for numbers of any size")
    message = f"'model.output_activation' {activation} before loss '{loss}': {reason}."
    hint = "Leave out 'model.output_activation'."
    return Problem(message, config.locate("model.output_activation"), hint)


def stopping_without_validation(config: RunConfig) -> Problem | None:
    """Early stopping judges the validation split, so there must be one."""
    if config.early_stopping is None:
        return None
    options = config.data.complete()
    for key in ("validation_fraction", "validation_examples"):
        if options.get(key) == 0:
            message = f"'early_stopping' needs a validation split, but 'data.{key}' is 0."
            place = config.locate(f"data.{key}") or config.locate("early_stopping")
            return Problem(message, place, "Set one apart, or leave out 'early_stopping'.")
    return None


CHECKS = (
    half_precision_on_cpu,
    full_batch_accumulated,
    data_unfit_for_model,
    activation_without_use,
    loss_unfit_for_data,
    normalised_before_logits,
    stopping_without_validation,
)


def problems(config: RunConfig) -> list[Problem]:
    """What the checks find."""
    return [problem for check in CHECKS if (problem := check(config))]
