"""Strict YAML: what is refused, with which words, and that nothing hangs."""

import contextlib
import math
import os
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest
import yaml

import dlkit
from dlkit.config.text import parse, read
from dlkit.errors import ConfigError, Location, render


def complaint(text: str) -> str:
    """What is said of a text called `c.yaml`."""
    with pytest.raises(ConfigError) as caught:
        parse(text, "c.yaml")
    return str(caught.value)


def complaint_of_file(path: str) -> str:
    """What is said of a file."""
    with pytest.raises(ConfigError) as caught:
        read(Path(path))
    return str(caught.value)


def test_scalars_follow_yaml_1_2():
    """1e-3 is a number, 010 is ten, and NO, yes, 1:30 and a date stay text."""
    document = parse("a: 1e-3\nb: 010\nc: NO\nd: yes\ne: on\nf: 1:30\ng: 2024-01-01", "c.yaml")
    assert list(document.data.values()) == [0.001, 10, "NO", "yes", "on", "1:30", "2024-01-01"]


def test_numbers_that_are_not_finite_are_read():
    """.nan and .inf are numbers of YAML; whether one is allowed is the option's affair."""
    data = parse("a: .nan\nb: -.inf\nc: .Inf", "c.yaml").data
    assert math.isnan(data["a"])
    assert (data["b"], data["c"]) == (-math.inf, math.inf)


def test_quotes_make_text():
    """A quoted number, null or boolean is text, and so is a literal block."""
    data = parse("a: '1'\nb: \"null\"\nc: |\n  true\n", "c.yaml").data
    assert data == {"a": "1", "b": "null", "c": "true\n"}


def test_every_key_and_value_has_its_place():
    """Line and column of keys, values and list items, counted in characters, not bytes."""
    document = parse("# é\na:\n  é: [1, x]\n", "c.yaml")
    assert document.keys[("a", "é")] == Location("c.yaml", 3, 3, "  é: [1, x]")
    assert document.values[("a", "é", 1)] == Location("c.yaml", 3, 10, "  é: [1, x]")
    assert document.values[("a",)] == Location("c.yaml", 3, 3, "  é: [1, x]")


@pytest.mark.parametrize("text", ["a: 1\n\nb: 2\n", "a: 1\r\n\r\nb: 2\r\n", "a: 1\r\rb: 2\r"])
def test_lines_are_counted_as_editors_do(text: str):
    """Line feeds, carriage returns and both together end a line, and none of them is shown."""
    assert parse(text, "c.yaml").keys[("b",)] == Location("c.yaml", 3, 1, "b: 2")


def test_a_repeated_key_names_both_lines():
    """A key set twice in one mapping is an error that names the first and the second line."""
    document = parse("fit:\n  epochs: 1\n  seed: 2\n  epochs: 3\n", "c.yaml")
    assert [str(problem) for problem in document.problems] == [
        "c.yaml:4:3: key 'fit.epochs' is set again. It is first set in line 2."
    ]


def test_aliases_and_what_is_built_of_them_are_refused():
    """An alias, an anchor, a bomb of both, a structure inside itself, and a merge key."""
    assert complaint("a: *b") == (
        "c.yaml:1:4: aliases are not allowed: '*b'. Write the value again."
    )
    bomb = "\n".join(["a0: &a0 [x]"] + [f"a{i}: &a{i} [{f'*a{i - 1},' * 9}]" for i in range(1, 9)])
    assert complaint(bomb) == "c.yaml:1:5: anchors are not allowed: '&a0'."
    assert complaint("&a [*a]") == "c.yaml:1:1: anchors are not allowed: '&a'."
    assert complaint("a: {<<: {x: 1}}") == (
        "c.yaml:1:5: merge keys (<<) are not allowed. Write the values again."
    )


@pytest.mark.parametrize(
    ("tag", "shown"),
    [
        ("!!python/object/apply:os.system", "tag:yaml.org,2002:python/object/apply:os.system"),
        ("!!python/tuple", "tag:yaml.org,2002:python/tuple"),
        ("!!binary", "tag:yaml.org,2002:binary"),
        ("!!str", "tag:yaml.org,2002:str"),
        ("!foo", "!foo"),
        ("!", "!"),
    ],
)
def test_tags_are_refused(tag: str, shown: str):
    """No tag is allowed, whether it would run a program, make bytes, or do no harm."""
    assert complaint(f"a: {tag} [x]") == f"c.yaml:1:4: tags are not allowed: '{shown}'."


