"""Running claims: what is measured is judged against what the page expects."""

import math

import pytest

from dlkit.dictionary import index, report, run
from dlkit.dictionary.show import Style
from dlkit.errors import ConfigError

pytestmark = pytest.mark.usefixtures("small")


@pytest.mark.parametrize(
    ("value", "expectation", "met"),
    [
        (0.5, {"near": 0.5, "tolerance": 0.0}, True),
        (0.52, {"near": 0.5, "tolerance": 0.01}, False),
        (2.0, {"min": 2.0}, True),
        (2.0, {"max": 1.9}, False),
        (2.0, {"min": 1.0, "max": 3.0}, True),
        (math.nan, {"is": "nan"}, True),
        (math.nan, {"min": 0.0}, False),
        (math.nan, {"near": 0.0, "tolerance": 1.0}, False),
        (math.inf, {"is": "inf"}, True),
        (-math.inf, {"is": "inf"}, False),
        (1.0, {"is": "nan"}, False),
    ],
)
def test_a_number_meets_an_expectation(
    value: float, expectation: dict[str, float | str], met: bool
) -> None:
    """Bounds include their ends; NaN meets nothing but `is: nan`."""
    assert run.meets(value, expectation) is met


def claim(number: int = 0) -> run.Record:
    return index.page("alpha")["claims"][number]


def test_a_claim_is_repeated_over_seeds() -> None:
    """Three seeds, three values, their median judged, and the command that repeats it."""
    result = run.run("alpha", claim(), {})
    relu = result.measurements[0]
    assert (relu.name, len(relu.values), relu.as_expected) == ("relu", 3, True)
    assert relu.median == sorted(relu.values)[1]
    assert len(set(relu.values)) == 3
    assert (result.verdict, result.reproduced) == ("holds-if", True)
    assert result.command == "dlkit explain alpha --run C100"


def test_the_same_command_measures_the_same() -> None:
    """Experiments are functions of their seed."""
    first = run.run("alpha", claim(), {})
    run._measured.cache_clear()
    assert run.run("alpha", claim(), {}).measurements == first.measurements


def test_claims_that_share_an_experiment_share_its_run() -> None:
    """A second claim on the same seeds and knobs costs nothing."""
    run.run("alpha", claim(), {})
    before = run._measured.cache_info()
    run.run("alpha", claim(), {})
    after = run._measured.cache_info()
    assert (after.hits - before.hits, after.misses) == (3, before.misses)


def test_a_knob_can_flip_the_verdict() -> None:
    """With the mean at 3 the page's case applies, and the command says so."""
    result = run.run("alpha", claim(), {"mean": "3.0"}, seeds=2)
    assert (result.verdict, result.reproduced) == ("false", True)
    assert result.command == "dlkit explain alpha --run C100 --mean 3.0 --seeds 2"


def test_a_knob_that_the_page_does_not_mention_is_only_measured() -> None:
    """No expectation, no verdict, nothing that could fail."""
    result = run.run("alpha", claim(), {"mean": "1"})
    assert result.verdict is None
    assert [each.as_expected for each in result.measurements] == [None, None, None]


def test_what_is_not_as_expected_is_not_reproduced() -> None:
    """The experiment is right and the page is wrong: the result says so."""
    wrong = claim() | {"expect": {"relu": {"max": 0.1}}}
    result = run.run("alpha", wrong, {}, seeds=1)
    assert not result.reproduced
    text = report.text(result, Style())
    assert "≤ 0.1" in text
    assert "NO\n" in text
    assert "verdict: holds if, NOT reproduced (" in text


def test_the_report_shows_expected_measured_condition_verdict_and_command() -> None:
    """As a table whose columns line up."""
    lines = report.text(run.run("alpha", claim(), {}), Style()).splitlines()
    assert lines[0] == "C100  Half of the outputs are 0."
    assert lines[2].split("  ")[0:1] == [""]
    assert lines[2].split() == ["measured", "expected", "median", "from", "…", "to", "(3", "seeds)"]
    assert lines[3].startswith("  relu      0.5 ± 0.02  0.50")
    assert lines[3].endswith("yes")
    assert lines[6] == "  if: centred inputs"
    assert lines[7].startswith("  verdict: holds if, reproduced in ")
    assert lines[8] == "  repeat: dlkit explain alpha --run C100"


def test_a_correction_runs_both_sides() -> None:
    """The printed and the right form stand above the measurement."""
    erratum = index.page("alpha")["errata"][0]
    text = report.text(run.run("alpha", erratum, {}), Style())
    assert text.startswith("B100  The sign is lost.\n  printed:\n      f(x) = x\n  right:\n")


def test_an_expectation_must_name_a_measurement() -> None:
    """A page that expects what its experiment does not measure is told so."""
    wrong = claim() | {"expect": {"rleu": {"max": 0.1}}}
    with pytest.raises(ConfigError) as caught:
        run.run("alpha", wrong, {}, seeds=1)
    assert str(caught.value) == (
        "C100 expects rleu, which its experiment doesn't measure (relu, sigmoid, tanh)."
    )


@pytest.mark.parametrize(
    ("knobs", "message"),
    [
        ({"meen": "1"}, "the experiment has no knob '--meen'. Did you mean 'mean'?"),
        ({"seed": "1"}, "the experiment has no knob '--seed'. Known: deviation, mean, samples."),
        ({"mean": "x"}, "--mean must be a finite number, not the text 'x'."),
        ({"samples": "0"}, "--samples must be an integer from 1 to 1000000000, not the number 0."),
    ],
)
def test_a_wrong_knob_is_refused(knobs: dict[str, str], message: str) -> None:
    """Names and values are checked against the experiment's signature before it runs."""
    with pytest.raises(ConfigError) as caught:
        run.read_knobs("dlkit.claims.relu_sparsity:run", knobs)
    assert str(caught.value.problems[0]) == message


@pytest.mark.parametrize(
    ("words", "chosen"),
    [
        ([], ["C100"]),
        (["c100"], ["C100"]),
        (["B100"], ["B100"]),
        (["errata"], ["B100"]),
        (["claims"], ["C100"]),
        (["all"], ["C100", "B100"]),
        (["sparsity"], ["C100"]),
        (["relu-sparsity", "C100"], ["C100"]),
    ],
)
def test_claims_are_chosen_by_id_kind_or_experiment(words: list[str], chosen: list[str]) -> None:
    """Nothing named means all claims."""
    assert [each["id"] for each in run.choose(index.page("alpha"), words)] == chosen


@pytest.mark.parametrize(
    ("page", "words", "message"),
    [
        ("alpha", ["C999"], "'alpha' has no claim 'C999' to run. Known: B100, C100."),
        ("alpha", ["C101"], "'alpha' has no claim 'C101' to run. Did you mean 'C100'?"),
        ("beta", [], "'beta' has nothing to run."),
    ],
)
def test_a_claim_that_cannot_run_is_refused(page: str, words: list[str], message: str) -> None:
    """A dated claim has no experiment; a page may have none at all."""
    with pytest.raises(ConfigError) as caught:
        run.choose(index.page(page), words)
    assert str(caught.value.problems[0]) == message
