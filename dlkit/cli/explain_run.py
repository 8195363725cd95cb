"""`dlkit explain --run`: runs claims and corrections; exit code 9 where one did not reproduce."""

from __future__ import annotations

import json
import sys

from dlkit.dictionary import find, index, report
from dlkit.dictionary import run as running
from dlkit.dictionary.show import Style
from dlkit.errors import ConfigError, ExitCode


def run(
    words: list[str],
    knobs: dict[str, str],
    style: Style,
    seeds: int | None,
    *,
    every: bool,
    as_json: bool,
) -> int:
    """Runs what the words after the term name; with `every` all instant and fast claims."""
    results = []
    for page, subject in _everything() if every else _chosen(words):
        result = running.run(page, subject, knobs, seeds)
        results.append(result)
        if not as_json:
            sys.stdout.write(report.text(result, style) + "\n")
            sys.stdout.flush()
    failed = [result for result in results if not result.reproduced]
    if as_json:
        figures = [result.figures() for result in results]
        sys.stdout.write(json.dumps(figures, ensure_ascii=False, indent=1) + "\n")
    elif len(results) > 1:
        sys.stdout.write(f"{len(results) - len(failed)} of {len(results)} reproduced\n")
    for result in failed:
        sys.stderr.write(f"error: {result.subject['id']} did not reproduce: {result.command}\n")
    return int(ExitCode.CLAIM if failed else ExitCode.DONE)


def _chosen(words: list[str]) -> list[tuple[str, running.Record]]:
    """The claims of the first word's page that the other words name."""
    if not words:
        raise ConfigError("--run needs a term.", hint="Try: dlkit explain relu --run")
    found = find.find(words[0])
    if found.page is None:
        pages = ", ".join(f"'{each.page}'" for each in found.meanings if each.page)
        raise ConfigError(f"'{words[0]}' has several meanings.", hint=f"Name one of {pages}.")
    return [(found.page, each) for each in running.choose(index.page(found.page), words[1:])]


def _everything() -> list[tuple[str, running.Record]]:
    """Every claim and correction of every page that is not slow, each experiment's claim once."""
    return [
        (record["id"], subject)
        for record in index.pages()
        for subject in running.runnable(record)
        if subject.get("tier") != "slow"
    ]
