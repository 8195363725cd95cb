"""Formulas: what each construct looks like, and what is refused."""

import xml.dom.minidom

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dlkit.dictionary.formula import linear, mathml, symbols, unicode
from dlkit.dictionary.formula.parse import UnsupportedFormulaError, parse
from dlkit.dictionary.width import width

DRAWN = {
    r"\frac{a+1}{b}": """\
a + 1
─────
  b""",
    r"\hat{m}_t = \frac{m_t}{1 - \beta_1^t}": """\
       mₜ
m̂ₜ = ───────
     1 − β₁ᵗ""",
    r"L = -\sum_{k=1}^{K} t_k \log y_k": """\
      K
L = − ∑  tₖ log yₖ
     k=1""",
    r"f(x) = \begin{cases} x & x > 0 \\ 0 & x \leq 0 \end{cases}": """\
       ⎧x  x > 0
f(x) = ⎩0  x ≤ 0""",
    r"\left\lfloor \frac{n - k}{s} \right\rfloor + 1": """\
⎢n − k⎥
⎢─────⎥ + 1
⎣  s  ⎦""",
    r"\sqrt{v} + \sqrt{v + \varepsilon}": "√v + √(v + ε)",
    r"w_{t+1} \gets w_t - \eta g_t": "wₜ₊₁ ← wₜ − ηgₜ",
    r"\min_G \max_D V(D, G)": """\
min max V(D, G)
 G   D""",
    r"s_y - s_j": """\
s  − sⱼ
 y""",
    r"\mathrm{softmax}(x)_i, \quad f'(x)": "softmax(x)ᵢ,   f′(x)",
    r"a \times -b": "a × −b",
    r"\|w\|_2^2": "‖w‖₂²",
    r"e^{-x}": "e⁻ˣ",
    r"x^12": "x¹2",
}


@pytest.mark.parametrize("latex", DRAWN)
def test_a_formula_is_drawn_in_two_dimensions(latex: str) -> None:
    """Fractions, hats, limits, cases, tall brackets and scripts stand where a book has them."""
    assert "\n".join(unicode.render(parse(latex))) == DRAWN[latex]


@pytest.mark.parametrize(
    ("latex", "ascii_line", "unicode_line"),
    [
        (r"\frac{\eta}{1-\alpha}", "eta / (1 - alpha)", "η / (1 − α)"),
        (r"v = \alpha v + g", "v = alpha v + g", "v = α v + g"),
        (r"\sqrt{\hat{v}_t}", "sqrt(v_hat_t)", "√(v̂ₜ)"),
        (r"\sum_{i=1}^{n} w_i^2", "sum[i=1..n] w_i^2", "∑[i=1..n] wᵢ²"),
        (r"2(x + 1) f(x)", "2 (x + 1) f(x)", "2 (x + 1) f(x)"),
        (r"f''(x) \geq 0", "f''(x) >= 0", "f′′(x) ≥ 0"),
        (r"\left\lfloor x \right\rfloor", "floor(x)", "floor(x)"),
    ],
)
def test_a_formula_is_written_on_one_line(latex: str, ascii_line: str, unicode_line: str) -> None:
    """The line says the same as the drawing, with brackets instead of heights."""
    tree = parse(latex)
    assert linear.render(tree, ascii_only=True) == ascii_line
    assert linear.render(tree) == unicode_line


@pytest.mark.parametrize(
    ("latex", "message"),
    [
        (r"\mathfrak{g}", r"formula: '\mathfrak' is not supported"),
        (r"\sqrt[3]{x}", "formula: only square roots are supported"),
        (r"\frac{a}", "formula: it ends too early"),
        (r"{a", "formula: '}' expected at the end"),
        (r"a}", "formula: '}' closes nothing"),
        (r"^2", "formula: '^' has nothing to belong to"),
        (r"x^2^3", "formula: two '^' after one symbol"),
        (r"\begin{matrix} a \end{matrix}", r"formula: '\begin{matrix}' is not supported"),
        (r"\begin{cases} a \end{array}", r"formula: '\begin{cases}' is not closed"),
        (r"\left( a", r"formula: '\right' expected at the end"),
        (r"\left< a \right>", "formula: '<' is no bracket"),
        ("α", "formula: 'α' is not supported"),
        ("{" * 100, "formula: nested more than 40 levels deep"),
    ],
)
def test_what_is_outside_the_subset_is_refused(latex: str, message: str) -> None:
    """Nothing is guessed and nothing is dropped: the message names the command."""
    with pytest.raises(UnsupportedFormulaError) as caught:
        parse(latex)
    assert str(caught.value) == message


COMMANDS = [
    *(f"\\{name}" for name in (*symbols.LETTERS, *symbols.BINARY, *symbols.RELATIONS)),
    *(f"\\{name}" for name in symbols.FUNCTIONS), "x", "2", "+", "-", "=", "(", ")", ",", " ", "'",
    "_i", "^2", "_{i j}", "^{(k)}", r"\frac{a}{b+1}", r"\sqrt{x}", r"\hat{x}", r"\sum_{i}^{n}",
    r"\left( \frac{a}{b} \right)", r"\begin{cases} a & b \\ c & d \end{cases}",
]  # fmt: skip


@given(st.lists(st.sampled_from(COMMANDS), max_size=12).map(" ".join))
def test_whatever_parses_can_be_shown_in_every_form(latex: str) -> None:
    """Drawing rows are equally wide before their ends are cut, ASCII is ASCII, MathML is XML."""
    try:
        tree = parse(latex)
    except UnsupportedFormulaError:
        return
    box = unicode._box(tree)
    assert {width(row) for row in box.rows} == {box.width}
    assert linear.render(tree, ascii_only=True).isascii()
    xml.dom.minidom.parseString(mathml.render(tree))  # noqa: S318 - our own text


@given(st.text(max_size=40))
def test_any_text_parses_or_is_refused_with_a_reason(text: str) -> None:
    """Nothing but `UnsupportedFormulaError` escapes, whatever a page's author types."""
    reason = ""
    try:
        rows = unicode.render(parse(text))
    except UnsupportedFormulaError as error:
        reason, rows = str(error), []
    assert rows or reason.startswith("formula: ")


def test_mathml_says_what_stands_over_and_under() -> None:
    """Sums take limits, letters take scripts, a block stands on its own line."""
    assert mathml.render(parse(r"\sum_{i} x_i^2")) == (
        '<math display="block"><mrow><munder><mo>∑</mo><mi>i</mi></munder>'
        "<msubsup><mi>x</mi><mi>i</mi><mn>2</mn></msubsup></mrow></math>"
    )
    assert mathml.render(parse(r"\mathbf{w} < 0.5"), block=False) == (
        "<math><mrow><mi>𝐰</mi><mo>&lt;</mo><mn>0.5</mn></mrow></math>"
    )
