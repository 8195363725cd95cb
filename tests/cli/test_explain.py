"""`dlkit explain` as a user types it: output, exit codes, and what it does not import."""

import json
import os
import pty
import subprocess
import sys
import time
import xml.dom.minidom
from pathlib import Path
from statistics import median

import pytest

from dlkit.cli.app import run
from dlkit.cli.lookup import answer
from dlkit.errors import ExitCode

PLAIN = {key: value for key, value in os.environ.items() if key not in ("NO_COLOR", "FORCE_COLOR")}


def dlkit(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """The command in a process of its own, without a terminal."""
    return subprocess.run([sys.executable, "-m", "dlkit", "explain", *arguments], text=True,
                          encoding="utf-8", env=PLAIN | environment, capture_output=True,
                          check=False, stdin=subprocess.DEVNULL)  # fmt: skip


@pytest.mark.parametrize(
    "arguments",
    [
        ["relu"],
        ["relu", "--lang", "both"],
        ["正規化線形関数"],
        ["relu", "--json"],
        ["relu", "--errata"],
        ["cross", "entropy", "loss"],
        ["optimizer.momentum"],
        ["momentum.momentum"],
        ["cross-entropy", "relu"],
        ["CE"],
    ],
    ids=" ".join,
)
def test_the_quick_answer_is_the_slow_one(
    arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    """What is answered without the option parser is byte for byte what it would lead to."""
    assert answer(["explain", *arguments]) == 0
    quick = capsys.readouterr()
    assert run(["explain", *arguments]) == 0
    assert capsys.readouterr() == quick


@pytest.mark.parametrize(
    "arguments",
    [[], ["train"], ["explain"], ["explain", "relu", "--run"], ["explain", "relu", "--jsno"],
     ["explain", "zzzzz"], ["explain", "relu", "--lang"], ["explain", "relu", "--lang", "fr"],
     ["explain", "--list"], ["explain", "-h"]],
    ids=" ".join,
)  # fmt: skip
def test_everything_else_is_left_to_the_option_parser(
    arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    """And nothing has been printed by then."""
    assert answer(arguments) is None
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ([], "error: no term was given. Try: dlkit explain --list"),
        ([""], "error: no term was given. Try: dlkit explain --list"),
        (["x" * 500], "error: a term of 500 characters is too long (at most 200)."),
        (["a\x07"], "error: a term can't hold the control character U+0007."),
        (["relu", "--jsno"], "error: no such option: --jsno. See dlkit explain --help."),
        (["relu", "-x"], "error: no such option: -x. See dlkit explain --help."),
        (["relu", "--lang", "fr"], "error: --lang must be en, ja or both, not 'fr'."),
        (["relu", "--formula", "tex"],
         "error: --formula must be unicode, ascii or latex, not 'tex'."),
        (["--run"], "error: --run needs a term. Try: dlkit explain relu --run"),
        (["relu", "--run", "C999"], None),
        (["relu", "--run", "C26", "--mean"], "error: --mean needs a value."),
        (["relu", "--run", "C26", "--meen", "1"],
         "error: the experiment has no knob '--meen'. Did you mean 'mean'?"),
        (["--svg", "x.svg"], "error: no term was given. Try: dlkit explain --list"),
        (["--list", "activations"],
         "error: unknown topic 'activations'. Did you mean 'activation'?"),
        (["--search", "zzzzzz"],
         "error: no page mentions 'zzzzzz'. Try: dlkit explain --list"),
        (["--quiz"], "error: --quiz asks questions: it needs a terminal."),
        (["--new", "。"],
         "error: --new needs a term with a Latin letter or a digit: its file's name."),
        (["--lint", "nowhere.yaml"],
         "error: page 'nowhere.yaml' can't be read: No such file or directory."),
        (["--config", "nowhere.yaml"], "error: config 'nowhere.yaml' does not exist."),
    ],
    ids=str,
)  # fmt: skip
def test_bad_input_is_refused_in_a_sentence(
    arguments: list[str], message: str | None, capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path,
) -> None:  # fmt: skip
    """Exit code 2, one `error:` line, nothing on stdout."""
    monkeypatch.chdir(tmp_path)
    code = run(["explain", *arguments])
    out, err = capsys.readouterr()
    assert code == ExitCode.USAGE
    assert out == ""
    if message:
        assert err == message + "\n"
    else:
        assert err.startswith("error: ")
        assert len(err.splitlines()) == 1


def test_an_unknown_term_names_the_nearest_pages() -> None:
    """Up to three, and the exit code is that of a usage error."""
    done = dlkit("crossentropyzzzzzzzzzz")
    assert done.returncode == 2
    assert done.stderr.startswith(
        "error: there is no page for 'crossentropyzzzzzzzzzz'. Did you mean '"
    )


def test_a_guess_is_announced() -> None:
    """The page goes to stdout, the note to stderr."""
    done = dlkit("rellu")
    assert done.stderr == "note: there is no page for 'rellu'; this is 'relu'.\n"
    assert done.stdout.startswith("ReLU  [relu: ")


def test_output_without_a_terminal_is_plain_and_stable() -> None:
    """No escapes, width 80, the same bytes twice; FORCE_COLOR adds escapes, NO_COLOR wins."""
    plain = dlkit("relu").stdout
    assert "\x1b" not in plain
    assert dlkit("relu", COLUMNS="40", TERM="dumb").stdout == plain
    forced = dlkit("relu", FORCE_COLOR="1").stdout
    assert forced.replace("\x1b[1m", "").replace("\x1b[0m", "") == plain != forced
    assert dlkit("relu", FORCE_COLOR="1", NO_COLOR="1").stdout == plain


def test_a_terminal_gets_bold_headings() -> None:
    """Inside a pseudo-terminal headings are bold, unless TERM is dumb."""
    assert "\x1b[1mFormula\x1b[0m" in on_a_terminal("xterm")
    assert "\x1b" not in on_a_terminal("dumb")


def on_a_terminal(term: str) -> str:
    """What `dlkit explain relu` writes to a terminal."""
    ours, theirs = pty.openpty()
    process = subprocess.Popen([sys.executable, "-m", "dlkit", "explain", "relu"],
                               stdout=theirs, env=PLAIN | {"TERM": term})  # fmt: skip
    os.close(theirs)
    chunks = []
    try:
        while chunk := os.read(ours, 65536):
            chunks.append(chunk)
    except OSError:  # Linux ends a pseudo-terminal with an error
        pass
    os.close(ours)
    assert process.wait() == 0
    return b"".join(chunks).decode()


def test_an_ascii_output_gets_ascii() -> None:
    """Where the encoding can't hold Unicode, formulas and pictures are ASCII and nothing fails."""
    done = dlkit("relu", PYTHONIOENCODING="ascii")
    assert done.returncode == 0
    assert done.stdout.isascii()
    assert "f(x) = max(0, x)" in done.stdout


def test_a_closed_pipe_is_no_error() -> None:
    """`dlkit explain relu | head -1` ends quietly."""
    command = f"{sys.executable} -m dlkit explain relu | head -1"
    done = subprocess.run(command, shell=True, capture_output=True, text=True, check=False)  # noqa: S602
    assert done.stdout.startswith("ReLU")
    assert done.stderr == ""


def test_the_language_is_that_of_the_query() -> None:
    """Japanese words get the Japanese page; `--lang` decides otherwise."""
    assert "Passes positive inputs" not in dlkit("正規化線形関数").stdout
    assert "Passes positive inputs" in dlkit("正規化線形関数", "--lang", "en").stdout
    both = dlkit("relu", "--lang", "both").stdout
    assert "Passes positive inputs" in both
    assert "活性化関数" in both


HEAVY = """
import sys
from dlkit.cli.lookup import answer
from dlkit.cli.app import run
code = answer(sys.argv[1:])
code = run(sys.argv[1:]) if code is None else code
heavy = sorted({"torch", "torchvision", "numpy", "sklearn"} & set(sys.modules))
print("IMPORTED", *heavy, file=sys.stderr)
sys.exit(code)
"""


@pytest.mark.parametrize(
    "arguments",
    [["relu"], ["--list"], ["--search", "gradient"], ["relu", "--svg", "x.svg"], ["--random"],
     ["relu", "--html", "x.html"], ["--json", "--all"], ["--new", "focal loss"],
     ["--lint", "page.yaml"], ["--config", "config.yaml"], ["relu", "momentum"]],
    ids=" ".join,
)  # fmt: skip
def test_reading_needs_no_torch(arguments: list[str], tmp_path: Path) -> None:
    """Only `--run` imports torch and numpy."""
    (tmp_path / "config.yaml").write_text("activation: relu\n", encoding="utf-8")
    (tmp_path / "page.yaml").write_text(
        "id: page\ntopic: basics\nkind: term\nname: {en: Page, ja: 頁}\n"
        "short: {en: A page., ja: 頁。}\nbody: {en: Text., ja: 文。}\n",
        encoding="utf-8")  # fmt: skip
    done = subprocess.run([sys.executable, "-c", HEAVY, "explain", *arguments], cwd=tmp_path,
                          capture_output=True, text=True, check=False)  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert done.stderr.splitlines()[-1] == "IMPORTED"


def test_a_lookup_is_as_fast_as_an_import() -> None:
    """Cold, at most 1.5 times `import typer`; in pairs, because machines change their pace."""

    def seconds(*arguments: str) -> float:
        began = time.perf_counter()
        subprocess.run([sys.executable, *arguments], stdout=subprocess.DEVNULL, check=True)
        return time.perf_counter() - began

    pairs = [(seconds("-m", "dlkit", "explain", "relu"), seconds("-c", "import typer"))
             for _ in range(9)]  # fmt: skip
    assert median(ours / theirs for ours, theirs in pairs) <= 1.5


def test_a_claim_is_run_and_reproduces() -> None:
    """Expected, measured over seeds, condition, verdict, and the command that repeats it."""
    done = dlkit("relu", "--run", "C26", "--seeds", "3")
    assert done.returncode == 0, done.stderr
    assert "0.5 ± 0.01" in done.stdout
    assert "(3 seeds)" in done.stdout
    assert "  verdict: holds if, reproduced in " in done.stdout
    assert "  repeat: dlkit explain relu --run C26 --seeds 3\n" in done.stdout


def test_a_claim_that_does_not_reproduce_ends_with_9(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The table says NO, stderr says which, the exit code is 9; with `--json` too."""
    from dlkit.dictionary import run as running

    monkeypatch.setattr(
        running, "measure", lambda *_: {"relu": [0.4], "sigmoid": [0.0], "tanh": [0.0]}
    )
    assert run(["explain", "relu", "--run", "C26", "--seeds", "1"]) == ExitCode.CLAIM
    out, err = capsys.readouterr()
    assert "NOT reproduced" in out
    assert err == "error: C26 did not reproduce: dlkit explain relu --run C26 --seeds 1\n"
    assert run(["explain", "relu", "--run", "C26", "--seeds", "1", "--json"]) == ExitCode.CLAIM
    (result,) = json.loads(capsys.readouterr().out)
    assert (result["id"], result["reproduced"]) == ("C26", False)
    assert result["measurements"]["relu"]["median"] == 0.4


def test_errata_are_run() -> None:
    """Both forms of momentum: one climbs, one comes to rest."""
    done = dlkit("momentum", "--run", "errata")
    assert done.returncode == 0, done.stderr
    assert "printed_after_200_steps" in done.stdout


def test_json_of_everything_is_fast_and_whole() -> None:
    """One list with every page, within half a second of Python's and typer's own start."""
    began = time.perf_counter()
    done = dlkit("--json", "--all")
    seconds = time.perf_counter() - began
    records = json.loads(done.stdout)
    assert {"relu", "momentum", "cross-entropy"} <= {record["id"] for record in records}
    assert seconds < 2.0, "0.5 s on a quiet machine"


def test_html_is_one_file_that_needs_nothing_else(tmp_path: Path) -> None:
    """MathML, inline SVG, both languages; no script, and nothing that is fetched."""
    path = tmp_path / "relu.html"
    assert dlkit("relu", "--html", str(path)).stdout == f"relu written to {path}\n"
    text = path.read_text(encoding="utf-8")
    for part in ("<math", "<svg", 'lang="ja"', 'lang="en"', "<style>"):
        assert part in text
    for part in ("<script", "<link", "src="):
        assert part not in text


def test_the_site_has_a_page_for_each_term_and_a_search(tmp_path: Path) -> None:
    """Links lead to files that are there."""
    done = dlkit("--html", str(tmp_path / "site"), "--all")
    assert done.returncode == 0, done.stderr
    files = {path.name for path in (tmp_path / "site").iterdir()}
    assert {"index.html", "relu.html"} <= files
    home = (tmp_path / "site" / "index.html").read_text(encoding="utf-8")
    assert 'type="search"' in home
    assert all(part.split('"')[0] in files for part in home.split('href="')[1:])


def test_svg_is_a_picture(tmp_path: Path) -> None:
    """A well-formed file of its own."""
    path = tmp_path / "deep" / "relu.svg"
    assert dlkit("relu", "--svg", str(path)).returncode == 0
    root = xml.dom.minidom.parse(str(path)).documentElement  # noqa: S318 - our own text
    assert root.tagName == "svg"


def test_a_page_without_a_picture_says_so(capsys: pytest.CaptureFixture[str]) -> None:
    """Nothing is written, and the exit code is that of a usage error."""
    from dlkit.dictionary import index

    page = next(record["id"] for record in index.pages() if not record["plots"])
    assert run(["explain", page, "--svg", "/nowhere/x.svg"]) == ExitCode.USAGE
    assert capsys.readouterr().err == f"error: '{page}' has no picture.\n"


def test_a_file_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    """The exit code is that of storage."""
    (tmp_path / "file").write_text("", encoding="utf-8")
    done = dlkit("relu", "--svg", str(tmp_path / "file" / "x.svg"))
    assert done.returncode == ExitCode.STORAGE
    assert done.stderr.startswith(f"error: '{tmp_path}/file/x.svg' can't be written: ")


def test_a_template_passes_its_own_check(tmp_path: Path) -> None:
    """`--new` writes what `--lint` accepts and shows."""
    path = tmp_path / "focal-loss.yaml"
    path.write_text(dlkit("--new", "focal loss").stdout, encoding="utf-8")
    done = dlkit("--lint", str(path))
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("focal loss  [focal-loss: basics]\n")


def test_a_broken_contribution_is_told_file_and_line(tmp_path: Path) -> None:
    """With the source line and a caret."""
    path = tmp_path / "x.yaml"
    path.write_text("id: x\nkind: trem\n", encoding="utf-8")
    done = dlkit("--lint", str(path))
    assert done.returncode == 2
    assert f"error: {path}:2:7: 'kind': input should be " in done.stderr
    assert "  2 | kind: trem\n    |       ^\n" in done.stderr


def test_a_config_is_explained_word_by_word(tmp_path: Path) -> None:
    """In the order of the file, each key with its line, its range and default, and its page."""
    path = tmp_path / "config.yaml"
    path.write_text("activation: relu\noptimizer:\n  name: momentum\n  momentum: 0.8\n"
                    "fit: {epochs: 3}\n", encoding="utf-8")  # fmt: skip
    done = dlkit("--config", str(path))
    assert done.returncode == 0, done.stderr
    keys = [line.split("  ")[1] for line in done.stdout.splitlines() if line.startswith(str(path))]
    assert keys == ["activation: relu", "optimizer", "optimizer.name: momentum",
                    "optimizer.momentum: 0.8", "fit", "fit.epochs: 3"]  # fmt: skip
    assert "    dlkit explain relu\n" in done.stdout
    assert "    share of the velocity that is kept\n" in done.stdout
    assert "(default 0.9)\n" in done.stdout


def test_pages_are_listed_by_topic() -> None:
    """All topics, or one."""
    everything = dlkit("--list").stdout
    assert "activation: activation functions\n" in everything
    assert "optimizer: optimization\n" in everything
    one = dlkit("--list", "activation").stdout
    assert "  relu  " in one
    assert "momentum" not in one


def test_questions_are_asked_in_both_directions() -> None:
    """The right answer is among four of which the others are other pages."""
    import random

    from dlkit.cli.explain_lists import make_question
    from dlkit.dictionary import index
    from dlkit.dictionary.show import Style

    pages = index.names()["pages"].values()
    names = {page["en"] for page in pages}
    texts = {page["short"]["en"] for page in pages}
    directions = set()
    for seed in range(20):
        question, options, correct = make_question(random.Random(seed), Style())
        assert len(set(options)) == min(4, len(names))
        assert 0 <= correct < len(options)
        directions.add((question in names, set(options) <= names))
    assert directions == {(True, False), (False, True)}
    assert texts.isdisjoint(names)
