"""What a config holds once it has been checked: components, and sections of plain settings."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, is_dataclass
from typing import Any

from dlkit.catalog import (
    ACTIVATIONS,
    DATASETS,
    LOSSES,
    MODELS,
    OPTIMIZERS,
    REGULARIZERS,
    SCHEDULES,
    STOPPING,
)
from dlkit.config.document import OVERRIDE, Document
from dlkit.config.regularizers import Route
from dlkit.config.sections import Checkpoints, Fit, Logging
from dlkit.errors import Location

__all__ = ["Checkpoints", "Component", "Fit", "Logging", "RunConfig"]

COMPONENTS = {
    "data": DATASETS,
    "model": MODELS,
    "activation": ACTIVATIONS,
    "loss": LOSSES,
    "optimizer": OPTIMIZERS,
    "schedule": SCHEDULES,
    "early_stopping": STOPPING,
}
"""The sections that name a component, and the table that they name it from."""

DEFAULT_NAMES = {"activation": "relu", "optimizer": "adam", "schedule": "constant"}
"""The component of a section that names none."""

ROUTED = ("model", "loss", "optimizer")
"""The sections in which a regularizer may set an option."""

DEFAULT_LOSSES = {
    "classes": "cross_entropy",
    "values": "mse",
    "adversarial": "non_saturating",
}
"""The loss of a config that names none, by what the loss must take."""

SECTIONS = (
    *("name", "data", "model", "activation", "loss", "optimizer", "schedule"),
    *("regularization", "early_stopping", "fit", "logging", "checkpoints"),
)
"""All sections, as a resolved config lists them."""


@dataclass(frozen=True, eq=False)
class Component:
    """A name of the catalogue and the `options` that were set; `defaults` are those of the rest."""

    name: str
    options: Mapping[str, Any] = field(default_factory=dict)
    defaults: Mapping[str, Any] = field(default_factory=dict)

    def complete(self) -> dict[str, Any]:
        """Every option, those without a default first."""
        required = {key: self.options[key] for key in self.options if key not in self.defaults}
        return {**required, **self.defaults, **self.options}

    def resolved(self) -> dict[str, Any]:
        """The name and every option, as plain data."""
        return {"name": self.name, **plain(self.complete())}

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Component) and self.resolved() == other.resolved()

    def __hash__(self) -> int:
        return hash(self.name)


@dataclass(frozen=True, kw_only=True)
class RunConfig:
    """A checked config; `document` is the text that it came from.

    Without a loss, the task takes that of `DEFAULT_LOSSES`. `regularization` holds what is on, in
    the order of the text.
    """

    data: Component
    model: Component
    activation: Component | None
    """None for a model that has no use for one."""
    optimizer: Component | Mapping[str, Component]
    """One for all parts of the model, or one for each."""
    schedule: Component
    loss: Component | None = None
    regularization: Mapping[str, Component] = field(default_factory=dict)
    early_stopping: Component | None = None
    fit: Fit = field(default_factory=Fit)
    logging: Logging = field(default_factory=Logging)
    checkpoints: Checkpoints = field(default_factory=Checkpoints)
    name: str = "run"
    document: Document = field(default_factory=Document, repr=False, compare=False)

    def locate(self, key: str) -> Location | None:
        """Where the value of a dotted key was written, else the nearest enclosing key, if any."""
        return self.document.value(tuple(key.split(".")))

    def source_of(self, key: str) -> str:
        """What set the value of a dotted key: `file`, `--set` or `default`."""
        place = self.document.values.get(tuple(key.split(".")))
        return "default" if place is None else "--set" if place.file == OVERRIDE else "file"

    def loss_name(self) -> str | None:
        """The loss, also where it is the default; None if only the loaded data can tell that."""
        if self.loss:
            return self.loss.name
        return DEFAULT_LOSSES.get(self.takes())

    def takes(self) -> str:
        """What the loss must take: class labels (one an example or a step), values, `adversarial`
        logits; `either` if only loading the data can tell, `own` if the model has its own losses."""
        special = MODELS[self.model.name].facts.get("loss")
        yields = self.yields()
        return str(special) if special else {"tokens": "classes"}.get(yields, yields)

    def rules(self) -> Mapping[str, Component]:
        """The optimizers by the part that they move; that of all parts under an empty name."""
        return {"": self.optimizer} if isinstance(self.optimizer, Component) else self.optimizer

    def yields(self) -> str:
        """What the data yield: `classes`, `values`, or `either` if only loading them can tell."""
        fact = str(DATASETS[self.data.name].facts["yields"])
        told = self.data.complete().get("target_kind")
        return str(told) if fact == "either" and told in DEFAULT_LOSSES else fact

    def routes(self) -> dict[str, Route]:
        """Where each regularizer acts, by its name."""
        return {
            name: REGULARIZERS.load(name)(**component.options)
            for name, component in self.regularization.items()
        }

    def resolved(self) -> dict[str, Any]:
        """The whole config as plain data, all defaults filled in, all paths absolute.

        Loading it gives an equal config. So an option is left out where a regularizer sets it:
        nothing may be set in two places.
        """
        sections = {section: getattr(self, section) for section in SECTIONS}
        regularizers = {name: each.complete() for name, each in self.regularization.items()}
        resolved: dict[str, Any] = plain({**sections, "regularization": regularizers})
        for route in self.routes().values():
            for option in route.options if route.section in ROUTED else ():
                for owner in self._owners(resolved, route.section):
                    owner.pop(option, None)
        return resolved

    def _owners(self, resolved: Mapping[str, Any], section: str) -> list[dict[str, Any]]:
        """The components of a section: one, or those of its parts."""
        owner = resolved[section] or {}
        return [owner] if "name" in owner else [*owner.values()]


def plain(value: Any) -> Any:
    """Components and settings as dict, tuples as lists, at every depth."""
    if isinstance(value, Component):
        return value.resolved()
    if is_dataclass(value) and not isinstance(value, type):
        return asdict(value)
    if isinstance(value, Mapping):
        return {key: plain(item) for key, item in value.items()}
    return [plain(item) for item in value] if isinstance(value, list | tuple) else value
