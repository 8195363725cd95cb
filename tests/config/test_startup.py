"""A config is answered at once, and without torch."""

import os
import resource
import subprocess
import sys
from pathlib import Path

import dlkit

BAD = "data: digits\nmodel: resnt\nfit: {epochs: ten, epoch: 3}\noptimizer: {learning_rate: -1}\n"
CODE = """
import sys
from pathlib import Path
from dlkit.config.load import load
from dlkit.errors import ConfigError
try:
    load(Path("c.yaml"))
except ConfigError as error:
    print(len(error.problems))
print(sorted({name.partition(".")[0] for name in sys.modules} & {"torch", "torchvision", "numpy"}))
"""


def in_new_process(code: str) -> str:
    """What the code prints in an interpreter of its own."""
    environment = {**os.environ, "PYTHONPATH": str(Path(dlkit.__file__).parents[1])}
    command = [sys.executable, "-c", code]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    return done.stdout


def children_seconds() -> float:
    """Processor seconds of the processes that have ended so far."""
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def test_a_bad_config_is_answered_without_torch_within_half_a_second():
    """Interpreter, imports and checks together, in seconds of the processor: the wall may be busy."""
    Path("c.yaml").write_text(BAD)
    seconds = []
    for _ in range(5):
        start = children_seconds()
        assert in_new_process(CODE) == "4\n[]\n"
        seconds.append(children_seconds() - start)
    assert min(seconds) < 0.5


def test_a_good_config_needs_no_torch_either():
    """All sections, a regularizer of every kind, and the resolved config."""
    Path("c.yaml").write_text(
        "data: digits\nmodel: cnn\nloss: cross_entropy\nearly_stopping: patience\nregularization: "
        "{l1: 0.1, l2: 0.1, weight_decay: 0.1, dropout: 0.1, batch_norm: true, "
        "label_smoothing: 0.1, clip_norm: 1, clip_value: 1, augmentation: 1, weight_averaging: 0.9}\n"
    )
    code = CODE.replace('load(Path("c.yaml"))', 'route(load(Path("c.yaml"))).model.resolved()')
    assert in_new_process("from dlkit.config.routing import route\n" + code) == "[]\n"


def test_the_package_itself_imports_nothing():
    """`import dlkit.config` pays for neither pydantic nor YAML; the command's help relies on it."""
    code = "import sys, dlkit.config; print({'pydantic', 'yaml', 'torch'} & set(sys.modules))"
    assert in_new_process(code) == "set()\n"
