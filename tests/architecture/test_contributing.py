"""What CONTRIBUTING.md promises about adding an activation is tried exactly as it says."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent
CONFIG = """
data: digits
model: {name: mlp, hidden: [16]}
activation: {name: hard_tanh, limit: 2}
fit: {epochs: 1, batch_size: 256, threads: 1}
logging: {tensorboard: false, pictures: false}
"""


def snippets() -> list[str]:
    """The page's Python blocks: the function, and the line of the table."""
    page = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    section = page.split("## An activation in under ten lines")[1].split("\n## ")[0]
    return re.findall(r"```python\n(.*?)```", section, re.DOTALL)


def test_an_activation_is_added_in_under_ten_lines(tmp_path: Path) -> None:
    """The two snippets, pasted where the page says, make a working option of a config."""
    function, entry = snippets()
    assert len(function.splitlines()) + len(entry.splitlines()) < 10
    shutil.copytree(
        ROOT / "dlkit", tmp_path / "dlkit", ignore=shutil.ignore_patterns("__pycache__")
    )
    activations = tmp_path / "dlkit" / "nn" / "activations.py"
    activations.write_text(activations.read_text() + "\n\n" + function, encoding="utf-8")
    catalog = tmp_path / "dlkit" / "catalog.py"
    head, table, rest = re.split(
        r'(ACTIVATIONS = Registry\("activation", \{\n)', catalog.read_text()
    )
    catalog.write_text(head + table + entry + rest, encoding="utf-8")
    (tmp_path / "config.yaml").write_text(CONFIG, encoding="utf-8")
    arguments = ["-m", "dlkit", "train", "config.yaml", "--quiet"]
    done = subprocess.run(
        [sys.executable, *arguments], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    wrong = subprocess.run(
        [sys.executable, *arguments, "--set", "activation.limit=-1"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert wrong.returncode == 2
    assert (
        "'activation.limit' must be a finite number greater than 0, not the number -1"
        in wrong.stderr
    )
