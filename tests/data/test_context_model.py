"""The counting rivals of a language model, on texts whose entropy is known."""

import math

import pytest
import torch
from torch import Tensor

from dlkit.data.context_model import rivals


def parts(tokens: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    n = len(tokens)
    return tokens[: n * 8 // 10], tokens[n * 8 // 10 : n * 9 // 10], tokens[n * 9 // 10 :]


def test_a_text_without_memory_costs_its_entropy() -> None:
    """Independent tokens with probabilities 1/2, 1/4, 1/8, 1/8: 1.75 bits, with context or without."""
    odds = torch.tensor([0.5, 0.25, 0.125, 0.125])
    draws = torch.multinomial(odds, 60_000, True, generator=torch.Generator().manual_seed(0))
    scores = rivals(*parts(draws), size=4)
    assert scores["unigram"]["bits"] == pytest.approx(1.75, abs=0.02)
    assert scores["4-character context"]["bits"] == pytest.approx(1.75, abs=0.03)


def test_a_context_tells_what_a_single_token_cannot() -> None:
    """Each token is the one before, but for one in ten: H(0.1) bits of the next, 1 bit of each alone."""
    turns = torch.rand(60_000, generator=torch.Generator().manual_seed(0)) < 0.1
    scores = rivals(*parts(turns.cumsum(0) % 2), size=2)
    entropy = -0.1 * math.log2(0.1) - 0.9 * math.log2(0.9)
    assert scores["unigram"]["bits"] == pytest.approx(1.0, abs=0.02)
    assert scores["4-character context"]["bits"] == pytest.approx(entropy, abs=0.02)


def test_the_probabilities_are_those_of_the_recursion() -> None:
    """A text counted by hand: the mixture of all orders, one token after the other."""
    train, test = torch.tensor([0, 1, 0, 1, 1, 0, 1]), torch.tensor([0, 1, 1])
    text = [*train.tolist(), *test.tolist()]

    def probability(token: int, place: int, order: int) -> float:
        if order < 0:
            return 1 / 3
        context = [3] * max(0, order - place) + text[max(0, place - order) : place]
        contexts = [
            ([3] * max(0, order - i) + text[max(0, i - order) : i], text[i])
            for i in range(len(train))
        ]
        seen = sum(each == context for each, _ in contexts)
        hits = sum(each == (context, token) for each in contexts)
        return (hits + 5 * probability(token, place, order - 1)) / (seen + 5)

    places = [len(train) + 1, len(train) + 2]  # the first token of the test part is given
    scores = rivals(train, torch.empty(0, dtype=torch.int64), test, size=3)
    for name, order in (("unigram", 0), ("4-character context", 4)):
        bits = [-math.log2(probability(text[place], place, order)) for place in places]
        assert scores[name]["bits"] == pytest.approx(sum(bits) / 2)
