"""Finding a page by any of its names, and saying so when there is none."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dlkit.dictionary import find, names
from dlkit.dictionary.load import parse
from dlkit.dictionary.normalise import is_japanese, normalise
from dlkit.errors import ConfigError

pytestmark = pytest.mark.usefixtures("small")


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Batch Normalization", "batch-normalization"),
        ("ＲｅＬＵ", "relu"),
        ("ﾚｲﾔｰ", "れいや"),
        ("レイヤー", "レイヤ"),
        ("もめんたむ", "モメンタム"),
        ("ソフト・マックス", "ソフトマックス"),
        ("cross_entropy", "Cross–Entropy"),
        ("É", "é"),
    ],
)
def test_spellings_that_mean_the_same_are_the_same(one: str, other: str) -> None:
    """Case, width, blanks, joints and kana do not matter."""
    assert normalise(one) == normalise(other)


@given(st.text(max_size=30))
def test_normalising_twice_changes_nothing_more(text: str) -> None:
    """The index and the query meet whatever was typed."""
    once = normalise(text)
    assert normalise(once) == once


def test_japanese_is_recognised_by_kana_and_kanji() -> None:
    """Greek letters and full-width Latin ones are not Japanese."""
    assert [is_japanese(text) for text in ("勾配", "ﾚﾙ", "relu", "ε", "ＲｅＬＵ")] == [
        True, True, False, False, False,
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("query", "page"),
    [
        ("alpha", "alpha"),
        ("ALPHA Function", "alpha"),
        ("アルファ関数", "alpha"),
        ("あるふぁ かんすう", "alpha"),
        ("nn.Alpha", "alpha"),
        ("alhpa", "alpha"),
        ("leaky_relu", "alpha"),
        ("activation.leaky_relu", "alpha"),
        ("一番目の関数 / first function", "alpha"),
        ("gam", "gamma"),
        ("減衰", "gamma"),
    ],
)
def test_a_name_leads_to_its_page(query: str, page: str) -> None:
    """Ids, names, readings, class names, misspellings, config words, headings, beginnings."""
    found = find.find(query)
    assert (found.page, found.guessed) == (page, False)


def test_a_similar_name_is_taken_and_said_to_be_guessed() -> None:
    """One letter off leads there, marked as a guess."""
    assert find.find("gamme") == find.Found("gamme", "gamma", guessed=True)


def test_a_heading_of_two_terms_lists_both() -> None:
    """Names of two pages in one query: each is offered with its definition."""
    found = find.find("Beta (smooth)・ガンマ")
    assert found.page is None
    assert [(each.page, each.en) for each in found.meanings] == [
        ("beta", "A smooth alpha."),
        ("gamma", "A decay."),
    ]


def test_one_known_word_among_others_is_a_guess() -> None:
    """A sentence that names one page leads there, and says that this was a guess."""
    assert find.find("gamma please") == find.Found("gamma please", "gamma", guessed=True)


def test_a_word_with_several_meanings_lists_them() -> None:
    """`gain` belongs to two pages: neither is chosen."""
    found = find.find("gain")
    assert found.page is None
    assert [(each.page, each.en) for each in found.meanings] == [
        ("alpha", "the slope of alpha"),
        (None, "what a trader hopes for"),
        ("beta", "the factor of beta"),
    ]


@pytest.mark.parametrize("query", ["alpha.negative_slope", "activation.leaky_relu.negative_slope"])
def test_an_option_is_addressed_through_its_component(query: str) -> None:
    """A page's name or a component's address, a dot, and the option."""
    found = find.find(query)
    assert (found.page, found.option) == ("alpha", "negative_slope")


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ("", "no term was given. Try: dlkit explain --list"),
        ("\u3000 ", "no term was given. Try: dlkit explain --list"),
        ("x" * 201, "a term of 201 characters is too long (at most 200)."),
        ("re\x1b[31mlu", "a term can't hold the control character U+001B."),
        ("alpha.slope", "'alpha' has no option 'slope'. Its options: negative_slope."),
        ("beta.slope", "'beta' has no option 'slope'. It has no options."),
        ("zzzzzz", "there is no page for 'zzzzzz'. Try: dlkit explain --list"),
        ("gammatonic", "there is no page for 'gammatonic'. Did you mean 'gamma'?"),
        ("comparison", "there is no page for 'comparison'. Did you mean 'alpha'?"),
    ],
)
def test_what_is_no_name_is_refused(query: str, message: str) -> None:
    """With the nearest pages by name, then by text."""
    with pytest.raises(ConfigError) as caught:
        find.find(query)
    assert str(caught.value) == message


def test_search_wants_all_words_and_puts_the_fullest_first() -> None:
    """Japanese and English text is searched."""
    assert find.search("勾配") == ["gamma"]
    assert find.search("smooth alpha") == ["beta"]
    assert find.search("alpha")[0] == "alpha"
    assert find.search(" ") == []


@pytest.mark.parametrize(
    ("name", "link"),
    [("ReLU(ランプ関数)", "ReLU"), ("Dense layer", "Dense layer"), ("(only)", "(only)"),
     ("NAG (Nesterov)", "NAG"), ("ソフト（比較）なもの", "ソフト（比較）なもの")],
)  # fmt: skip
def test_links_leave_out_what_a_name_adds_in_brackets(name: str, link: str) -> None:
    """A sentence reads `ReLUの角`, not `ReLU(ランプ関数)の角`."""
    assert names.in_links({"en": name, "ja": name}) == {"en": link, "ja": link}


def test_two_pages_may_not_claim_one_name(page_folder: Path) -> None:
    """The second is told whose name it is and where to list it."""
    one, _ = parse((page_folder / "beta.yaml").read_text(encoding="utf-8"), "beta.yaml")
    two = one.model_copy(update={"id": "delta"})
    with pytest.raises(ConfigError) as caught:
        names.collect({"beta": one, "delta": two})
    assert str(caught.value.problems[0]) == (
        "'Beta' is a name of both 'beta' and 'delta'. List it in 'meanings' of both pages."
    )
