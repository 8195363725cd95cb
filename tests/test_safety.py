"""What must never stand in the code, and what must never be loaded."""

import ast
import importlib
import pickle
from collections.abc import Iterator
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file

import dlkit
from dlkit import import_weights as importing
from dlkit.errors import CheckpointError

PACKAGE = Path(dlkit.__file__).parent
FORBIDDEN = {
    "eval", "exec", "pickle.load", "pickle.loads", "yaml.load", "yaml.unsafe_load", "os.system",
    "torch.load", "shutil.unpack_archive", "extract_archive",
}  # fmt: skip


def calls(path: Path) -> Iterator[tuple[int, str, ast.Call]]:
    """Each call in a file, with its line and its dotted name."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call):
            yield node.lineno, ast.unparse(node.func), node


@pytest.mark.parametrize("path", sorted(PACKAGE.rglob("*.py")), ids=lambda path: path.stem)
def test_nothing_is_evaluated_unpickled_or_run_by_a_shell(path: Path) -> None:
    """`torch.load` stands in `import_weights` alone; no file evaluates text or starts a shell."""
    allowed = {"torch.load"} if path.name == "import_weights.py" else set()
    found = [(line, name) for line, name, _ in calls(path) if name in FORBIDDEN - allowed]
    shells = [line for line, _, call in calls(path) for keyword in call.keywords
              if keyword.arg == "shell" and ast.unparse(keyword.value) != "False"]  # fmt: skip
    assert found == []
    assert shells == []


def test_the_one_torch_load_takes_tensors_only() -> None:
    """It is called with the literal `weights_only=True`, and there is no second attempt without."""
    loads = [call for _, name, call in calls(PACKAGE / "import_weights.py") if name == "torch.load"]
    (only,) = loads
    options = {keyword.arg: ast.unparse(keyword.value) for keyword in only.keywords}
    assert options["weights_only"] == "True"


@pytest.mark.parametrize(
    "wrap", [lambda state: state, lambda state: {"state_dict": state, "epoch": 3}]
)
def test_tensors_of_a_pt_file_become_safetensors(tmp_path: Path, wrap: object) -> None:
    """A plain state dict, or one under the usual key, comes out tensor by tensor."""
    state = torch.nn.Linear(3, 2).state_dict()
    torch.save(wrap(state), tmp_path / "model.pt")  # type: ignore[operator]
    count = importing.import_weights(tmp_path / "model.pt", tmp_path / "model.safetensors")
    loaded = load_file(tmp_path / "model.safetensors")
    assert count == 2
    assert all(torch.equal(loaded[name], tensor) for name, tensor in state.items())


class Malicious:
    """Unpickled naively, it would write a file."""

    def __init__(self, target: Path) -> None:
        self.target = target

    def __reduce__(self) -> tuple[object, tuple[str]]:
        return (Path.touch, (self.target,))  # type: ignore[return-value]


def test_a_malicious_pickle_is_refused_and_not_run(tmp_path: Path) -> None:
    """Neither through torch's container nor as a bare pickle does its code run."""
    touched = tmp_path / "touched"
    torch.save({"weight": Malicious(touched)}, tmp_path / "evil.pt")
    (tmp_path / "bare.pt").write_bytes(pickle.dumps(Malicious(touched)))
    for name in ("evil.pt", "bare.pt"):
        with pytest.raises(CheckpointError, match="is not a file of plain tensors"):
            importing.import_weights(tmp_path / name, tmp_path / "out.safetensors")
    assert not touched.exists()
    assert not (tmp_path / "out.safetensors").exists()


def test_an_old_torch_is_not_trusted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Below 2.10 even `weights_only` could run code: importing is refused with the version."""
    monkeypatch.setattr(torch, "__version__", "2.9.1+cpu")
    with pytest.raises(CheckpointError) as error:
        importing.import_weights(tmp_path / "model.pt", tmp_path / "out.safetensors")
    assert str(error.value) == (
        "torch 2.9.1+cpu can be made to run code by a .pt file. Update torch to 2.10 or newer to "
        "import weights."
    )


def test_what_is_no_pt_file_is_said(tmp_path: Path) -> None:
    """Text, or nothing at all: exit code 4 and one line."""
    (tmp_path / "model.pt").write_text("hello")
    with pytest.raises(CheckpointError, match="is not a file of plain tensors"):
        importing.import_weights(tmp_path / "model.pt", tmp_path / "out.safetensors")


@pytest.mark.filterwarnings("ignore:html5lib")  # TensorBoard's own, at its import
def test_tensorboard_is_served_to_this_machine_only(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """It binds 127.0.0.1 unless told otherwise, and then it warns."""
    from dlkit.cli import tensorboard

    program = importlib.import_module("tensorboard.program")  # not the lazy stand-in of the package
    asked: list[list[str]] = []

    class Server:
        def configure(self, argv: list[str]) -> None:
            asked.append(argv)

        def launch(self) -> str:
            return "http://somewhere"

    monkeypatch.setattr(program, "TensorBoard", Server)
    monkeypatch.setattr(tensorboard, "_wait", lambda: None)
    tensorboard.command(tmp_path, port=0)
    tensorboard.command(tmp_path, port=0, host="0.0.0.0")  # noqa: S104 - the warning is what is tested
    hosts = [argv[argv.index("--host") + 1] for argv in asked]
    assert hosts == ["127.0.0.1", "0.0.0.0"]  # noqa: S104
    assert capsys.readouterr().err == "warning: 0.0.0.0 lets other machines see these runs\n"
