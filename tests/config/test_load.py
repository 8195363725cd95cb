"""Loading: what a config may leave out, and all that is wrong with one, in exact words."""

import math
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from dlkit.config.load import load
from dlkit.config.schema import COMPONENTS, Checkpoints, Component, Fit, Logging, RunConfig
from dlkit.errors import ConfigError, Location, render

Read = Callable[..., RunConfig]
Complaints = Callable[..., list[str]]

LEAST = "data: digits\nmodel: cnn\n"


def test_data_and_a_model_are_enough(read: Read, folder: Path):
    """All other sections have defaults; the run is called as the file."""
    config = read(LEAST)
    assert (config.data.name, config.model.name) == ("digits", "cnn")
    assert [config.activation.name, config.optimizer.name, config.schedule.name] == [
        "relu",
        "adam",
        "constant",
    ]
    assert (config.loss, config.early_stopping, config.regularization) == (None, None, {})
    assert config.fit == Fit()
    assert config.logging == Logging(folder=str(folder / "runs"))
    assert config.checkpoints == Checkpoints()
    assert config.name == "c"


def test_the_defaults_are_those_promised():
    """The numbers that a run takes when nobody says otherwise."""
    assert Fit() == Fit(20, 64, 0, "auto", "fp32", 1, None, False, False)
    assert Logging() == Logging(20, True, False, False, True, "runs")
    assert Checkpoints() == Checkpoints(1, None, 2)


def test_short_and_long_form_are_the_same(read: Read):
    """A component is its name or a mapping with it; a regularizer is its first option or all."""
    short = read(LEAST + "loss: hinge\nregularization: {dropout: 0.3, batch_norm: true}")
    long = read(
        "data: {name: digits}\nmodel: {name: cnn}\nloss: {name: hinge}\n"
        "regularization: {dropout: {rate: 0.3}, batch_norm: {on: true}}"
    )
    assert short == long


def test_options_hold_what_was_set_and_only_that(read: Read):
    """A component's defaults stay apart from its options, and are there when asked for."""
    model = read("data: digits\nmodel: {name: mlp, hidden: [8, 8]}").model
    assert model.options == {"hidden": [8, 8]}
    assert model.resolved() == {
        "name": "mlp",
        "hidden": [8, 8],
        "batch_norm": False,
        "dropout": 0.0,
        "initialisation": "default",
        "output_activation": None,
    }


def test_what_is_off_is_not_there(read: Read):
    """`false` or null switches a regularizer, or early stopping, off."""
    off = "regularization: {dropout: false, l1: null, batch_norm: false}\nearly_stopping: false\n"
    assert read(LEAST + off) == read(LEAST)


def test_a_section_without_content_is_one_that_is_left_out(read: Read):
    """A header whose lines are all commented out changes nothing."""
    empty = "fit:\nlogging:\nregularization:\noptimizer:\nloss:\nearly_stopping:\n"
    assert read(LEAST + empty) == read(LEAST)


def test_options_of_a_default_component_need_no_name(read: Read):
    """`optimizer: {learning_rate: 0.1}` is Adam with that rate."""
    assert read(LEAST + "optimizer: {learning_rate: 0.1}").optimizer == (
        read(LEAST + "optimizer: {name: adam, learning_rate: 0.1}").optimizer
    )


def test_yaml_words_keep_their_meaning(read: Read):
    """1e-3 is a rate, and `no` is text: it can name a run, and is no boolean."""
    config = read(LEAST + "name: no\noptimizer: {learning_rate: 1e-3}")
    assert config.name == "no"
    assert config.optimizer.options == {"learning_rate": 0.001}
    with pytest.raises(ConfigError, match="must be true or false, not the text 'yes'"):
        read(LEAST + "fit: {channels_last: yes}")


@pytest.mark.parametrize(
    ("file", "name"),
    [("cnn digits.yaml", "cnn-digits"), (".x.yaml", "x"), ("日本.yml", "日本"), ("-.yaml", "run")],
)
def test_the_name_of_the_file_names_the_run(file: str, name: str):
    """Without a name, a run is called as its file, as far as that can name a folder."""
    Path(file).write_text(LEAST)
    assert load(Path(file)).name == name


