"""Page files: what is wrong is said with file, line and column."""

from pathlib import Path

import pytest

from dlkit.dictionary.load import load, load_all, parse
from dlkit.errors import ConfigError

GOOD = """\
id: good
topic: basics
kind: term
name: {en: Good, ja: 良い}
short: {en: A good one., ja: 良いもの。}
body: {en: Text., ja: 文章。}
"""


def problems(text: str) -> list[str]:
    with pytest.raises(ConfigError) as caught:
        parse(text, "page.yaml")
    return [str(problem) for problem in caught.value.problems]


def test_a_page_is_read() -> None:
    """Absent fields have their defaults."""
    page, document = parse(GOOD, "page.yaml")
    assert (page.id, page.status, page.formulas) == ("good", "current", [])
    assert str(document.value(("short", "ja"))) == "page.yaml:5:30"


@pytest.mark.parametrize(
    ("addition", "message"),
    [
        ("formula: []\n", "page.yaml:7:1: unknown key 'formula'. Did you mean 'formulas'?"),
        ("kind: term\n", "page.yaml:7:1: key 'kind' is set again. It is first set in line 3."),
        ("when_to_use: {en: One, two, ja: 一}\n",
         "page.yaml:7:24: unknown key 'when_to_use.two'. Quote a text that holds a comma."),
        ("see_also: relu\n", "page.yaml:7:11: 'see_also': input should be a valid array."),
        ("formulas: [{latex: x, python: a:b}]\n",
         "page.yaml:7:12: 'formulas[0]': 'python' and 'check' go together: "
         "what is code is compared with torch."),
        ("plots: [{caption: {en: a, ja: い}}]\n",
         "page.yaml:7:9: 'plots[0]': give either 'curve' or 'picture'."),
        ("formulas: [{latx: x}]\n",
         "page.yaml:7:13: unknown key 'formulas[0].latx'. Did you mean 'latex'?"),
        ("claims: [{id: X1, text: {en: a, ja: い}, verdict: holds, source: s}]\n",
         "page.yaml:7:15: 'claims[0].id': string should match pattern '^C[0-9]{2,3}[a-z]?$'."),
        ("claims: [{id: C01, text: {en: a, ja: い}, verdict: holds}]\n",
         "page.yaml:7:10: 'claims[0]': a claim without an experiment needs its 'source'."),
        ("claims: [{id: C01, text: {en: a, ja: い}, verdict: dated}]\n",
         "page.yaml:7:10: 'claims[0]': a dated claim needs 'as_of' and 'source'."),
        ("claims: [{id: C01, text: {en: a, ja: い}, verdict: holds-if, source: s}]\n",
         "page.yaml:7:10: 'claims[0]': a claim that holds-if needs its 'condition'."),
        ("status: historical\n", "page.yaml:1:1: 'the page': a historical page needs 'as_of'."),
        ("body: [\n", "page.yaml:8:1: not valid YAML while parsing a flow node: "
         "expected the node content, but found '<stream end>'."),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said_where_it_stands(addition: str, message: str) -> None:
    """Unknown keys get a suggestion, missing partners are named."""
    assert message in problems(GOOD + addition)


def test_what_is_missing_is_named() -> None:
    """Both languages are required."""
    assert problems(GOOD.replace(", ja: 文章。", "")) == ["page.yaml:6:7: 'body.ja' is missing."]
    assert problems("topic: basics\n")[0] == "page.yaml:1:1: 'id' is missing."


def test_all_problems_of_all_files_are_collected(tmp_path: Path) -> None:
    """One pass tells everything, and the file's name must be the page's id."""
    (tmp_path / "good.yaml").write_text(GOOD, encoding="utf-8")
    (tmp_path / "other.yaml").write_text(GOOD, encoding="utf-8")
    (tmp_path / "bad.yaml").write_text("id: [", encoding="utf-8")
    with pytest.raises(ConfigError) as caught:
        load_all(tmp_path)
    messages = [str(problem) for problem in caught.value.problems]
    assert len(messages) == 2
    assert messages[1] == (
        f"{tmp_path}/other.yaml:1:5: the page's id is 'good', so its file must be 'good.yaml'."
    )


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "x.yaml: a page must be a mapping, beginning with 'id:'."),
        (b"id: \xff", "page '{path}' is not UTF-8 at byte 4."),
        (b"id: a\x00b", "{path}:1:6: control character U+0000 is not allowed."),
        (b"#" * (1 << 18) + b"#", "page '{path}' is larger than 262144 bytes."),
    ],
)
def test_a_file_that_is_no_page_is_refused(tmp_path: Path, content: bytes, message: str) -> None:
    """Empty, binary and oversized files each get a sentence."""
    path = tmp_path / "x.yaml"
    path.write_bytes(content)
    with pytest.raises(ConfigError) as caught:
        load(path)
    expected = message.format(path=path).replace("x.yaml: a page", f"{path}: a page")
    assert str(caught.value.problems[0]) == expected


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    """The message is the system's reason."""
    with pytest.raises(ConfigError) as caught:
        load(tmp_path / "no.yaml")
    assert (
        str(caught.value) == f"page '{tmp_path}/no.yaml' can't be read: No such file or directory."
    )
