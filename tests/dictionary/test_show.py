"""A page as text: byte for byte, in both languages, and what a narrow or plain output gets."""

import json

import pytest

from dlkit.dictionary import compare, index, option, show
from dlkit.dictionary.show import Style
from dlkit.dictionary.width import width
from dlkit.dictionary.words import Language, takes

pytestmark = pytest.mark.usefixtures("small")

ENGLISH = """\
Alpha function  [alpha: activation functions]
  The larger of x and 0.
  'gain' also means: what a trader hopes for

  It costs one comparison, as `max` does, and has the slope 1 / (1 − α); see
  Beta.

  - first item
  - second item

Formula
           x + |x|
    f(x) = ───────
              2
    x    the input
    α    a slope (negative_slope)

Picture
  Alpha
       2 |                                         ⣀⠴⠊
         |                                      ⢀⡴⠊⠁
         |                                   ⢀⡤⠞⠁
         |                                 ⣠⠔⠋
         |                      ⡎⠉⠉⠉⠁⠁⠁⠉⣉⠝ab⠈⠉⠉⠉⠁⠁⠁⠉⠉⠉
         |                      ⡀    ⢀⠴⠊⠁
         |                     ⠈⠁ ⢀⡤⠚⠁
       0 |⣀⣀⣀⣀⣀⣀⣀⣀⣀⣀⣀⣀⣀⣀⣀⣀⣀⣀⣀⣀⣀⣸⣠⠞⠉
         |
         |
         |
      -1 |
         +--------------------------------------------
          -2                                         2
    a  f(x)
    b  f′(x)

When to use it
  Always.

Options
  activation.leaky_relu
    negative_slope  a finite number of at least 0 (default 0.01)
                    0 is ReLU, 1 the identity; the paper has 0.01.

In a config
    activation: leaky_relu

Claims
  C100  holds if  Half of the outputs are 0.
                  if: centred inputs
  C101  dated     It is the most used.
                  as of 2018; A survey of 2018
  run: dlkit explain alpha --run

Contrast
  beta: Beta is smooth.

Corrections
  B100  wrong  The sign is lost.
  run: dlkit explain alpha --errata

References
  - Nobody 2000, Nothing, arXiv:2001.00001

See also
  gamma
"""


def test_a_page_is_shown_byte_for_byte() -> None:
    """Headings and indentation, no boxes, no escapes, nothing wider than 80 columns."""
    text = show.page(index.page("alpha"), Style())
    assert text == ENGLISH
    assert max(width(line) for line in text.splitlines()) <= 80


def test_a_page_is_shown_in_japanese() -> None:
    """The same sections under Japanese headings, links as they are called there."""
    text = show.page(index.page("alpha"), Style(("ja",)))
    assert text.startswith(
        "アルファ関数  [alpha: 活性化関数]\n  xと0の大きい方。\n  'gain' 他の意味: 利益\n\n"
        "  計算は比較1回で済む。`max` と同じで、傾きは 1 / (1 − α) である。ベータを見よ。\n"
    )
    assert "\n数式\n" in text
    assert "  C100  条件付きで正しい  出力の半分は0である。\n" in text
    assert "Half of the outputs" not in text


def test_both_languages_share_formula_and_picture() -> None:
    """With two languages each text is shown twice, formula and picture once."""
    text = show.page(index.page("alpha"), Style(("en", "ja")))
    assert text.splitlines()[0] == "Alpha function / アルファ関数  [alpha: activation functions]"
    assert text.count("───────") == 1
    assert "    x    the input / 入力\n" in text
    assert "\nFormula / 数式\n" in text


def test_a_historical_page_says_of_when_it_is() -> None:
    """The date stands in the first line."""
    first = show.page(index.page("gamma"), Style()).splitlines()[0]
    assert first == "Gamma  [gamma: optimization, as of 2026-11]"


