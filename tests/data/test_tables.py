"""CSV files are read strictly: what is odd is handled or named with its line and column."""

from pathlib import Path

import numpy as np
import pytest
import torch
from sklearn.preprocessing import StandardScaler

from dlkit.data.splits import random_split
from dlkit.data.tables import csv
from dlkit.errors import DataError, OptionError


def written(folder: Path, text: str | bytes) -> str:
    path = folder / "table.csv"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return str(path)


def rows(n: int = 20, target: str = "class") -> str:
    lines = [f"{k},{k * k / 7},{'yes' if k % 3 else 'no'}" for k in range(n)]
    return "\n".join([f"a,b,{target}", *lines]) + "\n"


def complaint(folder: Path, text: str | bytes, **options: str) -> list[str]:
    path = written(folder, text)
    with pytest.raises(DataError) as caught:
        csv(file=path, **{"target": "class", **options})
    return [str(problem).replace(path, "FILE") for problem in caught.value.problems]


def test_features_equal_scikit_learns_scaler(tmp_path: Path) -> None:
    """Fitted on the training rows, applied to all parts; classes in sorted order."""
    data = csv(file=written(tmp_path, rows()), target="class")
    split = random_split(20, test_fraction=0.2, validation_fraction=0.1, split_seed=0)
    k = np.arange(20)
    features = np.stack([k, k * k / 7], 1)
    scaler = StandardScaler().fit(features[split[0]])
    for part, indices in zip((data.train, data.validation, data.test), split, strict=True):
        np.testing.assert_allclose(part.inputs, scaler.transform(features[indices]), atol=1e-6)
        assert part.labels.tolist() == (indices % 3 != 0).long().tolist()
    assert data.facts.classes == ("no", "yes")
    assert data.facts.input_shape == (2,)
    assert data.train.inputs.dtype == torch.float32
    assert data.normalize is None


@pytest.mark.parametrize(
    "change",
    [
        lambda text: b"\xef\xbb\xbf" + text,
        lambda text: text.replace(b"\n", b"\r\n"),
        lambda text: text.replace(b"a,b,class", b'"a", b ,  "class"'),
        lambda text: text.replace(b",yes", b',"yes"'),
        lambda text: text.replace(b"\n", b"\n\n") + b"\n\n",
        lambda text: text.rstrip(b"\n"),
    ],
    ids=[
        "byte order mark",
        "CRLF",
        "spaces and quotes",
        "quotes",
        "blank lines",
        "no last newline",
    ],
)
def test_the_same_table_in_other_clothes(tmp_path: Path, change) -> None:
    """D12: each variant has the fingerprint of the plain file."""
    plain = csv(file=written(tmp_path, rows()), target="class")
    other = csv(file=written(tmp_path, change(rows().encode())), target="class")
    assert other.fingerprint == plain.fingerprint


def test_a_quoted_comma_belongs_to_the_cell(tmp_path: Path) -> None:
    """D12: in a class, and in the name of a column."""
    text = rows().replace("yes", '"yes, indeed"').replace("b,", '"b, squared",', 1)
    data = csv(file=written(tmp_path, text), target="class")
    assert data.facts.classes == ("no", "yes, indeed")


def test_values_are_standardised_and_facts_lead_back(tmp_path: Path) -> None:
    """A column of many numbers is a value to predict; `facts` keeps its unit."""
    text = rows().replace(",yes", ",1").replace(",no", ",2")
    data = csv(file=written(tmp_path, text), target="b")
    assert data.facts.target == "values"
    assert data.facts.outputs == 1
    (mean,), (std,) = data.facts.target_mean, data.facts.target_std
    values = torch.cat([data.train.labels, data.validation.labels, data.test.labels]) * std + mean
    expected = torch.tensor([[k * k / 7] for k in range(20)])
    torch.testing.assert_close(values.sort(0).values, expected, atol=1e-4, rtol=1e-5)
    assert data.train.labels.mean().abs() < 1e-6


@pytest.mark.parametrize(
    ("cells", "kind"),
    [
        (["a", "b"], "classes"),
        (["1", "b"], "classes"),
        (["0", "1", "2"], "classes"),
        (["1.0", "2.0"], "classes"),
        (["0.5", "1"], "values"),
        ([str(k) for k in range(20)], "classes"),
        ([str(k) for k in range(21)], "values"),
    ],
)
def test_auto_takes_text_and_few_whole_numbers_for_classes(
    tmp_path: Path, cells: list[str], kind: str
) -> None:
    """The rule as it is documented, on both sides of its limits."""
    text = "a,t\n" + "".join(f"{k},{cells[k % len(cells)]}\n" for k in range(60))
    assert csv(file=written(tmp_path, text), target="t").facts.target == kind


def test_numeric_classes_are_sorted_as_numbers(tmp_path: Path) -> None:
    """2 before 10; text is sorted as text."""
    text = "a,t\n" + "".join(f"{k},{(2, 10, 1)[k % 3]}\n" for k in range(30))
    assert csv(file=written(tmp_path, text), target="t").facts.classes == ("1", "2", "10")


