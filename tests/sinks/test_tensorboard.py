"""What TensorBoard finds in the files, read back with its own reader."""

import sys
import warnings
from types import ModuleType

import numpy
import pytest
import torch
from PIL import Image
from torch import nn

from dlkit import events as happened
from dlkit.sinks.tensorboard import TensorBoard

CONFIG = {"model": {"name": "cnn"}}


def board(folder, resume_step=None, warn=None, config=None):
    def unexpected(message):
        raise AssertionError(message)

    return TensorBoard(
        folder,
        resume_step=resume_step,
        config=config or CONFIG,
        warn=warn or unexpected,
    )


def write(folder, events, **options):
    sink = board(folder, **options)
    for event in events:
        sink.handle(event)
    sink.close()


@pytest.fixture
def written():
    """Reads a run folder's event files as TensorBoard does."""
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    def read(folder):
        every = {"scalars": 0, "images": 0, "histograms": 0, "tensors": 0}
        return EventAccumulator(str(folder / "tensorboard"), size_guidance=every).Reload()

    return read


def points(accumulator, tag):
    return [(each.step, pytest.approx(each.value)) for each in accumulator.Scalars(tag)]


def test_scalars_have_the_names_and_steps_of_their_events(tmp_path, written, recorded):
    """Losses, rates, norms by step, scores by epoch, test scores at the step of their weights."""
    write(tmp_path, recorded)
    found = written(tmp_path)
    assert set(found.Tags()["scalars"]) == {
        "loss",
        "gradient_norm",
        "learning_rate",
        "weight_norm",
        "train/loss",
        "train/gradient_norm",
        "validation/loss",
        "validation/accuracy",
        "test/loss",
        "test/accuracy",
    }
    steps = [event for event in recorded if isinstance(event, happened.StepDone)]
    assert points(found, "loss") == [(event.step, event.scalars["loss"]) for event in steps]
    epochs = [event for event in recorded if isinstance(event, happened.EpochDone)]
    assert points(found, "validation/accuracy") == [
        (event.step, event.scores["validation/accuracy"]) for event in epochs
    ]
    assert points(found, "test/accuracy") == [(360, 0.981)]
    assert [path.name for path in tmp_path.iterdir()] == ["tensorboard"]
    assert all(path.is_file() for path in (tmp_path / "tensorboard").iterdir())


def test_the_config_is_a_text(tmp_path, written, recorded):
    """As a code block of Markdown: every line indented by four."""
    write(tmp_path, recorded)
    (entry,) = written(tmp_path).Tensors("config/text_summary")
    assert entry.step == 0
    assert entry.tensor_proto.string_val[0].decode() == "    model:\n      name: cnn"


def test_after_resuming_later_steps_are_hidden(tmp_path, written):
    """The first session reached step 30, the checkpoint was of 20: 30 counts once, as resumed."""
    first = [happened.StepDone(step, 1, step, {"loss": 1.0}) for step in (10, 20, 30)]
    write(tmp_path, first)
    second = [happened.StepDone(step, 1, step, {"loss": 2.0}) for step in (30, 40)]
    write(tmp_path, second, resume_step=20)
    assert points(written(tmp_path), "loss") == [(10, 1.0), (20, 1.0), (30, 2.0), (40, 2.0)]


def test_a_histogram_keeps_its_edges_and_counts(tmp_path, written):
    """Three values between -1 and 0, four between 0 and 2."""
    event = happened.HistogramTaken(5, "fc.weight", (-1.0, 0.0, 2.0), (3, 4), 2.5, 6.5)
    write(tmp_path, [event])
    (found,) = written(tmp_path).Histograms("fc.weight")
    value = found.histogram_value
    assert found.step == 5
    assert (value.min, value.max, value.num, value.sum, value.sum_squares) == (-1, 2, 7, 2.5, 6.5)
    assert (value.bucket_limit, value.bucket) == ([0, 2], [3, 4])


