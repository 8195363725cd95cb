"""`dlkit explain --list`, `--search`, `--random`, `--quiz` and `--json --all`."""

from __future__ import annotations

import random as chance
import sys
from typing import Any

from dlkit.cli.explain_page import put
from dlkit.dictionary import find, index, show
from dlkit.dictionary.show import Style
from dlkit.dictionary.width import pad
from dlkit.dictionary.words import word
from dlkit.errors import ConfigError
from dlkit.registry import did_you_mean


def topics(words: list[str], style: Style, *, as_json: bool) -> int:
    """All pages by topic, or those of the topic that was named."""
    pages = index.names()["pages"]
    known = list(dict.fromkeys(each["topic"] for each in pages.values()))
    for name in words:
        if name not in known:
            raise ConfigError(f"unknown topic '{name}'.{did_you_mean(name, known)}")
    chosen = words or known
    data = [{"id": name, **each} for name, each in pages.items() if each["topic"] in chosen]
    return put(data, lambda each: _grouped(each, style), as_json=as_json)


def _grouped(pages: list[dict[str, Any]], style: Style) -> str:
    """The pages under the headings of their topics."""
    lines: list[str] = []
    topic = None
    for each in pages:
        if each["topic"] != topic:
            topic = each["topic"]
            title = " / ".join(word(topic, language) for language in style.languages)
            lines += ["", style.bold(f"{topic}: {title}")]
        lines += _line(each, style)
    return "\n".join([*lines[1:], ""])


def _line(page: dict[str, Any], style: Style) -> list[str]:
    """One page: its id, and its short definition in each language."""
    lines, first = [], pad(f"  {page['id']}", 26) + "  "
    for language in style.languages:
        lines += show.indented(page["short"][language], style, first=first)
        first = " " * 28
    return lines


def search(words: str, style: Style, *, as_json: bool) -> int:
    """The pages whose text holds the words."""
    pages = index.names()["pages"]
    data = [{"id": name, **pages[name]} for name in find.search(words)]
    if not data:
        raise ConfigError(f"no page mentions '{words}'.", hint="Try: dlkit explain --list")
    lines = [line for each in data for line in _line(each, style)]
    return put(data, lambda _: "\n".join([*lines, ""]), as_json=as_json)


def random(style: Style, *, as_json: bool) -> int:
    """Any page."""
    record = index.page(chance.choice(list(index.names()["pages"])))
    return put(record, lambda data: show.page(data, style), as_json=as_json)


def everything(style: Style, *, as_json: bool) -> int:
    """The whole dictionary: one list of pages as JSON, or page after page."""
    line = "\n" + "-" * style.columns + "\n\n"
    pages = index.pages()
    return put(pages, lambda all_: line.join(show.page(each, style) for each in all_),
               as_json=as_json)  # fmt: skip


def quiz(style: Style) -> int:
    """Asks until the reader ends it: which term is this, and what does this term mean."""
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise ConfigError("--quiz asks questions: it needs a terminal.")
    english = style.languages[0] == "en"
    _say("Type a number, or q to end." if english else "番号を入力。終わるにはq。")
    asked = right = 0
    while True:
        question, options, correct = make_question(chance.Random(), style)
        _say(f"\n{question}")
        for number, option in enumerate(options, start=1):
            _say("\n".join(show.indented(option, style, first=f"  {number}  ")))
        answer = _ask(len(options))
        if answer is None:
            break
        asked, right = asked + 1, right + (answer == correct)
        yes, no = ("Right.", "No, it is") if english else ("正解。", "不正解。答えは")
        _say(yes if answer == correct else f"{no} {correct + 1}")
    _say(f"{right} / {asked}")
    return 0


def _say(text: str) -> None:
    sys.stdout.write(text + "\n")


def make_question(source: chance.Random, style: Style) -> tuple[str, list[str], int]:
    """A question, four answers, and the position of the right one; either name or definition asked.

    The wrong answers are of the same topic, as far as it has enough pages.
    """
    pages = index.names()["pages"]
    language = style.languages[0]
    identifier = source.choice(list(pages))
    page = pages[identifier]
    others = [name for name in pages if name != identifier]
    same = [name for name in others if pages[name]["topic"] == page["topic"]]
    pool = same if len(same) >= 3 else others
    chosen = [identifier, *source.sample(pool, min(3, len(pool)))]
    source.shuffle(chosen)
    names = {name: pages[name][language] for name in chosen}
    texts = {name: pages[name]["short"][language] for name in chosen}
    asked, answers = (texts, names) if source.random() < 0.5 else (names, texts)
    return asked[identifier], [answers[name] for name in chosen], chosen.index(identifier)


def _ask(count: int) -> int | None:
    """The position that the reader types; None to end."""
    while True:
        try:
            typed = input("> ").strip()
        except EOFError:
            return None
        if typed.casefold() in ("q", "quit", ""):
            return None
        if typed.isdecimal() and 1 <= int(typed) <= count:
            return int(typed) - 1
