"""Every claim and correction of the dictionary that is not slow is run, and reproduces."""

from typing import Any

import pytest

from dlkit.dictionary import index, report, run
from dlkit.dictionary.show import Style

SUBJECTS = [
    pytest.param(record["id"], subject, id=f"{record['id']}-{subject['id']}")
    for record in index.pages()
    for subject in run.runnable(record)
    if subject.get("tier") != "slow"
]
CASES = [
    pytest.param(record["id"], claim, case, id=f"{record['id']}-{claim['id']}-{number}")
    for record in index.pages()
    for claim in record["claims"]
    if claim["tier"] != "slow"
    for number, case in enumerate(claim["cases"])
]


@pytest.mark.parametrize(("page", "subject"), SUBJECTS)
def test_a_claim_reproduces(page: str, subject: dict[str, Any]) -> None:
    """What the page expects is what its experiment measures."""
    result = run.run(page, subject, {})
    assert result.reproduced, report.text(result, Style())


@pytest.mark.parametrize(("page", "claim", "case"), CASES)
def test_a_turned_knob_does_what_the_page_says(
    page: str, claim: dict[str, Any], case: dict[str, Any]
) -> None:
    """The settings that flip a verdict flip it."""
    knobs = {name: str(value) for name, value in case["knobs"].items()}
    result = run.run(page, claim, knobs)
    assert result.verdict == case["verdict"]
    assert result.reproduced, report.text(result, Style())
