"""The pages that dlkit ships: sound, complete, current in the index, and found by every name."""

from functools import cache
from pathlib import Path

import pytest

from dlkit.config.document import Document
from dlkit.dictionary import build, components, find
from dlkit.dictionary.lint import lint, missing_links
from dlkit.dictionary.load import PAGES, load
from dlkit.dictionary.page import Page
from dlkit.errors import render

FILES = sorted(PAGES.glob("*.yaml"))


@cache
def pages() -> dict[str, tuple[Page, Document]]:
    return {path.stem: load(path) for path in FILES}


@pytest.mark.parametrize("name", [path.stem for path in FILES])
def test_a_page_is_sound(name: str) -> None:
    """Schema, languages, formulas, names, experiments: `--lint` finds nothing."""
    problems = lint(*load(PAGES / f"{name}.yaml"))
    assert not problems, render(problems)


def test_every_link_leads_to_a_page() -> None:
    """In texts, contrasts, see-also lists and meanings."""
    known = set(pages())
    missing = [f"{name}: {message}" for name, (page, _) in pages().items()
               for _, message in missing_links(page, known)]  # fmt: skip
    assert missing == []


def test_the_index_is_current() -> None:
    """It is what `python -m dlkit.dictionary.build` makes of the pages; names are unique."""
    assert build.stale(build.build()) == []


def test_every_name_of_the_catalogue_has_a_page() -> None:
    """Whatever a config can name can be looked up, by itself and with its section."""
    told = {address for page, _ in pages().values() for address in page.implements}
    sections = components.SECTIONS.items()
    wanted = {f"{section}.{name}" for section, table in sections for name in table.names()}
    assert {name for name in wanted - told if not name.startswith("task.")} == set()


@pytest.mark.parametrize(
    "name", [path.stem for path in FILES if "\nconfig:" in path.read_text(encoding="utf-8")]
)
def test_the_config_lines_of_a_page_load(name: str, tmp_path: Path) -> None:
    """With data and a model added where the lines have none."""
    from dlkit.config.load import load as load_config

    text = load(PAGES / f"{name}.yaml")[0].config or ""
    for section, default in (("data", "digits"), ("model", "mlp")):
        if f"{section}:" not in text:
            text += f"\n{section}: {default}\n"
    path = tmp_path / f"{name}.yaml"
    path.write_text(text, encoding="utf-8")
    load_config(path)


HEADINGS = {
    "neuron": "ノード / ニューロン / ユニット",
    "layer": "レイヤー / 層",
    "weight": "重み / パラメータ",
    "bias": "バイアス",
    "learning-rate": "学習率 / 学習係数",
    "local-optimum": "局所解 / 局所的最適解",
    "saddle-point": "鞍点",
    "forward-propagation": "順伝播法 / フォワードプロパゲーション",
    "backpropagation": "誤差逆伝播法 / バックプロパゲーション",
    "batch-normalization": "バッチ正規化 (Batch Normalization)",
    "early-stopping": "早期終了 / 早期打ち切り (Early Stopping)",
    "regularization": "正則化",
    "l1": "L1正則化",
    "l2": "L2正則化",
    "dropout": "ドロップアウト",
    "activation-function": "活性関数",
    "identity": "恒等関数(liner / identity)",
    "step": "ステップ関数(step)",
    "sigmoid": "シグモイド関数 / ロジスティック関数(sigmoid / logistic sigmoid )",
    "relu": "ReLU(ランプ関数)",
    "tanh": "Thanh(ハイパボリックタンジェント)",
    "softplus": "ソフトプラス(softpuls)",
    "elu": "elu",
    "softmax": "ソフトマックス(softmax)",
    "vanishing-gradient": "勾配消失(vanishing gradient)・勾配爆発",
    "loss-function": "損失関数 loss / 誤差関数 error / コスト関数 cost / 目的関数 objective",
    "mse": "二乗誤差(MSE : mean squared error)",
    "cross-entropy": "クロスエントロピー誤差",
    "hinge": "ヒンジ損失",
    "epsilon-insensitive": "ε-許容損失",
    "gradient-descent": "勾配降下法",
    "batch-gradient-descent": "最急降下法(バッチ勾配降下法 / バッチ学習)",
    "sgd": "確率的勾配降下法(SGD)",
    "mini-batch": "ミニバッチ勾配降下法 / Mini-Batch SGD",
    "epoch": "エポック(epoch)",
    "iteration": "イテレーション数",
    "optimization": "最適化",
    "momentum": "モメンタム法(慣性)",
    "nag": "NAG(Nesterov accelerated gradient)",
    "adagrad": "AdaGrad",
    "rmsprop": "RMSprop",
    "adadelta": "AdaDelta",
    "adam": "Adam",
    "dense": "全結合層 / Dense / Full connected layer/ Affine layer",
    "convolution": "畳み込み層 / Convolution layer",
    "pooling": "プーリング層 / Pooling layer",
    "max-pooling": "Max pooling",
    "average-pooling": "Average pooling",
    "upsampling": "アップサンプリング(UpSampling) / アンプーリング",
    "residual": "Skip / Residual",
    "dilated-convolution": "Dilated Convolution / Atrous Convolution / Convolution with holes",
    "cnn": "CNN",
    "filter": "フィルタ (filter) / カーネル (kernel) / 特徴検出器 (feature detector)",
    "stride": "ストライド (strides)",
    "zero-padding": "zero padding",
    "feature-map": "特徴マップ / feature map",
    "channel": "チャンネル",
    "transfer-learning": "転移学習(transfer learning) / 再学習(Fine-tuning)",
    "rnn": "RNN / リカレントニューラルネットワ / 再帰型ニューラルネット/ 回帰型ニューラルネット",
    "lstm": "LSTM",
    "vae": "VAE(Variational Autoencoder)",
    "gan": "GAN(Generative Adversarial Network) / 敵対的生成ネットワーク",
    "r-cnn": "R-CNN",
    "yolo": "YOLO",
    "tensorflow": "Tensorflow",
    "keras": "Keras",
    "chainer": "Chainer",
    "pytorch": "Pytorch",
    "caffe": "Caffe / Caffe2",
    "theano": "Theano",
    "cntk": "CNTK",
    "deeplearning4j": "Deeplearning4j",
    "cuda": "CUDA",
    "colab": "Colaboratory",
}
"""The 71 headings and 3 umbrella headings of the article, as printed."""


