"""The resolved config is complete, and loading it gives an equal config."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Union, get_args, get_origin

import pytest
import yaml

from dlkit.catalog import REGULARIZERS
from dlkit.config.dump import dump
from dlkit.config.load import load
from dlkit.config.schema import COMPONENTS, SECTIONS, RunConfig
from dlkit.config.sections import SETTINGS, settings
from dlkit.ranges import PathKind
from dlkit.signatures import REQUIRED, Option, Signature

Read = Callable[..., RunConfig]

LEAST = "data: digits\nmodel: cnn\n"
FULL = """\
name: trial-1e3
data: {name: digits, validation_fraction: 0.2}
model: {name: cnn, channels: [4, 8]}
activation: {name: leaky_relu}
optimizer: {name: adamw, learning_rate: 1e-8}
regularization:
  dropout: 0.3
  batch_norm: true
  label_smoothing: 0.1
  weight_decay: 0.1
  l2: 1e-4
  clip_norm: 1
  augmentation: {shift: 1}
early_stopping: patience
fit: {epochs: 3, batch_size: full, device: cuda:1, deterministic: warn}
logging: {folder: out}
"""


def again(config: RunConfig, folder: Path) -> RunConfig:
    """The config that its resolved form gives when it is loaded from elsewhere."""
    path = folder / "elsewhere" / "config.yaml"
    path.parent.mkdir(exist_ok=True)
    path.write_text(dump(config.resolved()), encoding="utf-8")
    return load(path)


@pytest.mark.parametrize("text", [LEAST, FULL], ids=["least", "full"])
def test_loading_the_resolved_config_gives_it_again(text: str, read: Read, folder: Path):
    """From another folder, with all defaults written out, the config is the same."""
    config = read(text)
    loaded = again(config, folder)
    assert loaded == config
    assert loaded.resolved() == config.resolved()


def test_an_overridden_config_resolves_too(read: Read, folder: Path):
    """What `--set` changed is part of the resolved config."""
    config = read(LEAST, "fit.epochs=3", "logging.folder=~/x", "name='007'")
    assert again(config, folder) == config
    assert again(config, folder).fit.epochs == 3


def needs(signature: Signature) -> dict[str, Any]:
    """Some value for each option without a default."""
    return {o.name: sample(o) for o in signature.options if o.default is REQUIRED}


def sample(option: Option) -> Any:
    """A value that fits the annotation of an option without a default."""
    marks = getattr(option.annotation, "__metadata__", ())
    if any(isinstance(mark, PathKind) for mark in marks):
        return "some/path"
    kinds: dict[Any, Any] = {int: 1, float: 0.5, bool: True, str: "x"}
    first = (get_args(option.annotation) if get_origin(option.annotation) is Union else ()) or (
        option.annotation,
    )
    return kinds[getattr(first[0], "__origin__", first[0])]


def partners(section: str, facts: Mapping[str, Any]) -> dict[str, Any]:
    """Data and a model that go with a component of those facts."""
    if section == "data":
        models = {"boxes": "yolo", "tokens": "lstm"}
        default = "lstm" if facts["inputs"] == "series" else "mlp"
        return {"model": models.get(facts["yields"], default)}
    if section == "model":
        data = "digits_scenes" if facts["learns"] == ("boxes",) else "digits"
        return {"data": "digits_rows" if "series" in facts["reads"] else data}
    if facts.get("takes") == "adversarial":
        return {"data": "digits", "model": "gan"}
    return {"data": "diabetes" if facts.get("takes") == "values" else "digits", "model": "mlp"}


@pytest.mark.parametrize(
    ("section", "name"),
    [(section, name) for section, table in COMPONENTS.items() for name in table.names()],
)
def test_every_component_can_be_written_and_read(section: str, name: str, folder: Path):
    """The defaults of all components of the catalogue are values that a config may set."""
    facts = COMPONENTS[section][name].facts
    data: dict[str, Any] = partners(section, facts)
    data[section] = {"name": name, **needs(COMPONENTS[section].signature(name))}
    Path("c.yaml").write_text(dump(data))
    config = load(Path("c.yaml"))
    assert again(config, folder) == config


@pytest.mark.parametrize("name", REGULARIZERS.names())
def test_every_regularizer_can_be_written_and_read(name: str, folder: Path):
    """Also where the option that it sets has a default in another section."""
    data: dict[str, Any] = {"data": "digits", "model": "cnn", "optimizer": "adamw"}
    data["regularization"] = {name: needs(REGULARIZERS.signature(name))}
    Path("c.yaml").write_text(dump(data))
    config = load(Path("c.yaml"))
    assert again(config, folder) == config


def test_everything_is_in_it(read: Read):
    """All sections in their order, and every setting and option, but for what regularizers set."""
    resolved = read(FULL).resolved()
    assert tuple(resolved) == SECTIONS
    for section in SETTINGS:
        assert tuple(resolved[section]) == settings(section).names()
    names = set(COMPONENTS["model"].signature("cnn").names()) | {"name"}
    assert set(resolved["model"]) == names - {"dropout", "batch_norm"}
    assert "weight_decay" not in resolved["optimizer"]
    assert resolved["model"]["channels"] == [4, 8]
    assert resolved["regularization"]["l2"] == {"strength": 0.0001, "include_biases": False}


def test_it_is_plain_data(read: Read):
    """Any YAML or JSON writer takes it; lists are lists."""
    resolved = read(FULL).resolved()
    assert yaml.safe_load(yaml.safe_dump(resolved)) == resolved
    assert isinstance(read(LEAST).resolved()["model"]["channels"], list)


def test_a_required_option_stands_in_the_config(folder: Path):
    """A path that a data set needs is absolute in the resolved config."""
    (folder / "configs").mkdir()
    path = folder / "configs" / "x.yaml"
    path.write_text("model: cnn\ndata: {name: image_folder, folder: ../photos}\n")
    assert load(path).resolved()["data"]["folder"] == str(folder / "photos")
