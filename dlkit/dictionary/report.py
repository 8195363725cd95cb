"""Shows what running a claim yielded: expected, measured, condition, verdict, how to repeat it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dlkit.dictionary.run import Measurement, Result
from dlkit.dictionary.show import Style, indented, rows
from dlkit.dictionary.width import pad, width
from dlkit.dictionary.words import Language, word

_WORDS = {
    "measured": ("measured", "測定量"), "expected": ("expected", "予想"),
    "median": ("median", "中央値"), "spread": ("from … to", "最小 … 最大"),
    True: ("yes", "予想どおり"), False: ("NO", "予想と違う"), None: ("", ""),
    "seeds": ("{} seeds", "シード{}個"), "one": ("nothing random", "乱数なし"),
    "verdict": ("verdict", "判定"), "repeat": ("repeat", "再実行"),
    "reproduced": ("reproduced in {:.1f} s", "再現した({:.1f}秒)"),
    "failed": ("NOT reproduced ({:.1f} s)", "再現しなかった({:.1f}秒)"),
    "reported": ("measured only: the page expects nothing here ({:.1f} s)", "測定のみ({:.1f}秒)"),
    "knobs": ("with", "設定"),
}  # fmt: skip


def text(result: Result, style: Style) -> str:
    """The result of one claim or correction."""
    language = style.languages[0]
    lines = [*_statement(result, style), ""]
    lines += ["  " + row for row in _table(result, language)]
    for label, content in _facts(result, language):
        lines += indented(content, style, first=f"  {label}: ")
    return "\n".join(line.rstrip() for line in lines) + "\n"


def _say(key: Any, language: Language) -> str:
    return _WORDS[key][0 if language == "en" else 1]


def _statement(result: Result, style: Style) -> list[str]:
    """The claim, or both sides of the correction."""
    subject = result.subject
    lines = []
    for language in style.languages:
        if "text" in subject:
            lines += indented(subject["text"][language], style, first=f"{subject['id']}  ")
        else:
            lines += indented(subject["why"][language], style, first=f"{subject['id']}  ")
    for side, label in (("wrong", "printed"), ("right", "right")):
        if "latex" in subject.get(side, {}):
            lines.append(f"  {word(label, style.languages[0])}:")
            lines += ["      " + row for row in rows(subject[side], style)]
    return lines


def _table(result: Result, language: Language) -> list[str]:
    count = _say("one" if result.seeds == 1 else "seeds", language).format(result.seeds)
    head = [_say("measured", language), _say("expected", language), _say("median", language),
            f"{_say('spread', language)} ({count})" if result.seeds > 1 else count, ""]  # fmt: skip
    table = [head, *(_row(each, language) for each in result.measurements)]
    sizes = [max(width(row[i]) for row in table) for i in range(len(head))]
    return ["  ".join(pad(cell, size) for cell, size in zip(row, sizes, strict=True))
            for row in table]  # fmt: skip


def _row(measurement: Measurement, language: Language) -> list[str]:
    low, high = min(measurement.values), max(measurement.values)
    spread = f"{low:.4g} … {high:.4g}" if len(measurement.values) > 1 else ""
    return [measurement.name, expectation(measurement.expectation), f"{measurement.median:.5g}",
            spread, _say(measurement.as_expected, language)]  # fmt: skip


def expectation(expect: Mapping[str, Any]) -> str:
    """An expectation in signs: `0.5 ± 0.01`, `at least 3`, `1 … 2`."""
    if "is" in expect:
        return str(expect["is"])
    if "near" in expect:
        return f"{expect['near']:g} ± {expect['tolerance']:g}"
    if "min" in expect and "max" in expect:
        return f"{expect['min']:g} … {expect['max']:g}"
    if "min" in expect:
        return f"≥ {expect['min']:g}"
    return f"≤ {expect['max']:g}" if "max" in expect else ""


def _facts(result: Result, language: Language) -> list[tuple[str, str]]:
    facts = []
    if result.knobs:
        knobs = ", ".join(f"{name} {value}" for name, value in result.knobs.items())
        facts.append((_say("knobs", language), knobs))
    if result.subject.get("condition"):
        facts.append((word("if", language), result.subject["condition"][language]))
    judged = any(each.as_expected is not None for each in result.measurements)
    outcome = ("reproduced" if result.reproduced else "failed") if judged else "reported"
    said = _say(outcome, language).format(result.seconds)
    verdict = word(result.verdict, language) if result.verdict and judged else ""
    facts.append((_say("verdict", language), ", ".join(filter(None, (verdict, said)))))
    facts.append((_say("repeat", language), result.command))
    return facts
