"""The record of one term: what a page file holds, field by field, and what each field must be.

`docs/dictionary-format.md` says it for contributors. Nothing here is shown to readers: the page is
built into the index by `dlkit.dictionary.build`, and the index is what `dlkit explain` reads.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

Topic = Literal[
    "basics", "activation", "loss", "gradient-descent", "optimizer", "layer", "architecture",
    "framework", "environment", "training", "data", "evaluation", "generative", "detection",
]  # fmt: skip
Kind = Literal["term", "function", "algorithm", "layer", "architecture", "tool", "umbrella"]
Verdict = Literal["holds", "holds-if", "false", "dated"]

Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]
Id = Annotated[str, StringConstraints(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", max_length=60)]
Date = Annotated[str, StringConstraints(pattern=r"^[0-9]{4}(-[0-9]{2}(-[0-9]{2})?)?$")]
Form = Annotated[str, StringConstraints(pattern=r"^[a-z0-9_]+:[a-z0-9_]+$")]
"""`module:function` in `dlkit.dictionary.forms`."""
Experiment = Annotated[str, StringConstraints(pattern=r"^dlkit\.claims\.[a-z0-9_]+:[a-z0-9_]+$")]
Module = Annotated[str, StringConstraints(pattern=r"^[a-z0-9_]+$")]
TorchName = Annotated[str, StringConstraints(pattern=r"^torch(\.[a-z_]+)*:[A-Za-z_]+$")]
Component = Annotated[str, StringConstraints(pattern=r"^[a-z_]+\.[a-z0-9_]+$")]
"""`section.name`, as a config has it: `optimizer.momentum`."""
Setting = bool | int | float | str | list[int | float | str]


class Record(BaseModel):
    """A mapping of a page; a key that it doesn't know is an error."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class Both(Record):
    """One text in both languages."""

    en: Text
    ja: Text


class Name(Both):
    """What the term is called; `reading` is the Japanese name in hiragana."""

    reading: Text | None = None


class Aliases(Record):
    """Further names that lead to the page; case, blanks, hyphens and kana don't matter."""

    en: list[Text] = []
    ja: list[Text] = []
    code: list[Text] = []
    misspellings: list[Text] = []


class Meaning(Both):
    """One meaning of a word that has several: this page's, another's, or nobody's (`none`)."""

    word: Text
    page: Id | None = None


class Symbol(Both):
    """A symbol of a formula. `option` is the option of the page's component that sets it."""

    symbol: Text
    option: str | None = None


class Check(Record):
    """How the Python form of a formula is compared with torch: one of three ways.

    `values`: a torch function of the same arguments, at each list of arguments in `at`.
    `steps`: a torch optimizer with the keyword arguments `torch_options`, for 20 steps.
    `test`: `path::name` of a test that does it otherwise.
    """

    values: TorchName | None = None
    at: list[list[float | list[float]]] = []
    gradient: bool = True
    steps: TorchName | None = None
    options: dict[str, Setting] = {}
    torch_options: dict[str, Setting] = {}
    test: str | None = None

    @model_validator(mode="after")
    def _one_way(self) -> Check:
        if sum(way is not None for way in (self.values, self.steps, self.test)) != 1:
            raise ValueError("give exactly one of values, steps and test")
        if self.values and not self.at:
            raise ValueError("values needs 'at': the lists of arguments to compare at")
        return self


class Formula(Record):
    """A formula: LaTeX (a subset, see the format), its legend, and its Python form."""

    latex: Text
    caption: Both | None = None
    symbols: list[Symbol] = []
    python: Form | None = None
    check: Check | None = None

    @model_validator(mode="after")
    def _checked(self) -> Formula:
        if (self.python is None) != (self.check is None):
            raise ValueError(
                "'python' and 'check' go together: what is code is compared with torch"
            )
        return self


class Plot(Record):
    """A picture: the curve of a form of one number, or a module of `dlkit.dictionary.pictures`."""

    curve: Form | None = None
    options: dict[str, float] = {}
    derivative: bool = True
    x: tuple[float, float] = (-4.0, 4.0)
    y: tuple[float, float] | None = None
    picture: Module | None = None
    caption: Both

    @model_validator(mode="after")
    def _one_way(self) -> Plot:
        if (self.curve is None) == (self.picture is None):
            raise ValueError("give either 'curve' or 'picture'")
        if self.curve and self.y is None:
            raise ValueError("a curve needs its range 'y', e.g. [-1, 4]")
        return self