def test_plain_output_is_ascii_where_the_page_is() -> None:
    """Formulas and pictures have an ASCII form for terminals that know nothing else."""
    text = show.page(index.page("alpha"), Style(formulas="ascii"))
    assert "    f(x) = (x + |x|) / 2\n" in text
    picture = text[text.index("Picture") : text.index("    a  f(x)")]
    assert picture.isascii()
    assert ".:'" in "".join(sorted(set(picture) & set(".:'"), key=".:'".index))


def test_latex_is_given_on_request() -> None:
    """As it stands in the page's file."""
    text = show.page(index.page("alpha"), Style(formulas="latex"))
    assert "    f(x) = \\frac{x + |x|}{2}\n" in text


def test_colour_only_adds_escapes() -> None:
    """Without its escapes a coloured page is the plain one."""
    coloured = show.page(index.page("alpha"), Style(colour=True))
    assert "\x1b[1mFormula\x1b[0m" in coloured
    assert coloured.replace("\x1b[1m", "").replace("\x1b[0m", "") == ENGLISH


@pytest.mark.parametrize("columns", [40, 60, 100])
def test_text_keeps_to_the_width(columns: int) -> None:
    """Sentences wrap at the width that is asked for; only pictures and options may be wider."""
    text = show.page(index.page("alpha"), Style(("ja",), columns=columns))
    body = text[: text.index("数式")]
    assert max(width(line) for line in body.splitlines()) <= columns


def test_errata_show_what_is_printed_and_what_is_right() -> None:
    """Both formulas, the reason, the source, and the command that runs both."""
    text = show.page(index.page("alpha"), Style(), errata=True)
    assert text.endswith("""\
Corrections
  B100  wrong
    printed:
        f(x) = x
    right:
        f(x) = |x|
    why: The sign is lost.
    source: A book
    dlkit explain alpha --run B100
""")


def test_meanings_are_listed_with_their_commands() -> None:
    """Each meaning is one `dlkit explain` away."""
    data = {"query": "gain", "meanings": index.names()["words"]["gain"]}
    assert (
        show.meanings(data, Style())
        == """\
gain  3 Meanings
  - the slope of alpha
    dlkit explain alpha
  - what a trader hopes for
  - the factor of beta
    dlkit explain beta
"""
    )


def test_an_option_is_shown_with_its_symbol() -> None:
    """Component, range, default, and the symbol that it sets in the formula."""
    data = option.option(index.page("alpha"), "negative_slope")
    assert (
        option.text(data, Style())
        == """\
activation.leaky_relu.negative_slope
  a finite number of at least 0 (default 0.01)
  0 is ReLU, 1 the identity; the paper has 0.01.
  α  a slope
  dlkit explain alpha
"""
    )


@pytest.mark.parametrize(("language", "word"), [("en", "required"), ("ja", "必須")])
def test_an_option_without_a_default_is_called_required(language: Language, word: str) -> None:
    """Nothing is said of a default that there is not."""
    taken = {"type": "a finite number", "default": "required"}
    assert takes(taken, language) == f"a finite number ({word})"


def test_two_pages_are_contrasted() -> None:
    """What one says of the other comes first, then both definitions."""
    data = compare.compare("beta", "alpha")
    assert (
        compare.text(data, Style())
        == """\
beta / alpha
  Beta is smooth.

Beta  [beta]
  A smooth alpha.

Alpha function  [alpha]
  The larger of x and 0.
           x + |x|
    f(x) = ───────
              2
  When to use it: Always.
"""
    )


def test_the_record_is_plain_json() -> None:
    """What `--json` prints can be read back and holds formulas in three forms."""
    record = json.loads(json.dumps(index.page("alpha")))
    assert record["formulas"][0]["latex"] == "f(x) = \\frac{x + |x|}{2}"
    assert record["formulas"][0]["ascii"] == "f(x) = (x + |x|) / 2"
    assert record["formulas"][0]["unicode"][1] == "f(x) = ───────"
    assert record["options"] == {
        "activation.leaky_relu": [{"name": "negative_slope", "default": "0.01",
                                   "type": "a finite number of at least 0",
                                   "says": "0 is ReLU, 1 the identity; the paper has 0.01."}],
    }  # fmt: skip