def test_unknown_keys_are_refused_with_what_was_meant(complaints: Complaints):
    """A typo, a key in the wrong section, one that belongs to a regularizer, an abbreviation."""
    text = """\
data: {name: digits, fractoin: 0.1}
model: {name: cnn, epochs: 3}
fit: {epoch: 3, optimizer: adam}
epochs: 3
optimizer: {learing_rate: 0.1, lr: 1, zzz: 1}
dropout: 0.3
regularization: {dropuot: 0.3, l2: {strenght: 1, strength: 1}}
"""
    found = complaints(text)
    assert found[0].startswith("c.yaml:1:22: unknown key 'fractoin' for dataset 'digits'. ")
    assert found[1:6] == [
        "c.yaml:2:20: unknown key 'epochs' for model 'cnn'. This key exists under 'fit:'.",
        "c.yaml:3:7: unknown key 'epoch'. Did you mean 'epochs'?",
        "c.yaml:3:17: unknown key 'optimizer'. This key exists at the top level.",
        "c.yaml:4:1: unknown key 'epochs'. This key exists under 'fit:'.",
        "c.yaml:5:13: unknown key 'learing_rate' for optimizer 'adam'. "
        "Did you mean 'learning_rate'?",
    ]
    assert found[6] == (
        "c.yaml:5:32: unknown key 'lr' for optimizer 'adam'. Did you mean 'learning_rate'?"
    )
    assert found[7].startswith("c.yaml:5:39: unknown key 'zzz' for optimizer 'adam'. Known: ")
    assert found[8] == (
        "c.yaml:6:1: unknown key 'dropout'. "
        "This key exists under 'regularization:' and under 'model:'."
    )
    assert found[9:] == [
        "c.yaml:7:18: unknown regularizer 'dropuot'. Did you mean 'dropout'?",
        "c.yaml:7:37: unknown key 'strenght' for regularizer 'l2'. Did you mean 'strength'?",
    ]


@pytest.mark.parametrize(
    ("line", "message"),
    [
        (
            'epochs: "ten"',
            "'fit.epochs' must be an integer from 1 to 1000000000, not the text 'ten'.",
        ),
        (
            "epochs: 2.5",
            "'fit.epochs' must be an integer from 1 to 1000000000, not the number 2.5.",
        ),
        (
            "batch_size: true",
            "'fit.batch_size' must be an integer from 1 to 10000000, "
            "or 'full' for all examples at once, not true.",
        ),
        ("epochs: 0", "'fit.epochs' must be an integer from 1 to 1000000000, not the number 0."),
        (
            "batch_size: -1",
            "'fit.batch_size' must be an integer from 1 to 10000000, "
            "or 'full' for all examples at once, not the number -1.",
        ),
        (
            "batch_size: 1000000000000",
            "'fit.batch_size' must be an integer from 1 to 10000000, "
            "or 'full' for all examples at once, not the number 1000000000000.",
        ),
        (
            f"epochs: {10**50}",
            f"'fit.epochs' must be an integer from 1 to 1000000000, not the number {10**50}.",
        ),
        ("seed: -1", "'fit.seed' must be an integer from 0 to 4294967295, not the number -1."),
        ("device: gpu", "'fit.device' must be auto, cpu, cuda, cuda:N or mps, not the text 'gpu'."),
        (
            "precision: fp61",
            "'fit.precision' must be one of fp32, bf16, fp16, "
            "not the text 'fp61'. Did you mean 'fp16'?",
        ),
        ("deterministic: 1", "'fit.deterministic' must be true, false or warn, not the number 1."),
    ],
)
def test_wrong_types_and_ranges_are_named(line: str, message: str, complaints: Complaints):
    """Text, fractions and booleans are no integers; zero, negative and huge numbers are named."""
    column = len("  " + line.partition(":")[0] + ": ") + 1
    assert complaints(f"{LEAST}fit:\n  {line}") == [f"c.yaml:4:{column}: {message}"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            "optimizer: {learning_rate: .nan}",
            "'optimizer.learning_rate' must be a finite number greater than 0, not .nan.",
        ),
        (
            "optimizer: {learning_rate: .inf}",
            "'optimizer.learning_rate' must be a finite number greater than 0, not .inf.",
        ),
        (
            "optimizer: {learning_rate: 1e999}",
            "'optimizer.learning_rate' must be a finite number greater than 0, not .inf.",
        ),
        (
            "optimizer: {learning_rate: -0.1}",
            "'optimizer.learning_rate' must be a finite number "
            "greater than 0, not the number -0.1.",
        ),
        (
            "regularization: {weight_decay: -1}",
            "'regularization.weight_decay.rate' must be "
            "a finite number of at least 0, not the number -1.",
        ),
        (
            "regularization: {dropout: true}",
            "'regularization.dropout.rate' must be a finite "
            "number of at least 0 and less than 1, not true.",
        ),
        (
            "checkpoints: {keep: 1}",
            "'checkpoints.keep' must be an integer of at least 2, not the number 1.",
        ),
    ],
)
def test_numbers_must_be_finite_and_in_range(text: str, message: str, complaints: Complaints):
    """Not-a-number, infinity, and what is too small, wherever a number is expected."""
    assert [each.split(": ", 1)[1] for each in complaints(LEAST + text)] == [message]