def test_a_tag_cannot_write_to_the_terminal():
    """A tag that smuggles an escape character into the message is shown, not sent."""
    assert complaint("a: !%1B[31m x") == r"c.yaml:1:4: tags are not allowed: '!\x1b[31m'."


@pytest.mark.parametrize(
    "text", ["fit:\n\tepochs: 1", "fit:\n  seed: 1\n\tepochs: 1", "fit: {seed: 1,\n\tepochs: 1}"]
)
def test_tabs_get_their_own_advice(text: str):
    """Indenting with a tab is a syntax error that says to use spaces."""
    assert complaint(text).endswith(
        ": not valid YAML while scanning for the next token: found character '\\t' that cannot "
        "start any token. Indent with spaces, not with tabs."
    )


def test_a_byte_order_mark_is_fine():
    """UTF-8 as some editors write it, with a mark at the start, is read as if without."""
    Path("c.yaml").write_bytes(b"\xef\xbb\xbfa: 1")
    assert read(Path("c.yaml")).data == {"a": 1}


@pytest.mark.parametrize(
    ("content", "where", "byte"),
    [
        (b"a: caf\xe9", "1:7", 6),
        (b"\xef\xbb\xbfa: 1\nb: \xe9", "2:4", 11),
        ("a: 1".encode("utf-16"), "1:1", 0),
    ],
)
def test_text_that_is_not_utf_8_is_located(content: bytes, where: str, byte: int):
    """Latin-1 and UTF-16 are refused with the byte's position, and the line and column."""
    Path("c.yaml").write_bytes(content)
    assert complaint_of_file("c.yaml") == (
        f"c.yaml:{where}: not UTF-8 at byte {byte}. Save the file as UTF-8."
    )


@pytest.mark.parametrize(
    ("text", "where", "code"),
    [
        ("a: 1\nb: x\0", "2:5", "U+0000"),
        ("a: \x1b[31m", "1:4", "U+001B"),
        ("a: x\x85b: 2", "1:5", "U+0085"),
        ("a: x\u2028b: 2", "1:5", "U+2028"),
        ('a: "\\0"', "1:4", "U+0000"),
        ('a: "\\e"', "1:4", "U+001B"),
        ('a: "\\ud800"', "1:4", "U+D800"),
    ],
)
def test_control_characters_are_located(text: str, where: str, code: str):
    """NUL, escape, the line breaks of YAML 1.1 only, and half characters, written or escaped."""
    assert complaint(text) == f"c.yaml:{where}: control character {code} is not allowed."


def test_the_source_line_of_an_error_is_harmless():
    """A control character is not sent to the terminal with the line that is shown."""
    with pytest.raises(ConfigError) as caught:
        parse("a: \x1b[31m", "c.yaml")
    assert "\x1b" not in render(caught.value.problems)


@pytest.mark.parametrize("text", ["", "# nothing\n", "---\n", "\n\n", "~", "null"])
def test_an_empty_config_is_named_so(text: str):
    """No text, only comments, or null: the config is empty."""
    assert complaint(text) == "c.yaml: config is empty. Name at least 'data' and 'model'."


@pytest.mark.parametrize("text", ["- a\n- b", "cnn", "3"])
def test_the_top_level_must_be_a_mapping(text: str):
    """A list or a single value is no config."""
    assert complaint(text) == (
        "c.yaml:1:1: a config must be a mapping of sections, not a list or a single value. "
        "Write 'model: cnn', for example."
    )


def test_a_second_document_is_refused():
    """A file with two documents is no config; the markers of one are fine."""
    assert complaint("a: 1\n---\nb: 2") == (
        "c.yaml:2:1: a config is one document, and a second one begins here."
    )
    assert parse("---\na: 1\n...\n", "c.yaml").data == {"a": 1}


@pytest.mark.parametrize("key", ["1", "true", "null", ".nan", "1e3"])
def test_keys_must_be_text(key: str):
    """A key that YAML takes for a number, a boolean or null is refused, unless it is quoted."""
    document = parse(f"{key}: x", "c.yaml")
    assert [str(problem) for problem in document.problems] == [
        f"c.yaml:1:1: key '{key}' is not text. Quote it, if it is meant."
    ]
    assert parse(f"'{key}': x", "c.yaml").problems == ()


