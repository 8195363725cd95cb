"""The fixed words of a shown page, in both languages."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

Language = Literal["en", "ja"]

HEADINGS: dict[str, tuple[str, str]] = {
    "formula": ("Formula", "数式"),
    "picture": ("Picture", "図"),
    "when_to_use": ("When to use it", "使いどころ"),
    "what_goes_wrong": ("What goes wrong", "つまずきやすい点"),
    "options": ("Options", "オプション"),
    "config": ("In a config", "設定ファイルでの書き方"),
    "claims": ("Claims", "主張"),
    "errata": ("Corrections", "訂正"),
    "contrast": ("Contrast", "違い"),
    "references": ("References", "参考文献"),
    "see_also": ("See also", "関連項目"),
    "meanings": ("Meanings", "意味"),
}
WORDS: dict[str, tuple[str, str]] = {
    "activation": ("activation functions", "活性化関数"),
    "basics": ("basics", "基礎・構成要素"),
    "loss": ("loss functions", "損失関数"),
    "gradient-descent": ("gradient descent", "勾配降下法"),
    "optimizer": ("optimization", "最適化"),
    "layer": ("layers", "レイヤー・結合の種類"),
    "architecture": ("architectures", "代表的な手法"),
    "framework": ("frameworks", "フレームワーク"),
    "environment": ("environment", "環境"),
    "training": ("training", "学習"),
    "data": ("data", "データ"),
    "evaluation": ("evaluation", "評価"),
    "generative": ("generative models", "生成モデル"),
    "detection": ("object detection", "物体検出"),
    "holds": ("holds", "正しい"),
    "holds-if": ("holds if", "条件付きで正しい"),
    "false": ("false", "誤り"),
    "dated": ("dated", "当時の話"),
    "wrong": ("wrong", "誤り"),
    "imprecise": ("imprecise", "不正確"),
    "notation": ("notation", "表記"),
    "printed": ("printed", "誤"),
    "right": ("right", "正"),
    "why": ("why", "理由"),
    "as_of": ("as of", "時点"),
    "source": ("source", "出典"),
    "if": ("if", "条件"),
    "default": ("default", "既定値"),
    "required": ("required", "必須"),
    "historical": ("historical", "歴史的"),
    "also": ("also means", "他の意味"),
    "run": ("run", "実行"),
}


def word(key: str, language: Language) -> str:
    """One of `WORDS` or `HEADINGS` in the language; a key that is neither stays itself."""
    pair = WORDS.get(key) or HEADINGS.get(key) or (key, key)
    return pair[0 if language == "en" else 1]


def takes(option: Mapping[str, Any], language: Language) -> str:
    """The type of a recorded option, with its default or that it has none."""
    default = f"{word('default', language)} {option['default']}"
    told = word("required", language) if option["default"] == "required" else default
    return f"{option['type']} ({told})"