def test_a_constant_column_becomes_zero(tmp_path: Path) -> None:
    """Its deviation would be 0, or a rounding error."""
    text = "a,b,t\n" + "".join(f"0.1,{k},{k % 2}\n" for k in range(30))
    data = csv(file=written(tmp_path, text), target="t")
    assert torch.equal(data.train.inputs[:, 0], torch.zeros(len(data.train)))
    assert torch.equal(data.test.inputs[:, 0], torch.zeros(len(data.test)))


def test_all_bad_cells_are_named_with_line_and_column(tmp_path: Path) -> None:
    """D11, D29: text, nothing, NaN, infinity, and a row of the wrong length, in one pass."""
    text = "a,b,class\n1,x,no\n,2,no\nnan,3,yes\n4,-inf,yes\n5,6\n7,8,\n9,9,yes,9\n"
    assert complaint(tmp_path, text) == [
        "FILE:2: column 'b': 'x' is not a number",
        "FILE:3: column 'a': the cell is empty",
        "FILE:4: column 'a': 'nan' is not finite",
        "FILE:5: column 'b': '-inf' is not finite",
        "FILE:6: 2 cells, and the header names 3 columns",
        "FILE:7: column 'class': the cell is empty",
        "FILE:8: 4 cells, and the header names 3 columns",
    ]


def test_a_bad_value_in_a_numeric_target(tmp_path: Path) -> None:
    """D29: `target_kind: values` does not let text pass for classes."""
    text = "a,class\n1,2.5\n2,none\n3,nan\n"
    assert complaint(tmp_path, text, target_kind="values") == [
        "FILE:3: column 'class': 'none' is not a number",
        "FILE:4: column 'class': 'nan' is not finite",
    ]


def test_at_most_twenty_problems_are_told(tmp_path: Path) -> None:
    """And how many more there are."""
    told = complaint(tmp_path, "a,class\n" + "x,no\n" * 25)
    assert len(told) == 21
    assert told[19] == "FILE:21: column 'a': 'x' is not a number"
    assert told[20] == "... and 5 more"


def test_a_line_number_counts_lines_not_rows(tmp_path: Path) -> None:
    """A quoted cell may contain line breaks; the line is that on which the row ends."""
    assert complaint(tmp_path, 'a,class\n1,"n\no"\nx,no\n') == [
        "FILE:4: column 'a': 'x' is not a number"
    ]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (b"", "FILE: empty; its first line should name the columns"),
        (b"a,class\n", "FILE: there is no row below the header"),
        (b"a,,class\n1,2,x\n", "FILE:1: column 2 has no name"),
        (b"a,a,class\n1,2,x\n", "FILE:1: two columns are called 'a'"),
        (b"class\nx\ny\n", "FILE: there is no column besides the target 'class'"),
        (b"a,class\n1,\xff\n", "FILE: not UTF-8 (invalid start byte). Save it as UTF-8."),
        (b'a,class\n1,"x"y\n', "FILE:2: ',' expected after '\"'"),
        (b'a,class\n1,"x\n', "FILE:2: unexpected end of data"),
        (
            b"a,class\n" + b"1,no\n" * 30,
            "FILE: only one class, 'no'; classification needs at least 2 classes",
        ),
    ],
)
def test_files_that_cannot_be_used(tmp_path: Path, text: bytes, message: str) -> None:
    """D01, D03, D12: each says what is wrong."""
    assert complaint(tmp_path, text) == [message]


def test_a_missing_column_names_the_nearest(tmp_path: Path) -> None:
    """With the option, for the place in the config."""
    path = written(tmp_path, rows(target="species"))
    with pytest.raises(OptionError) as caught:
        csv(file=path, target="spcies")
    assert caught.value.option == "target"
    assert caught.value.message == f"{path} has no column 'spcies'. Did you mean 'species'?"
    with pytest.raises(OptionError, match=r"no column 'zzz'. Known: a, b, species\."):
        csv(file=path, target="zzz")


def test_a_missing_file_and_a_folder(tmp_path: Path) -> None:
    """D01: with the resolved path; a folder or a device is no file."""
    for path, kind in (
        (tmp_path / "no.csv", "there is no such file"),
        (tmp_path, "not a regular file"),
        (Path("/dev/zero"), "not a regular file"),
    ):
        with pytest.raises(DataError) as caught:
            csv(file=str(path), target="x")
        assert str(caught.value) == f"{path}: {kind}"


def test_rows_that_leak_are_counted(tmp_path: Path) -> None:
    """D12, D18: duplicates that the split has torn apart."""
    doubled = rows(30) + rows(30).split("\n", 1)[1]
    data = csv(file=written(tmp_path, doubled), target="class")
    split = random_split(60, test_fraction=0.2, validation_fraction=0.1, split_seed=0)
    train = {index % 30 for index in split[0].tolist()}
    counts = [sum(index % 30 in train for index in part.tolist()) for part in split[1:]]
    assert data.warnings == tuple(
        f"rows of the {name} part that also stand in the training part: {count}"
        for name, count in zip(("validation", "test"), counts, strict=True)
        if count
    )
    assert data.warnings