def test_a_split_must_be_a_share(complaints: Complaints):
    """A validation fraction of 1.2 is refused with the range."""
    assert complaints("data: {name: digits, validation_fraction: 1.2}\nmodel: cnn") == [
        "c.yaml:1:43: 'data.validation_fraction' must be a finite number of at least 0 and "
        "less than 1, not the number 1.2."
    ]


@pytest.mark.parametrize(
    ("name", "advice"),
    [
        ("resnt18", "Did you mean 'resnet'?"),
        (
            "torch.nn.Linear",
            "Known: autoencoder, cnn, gan, gru, lstm, mlp, rcnn, resnet, rnn, vae, yolo.",
        ),
        (
            "os:system",
            "Known: autoencoder, cnn, gan, gru, lstm, mlp, rcnn, resnet, rnn, vae, yolo.",
        ),
    ],
)
def test_unknown_names_are_refused(name: str, advice: str, complaints: Complaints):
    """A near name is proposed; a dotted path is a name like any other, and never imported."""
    place = "c.yaml:1:8: "
    assert complaints(f"model: {name}\ndata: digits") == [
        f"{place}unknown model '{name}'. {advice}"
    ]


def test_an_activation_named_by_an_option_must_exist(complaints: Complaints):
    """Options that hold a name of another table are checked against it."""
    assert complaints("data: digits\nmodel: {name: cnn, output_activation: sofmax}") == [
        "c.yaml:2:39: unknown activation 'sofmax'. Did you mean 'softmax'?"
    ]


def test_what_is_missing_is_named(complaints: Complaints):
    """A section, a component's name, and an option without a default."""
    assert complaints("fit: {epochs: 1}") == [
        "c.yaml:1:1: 'data' is missing. "
        "It must be the name of a dataset, or a mapping with 'name'.",
        "c.yaml:1:1: 'model' is missing. It must be the name of a model, or a mapping with 'name'.",
    ]
    assert complaints(LEAST + "loss: {}\nregularization: {l2: {}}") == [
        "c.yaml:3:1: 'loss.name' is missing. It must be the name of a loss.",
        "c.yaml:4:18: 'regularization.l2.strength' is missing. "
        "It must be a finite number of at least 0.",
    ]


def test_sections_of_the_wrong_kind_are_named(complaints: Complaints):
    """A number, a list or null where a section or a component should be."""
    text = """\
model: null
data: [digits]
fit: 3
regularization: []
optimizer: {name: 3}
early_stopping: true
"""
    assert complaints(text) == [
        "c.yaml:1:8: 'model' must be the name of a model, or a mapping with 'name', not null.",
        "c.yaml:2:7: 'data' must be the name of a dataset, or a mapping with 'name', "
        "not a list of 1.",
        "c.yaml:3:6: 'fit' must be a mapping of settings, not the number 3.",
        "c.yaml:4:17: 'regularization' must be a mapping of regularizers, not a list of 0.",
        "c.yaml:5:19: 'optimizer.name' must be the name of an optimizer, not the number 3.",
        "c.yaml:6:17: 'early_stopping' must be the name of an early-stopping policy, "
        "or a mapping with 'name', not true.",
    ]
    assert complaints(LEAST + "regularization: {l2: [1]}") == [
        "c.yaml:3:22: 'regularization.l2' must be a mapping of options, not a list of 1."
    ]


@pytest.mark.parametrize("name", ["../x", "a/b", "''", ".x", "a b", "x" * 101])
def test_a_run_is_named_as_a_folder_can_be(name: str, complaints: Complaints):
    """A name that would lead out of the run folder, or that some system can't store, is refused."""
    found = complaints(f"{LEAST}name: {name}")
    assert len(found) == 1
    assert found[0].startswith("c.yaml:3:7: 'name' must be up to 100 letters, digits, ")


def test_all_problems_of_a_file_come_in_one_pass(complaints: Complaints):
    """Keys set twice, unknown keys, wrong values and contradictions together, line by line."""
    text = """\
data: digits
model: {name: resnet, dropout: 0.1}
fit:
  epochs: ten
  epoch: 3
  precision: fp16
  device: cpu
  precision: fp16
loss: cross_entropi
regularization: {dropout: 0.2, 1: 2}
"""
    assert complaints(text) == [
        "c.yaml:2:32: 'model.dropout' and 'regularization.dropout' set the same thing. "
        "Keep one of them; the second is set at c.yaml:10:27.",
        "c.yaml:4:11: 'fit.epochs' must be an integer from 1 to 1000000000, not the text 'ten'.",
        "c.yaml:5:3: unknown key 'epoch'. Did you mean 'epochs'?",
        "c.yaml:8:3: key 'fit.precision' is set again. It is first set in line 6.",
        "c.yaml:8:14: 'fit.precision' fp16 needs an accelerator, but 'fit.device' is cpu. "
        "Use bf16 or fp32.",
        "c.yaml:9:7: unknown loss 'cross_entropi'. Did you mean 'cross_entropy'?",
        "c.yaml:10:32: key '1' is not text. Quote it, if it is meant.",
    ]


