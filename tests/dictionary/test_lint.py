"""The checks of a page beyond its schema."""

import pytest

from dlkit.dictionary.lint import lint, missing_links
from dlkit.dictionary.load import parse

PAGE = """\
id: good
topic: basics
kind: term
name: {en: Good, ja: 良い}
short: {en: A good one., ja: 良いもの。}
body: {en: Text., ja: 文章。}
"""
SOME = "{en: a, ja: い}"


def findings(text: str) -> list[str]:
    return [str(problem) for problem in lint(*parse(text, "p.yaml"))]


def test_a_good_page_has_no_problem() -> None:
    """Nothing is found where nothing is wrong."""
    assert findings(PAGE) == []


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        (
            "A good one.",
            "g" * 101,
            "p.yaml:5:13: a short text is one line of 100 columns, not 101.",
        ),
        ("良いもの。", "良" * 51, "p.yaml:5:30: a short text is one line of 100 columns, not 102."),
        ("Text.", "'See [[relu]].'", "p.yaml:6:7: links of one language only: relu."),
        ("Text.", "Of 1986.", "p.yaml:6:7: numbers of one language only: 1986."),
        ("Text.", "Call `x`.", "p.yaml:6:7: code of one language only: x."),
        ("Text.", "$a$", "p.yaml:6:7: formulas of one language only: a."),
    ],
)
def test_both_languages_must_agree(old: str, new: str, message: str) -> None:
    """Links, code, formulas and numbers in digits stand in both or in neither."""
    assert message in findings(PAGE.replace(old, new))


def test_numbers_are_found_within_japanese() -> None:
    """Japanese has no blank before a number; the name of a layer such as `conv2d` is none."""
    text = PAGE.replace("Text.", "About 0.0045 after 500.").replace("文章。", "約0.0045で500回。")
    assert findings(text) == []
    assert findings(PAGE.replace("Text.", "A resnet50.")) == []


def test_small_whole_numbers_may_be_words() -> None:
    """`two` and 2つ agree; 0.5 and a half do not."""
    assert findings(PAGE.replace("文章。", "2つある。")) == []
    assert findings(PAGE.replace("文章。", "0.5である。")) == [
        "p.yaml:6:7: numbers of one language only: 0.5."
    ]


@pytest.mark.parametrize(
    ("addition", "message"),
    [
        ("formulas: [{latex: '\\mathfrak{g}'}]\n",
         "p.yaml:7:20: formula: '\\mathfrak' is not supported: \\mathfrak{g}"),
        ("implements: [activation.rleu]\n",
         "p.yaml:7:14: unknown activation 'rleu'. Did you mean 'relu'?"),
        ("implements: [activations.relu]\n",
         "p.yaml:7:14: unknown section 'activations'. Did you mean 'activation'?"),
        ("implements: [fit.batchsize]\n",
         "p.yaml:7:14: unknown setting 'batchsize'. Did you mean 'batch_size'?"),
        ("implements: [activation.elu]\n"
         f"formulas: [{{latex: x, symbols: [{{symbol: a, {SOME[1:-1]}, option: alhpa}}]}}]\n",
         "p.yaml:8:67: no component here has the option 'alhpa'. Known: alpha."),
        (f"plots: [{{picture: nothing, caption: {SOME}}}]\n",
         "p.yaml:7:19: there is no 'dlkit.dictionary.pictures.nothing:draw'."),
        (f"plots: [{{curve: activations:nothing, y: [0, 1], caption: {SOME}}}]\n",
         "p.yaml:7:17: there is no 'dlkit.dictionary.forms.activations:nothing'."),
        (f"claims: [{{id: C01, text: {SOME}, verdict: holds, experiment: dlkit.claims.no:run}}]\n",
         "p.yaml:7:70: there is no module 'dlkit.claims.no'."),
        (f"claims: [{{id: C01, text: {SOME}, verdict: holds, "
         "experiment: dlkit.claims.relu_sparsity:run, cases: "
         '[{knobs: {meen: 1}, expect: {}, verdict: "false"}]}]\n',
         "p.yaml:7:125: the experiment has no knob 'meen'."),
        ("config: 'a'\n", "p.yaml:7:9: the lines of a config must be a mapping."),
    ],
)  # fmt: skip
def test_names_must_exist(addition: str, message: str) -> None:
    """Formulas, components, options, pictures, forms, experiments and knobs are looked up."""
    assert message in findings(PAGE + addition)


def test_links_to_no_page_are_found() -> None:
    """In text, contrast, see-also and meanings."""
    text = PAGE.replace("Text.", "'[[a]]'").replace("文章。", "'[[a]]'") + (
        f"contrast: [{{page: b, {SOME[1:-1]}}}]\nsee_also: [c]\n"
        f"meanings: [{{word: w, page: d, {SOME[1:-1]}}}]\n"
    )
    page, _ = parse(text, "p.yaml")
    assert [message for _, message in missing_links(page, {"good"})] == [
        "there is no page 'a' to link to.",
        "there is no page 'b'.",
        "there is no page 'c'.",
        "there is no page 'd'.",
    ]
