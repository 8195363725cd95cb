"""Language models: what is minimised and measured, what is carried over, and what is written."""

import math
from collections.abc import Iterator
from pathlib import Path

import pytest
import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy

from dlkit.assemble import assemble
from dlkit.config.load import load
from dlkit.data.batches import Batch, evaluation_batches, training_batches
from dlkit.data.copy import copy_task
from dlkit.data.dataset import Data, Facts
from dlkit.data.stream import IGNORED, Stream
from dlkit.models.recurrent import gru, lstm, rnn
from dlkit.tasks.tokens import Tokens, sample
from dlkit.training.evaluation import evaluate
from dlkit.training.precision import Precision

CPU = torch.device("cpu")
K = 5


def random_text(n: int = 401, chunk: int = 10, classes: tuple[str, ...] = tuple("abcde")) -> Data:
    tokens = torch.randint(0, K, (n,), generator=torch.Generator().manual_seed(0))
    parts = (Stream(part, chunk) for part in tokens.split([n // 2, n // 4, n - n // 2 - n // 4]))
    return Data(*parts, Facts((chunk,), K, "tokens", classes), None, "", "")


def task(data: Data, model: str = "lstm", **options: object) -> Tokens:
    torch.manual_seed(0)
    build = {"rnn": rnn, "lstm": lstm, "gru": gru}[model]
    network = build(data.facts, nn.Identity, hidden=6, layers=2, **options)  # type: ignore[operator]
    return Tokens(network, nn.CrossEntropyLoss(), data)


def batches(data: Data, epoch: int = 0) -> Iterator[Batch]:
    return training_batches(data.train, seed=0, epoch=epoch, batch_size=4, device=CPU)


def scored(task: Tokens, part: Stream, size: int = 4) -> dict[str, float]:
    batches = evaluation_batches(part, batch_size=size, device=CPU)
    return evaluate(task, Precision("fp32", CPU), batches) or {}


class Constant(nn.Module):
    """The same logits `(K,)` at every step; a state that counts the steps."""

    sample_length, temperature, prompt = 20, 1.0, ""

    def __init__(self, logits: Tensor) -> None:
        super().__init__()
        self.logits = nn.Parameter(logits)

    def initial_state(self, batch: int) -> tuple[Tensor]:
        return (torch.zeros(1, batch, 1),)

    def steps(self, inputs: Tensor, state: tuple[Tensor]) -> tuple[Tensor, tuple[Tensor]]:
        return self.logits.expand(*inputs.shape, -1), (state[0] + inputs.shape[1],)

    def forward(self, inputs: Tensor) -> Tensor:
        return self.logits.expand(*inputs.shape, -1)


@pytest.mark.parametrize("model", ["rnn", "lstm", "gru"])
def test_chunks_with_a_carried_state_are_one_long_forward_pass(model: str) -> None:
    """The loss of each chunk is that of the same steps when the readers read without a pause."""
    data = random_text()
    network = task(data, model)
    chunks = list(batches(data))
    losses = [next(network.updates(batch)).terms["loss"] for batch in chunks]
    whole, _ = network.model.steps(torch.cat([batch.inputs for batch in chunks], 1))
    targets = torch.cat([batch.targets for batch in chunks], 1)  # (4, 50)
    each = cross_entropy(whole.transpose(1, 2), targets, reduction="none")  # (4, 50)
    expected = each.unflatten(1, (-1, 10)).mean((0, 2))
    torch.testing.assert_close(torch.stack(losses), expected)


def test_gradients_stop_at_the_beginning_of_a_chunk() -> None:
    """The gradient of a chunk is that of a forward pass which begins with the carried numbers."""
    data = random_text()
    network = task(data)
    first, second, *_ = batches(data)
    next(network.updates(first))
    next(network.updates(second)).terms["loss"].backward()
    gradients = [each.grad.clone() for each in network.model.parameters()]
    network.model.zero_grad()
    with torch.no_grad():
        _, state = network.model.steps(first.inputs)
    outputs, _ = network.model.steps(second.inputs, state)
    cross_entropy(outputs.flatten(0, 1), second.targets.flatten()).backward()
    torch.testing.assert_close(gradients, [each.grad for each in network.model.parameters()])


def test_a_new_epoch_begins_without_a_state() -> None:
    """Its readers begin elsewhere, so that the first chunk is read as by a new network."""
    data = random_text(421)
    network = task(data)
    assert data.train.training_order(0, 0, 4)[0][0] != data.train.training_order(0, 2, 4)[0][0]
    for batch in batches(data, epoch=0):
        next(network.updates(batch))
    (again, *_), (fresh, *_) = batches(data, epoch=2), batches(data, epoch=2)
    later = next(network.updates(again)).terms["loss"]
    assert torch.equal(later, next(task(data).updates(fresh)).terms["loss"])


def test_an_evaluation_leaves_the_training_state_alone() -> None:
    """And begins without a state itself: its scores are those of a network that never trained."""
    data = random_text()
    network = task(data)
    next(network.updates(next(iter(batches(data)))))
    before = {k: v.clone() for k, v in network.companions()["carried"].state_dict().items()}
    scores = scored(network, data.validation)
    after = network.companions()["carried"].state_dict()
    assert all(torch.equal(before[name], after[name]) for name in before)
    assert scores == scored(task(data), data.validation) == scored(network, data.validation)


def test_an_evaluation_is_one_long_forward_pass() -> None:
    """Each reader's state is carried, and the last reads on alone to the end."""
    data = random_text()
    network = task(data)
    outputs, _ = network.model.steps(data.test.tokens[None, :-1])
    expected = cross_entropy(outputs[0], data.test.tokens[1:]).item()
    assert scored(network, data.test, size=1)["loss"] == pytest.approx(expected, rel=1e-5)


def test_the_readers_of_an_evaluation_share_the_text(monkeypatch: pytest.MonkeyPatch) -> None:
    """Three of them read 30 tokens each, from nothing; the last goes on with the ten that remain."""
    monkeypatch.setattr("dlkit.data.stream.TOKENS_A_READER", 30)
    data = random_text()
    network, tokens = task(data), data.test.tokens
    passes = [(0, 30), (30, 60), (60, 100)]
    outputs = [network.model.steps(tokens[None, a:b])[0][0] for a, b in passes]
    expected = cross_entropy(torch.cat(outputs), tokens[1:].long()).item()
    assert scored(network, data.test)["loss"] == pytest.approx(expected, rel=1e-5)


def test_a_uniform_guess_costs_the_logarithm_of_the_vocabulary() -> None:
    """log2 K bits, ln K nats, a perplexity of K."""
    data = random_text()
    scores = scored(Tokens(Constant(torch.zeros(K)), nn.CrossEntropyLoss(), data), data.test)
    assert scores["bits"] == pytest.approx(math.log2(K))
    assert scores["loss"] == pytest.approx(math.log(K))
    assert scores["perplexity"] == pytest.approx(K)


def test_a_fixed_guess_costs_the_cross_entropy_of_the_text() -> None:
    """Whatever the context; the accuracy is the share of the likeliest token. Each counts once."""
    data = random_text()
    odds = torch.tensor([0.1, 0.4, 0.2, 0.2, 0.1])
    scores = scored(Tokens(Constant(odds.log()), nn.CrossEntropyLoss(), data), data.test)
    truth = data.test.tokens[1:]
    assert scores["bits"] == pytest.approx(-odds[truth].log2().mean().item(), rel=1e-6)
    assert scores["accuracy"] == pytest.approx((truth == 1).float().mean().item())
    assert set(scores) == set(Tokens.metrics)


def test_a_hopeless_guess_is_infinitely_perplexed() -> None:
    """A network that has diverged gives scores, not an overflow."""
    data = random_text()
    hopeless = Constant(torch.tensor([1e6, 0, 0, 0, 0]))
    assert (
        scored(Tokens(hopeless, nn.CrossEntropyLoss(), data), data.test)["perplexity"] == math.inf
    )


def test_label_smoothing_changes_the_loss_and_not_the_bits() -> None:
    """Bits are a code length, whatever is minimised."""
    data, odds = random_text(), torch.tensor([0.1, 0.4, 0.2, 0.2, 0.1])
    plain, smooth = (
        scored(
            Tokens(Constant(odds.log()), nn.CrossEntropyLoss(label_smoothing=s), data), data.test
        )
        for s in (0.0, 0.2)
    )
    assert plain["bits"] == smooth["bits"]
    assert plain["loss"] == pytest.approx(plain["bits"] * math.log(2))
    spread = -odds.log().mean().item()
    assert smooth["loss"] == pytest.approx(0.8 * plain["loss"] + 0.2 * spread)


def test_steps_that_ask_for_nothing_do_not_count() -> None:
    """Of the copy task only the recall: with logits for the blank, all of it is wrong."""
    data = copy_task(symbols=3, length=4, delay=5, examples=12, test_examples=6)
    always_blank = Tokens(Constant(torch.tensor([0.0, 0, 0, 1, 0])), nn.CrossEntropyLoss(), data)
    batch = next(batches(data))
    update = next(always_blank.updates(batch))
    assert update.scalars["accuracy"] == 0
    assert update.terms["loss"].item() == pytest.approx(math.log(4 + math.e), rel=1e-6)
    assert scored(always_blank, data.test)["loss"] == pytest.approx(math.log(4 + math.e))
    assert (batch.targets != IGNORED).sum() == 4 * 4


def test_sequences_that_do_not_follow_one_another_carry_nothing() -> None:
    """Every example of the copy task begins anew, and there is nothing to save or to write."""
    data = copy_task(symbols=3, length=4, delay=5, examples=40)
    network = task(data)
    first, second, *_ = batches(data)
    next(network.updates(first))
    later = next(network.updates(second)).terms["loss"]
    assert torch.equal(later, next(task(data).updates(second)).terms["loss"])
    assert network.companions() == {}
    assert network.texts() == {}


@pytest.mark.parametrize("temperature", [0.5, 1.0, 2.0])
def test_samples_are_drawn_from_the_tempered_distribution(temperature: float) -> None:
    """Shares of 4,000 draws are softmax(logits / temperature), within four standard deviations."""
    logits = torch.tensor([0.0, 1.0, 2.0, -1.0, 0.5])
    drawn = sample(Constant(logits), [0], 4000, temperature=temperature)
    assert len(drawn) == 4001
    shares = torch.tensor(drawn[1:]).bincount(minlength=K) / 4000
    odds = (logits / temperature).softmax(0)
    assert ((shares - odds).abs() < 4 * (odds * (1 - odds) / 4000).sqrt()).all()


def test_a_cold_sample_is_certain() -> None:
    """Near a temperature of 0 the likeliest token is always drawn."""
    assert set(sample(Constant(torch.tensor([0.0, 1, 2, 0, 0])), [4], 50, temperature=0.01)) == {
        2,
        4,
    }


def test_what_is_not_possible_is_not_drawn() -> None:
    """However likely the network thinks it."""
    possible = torch.tensor([True, True, False, True, True])
    drawn = sample(Constant(torch.tensor([0.0, 0, 9, 0, 0])), [0], 200, possible=possible)
    assert set(drawn) == {0, 1, 3, 4}


def test_a_sample_reads_its_prompt_and_carries_its_state() -> None:
    """Each draw is of the network's outputs after all tokens before it."""
    network = task(random_text()).model
    tokens = sample(network, [3, 1], 6, temperature=0.01)
    for place in range(2, 8):
        outputs, _ = network.eval().steps(torch.tensor([tokens[:place]]))
        assert tokens[place] == outputs[0, -1].argmax()


def test_a_text_is_written_after_its_prompt_and_the_mode_stays() -> None:
    """The same text every time, without unknown tokens, whatever the generator was; dropout is off."""
    data = random_text(classes=("a", "b", "c", "\n", "<unknown>"))
    network = task(data, prompt="ab", sample_length=30, temperature=2.0, dropout=0.5)
    (text,) = network.texts().values()
    torch.manual_seed(7)
    assert network.texts() == {"sample": text}
    assert text.startswith("ab")
    assert len(text) == 32
    assert set(text) <= set("abc\n")
    assert network.model.training
    assert task(data, sample_length=3).texts()["sample"].startswith("\n")


SOURCE = """
data: {name: text, file: words.txt, chunk: 20, test_fraction: 0.1}
model: {name: lstm, hidden: 32, embedding: 8, sample_length: 40}
optimizer: {name: adamw, learning_rate: 0.01}
schedule: one_cycle
regularization: {clip_norm: 1.0}
fit: {epochs: 4, batch_size: 16, seed: 0}
"""


def test_a_network_learns_a_source_down_to_its_entropy(tmp_path: Path) -> None:
    """Four words of five letters and a blank, drawn at random: 2 bits a word, 1/3 a character; a broken
    state, a shift by the wrong number of steps, or a model without context can't come near."""
    words = ["abcde ", "badce ", "ecabd ", "edcba "]
    drawn = torch.randint(0, 4, (5000,), generator=torch.Generator().manual_seed(0)).tolist()
    (tmp_path / "words.txt").write_text("".join(words[each] for each in drawn), encoding="utf-8")
    (tmp_path / "config.yaml").write_text(SOURCE, encoding="utf-8")
    assembly = assemble(load(tmp_path / "config.yaml"), lambda event: None)
    assembly.loop.run()
    assert assembly.test is not None
    scores = evaluate(assembly.task, assembly.loop.engine.precision, assembly.test()) or {}
    assert scores["bits"] < 0.36
    assert set(assembly.task.texts()["sample"].split()) <= {word.strip() for word in words} | {
        assembly.task.texts()["sample"].split()[-1]
    }