@pytest.mark.parametrize("mode", ["RGB", "L", "RGBA"])
def test_a_picture_is_shown_pixel_for_pixel(tmp_path, written, mode):
    """The PNG comes through as RGB, whatever its mode."""
    import io

    pixels = numpy.arange(2 * 3 * 3, dtype=numpy.uint8).reshape(2, 3, 3)  # (H, W, 3)
    picture = Image.fromarray(pixels).convert(mode)
    (tmp_path / "pictures").mkdir()
    picture.save(tmp_path / "pictures/a.png")
    write(tmp_path, [happened.PictureSaved(7, "predictions", "pictures/a.png")])
    (found,) = written(tmp_path).Images("predictions")
    assert (found.step, found.height, found.width) == (7, 2, 3)
    shown = Image.open(io.BytesIO(found.encoded_image_string))
    assert numpy.array_equal(numpy.asarray(shown), numpy.asarray(picture.convert("RGB")))


def sessions(folder):
    """What the HPARAMS tab shows of the runs under `folder`: columns, and a row each."""
    from tensorboard import context
    from tensorboard.backend.event_processing.data_provider import MultiplexerDataProvider
    from tensorboard.backend.event_processing.plugin_event_multiplexer import EventMultiplexer
    from tensorboard.plugins import base_plugin
    from tensorboard.plugins.hparams import api_pb2, backend_context, list_session_groups

    runs = EventMultiplexer().AddRunsFromDirectory(str(folder)).Reload()
    tab = backend_context.Context(
        base_plugin.TBContext(data_provider=MultiplexerDataProvider(runs, str(folder)))
    )
    here = context.RequestContext()
    columns = tab.experiment_from_metadata(here, "", True, tab.hparams_metadata(here, ""), [])
    every = [api_pb2.STATUS_SUCCESS, api_pb2.STATUS_UNKNOWN, api_pb2.STATUS_RUNNING]
    request = api_pb2.ListSessionGroupsRequest(
        start_index=0, slice_size=10, allowed_statuses=every, include_metrics=True
    )
    groups = list_session_groups.Handler(here, tab, "", request).run().session_groups
    return {info.name for info in columns.hparam_infos}, {group.name: group for group in groups}


def test_the_hparams_tab_lists_every_run_with_its_test_scores(tmp_path, recorded):
    """Two models with different options: each has its row, and each option its column."""
    write(
        tmp_path / "a",
        recorded,
        config={"model": {"name": "cnn", "depth": 3}, "logging": {"every": 5}},
    )
    write(
        tmp_path / "b",
        recorded[:4],
        config={"model": {"name": "mlp", "widths": [64, 32], "dropout": None}},
    )
    columns, rows = sessions(tmp_path)
    assert columns == {"model.name", "model.depth", "model.widths"}
    assert set(rows) == {"a/tensorboard", "b/tensorboard"}
    first = rows["a/tensorboard"]
    assert first.hparams["model.name"].string_value == "cnn"
    assert first.hparams["model.depth"].number_value == 3
    assert rows["b/tensorboard"].hparams["model.widths"].string_value == "[64, 32]"
    scores = {each.name.tag: each.value for each in first.metric_values}
    assert scores["test/accuracy"] == pytest.approx(0.981)
    from tensorboard.plugins.hparams import api_pb2

    assert first.sessions[0].status == api_pb2.STATUS_SUCCESS
    assert rows["b/tensorboard"].sessions[0].status == api_pb2.STATUS_UNKNOWN


def test_a_graph_does_not_change_the_run(tmp_path, written):
    """The model keeps its mode and its batch norm's statistics, the random state is as before."""
    model = nn.Sequential(nn.Linear(3, 4), nn.BatchNorm1d(4), nn.Dropout(0.5), nn.Linear(4, 2))
    model[1].eval()
    before = {name: value.clone() for name, value in model.state_dict().items()}
    modes = [module.training for module in model.modules()]
    torch.manual_seed(0)
    expected = torch.rand(3)
    torch.manual_seed(0)
    sink = board(tmp_path)
    sink.graph(model, torch.zeros(5, 3))
    sink.close()
    assert torch.equal(torch.rand(3), expected)
    assert [module.training for module in model.modules()] == modes
    assert all(torch.equal(value, before[name]) for name, value in model.state_dict().items())
    nodes = [node.name for node in written(tmp_path).Graph().node]
    assert any("Linear[0]" in name for name in nodes)


