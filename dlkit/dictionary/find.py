"""Finds what a word means: one page, one option of a component, or a list of meanings."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field

from dlkit.dictionary import index
from dlkit.dictionary.normalise import normalise
from dlkit.errors import ConfigError, Problem

MAX_LENGTH = 200
CLOSE = 0.6
"""Below this similarity (difflib's ratio) a name is not even worth suggesting."""
SURE = 0.75
"""From this similarity on a misspelled name is taken for the one that it resembles most."""
_SEPARATORS = re.compile(r"[/()（）,、・:：]")
_BLANKS = re.compile(r"[/()（）,、・:：\s]")


@dataclass(frozen=True)
class Meaning:
    """One meaning of a word, and the page that explains it, if there is one."""

    page: str | None
    en: str
    ja: str


@dataclass(frozen=True)
class Found:
    """The answer to a query: `page` if there is one to show, and all `meanings` of the word.

    `option` is set where one option of a component was asked for; `guessed` where the word was
    taken for a similar one.
    """

    query: str
    page: str | None = None
    meanings: tuple[Meaning, ...] = field(default=())
    option: str | None = None
    guessed: bool = False


def find(query: str) -> Found:
    """What the query means. Raises `ConfigError` if it is no name of anything."""
    key = normalise(_checked(query))
    for look in _LOOKS:
        if found := look(query, key):
            return found
    raise ConfigError(Problem(f"there is no page for '{query}'.", hint=_suggestion(key)))


def _checked(query: str) -> str:
    """The query, if it can be a name at all."""
    if not query.strip():
        raise ConfigError("no term was given.", hint="Try: dlkit explain --list")
    if len(query) > MAX_LENGTH:
        raise ConfigError(f"a term of {len(query)} characters is too long (at most {MAX_LENGTH}).")
    if bad := next((c for c in query if not c.isprintable() and c != "\u3000"), None):
        raise ConfigError(f"a term can't hold the control character U+{ord(bad):04X}.")
    return query


def _meanings(key: str) -> tuple[Meaning, ...]:
    return tuple(Meaning(**entry) for entry in index.names()["words"].get(key, ()))


def _by_name(query: str, key: str) -> Found | None:
    """A page's id, an alias, or a word with several meanings."""
    meanings = _meanings(key)
    page = index.names()["aliases"].get(key)
    if page is None and len(meanings) == 1:
        page = meanings[0].page
    return Found(query, page, meanings) if page or meanings else None


def _by_address(query: str, key: str) -> Found | None:
    """`optimizer.momentum`, `adam.beta1`, `optimizer.adam.beta1`, `fit.batch_size`."""
    components = index.names()["components"]
    address = query.strip().casefold()
    if address in components:
        return Found(query, components[address])
    owner, dot, option = address.rpartition(".")
    page = (
        (components.get(owner) or index.names()["aliases"].get(normalise(owner))) if dot else None
    )
    if page is None:
        return None
    known = [each["name"] for options in index.page(page)["options"].values() for each in options]
    if option not in known:
        listed = f"Its options: {', '.join(known)}." if known else "It has no options."
        raise ConfigError(Problem(f"'{owner}' has no option '{option}'.", hint=listed))
    return Found(query, page, option=option)


def _by_parts(query: str, key: str) -> Found | None:
    """A heading of several names, `損失関数 loss / 誤差関数 error`: of one thing or two."""
    for separators, guessed in ((_SEPARATORS, False), (_BLANKS, True)):
        parts = [part for part in separators.split(query) if part.strip()]
        pages = dict.fromkeys(page for part in parts if (page := _alias(part)))
        if len(parts) > 1 and len(pages) == 1:
            return Found(query, next(iter(pages)), guessed=guessed)
        if len(parts) > 1 and pages:
            return Found(query, meanings=tuple(map(_as_meaning, pages)))
    return None


def _alias(name: str) -> str | None:
    page: str | None = index.names()["aliases"].get(normalise(name))
    return page


def _as_meaning(page: str) -> Meaning:
    return Meaning(page, **index.names()["pages"][page]["short"])


def _by_prefix(query: str, key: str) -> Found | None:
    """The beginning of names of one page only."""
    names = index.names()["aliases"].items()
    pages = {page for name, page in names if name.startswith(key)} if len(key) > 1 else set()
    return Found(query, pages.pop()) if len(pages) == 1 else None


def _by_similarity(query: str, key: str) -> Found | None:
    """The most similar name, if it is similar enough and no other page's is as similar."""
    ranked = similar(key)
    if not ranked or ranked[0][0] < SURE or (len(ranked) > 1 and ranked[0][0] == ranked[1][0]):
        return None
    return Found(query, ranked[0][1], guessed=True)


_LOOKS: tuple[Callable[[str, str], Found | None], ...] = (
    _by_name, _by_address, _by_parts, _by_prefix, _by_similarity,
)  # fmt: skip


def similar(key: str, limit: int = 3) -> list[tuple[float, str]]:
    """The pages with the most similar names, the most similar first, each with its ratio."""
    from difflib import SequenceMatcher

    best: dict[str, float] = {}
    matcher = SequenceMatcher(autojunk=False)
    matcher.set_seq2(key)
    for name, page in index.names()["aliases"].items():
        matcher.set_seq1(name)
        if matcher.real_quick_ratio() >= CLOSE and matcher.quick_ratio() >= CLOSE:
            best[page] = max(best.get(page, 0.0), matcher.ratio())
    ranked = sorted(((ratio, page) for page, ratio in best.items()), key=lambda each: -each[0])
    return [(ratio, page) for ratio, page in ranked if ratio >= CLOSE][:limit]


def _suggestion(key: str) -> str:
    """The three nearest pages: by name, then by text."""
    near = [page for _, page in similar(key)]
    near += [page for page in search(key) if page not in near]
    if not near:
        return "Try: dlkit explain --list"
    quoted = [f"'{page}'" for page in near[:3]]
    return f"Did you mean {' or '.join(quoted)}?"


def search(words: str) -> list[str]:
    """The pages whose text holds all the words, those that mention them most often first."""
    keys = [normalise(word) for word in words.split()]
    keys = [key for key in keys if key]
    counts = {
        page: sum(text.count(key) for key in keys)
        for page, text in index.texts().items()
        if keys and all(key in text for key in keys)
    }
    return sorted(counts, key=lambda page: -counts[page])


def is_name(query: str) -> bool:
    """Whether the whole query is one name, blanks and all."""
    key = normalise(query)
    names = index.names()
    return key in names["aliases"] or key in names["words"]
