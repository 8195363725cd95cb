"""A dictionary of three small pages, built into an index of its own."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from dlkit.dictionary import build, index

ALPHA = """\
id: alpha
topic: activation
kind: function
name: {en: Alpha function, ja: アルファ関数, reading: あるふぁかんすう}
aliases:
  en: [first function]
  ja: [一番目の関数]
  code: [nn.Alpha, torch.nn.Alpha]
  misspellings: [alhpa]
meanings:
  - {word: gain, en: the slope of alpha, ja: アルファの傾き}
  - {word: gain, page: none, en: what a trader hopes for, ja: 利益}
short: {en: "The larger of $x$ and 0.", ja: $x$と0の大きい方。}
body:
  en: |
    It costs one comparison, as `max` does, and has
    the slope $\\frac{1}{1-\\alpha}$; see [[beta]].

    - first item
    - second item
  ja: |
    計算は比較1回で済む。`max` と同じで、
    傾きは $\\frac{1}{1-\\alpha}$ である。[[beta|ベータ]]を見よ。

    - 一つ目
    - 二つ目
formulas:
  - latex: 'f(x) = \\frac{x + |x|}{2}'
    python: activations:relu
    check: {values: "torch.nn.functional:relu", at: [[2.0]]}
    symbols:
      - {symbol: x, en: the input, ja: 入力}
      - {symbol: \\alpha, en: a slope, ja: 傾き, option: negative_slope}
plots:
  - {curve: activations:relu, x: [-2, 2], y: [-1, 2], caption: {en: Alpha, ja: アルファ}}
when_to_use: {en: "Always.", ja: いつでも。}
implements: [activation.leaky_relu]
claims:
  - id: C100
    text: {en: Half of the outputs are 0., ja: 出力の半分は0である。}
    verdict: holds-if
    condition: {en: centred inputs, ja: 入力の平均が0}
    experiment: dlkit.claims.relu_sparsity:run
    seeds: 3
    expect: {relu: {near: 0.5, tolerance: 0.02}}
    cases: [{knobs: {mean: 3.0}, expect: {relu: {max: 0.01}}, verdict: "false"}]
  - id: C101
    text: {en: It is the most used., ja: 最もよく使われる。}
    verdict: dated
    as_of: "2018"
    source: A survey of 2018
errata:
  - id: B100
    severity: wrong
    wrong: {latex: 'f(x) = x'}
    why: {en: The sign is lost., ja: 符号が失われる。}
    right: {latex: 'f(x) = |x|'}
    source: A book
    experiment: dlkit.claims.relu_identity:run
    expect: {gradient_at_zero: {near: 0, tolerance: 0}}
contrast: [{page: beta, en: Beta is smooth., ja: ベータは滑らか。}]
config: |
  activation: leaky_relu
references:
  - {text: "Nobody 2000, Nothing", arxiv: "2001.00001"}
see_also: [gamma]
"""
BETA = """\
id: beta
topic: activation
kind: function
name: {en: Beta, ja: ベータ}
meanings:
  - {word: gain, en: the factor of beta, ja: ベータの倍率}
short: {en: A smooth alpha., ja: 滑らかなアルファ。}
body: {en: Nothing to add., ja: 付け加えることはない。}
"""
GAMMA = """\
id: gamma
topic: optimizer
kind: term
status: historical
as_of: "2026-11"
name: {en: Gamma, ja: ガンマ}
aliases: {ja: [減衰率]}
short: {en: A decay., ja: 減衰。}
body: {en: It shrinks gradients., ja: 勾配を縮める。}
"""


@pytest.fixture(scope="session")
def page_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the three pages."""
    folder = tmp_path_factory.mktemp("pages")
    for name, text in {"alpha": ALPHA, "beta": BETA, "gamma": GAMMA}.items():
        (folder / f"{name}.yaml").write_text(text, encoding="utf-8")
    return folder


@pytest.fixture(scope="session")
def built(page_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The index of the three pages."""
    folder = tmp_path_factory.mktemp("index")
    build.write(build.build(page_folder), folder)
    return folder


@pytest.fixture
def small(built: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The small dictionary in place of the real one."""
    monkeypatch.setattr(index, "INDEX", built)
    index.names.cache_clear()
    index.texts.cache_clear()
    yield built
    index.names.cache_clear()
    index.texts.cache_clear()
