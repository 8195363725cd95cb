"""Builds the index from the pages: `python -m dlkit.dictionary.build`, or with `--check`.

Everything that takes time is done here and not when a page is read. The index is committed; a test
holds it current.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from dlkit.dictionary import names, record
from dlkit.dictionary.index import INDEX
from dlkit.dictionary.lint import missing_links
from dlkit.dictionary.load import PAGES, load_all
from dlkit.dictionary.marks import paragraphs
from dlkit.dictionary.normalise import normalise
from dlkit.dictionary.page import Page
from dlkit.errors import ConfigError, DlkitError, Problem, render


def build(folder: Path = PAGES, *, strict: bool = True) -> dict[str, str]:
    """The files of the index, by their names in it.

    Raises `ConfigError`; without `strict`, links to pages that do not exist are shown by their ids,
    and broken pages are left out.
    """
    pages = load_all(folder, draft=not strict)
    if strict:
        _refuse_missing(pages)
    called = {page.id: names.in_links(page.name.model_dump()) for page in pages.values()}
    files = {"names.json": _json(names.collect(pages))}
    files["texts.json"] = _json({page.id: _text(page) for page in names.in_order(pages)})
    for page in pages.values():
        files[f"pages/{page.id}.json"] = _json(record.record(page, called))
    return files


def _refuse_missing(pages: dict[str, Page]) -> None:
    missing = [
        Problem(f"{page.id}.yaml: {message}")
        for page in pages.values()
        for _, message in missing_links(page, set(pages))
    ]
    if missing:
        raise ConfigError(*missing)


def _text(page: Page) -> str:
    """All that full-text search looks at."""
    parts = [*names.own_names(page), page.short.en, page.short.ja]
    for both in (page.body, page.when_to_use, page.what_goes_wrong):
        if both:
            parts += [*paragraphs(both.en), *paragraphs(both.ja)]
    parts += [text for claim in page.claims for text in (claim.text.en, claim.text.ja)]
    return " ".join(map(normalise, parts))


def _json(data: Any) -> str:
    return json.dumps(data, ensure_ascii=False, separators=(",", ":")) + "\n"


def stale(files: dict[str, str], index: Path = INDEX) -> list[str]:
    """The files of the index that are missing, old, or no longer wanted."""
    present = {str(path.relative_to(index)): path for path in index.rglob("*.json")}
    old = [name for name, text in files.items()
           if name not in present or present[name].read_text(encoding="utf-8") != text]  # fmt: skip
    return sorted({*old, *(present.keys() - files.keys())})


def write(files: dict[str, str], index: Path = INDEX) -> None:
    """Makes the folder of the index hold these files and no others."""
    (index / "pages").mkdir(parents=True, exist_ok=True)
    for name in stale(files, index):
        if name in files:
            (index / name).write_text(files[name], encoding="utf-8")
        else:
            (index / name).unlink()


def main(arguments: list[str]) -> int:
    """Builds; `--check` only says what is not current, `--draft` leaves out what is broken."""
    try:
        files = build(strict="--draft" not in arguments)
    except DlkitError as error:
        sys.stderr.write(render(error.problems) + "\n")
        return int(error.exit_code)
    old = stale(files)
    if "--check" in arguments:
        sys.stderr.write("".join(f"not current: {name}\n" for name in old))
        return 1 if old else 0
    write(files)
    sys.stdout.write(f"{len(files) - 2} pages, {len(old)} files changed\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