def test_a_model_that_cannot_be_traced_is_a_warning_and_no_more(tmp_path, written, capsys):
    """Scalars are written after it, and stdout stays clean."""

    class Untraceable(nn.Module):
        def forward(self, inputs):
            raise RuntimeError("no such thing")

    said = []
    sink = board(tmp_path, warn=said.append)
    sink.graph(Untraceable(), torch.zeros(1))
    sink.handle(happened.StepDone(1, 1, 1.0, {"loss": 0.5}))
    sink.close()
    assert said == ["No graph in TensorBoard: no such thing"]
    assert points(written(tmp_path), "loss") == [(1, 0.5)]
    assert capsys.readouterr().out == ""


@pytest.fixture
def broken(monkeypatch):
    """An install without TensorBoard's package, as torch sees it."""

    def install(module):
        monkeypatch.setitem(sys.modules, "torch.utils.tensorboard", module)

    return install


def test_a_broken_install_is_one_warning(tmp_path, recorded, broken):
    """Training goes on: every event is taken, closing works, nothing is written."""
    broken(None)  # makes the import fail
    said = []
    write(tmp_path, recorded, warn=said.append)
    assert said == [
        "TensorBoard is off, the training goes on: import of torch.utils.tensorboard halted; "
        "None in sys.modules"
    ]
    assert list(tmp_path.iterdir()) == []


def test_a_writer_that_fails_late_is_one_warning(tmp_path, recorded, broken):
    """Not only imports break: a mismatched protobuf raises a TypeError of many lines."""

    class SummaryWriter:
        def __init__(self, *_, **__):
            raise TypeError("Descriptors cannot be created directly.\nMore\nand more.")

    module = ModuleType("torch.utils.tensorboard")
    module.SummaryWriter = SummaryWriter
    broken(module)
    said = []
    write(tmp_path, recorded, warn=said.append)
    assert said == [
        "TensorBoard is off, the training goes on: Descriptors cannot be created directly."
    ]


def test_a_missing_picture_is_one_warning(tmp_path):
    """A picture that is gone ends this sink, not the run."""
    said = []
    write(tmp_path, [happened.PictureSaved(1, "a", "gone.png")] * 2, warn=said.append)
    assert len(said) == 1
    assert said[0].endswith(f"No such file or directory: '{tmp_path}/gone.png'")


def test_nothing_is_written_before_there_is_something_to_show(tmp_path, recorded):
    """Neither making the sink nor the start of the run opens a file; closing it is no error."""
    sink = board(tmp_path)
    sink.handle(recorded[0])
    sink.handle(happened.Warned(0, "w"))
    sink.close()
    assert list(tmp_path.iterdir()) == []


def test_steps_are_in_the_file_before_a_checkpoint_is_saved(tmp_path, written):
    """Killed after the checkpoint, TensorBoard has all the steps up to it."""
    sink = board(tmp_path)
    for step in range(1, 6):
        sink.handle(happened.StepDone(step, 1, step, {"loss": 1.0}))
    sink.handle(happened.CheckpointDue(5, "every_steps"))
    assert len(points(written(tmp_path), "loss")) == 5
    sink.close()


def test_an_interruption_before_the_first_step_writes_nothing(tmp_path, recorded):
    """Neither a checkpoint nor an interrupted end is worth importing TensorBoard for."""
    stopped = happened.Stopped(0, "interrupted", "SIGINT", 0)
    write(tmp_path, [recorded[0], happened.CheckpointDue(0, "SIGINT"), stopped])
    assert list(tmp_path.iterdir()) == []


def test_a_diverging_loss_is_written_as_it_is(tmp_path, written):
    """Not-a-number is a value that TensorBoard can show, and no warning of numpy's."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        write(tmp_path, [happened.StepDone(1, 1, 1.0, {"loss": float("nan")})])
    (point,) = written(tmp_path).Scalars("loss")
    assert numpy.isnan(point.value)
