"""Writes pages as HTML: self-contained files with MathML and inline SVG, in both languages."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from html import escape

from dlkit.dictionary import components, marks, record, svg
from dlkit.dictionary.formula import mathml
from dlkit.dictionary.formula.parse import parse
from dlkit.dictionary.names import in_links, in_order, own_names
from dlkit.dictionary.page import Both, Claim, Erratum, Formula, Page, Side, Symbol
from dlkit.dictionary.record import Language, Names
from dlkit.dictionary.words import word

LANGUAGES: tuple[Language, Language] = ("en", "ja")
_STYLE = """
:root { color-scheme: light dark; }
body { font: 16px/1.6 system-ui, sans-serif; max-width: 44rem; margin: 2rem auto; padding: 0 1rem; }
h1, h2 { line-height: 1.2; } h2 { font-size: 1.1rem; margin-top: 2rem; }
p:lang(ja), li:lang(ja) { line-break: strict; }
math { font-size: 1.1em; } svg { max-width: 100%; height: auto; }
pre, code { font-family: ui-monospace, monospace; } pre { overflow-x: auto; }
mtable.cases, mtable.array { text-align: left; } mtd { text-align: -webkit-left; text-align: left; }
td, th { text-align: left; padding: 0 1rem 0 0; vertical-align: top; }
.wrong { border-left: 3px solid #d55e00; padding-left: 1rem; }
.right { border-left: 3px solid #009e73; padding-left: 1rem; }
body:has(#only-en:checked) .ja, body:has(#only-ja:checked) .en { display: none; }
nav label { margin-right: 1rem; }
"""
_SWITCH = (
    '<nav aria-label="language"><label><input type="radio" name="lang" id="both" checked>'
    " both</label>"
    '<label><input type="radio" name="lang" id="only-en"> English</label>'
    '<label><input type="radio" name="lang" id="only-ja"> 日本語</label></nav>'
)


def alone(page: Page, names: Names) -> str:
    """One page as a file of its own; its links are plain words."""
    return _document(page.name.en, _SWITCH + "".join(_body(page, names, linked=frozenset())))


def site(pages: Mapping[str, Page]) -> dict[str, str]:
    """All pages as files that link to each other, with an index that can be searched."""
    names = {page.id: in_links(page.name.model_dump()) for page in pages.values()}
    linked = frozenset(pages)
    home = '<p><a href="index.html">dlkit explain</a></p>'
    files = {
        f"{page.id}.html": _document(
            page.name.en, home + _SWITCH + "".join(_body(page, names, linked))
        )
        for page in pages.values()
    }
    return {"index.html": _document("dlkit explain", _contents(in_order(pages))), **files}


def _document(title: str, body: str) -> str:
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{escape(title)}</title><style>{_STYLE}</style></head>\n<body>{body}</body></html>\n"
    )


def _contents(pages: list[Page]) -> str:
    """Every page by topic, and a field that hides what does not match what is typed."""
    rows, topic = [], None
    for page in pages:
        if page.topic != topic:
            topic = page.topic
            rows.append(f"<h2>{word(topic, 'en')} / {word(topic, 'ja')}</h2>")
        keys = escape(" ".join(own_names(page)).casefold(), quote=True)
        rows.append(
            f'<p data-keys="{keys}"><a href="{page.id}.html">{escape(page.name.en)} / '
            f"{escape(page.name.ja)}</a><br>{escape(page.short.en)}"
            f'<br><span lang="ja">{escape(page.short.ja)}</span></p>'
        )
    return (
        '<h1>dlkit explain</h1><p><label>Search / 検索 <input id="search" type="search"></label>'
        "</p>" + "\n".join(rows) + f"<script>{_SEARCH}</script>"
    )


_SEARCH = """
const field = document.getElementById("search");
field.addEventListener("input", () => {
  const typed = field.value.normalize("NFKC").toLowerCase().trim();
  for (const row of document.querySelectorAll("p[data-keys]")) {
    const text = row.dataset.keys + " " + row.textContent.toLowerCase();
    row.hidden = typed !== "" && !text.includes(typed);
  }
});
"""


class _Writer:
    """Writes marked text; `linked` are the pages that have a file to link to."""

    def __init__(self, names: Names, linked: frozenset[str]) -> None:
        self.names, self.linked = names, linked

    def inline(self, text: str, language: Language) -> str:
        return "".join(self.segment(each, language) for each in marks.segments(text))

    def segment(self, segment: marks.Segment, language: Language) -> str:
        if segment.kind == "code":
            return f"<code>{escape(segment.content)}</code>"
        if segment.kind == "formula":
            return mathml.render(parse(segment.content), block=False)
        if segment.kind == "link":
            return self.link(segment.content, language, segment.label)
        return escape(segment.content)

    def link(self, page: str, language: Language, label: str = "") -> str:
        text = escape(label or self.names.get(page, {}).get(language, page))
        return f'<a href="{page}.html">{text}</a>' if page in self.linked else text

    def both(self, both: Both, tag: str = "p") -> str:
        """The text in both languages, each paragraph an element."""
        return "".join(self.one(both, language, tag) for language in LANGUAGES)

    def one(self, both: Both, language: Language, tag: str) -> str:
        """The text in one language."""
        html, items = [], []
        for part in [*marks.paragraphs(getattr(both, language)), ""]:
            if part.startswith("- "):
                items.append(f"<li>{self.inline(part[2:], language)}</li>")
                continue
            if items:
                html.append(_element("ul", language, "".join(items)))
                items = []
            if part:
                html.append(_element(tag, language, self.inline(part, language)))
        return "".join(html)


def _element(tag: str, language: Language, content: str) -> str:
    return f'<{tag} class="{language}" lang="{language}">{content}</{tag}>'


def _body(page: Page, names: Names, linked: frozenset[str]) -> Iterator[str]:
    write = _Writer(names, linked)
    title = " / ".join(dict.fromkeys((page.name.en, page.name.ja)))
    yield f"<h1>{escape(title)}</h1>{write.both(page.short)}{write.both(page.body)}"
    sections = {
        "formula": "".join(_formula(each, write) for each in page.formulas),
        "picture": "".join(_pictures(page)),
        "when_to_use": write.both(page.when_to_use) if page.when_to_use else "",
        "what_goes_wrong": write.both(page.what_goes_wrong) if page.what_goes_wrong else "",
        "options": "".join(_options(address) for address in page.implements),
        "config": f"<pre>{escape(page.config)}</pre>" if page.config else "",
        "claims": "".join(_claim(each, page.id, write) for each in page.claims),
        "contrast": "".join(
            f"<p>{write.link(each.page, 'en')}</p>{write.both(each)}" for each in page.contrast
        ),
        "errata": "".join(_erratum(each, write) for each in page.errata),
        "references": "".join(_references(page)),
        "see_also": ", ".join(write.link(each, "en") for each in page.see_also),
    }
    for key, content in sections.items():
        if content:
            yield f"\n<h2>{word(key, 'en')} / {word(key, 'ja')}</h2>{content}"


def _formula(formula: Formula, write: _Writer) -> str:
    rows = "".join(_symbol(symbol, write) for symbol in formula.symbols)
    caption = write.both(formula.caption) if formula.caption else ""
    return f"{caption}<p>{mathml.render(parse(formula.latex))}</p><table>{rows}</table>"


def _symbol(symbol: Symbol, write: _Writer) -> str:
    option = f"<code>{symbol.option}</code>" if symbol.option else ""
    cells = (mathml.render(parse(symbol.symbol), block=False), write.both(symbol, "div"), option)
    return f"<tr>{''.join(f'<td>{cell}</td>' for cell in cells)}</tr>"


def _pictures(page: Page) -> Iterator[str]:
    for plot in page.plots:
        drawn = record.picture(plot)
        for language in LANGUAGES:
            caption = getattr(plot.caption, language)
            yield (
                f'<figure class="{language}" lang="{language}">'
                f"{svg.render(drawn, caption, language)}"
                f"<figcaption>{escape(caption)}</figcaption></figure>"
            )


def _options(address: str) -> str:
    rows = "".join(
        f"<tr><td><code>{option.name}</code></td><td>{escape(components.words(option))}</td>"
        f"<td>{escape(components.default(option))}</td></tr>"
        for option in components.options(address)
    )
    return f"<p><code>{address}</code></p><table>{rows}</table>"


def _claim(claim: Claim, page: str, write: _Writer) -> str:
    condition = write.both(claim.condition) if claim.condition else ""
    command = f"dlkit explain {page} --run {claim.id}" if claim.experiment else ""
    source = f"<p>{escape(claim.source)}</p>" if claim.source else ""
    return (
        f"<section><p><strong>{claim.id} {word(claim.verdict, 'en')} / {word(claim.verdict, 'ja')}"
        f"</strong></p>{write.both(claim.text)}{condition}{source}<pre>{escape(command)}</pre></section>"
    )


def _erratum(erratum: Erratum, write: _Writer) -> str:
    return (
        f"<section><p><strong>{erratum.id}</strong></p>"
        f'<div class="wrong">{_side(erratum.wrong, write)}</div>{write.both(erratum.why)}'
        f'<div class="right">{_side(erratum.right, write)}</div></section>'
    )


def _side(side: Side, write: _Writer) -> str:
    formula = f"<p>{mathml.render(parse(side.latex))}</p>" if side.latex else ""
    return formula + (write.both(side.text) if side.text else "")


def _references(page: Page) -> Iterator[str]:
    for each in page.references:
        text = escape(each.text)
        url = each.url
        url = url or (f"https://arxiv.org/abs/{each.arxiv}" if each.arxiv else None)
        url = url or (f"https://doi.org/{each.doi}" if each.doi else None)
        yield f'<p><a href="{escape(url)}">{text}</a></p>' if url else f"<p>{text}</p>"
