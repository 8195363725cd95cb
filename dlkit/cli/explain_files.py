"""`dlkit explain` with files: `--lint`, `--new`, `--html`, `--svg` and `--config`."""

from __future__ import annotations

import re
import sys
from pathlib import Path

from dlkit.cli.explain_page import put
from dlkit.dictionary import find, index, show
from dlkit.dictionary.show import Style
from dlkit.errors import ConfigError, StorageError


def lint(path: Path, style: Style) -> int:
    """Checks a page's file; a page without problems is shown as readers will see it."""
    from dlkit.dictionary.lint import lint_file
    from dlkit.dictionary.record import record

    page, problems = lint_file(path)
    if problems:
        raise ConfigError(*problems)
    sys.stdout.write(show.page(record(page, _names()), style))
    return 0


def _names() -> dict[str, dict[str, str]]:
    """What links call the pages of the index."""
    from dlkit.dictionary.names import in_links

    return {name: in_links(each) for name, each in index.names()["pages"].items()}


def new(words: list[str]) -> int:
    """Prints the template of a page."""
    from dlkit.dictionary.template import template

    term = " ".join(words)
    identifier = re.sub(r"[^a-z0-9]+", "-", term.casefold()).strip("-")
    if not identifier:
        raise ConfigError("--new needs a term with a Latin letter or a digit: its file's name.")
    sys.stdout.write(template(identifier, term))
    return 0


def html(path: Path, words: list[str], *, every: bool) -> int:
    """Writes one page as a file, or all pages as a site into a folder."""
    from dlkit.dictionary import html as writer
    from dlkit.dictionary.load import PAGES, load, load_all

    if every:
        files = writer.site(load_all())
        _write({path / name: text for name, text in files.items()})
        sys.stdout.write(f"{len(files)} files written to {path}\n")
        return 0
    identifier = _one(words)
    page, _ = load(PAGES / f"{identifier}.yaml")
    _write({path: writer.alone(page, _names())})
    sys.stdout.write(f"{identifier} written to {path}\n")
    return 0


def svg(path: Path, words: list[str], style: Style) -> int:
    """Writes the first picture of a page."""
    from dlkit.dictionary import svg as writer
    from dlkit.dictionary.load import PAGES, load
    from dlkit.dictionary.record import picture

    identifier = _one(words)
    page, _ = load(PAGES / f"{identifier}.yaml")
    if not page.plots:
        raise ConfigError(f"'{identifier}' has no picture.")
    language = style.languages[0]
    plot = page.plots[0]
    drawn = writer.render(picture(plot), getattr(plot.caption, language), language)
    _write({path: drawn + "\n"})
    sys.stdout.write(f"{identifier} written to {path}\n")
    return 0


def _one(words: list[str]) -> str:
    """The one page that the words mean."""
    found = find.find(" ".join(words))
    if found.page is None:
        pages = ", ".join(f"'{each.page}'" for each in found.meanings if each.page)
        raise ConfigError(f"'{found.query}' has several meanings.", hint=f"Name one of {pages}.")
    return found.page


def _write(files: dict[Path, str]) -> None:
    """Writes each text, making folders as needed. Raises `StorageError`."""
    for path, text in files.items():
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        except OSError as error:
            raise StorageError(f"'{path}' can't be written: {error.strerror}.") from None


def config(path: Path, style: Style, *, as_json: bool) -> int:
    """Explains every word of a config in the order in which it stands there."""
    from dlkit.config.text import read
    from dlkit.dictionary import configs

    words = configs.explain(read(path))
    return put(words, lambda each: configs.text(each, str(path), style), as_json=as_json)