class Expectation(Record):
    """What one measurement must be, as its median over the seeds."""

    min: float | None = None
    max: float | None = None
    near: float | None = None
    tolerance: float | None = None
    is_: Literal["nan", "inf"] | None = Field(default=None, alias="is")

    @model_validator(mode="after")
    def _complete(self) -> Expectation:
        if (self.near is None) != (self.tolerance is None):
            raise ValueError("'near' and 'tolerance' go together")
        ways = (self.min is not None or self.max is not None, self.near is not None, self.is_)
        if sum(map(bool, ways)) != 1:
            raise ValueError("give min and/or max, or near with tolerance, or is")
        return self


class Case(Record):
    """What is expected where the knobs are turned, and what the claim is worth there."""

    knobs: dict[str, Setting]
    expect: dict[str, Expectation]
    verdict: Literal["holds", "false"]


class Claim(Record):
    """A statement of the page: measured by an experiment, or dated with its source."""

    id: Annotated[str, StringConstraints(pattern=r"^C[0-9]{2,3}[a-z]?$")]
    text: Both
    verdict: Verdict
    condition: Both | None = None
    experiment: Experiment | None = None
    seeds: Annotated[int, Field(ge=1, le=50)] = 5
    tier: Literal["instant", "fast", "slow"] = "instant"
    expect: dict[str, Expectation] = {}
    cases: list[Case] = []
    as_of: Date | None = None
    source: Text | None = None

    @model_validator(mode="after")
    def _complete(self) -> Claim:
        if self.verdict == "holds-if" and self.condition is None:
            raise ValueError("a claim that holds-if needs its 'condition'")
        if self.verdict == "dated" and not (self.as_of and self.source):
            raise ValueError("a dated claim needs 'as_of' and 'source'")
        if self.experiment is None and (self.expect or self.cases):
            raise ValueError("'expect' and 'cases' need an 'experiment'")
        if self.experiment is None and self.verdict != "dated" and self.source is None:
            raise ValueError("a claim without an experiment needs its 'source'")
        return self


class Side(Record):
    """One side of a correction: a formula (with the form that runs it), or a sentence."""

    latex: Text | None = None
    text: Both | None = None
    python: Form | None = None

    @model_validator(mode="after")
    def _some(self) -> Side:
        if self.latex is None and self.text is None:
            raise ValueError("give 'latex' or 'text'")
        return self


class Erratum(Record):
    """What is printed wrongly elsewhere, why it is wrong, what is right, and who says so."""

    id: Annotated[str, StringConstraints(pattern=r"^B[0-9]{2,3}[a-z]?$")]
    severity: Literal["wrong", "imprecise", "notation", "dated"]
    wrong: Side
    why: Both
    right: Side
    source: Text | None = None
    experiment: Experiment | None = None
    seeds: Annotated[int, Field(ge=1, le=50)] = 1
    expect: dict[str, Expectation] = {}

    @model_validator(mode="after")
    def _complete(self) -> Erratum:
        if bool(self.expect) != (self.experiment is not None):
            raise ValueError("'experiment' and 'expect' go together")
        return self


class Contrast(Both):
    """How the term differs from the page `page`, in a sentence or two."""

    page: Id


class Reference(Record):
    """A source. `text` names authors, year, title and place."""

    text: Text
    arxiv: Annotated[str, StringConstraints(pattern=r"^[0-9]{4}\.[0-9]{4,5}$")] | None = None
    doi: Annotated[str, StringConstraints(pattern=r"^10\..+/.+$")] | None = None
    url: Annotated[str, StringConstraints(pattern=r"^https://\S+$")] | None = None


class Page(Record):
    """One term."""

    id: Id
    topic: Topic
    kind: Kind
    status: Literal["current", "historical"] = "current"
    as_of: Date | None = None
    name: Name
    aliases: Aliases = Aliases()
    meanings: list[Meaning] = []
    short: Both
    body: Both
    formulas: list[Formula] = []
    plots: list[Plot] = []
    when_to_use: Both | None = None
    what_goes_wrong: Both | None = None
    implements: list[Component] = []
    claims: list[Claim] = []
    errata: list[Erratum] = []
    contrast: list[Contrast] = []
    config: Text | None = None
    references: list[Reference] = []
    see_also: list[Id] = []

    @model_validator(mode="after")
    def _dated(self) -> Page:
        if self.status == "historical" and self.as_of is None:
            raise ValueError("a historical page needs 'as_of'")
        return self