def leads_to(query: str, page: str) -> bool:
    """Whether the query shows the page, or lists it among the word's meanings."""
    found = find.find(query)
    return page == found.page or page in {meaning.page for meaning in found.meanings}


def test_there_are_all_headings() -> None:
    """71 terms and 3 umbrella terms."""
    assert len(HEADINGS) == 74


@pytest.mark.parametrize("page", HEADINGS)
def test_every_heading_of_the_article_resolves(page: str) -> None:
    """The heading as printed, and each of the names in it that means only this page."""
    assert leads_to(HEADINGS[page], page)


MISSPELLINGS = {
    "Thanh": "tanh", "softpuls": "softplus", "liner": "identity", "htan": "tanh",
    "AdaGrade": "adagrad", "Full connected layer": "dense", "Full connected": "dense",
    "リカレントニューラルネットワ": "rnn", "Tensorflow": "tensorflow", "Pytorch": "pytorch",
    "elu": "elu", "ＥＬＵ": "elu", "ﾘｶﾚﾝﾄﾆｭｰﾗﾙﾈｯﾄﾜ": "rnn", "Ｔｈａｎｈ": "tanh",
    "れいやー": "layer", "ﾚｲﾔｰ": "layer", "レイヤ": "layer", "もめんたむ": "momentum",
    "バッチノーマライゼーション": "batch-normalization",
}  # fmt: skip


@pytest.mark.parametrize("query", MISSPELLINGS)
def test_every_misspelling_resolves(query: str) -> None:
    """As printed, and in half-width, full-width and hiragana."""
    assert leads_to(query, MISSPELLINGS[query])


HOMONYMS = {
    "linear": {"identity", "dense"},
    "bias": {"bias"},
    "momentum": {"momentum", "batch-normalization"},
    "alpha": {"elu", "learning-rate", "momentum", "rmsprop"},
    "step": {"step", "iteration"},
    "L2": {"l2", "mse"},
    "kernel": {"filter"},
}


@pytest.mark.parametrize("word", HOMONYMS)
def test_a_word_with_several_meanings_lists_them(word: str) -> None:
    """At least the pages named here, and more than one meaning."""
    meanings = find.find(word).meanings
    assert len(meanings) > 1
    assert HOMONYMS[word] <= {meaning.page for meaning in meanings}


@pytest.mark.parametrize(
    ("query", "page"), [("nn.Linear", "dense"), ("torch.optim.Adam", "adam"), ("nn.ReLU", "relu")]
)
def test_class_names_of_pytorch_resolve(query: str, page: str) -> None:
    """As they stand in code."""
    assert find.find(query).page == page
