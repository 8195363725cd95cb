"""The template of a page, for who writes a new one."""

from __future__ import annotations

_TEMPLATE = """\
# Save as dlkit/dictionary/pages/{id}.yaml and check with: dlkit explain --lint FILE
# docs/dictionary-format.md says what each field is; leave out what the term does not have.
id: {id}
topic: basics            # basics activation loss gradient-descent optimizer layer architecture
                         # training data evaluation generative detection framework environment
kind: term               # term function algorithm layer architecture tool umbrella
name: {{en: {name}, ja: {name}}}
aliases:
  en: []
  ja: []
  code: []
short:
  en: "One line of at most 100 columns."
  ja: "100桁以内の1行。"
body:
  en: |
    One to four paragraphs. `code`, $\\alpha x$ and links such as [[relu]] are possible.
  ja: |
    1から4段落。`code` や $\\alpha x$ や [[relu]] のようなリンクが書ける。
formulas:
  - latex: 'y = \\alpha x'
    symbols:
      - {{symbol: \\alpha, en: a factor, ja: 係数}}
      - {{symbol: x, en: the input, ja: 入力}}
when_to_use: {{en: "When it helps.", ja: 役に立つ場面。}}
what_goes_wrong: {{en: "What trips people up.", ja: つまずきやすい点。}}
claims:
  - id: C100
    text: {{en: "A statement, measured or with a source.", ja: 測れる主張か、出典のある主張。}}
    verdict: holds
    source: "Authors year, title"
references:
  - {{text: "Authors year, title, where"}}
see_also: [relu]
"""


def template(identifier: str, name: str) -> str:
    """The text of a page file that passes `--lint` as it stands."""
    quoted = "'" + name.replace("'", "''") + "'"
    return _TEMPLATE.format(id=identifier, name=quoted)
