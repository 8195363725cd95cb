"""`--set key=value`: the checks of the file, and messages that show the override."""

from collections.abc import Callable
from pathlib import Path

import pytest

from dlkit.config.load import load
from dlkit.config.schema import RunConfig
from dlkit.errors import ConfigError, render

Read = Callable[..., RunConfig]
Complaints = Callable[..., list[str]]

TEXT = "data: digits\nmodel: cnn\noptimizer: adam\nfit: {epochs: 5}\n"


def test_an_override_replaces_what_the_file_says(read: Read):
    """The last one wins, and what it doesn't name stays."""
    config = read(TEXT, "fit.epochs=6", "fit.epochs=7", "fit.seed=1")
    assert (config.fit.epochs, config.fit.seed, config.fit.batch_size) == (7, 1, 64)


def test_values_are_read_as_yaml(read: Read):
    """Numbers, lists, mappings, booleans, null and text, as in the file."""
    config = read(
        TEXT,
        "model.channels=[4, 8]",
        "fit={epochs: 2, channels_last: true}",
        "optimizer.learning_rate=1e-3",
        "fit.threads=",
        "name=no",
    )
    assert config.model.options == {"channels": [4, 8]}
    assert (config.fit.epochs, config.fit.channels_last, config.fit.threads) == (2, True, None)
    assert config.optimizer.options == {"learning_rate": 0.001}
    assert config.name == "no"


def test_a_shorthand_opens_for_an_option(read: Read):
    """`optimizer: adam` in the file takes an option, and so does `dropout: 0.3`."""
    config = read(
        TEXT + "regularization: {l1: 0.1}",
        "optimizer.learning_rate=0.1",
        "regularization.l1.include_biases=true",
        "schedule.name=constant",
    )
    assert (config.optimizer.name, config.optimizer.options) == ("adam", {"learning_rate": 0.1})
    assert config.regularization["l1"].options == {"strength": 0.1, "include_biases": True}


def test_a_component_is_replaced_whole_or_by_its_name(read: Read, complaints: Complaints):
    """`optimizer=sgd` drops the old options; `optimizer.name=sgd` keeps, and so checks them."""
    text = TEXT.replace("optimizer: adam", "optimizer: {name: adam, betas: [0.8, 0.9]}")
    assert read(text, "optimizer=sgd").optimizer.options == {}
    found = complaints(text, "optimizer.name=sgd")
    assert len(found) == 1
    assert found[0].startswith("c.yaml:3:25: unknown key 'betas' for optimizer 'sgd'. ")


def test_a_regularizer_is_set_and_switched_off(read: Read):
    """The short form works on the command line as well."""
    assert read(TEXT, "regularization.dropout=0.3").regularization["dropout"].options == {
        "rate": 0.3
    }
    assert read(TEXT + "regularization: {l1: 0.1}", "regularization.l1=false").regularization == {}


def test_paths_are_relative_to_the_current_folder():
    """On a command line a path means what it means to the shell, wherever the config lies."""
    Path("configs").mkdir()
    path = Path("configs/x.yaml")
    path.write_text(TEXT)
    assert load(path, ["logging.folder=out"]).logging.folder == f"{Path.cwd()}/out"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            "optimizer.learning_rate=abc",
            "--set:1:25: 'optimizer.learning_rate' must be a finite "
            "number greater than 0, not the text 'abc'.",
        ),
        (
            "model.channels=[4, 0]",
            "--set:1:20: 'model.channels[1]' must be an integer from 1 "
            "to 1000000000, not the number 0.",
        ),
        ("epochs=3", "--set:1:1: unknown key 'epochs'. This key exists under 'fit:'."),
        ("fit.epoch=3", "--set:1:5: unknown key 'epoch'. Did you mean 'epochs'?"),
        ("optimizer=adm", "--set:1:11: unknown optimizer 'adm'. Did you mean 'adam'?"),
        (
            "fit.epochs.x=1",
            "--set:1:5: 'fit.epochs' is the number 5: nothing can be set inside it. "
            "Set 'fit.epochs' itself.",
        ),
        (
            "optimizer.lr",
            "--set:1:1: 'optimizer.lr' is not of the form section.key=value. "
            "Write --set fit.epochs=5, for example.",
        ),
        (
            "=3",
            "--set:1:1: '=3' is not of the form section.key=value. "
            "Write --set fit.epochs=5, for example.",
        ),
        (
            "fit..epochs=3",
            "--set:1:1: 'fit..epochs=3' is not of the form section.key=value. "
            "Write --set fit.epochs=5, for example.",
        ),
        ("name=*x", "--set:1:6: aliases are not allowed: '*x'. Write the value again."),
        (
            "fit={seed: 1, seed: 2}",
            "--set:1:15: key 'seed' is set again. It is first set in line 1.",
        ),
        (
            "name='x",
            "--set:1:8: not valid YAML while scanning a quoted scalar: "
            "found unexpected end of stream.",
        ),
        ("name=\x1b", "--set:1:6: control character U+001B is not allowed."),
    ],
)
def test_a_wrong_override_is_shown_itself(text: str, message: str, complaints: Complaints):
    """A bad value, an unknown key, no `=`, a way through a scalar: located in the override."""
    assert complaints(TEXT, text) == [message]


def test_an_unknown_section_is_refused_however_deep(complaints: Complaints):
    """`nope=1` and `a.b.c=1` name no section."""
    for text in ("nope=1", "a.b.c=1"):
        (found,) = complaints(TEXT, text)
        assert found.startswith(
            f"--set:1:1: unknown key '{text[: text.index('=')][:4].split('.')[0]}'. Known: "
        )
    assert complaints(TEXT, ".".join("a" * 1000) + "=1")[0].endswith(
        "' is not of the form section.key=value. Write --set fit.epochs=5, for example."
    )


def test_problems_of_the_file_and_of_overrides_come_together(complaints: Complaints):
    """One pass finds both; those of the file stand first."""
    found = complaints(TEXT + "qqq: 1", "fit.epochs=0", "optimizer.lr", "fit.seed=x")
    assert [each.split(":")[0] for each in found] == ["c.yaml", "--set", "--set", "--set"]


def test_the_override_is_shown_with_a_caret(read: Read):
    """As a line of a file would be."""
    with pytest.raises(ConfigError) as caught:
        read(TEXT, "fit.epochs=ten")
    assert render(caught.value.problems).splitlines()[1:] == [
        "  1 | fit.epochs=ten",
        "    |            ^",
    ]


def test_the_source_of_each_value_is_known(read: Read):
    """The file, the command line, or a default."""
    config = read(TEXT, "fit.seed=1", "optimizer.learning_rate=0.1")
    sources = {
        key: config.source_of(key)
        for key in (
            "fit.epochs",
            "fit.seed",
            "fit.device",
            "optimizer.name",
            "optimizer.learning_rate",
            "optimizer.betas",
            "schedule.name",
            "name",
        )
    }
    assert sources == {
        "fit.epochs": "file",
        "fit.seed": "--set",
        "fit.device": "default",
        "optimizer.name": "file",
        "optimizer.learning_rate": "--set",
        "optimizer.betas": "default",
        "schedule.name": "default",
        "name": "default",
    }