def test_a_flood_of_problems_is_cut(complaints: Complaints):
    """Fifty problems are shown, and the number of the others."""
    found = complaints(LEAST + "".join(f"k{i}: 1\n" for i in range(1000)))
    assert (len(found), found[-1]) == (51, "950 more problems.")


def test_an_error_shows_its_line_and_a_caret():
    """The file, line and column, then the line itself with a mark below the value."""
    os.mkdir("configs")
    path = Path("configs/x.yaml")
    path.write_text(LEAST + "fit:\n  epochs: ten\n")
    with pytest.raises(ConfigError) as caught:
        load(path)
    assert render(caught.value.problems) == (
        "error: configs/x.yaml:4:11: 'fit.epochs' must be an integer from 1 to 1000000000, "
        "not the text 'ten'.\n"
        "  4 |   epochs: ten\n"
        "    |           ^"
    )
    assert caught.value.exit_code == 2


def test_paths_are_relative_to_the_config(monkeypatch: pytest.MonkeyPatch, folder: Path):
    """Relative to the file's folder, wherever the command runs; `~` is home, `$HOME` just text."""
    monkeypatch.setenv("HOME", "/home/ada")
    os.mkdir("configs")
    path = Path("configs/x.yaml")
    for written, resolved in [
        ("out", f"{folder}/configs/out"),
        ("../out", f"{folder}/out"),
        ("/out", "/out"),
        ("~/out", "/home/ada/out"),
        ("$HOME/out", f"{folder}/configs/$HOME/out"),
    ]:
        path.write_text(f"{LEAST}logging: {{folder: {written}}}")
        config = load(path)
        assert (config.logging.folder, config.resolved()["logging"]["folder"]) == (resolved,) * 2
    path.write_text(LEAST)
    assert load(path).logging.folder == f"{folder}/runs"


def test_values_can_be_located_after_loading(read: Read):
    """Where a value was written; else the key of the section around it; else nothing."""
    config = read(LEAST + "optimizer: adam\nfit:\n  epochs: 3\n")
    assert config.locate("fit.epochs") == Location("c.yaml", 5, 11, "  epochs: 3")
    assert config.locate("fit.seed") == Location("c.yaml", 4, 1, "fit:")
    assert config.locate("optimizer.name") == Location("c.yaml", 3, 12, "optimizer: adam")
    assert config.locate("optimizer.betas") == Location("c.yaml", 3, 1, "optimizer: adam")
    assert config.locate("schedule.name") is None


def test_every_section_refuses_an_unknown_key(complaints: Complaints):
    """No mapping of a config is open: top level, plain sections, and every known component."""
    assert [each.split(": ")[1] for each in complaints(LEAST + "qqq: 1")] == [
        "unknown key 'qqq'. Known"
    ]
    for section in ("fit", "logging", "checkpoints"):
        assert "unknown key 'qqq'" in " ".join(complaints(f"{LEAST}{section}: {{qqq: 1}}"))
    for section, table in COMPONENTS.items():
        for name in table.names():
            rest = "\n".join(
                f"{needed}: {first}"
                for needed, first in (("data", "digits"), ("model", "cnn"))
                if needed != section
            )
            found = complaints(f"{section}: {{name: {name}, qqq: 1}}\n{rest}")
            assert any(f"unknown key 'qqq' for {table.kind} '{name}'." in each for each in found)


def test_every_regularizer_refuses_an_unknown_key(complaints: Complaints):
    """The mapping of each regularizer is closed, too."""
    from dlkit.catalog import REGULARIZERS

    for name in REGULARIZERS.names():
        found = complaints(f"{LEAST}regularization: {{{name}: {{qqq: 1}}}}")
        assert any(f"unknown key 'qqq' for regularizer '{name}'." in each for each in found)


def test_components_are_equal_by_all_their_options():
    """An option that is set to its default makes no difference."""
    assert Component("a", {"x": 1}, {"x": 1}) == Component("a", {}, {"x": 1})
    assert Component("a", {"x": 2}, {"x": 1}) != Component("a", {}, {"x": 1})
    assert Component("a") != Component("b")
    assert Component("a") != "a"
    assert math.isclose(Component("a", {"x": 0.5}).complete()["x"], 0.5)