@pytest.mark.parametrize("text", ["? [a]\n: b", "{{a: 1}: b}"])
def test_a_key_is_no_list_or_mapping(text: str):
    """Keys that are lists or mappings, which YAML allows, are refused."""
    assert complaint(text).endswith(": a key must be text, not a list or a mapping.")


def test_depth_size_and_digits_are_bounded():
    """Nesting, the number of values and the length of a number have limits, with a message each."""
    assert complaint("a: " + "[" * 2000) == "c.yaml:1:68: nested more than 64 levels deep."
    assert complaint("a: [" + "1," * 60_000).endswith(": more than 50000 keys and values.")
    assert complaint("a: " + "9" * 5000) == "c.yaml:1:4: a number of 5000 characters is too long."


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a: b: c", "c.yaml:1:5: not valid YAML: mapping values are not allowed here."),
        (
            "a: [1\nb: 2",
            "c.yaml:2:2: not valid YAML while parsing a flow sequence: "
            "expected ',' or ']', but got ':'.",
        ),
        (
            'a: "x',
            "c.yaml:1:6: not valid YAML while scanning a quoted scalar: "
            "found unexpected end of stream.",
        ),
        ('a: "\\U99999999"', "c.yaml:1:7: not valid YAML: unknown character."),
    ],
)
def test_syntax_errors_are_located(text: str, expected: str):
    """The parser's reason, with line and column; also where PyYAML itself stumbles."""
    assert complaint(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "a: [" + "1," * 500_000,
        "- " * 500_000,
        "[" * 1_000_000,
        "a: '" + "x\n" * 500_000 + "'",
        "".join(f"k{i}: 1\n" for i in range(90_000)),
        "!" * 1_000_000,
    ],
    ids=["flow", "dashes", "brackets", "lines", "keys", "tag"],
)
def test_a_hostile_file_is_answered_soon(text: str):
    """The worst that fits into a mebibyte takes seconds at most, not minutes."""
    start = time.process_time()
    with contextlib.suppress(ConfigError):
        parse(text, "c.yaml")
    assert time.process_time() - start < 10


def test_files_that_are_none_are_refused():
    """A missing file, a folder, a device, a pipe nobody writes to, and a socket."""
    os.mkfifo("pipe")
    os.mkdir("folder.yaml")
    with socket.socket(socket.AF_UNIX) as server:
        server.bind("socket")
        assert complaint_of_file("no.yaml") == "config 'no.yaml' does not exist."
        assert complaint_of_file("folder.yaml") == (
            "config 'folder.yaml' is a folder. Name a file in it."
        )
        assert complaint_of_file("/dev/zero") == "config '/dev/zero' is not a regular file."
        assert complaint_of_file("pipe") == "config 'pipe' is not a regular file."
        assert complaint_of_file("socket").startswith("config 'socket' can't be read: ")
    assert complaint_of_file("a\0b") == "config 'a\0b' can't be read: embedded null byte."


def test_a_file_is_at_most_a_mebibyte():
    """A larger file is refused by its size, without reading all of it."""
    Path("big.yaml").write_text("#" * (1 << 20) + "\na: 1")
    assert complaint_of_file("big.yaml") == "config 'big.yaml' is larger than 1048576 bytes."


def test_a_file_without_permission_says_so():
    """A file that may not be read gives the system's reason; root may read all, so as nobody."""
    Path("secret.yaml").write_text("a: 1")
    os.chmod("secret.yaml", 0)
    code = (
        "import os; from pathlib import Path; from dlkit.config.text import read\n"
        "os.geteuid() or os.setuid(65534)\n"
        "try: read(Path('secret.yaml'))\n"
        "except Exception as error: print(error)"
    )
    root = str(Path(dlkit.__file__).parents[1])
    command, environment = [sys.executable, "-c", code], {**os.environ, "PYTHONPATH": root}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    assert done.stdout == "config 'secret.yaml' can't be read: Permission denied.\n"


def test_plain_data_agrees_with_pyyaml_where_the_versions_of_yaml_do():
    """On a config without the words that YAML 1.2 changed, the data are those of PyYAML."""
    text = "a: {b: [1, 2.5, true, null, text], c: 'x'}\nd:\n- e: >\n    folded\n    text\n- -3\n"
    assert parse(text, "c.yaml").data == yaml.safe_load(text)
