"""The HTML page: well formed, complete, escaped, and alone."""

import re
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from dlkit.comparing.report.page import document
from dlkit.comparing.report.reading import Results
from dlkit.comparing.report.summary import summarise
from dlkit.comparing.report.vector import inline

Record = dict[str, Any]
VOID = {"meta", "path", "use"}


class Reader(HTMLParser):
    """Checks that elements nest, and keeps their text and attributes."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.text: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.attributes += attrs
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.attributes += attrs

    def handle_endtag(self, tag: str) -> None:
        if tag not in VOID:
            assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text.append(data)


def read(html: str) -> Reader:
    reader = Reader()
    reader.feed(html)
    reader.close()
    assert reader.open == []
    return reader


@pytest.fixture
def written(drawn: list[Path]) -> Path:
    """The page of the small record."""
    return drawn[0]


def test_the_page_has_every_rule_and_every_number_of_the_table(wide: Record) -> None:
    """All twelve rules and four estimators, in cells of their own; headings for both tasks."""
    results = Results(wide)
    reader = read(document(results, summarise(results), []))
    assert set(wide["plan"]["rules"]) <= set(reader.text)
    assert {"full batch", "batch 64", "1 example"} <= set(reader.text)
    assert {"digits-mlp: rules", "other <task>: rules"} <= set(reader.text)
    assert sum("±" in text for text in reader.text) == 2 * (12 + 4)


def test_names_are_escaped(wide: Record) -> None:
    """What the record says is text, wherever it stands."""
    results = Results(wide)
    html = document(results, summarise(results), [])
    assert "<task>" not in html
    assert "other &lt;task&gt;" in html
    assert "cpu &lt;model &amp; make&gt;" in html


def test_the_page_is_alone(written: Path) -> None:
    """With its pictures in it: it nests, names no address, loads nothing, runs nothing."""
    html = written.read_text(encoding="utf-8")
    reader = read(html)
    assert "://" not in html
    assert "<script" not in html
    links = [value for name, value in reader.attributes if name in ("href", "src")]
    assert links
    assert all(link and link.startswith("#") for link in links)
    targets = {value for name, value in reader.attributes if name == "id"}
    assert {link[1:] for link in links if link} <= targets


def test_pictures_are_described_and_follow_the_theme(written: Path) -> None:
    """Each SVG has a label, and its colours are variables with a light and a dark value."""
    html = written.read_text(encoding="utf-8")
    labels = re.findall(r'<svg [^>]*aria-label="([^"]+)"', html)
    assert labels[0] == "Training curves: rules on digits-mlp"
    assert len(labels) == len(set(labels)) == 6
    svgs = "".join(re.findall(r"<svg.*?</svg>", html, re.DOTALL))
    assert "var(--c" in svgs
    assert "#0072b2" not in svgs
    assert "prefers-color-scheme: dark" in html


def test_provenance_and_protocol_are_told(written: Path) -> None:
    """Versions, device, threads, data, seeds and budget are on the page, and how to replay a cell."""
    text = " ".join(read(written.read_text(encoding="utf-8")).text)
    for told in (
        "2.14.1",
        "cpu <model & make>",
        "made by formula",
        "train 320, validation 100, test 100",
        "tuned on seeds 0-1; reported on seeds 1000-1004",
        "10 epochs of batch 32, cosine schedule",
        "10.0 times faster; 2 processes.",
        "--replay CELL",
    ):
        assert told in text


def test_alarms_stand_above_the_table(written: Path) -> None:
    """Who reads the numbers has passed the doubts."""
    html = written.read_text(encoding="utf-8")
    assert html.index("lion: no finite run, all 13 trials diverged.") < html.index("<table")


def test_a_description_cannot_break_out() -> None:
    """Quotes in a task's name stay in the attribute."""
    svg = '<?xml version="1.0"?>\n<svg viewBox="0 0 450 300"><metadata>http://x.y</metadata></svg>'
    assert inline(svg, 'a "b"') == (
        '<svg viewBox="0 0 450 300" style="--w: 0.50" role="img" aria-label="a &quot;b&quot;"></svg>'
    )
