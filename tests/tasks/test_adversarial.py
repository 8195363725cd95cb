"""The adversarial task: who moves when, what is averaged, what judges, and that it learns."""

from dataclasses import replace

import pytest
import torch
from torch import nn

from dlkit.assemble import assemble
from dlkit.catalog import LOSSES, OPTIMIZERS, SCHEDULES
from dlkit.config.load import load
from dlkit.data.batches import Batch
from dlkit.data.dataset import Data, Facts, TensorExamples, Unit
from dlkit.data.digits import digits
from dlkit.errors import DataError
from dlkit.models.gan import gan
from dlkit.optim.groups import build_optimizers
from dlkit.optim.schedules import Steps
from dlkit.tasks import features, sample_judge
from dlkit.tasks.adversarial import Adversarial
from dlkit.tasks.features import train_classifier
from dlkit.tasks.sample_quality import frechet_distance, neighbourhoods
from dlkit.tasks.sample_rivals import gaussian, rivals
from dlkit.training.engine import Engine
from dlkit.training.evaluation import evaluate
from dlkit.training.guard import Guard
from dlkit.training.part import Part
from dlkit.training.precision import Precision

CPU = torch.device("cpu")


def some_data(train=40, validation=12, test=12):
    """Images of 8x8 pixels and two classes: dark and light."""
    generator = torch.Generator().manual_seed(0)

    def split(count):
        labels = torch.arange(count) % 2
        pixels = (
            torch.randint(0, 8, (count, 1, 8, 8), generator=generator)
            + 8 * labels[:, None, None, None]
        )
        return TensorExamples(pixels.to(torch.uint8), labels)

    return Data(
        split(train),
        split(validation),
        split(test),
        Facts((1, 8, 8), 2, "classes", ("dark", "light")),
        Unit(16.0),
        "",
        "",
        white=16.0,
    )


@pytest.fixture
def few_updates(monkeypatch):
    """A feature classifier that takes no time."""
    monkeypatch.setattr(features, "UPDATES", 3)


def task(data=None, loss="gan_hinge", **options):
    torch.manual_seed(0)
    data = data or some_data()
    model = gan(data.facts, nn.ReLU, **({"channels": (4, 6), "latent": 3} | options))
    return Adversarial(model, LOSSES.load(loss)(), data)


def a_batch(count=8, seed=0):
    generator = torch.Generator().manual_seed(seed)
    return Batch(
        torch.rand(count, 1, 8, 8, generator=generator),
        torch.arange(count) % 2,
        torch.arange(count),
    )


def an_engine(the, precision="fp32", rate=0.01):
    parts = {
        name: Part(
            name,
            module,
            build_optimizers(OPTIMIZERS.load("adam"), {"learning_rate": rate}, module),
            SCHEDULES.load("constant")(Steps(10, 10)),
        )
        for name, module in the.parts().items()
    }
    return Engine(parts, Precision(precision, CPU), Guard(CPU, immediate=True))


def weights(module):
    return {name: value.clone() for name, value in module.state_dict().items()}


def same(one, other):
    return all(torch.equal(value, other[name]) for name, value in one.items())


def test_one_batch_moves_each_part_in_turn():
    """Three updates of the discriminator, then one of the generator, then the average."""
    the = task(discriminator_steps=3)
    moved = [update.part for update in the.updates(a_batch())]

    assert moved == ["discriminator"] * 3 + ["generator"]
    assert the.average.n_averaged == 1


def test_an_update_moves_its_own_part_only():
    """The discriminator's gradient stops at the images; the generator's passes through."""
    the = task(spectral_norm=False)
    for update in the.updates(a_batch()):
        part, other = the.parts()[update.part], set(the.parts()) - {update.part}
        sum(update.terms.values()).backward(inputs=list(part.parameters()))
        assert all(parameter.grad is not None for parameter in part.parameters())
        (rest,) = (the.parts()[name] for name in other)
        if update.part == "discriminator":
            assert all(parameter.grad is None for parameter in rest.parameters())


@pytest.mark.parametrize("precision", ["fp32", "bf16"])
@pytest.mark.parametrize("loss", ["non_saturating", "wasserstein"])
def test_the_generator_plays_against_the_stepped_discriminator(precision, loss):
    """Its loss is the one that the moved discriminator gives, under autocast too, where one context
    around both updates would serve the weights from before the step."""
    the = task(loss=loss, spectral_norm=False)
    engine, judged = an_engine(the, precision, rate=0.5), []
    the.model.discriminator.register_forward_pre_hook(
        lambda module, given: judged.append((given[0].detach().clone(), weights(module)))
    )

    scalars = engine.advance(the.updates(a_batch()))

    images, then = judged[-1]
    assert same(then, weights(the.model.discriminator))
    assert not same(then, judged[0][1])
    with engine.precision.autocast():
        logits = the.model.discriminator(images).float()
    torch.testing.assert_close(
        scalars["generator/adversarial"], the.loss.generator(logits).detach()
    )


def test_noise_is_fresh_for_each_update():
    """No two updates of a batch see the same generated images."""
    the, seen = task(discriminator_steps=2), []
    the.model.generator.register_forward_pre_hook(lambda _, given: seen.append(given[0]))

    list(the.updates(a_batch()))

    assert len(seen) == 3
    assert not torch.equal(seen[0], seen[1])
    assert not torch.equal(seen[1], seen[2])


def test_both_halves_at_once_are_what_each_gives_alone():
    """The discriminator's term is that of two separate passes."""
    the = task(loss="least_squares", spectral_norm=False)
    batch, made = a_batch(), []
    the.model.generator.register_forward_hook(lambda _, __, images: made.append(images))

    update = next(the.updates(batch))

    logits = [the.model.discriminator(images) for images in (batch.inputs, made[0])]
    torch.testing.assert_close(update.terms["adversarial"], the.loss.discriminator(*logits))
    torch.testing.assert_close(update.scalars["real_logit"], logits[0].mean().detach())


@pytest.mark.parametrize(
    ("loss", "terms"),
    [("gan_hinge", ["adversarial"]), ("wasserstein", ["adversarial", "gradient_penalty"])],
)
def test_terms_are_named(loss, terms):
    """The penalty is a term of its own, so that it is logged."""
    assert list(next(task(loss=loss).updates(a_batch())).terms) == terms


def test_the_average_follows_in_closed_form():
    """After t steps: 0.8^(t-1) of the first weights, 0.2 * 0.8^k of those k steps ago; statistics of
    batch norm are copied."""
    the = task(ema_decay=0.8)
    engine, history = an_engine(the), []
    for seed in range(4):
        engine.advance(the.updates(a_batch(seed=seed)))
        history.append(weights(the.model.generator))

    for name, value in the.average.module.named_parameters():
        shares = [0.8**3, 0.2 * 0.8**2, 0.2 * 0.8, 0.2]
        expected = sum(share * each[name] for share, each in zip(shares, history, strict=True))
        torch.testing.assert_close(value.detach(), expected)
    for name, value in the.average.module.named_buffers():
        assert torch.equal(value, history[-1][name])


def test_no_decay_is_no_average():
    """With 0 the samples are those of the generator itself."""
    the = task(ema_decay=0.0)
    engine = an_engine(the)
    for seed in range(2):
        engine.advance(the.updates(a_batch(seed=seed)))

    assert same(weights(the.average.module), weights(the.model.generator))


def scored(the, batches, **options):
    return evaluate(the, Precision("fp32", CPU), iter(batches), **options)


def test_scores_are_all_declared_and_repeatable(few_updates):
    """Evaluating twice gives the same figures; each has a direction; batches make no difference but
    for the noise that they draw."""
    the = task()
    first = scored(the, [a_batch(8), a_batch(6, seed=1)])

    assert first == scored(the, [a_batch(8), a_batch(6, seed=1)])
    assert set(first) == set(the.metrics)
    assert the.monitor in the.metrics
    assert the.scores() == {}  # nothing observed since


def test_the_averaged_generator_is_judged(few_updates):
    """Not the generator of the last step: other weights there change no score."""
    the = task()
    before = scored(the, [a_batch()])
    for parameter in the.model.generator.parameters():
        parameter.data.add_(1)

    assert scored(the, [a_batch()]) == before


def test_the_test_adds_distances_to_training_images(few_updates):
    """Held-out images that are training images have the distance 0; the number of images is told."""
    data = some_data()
    the = task(data)
    copies = data.normalize(data.train.inputs[:8])

    scores = scored(the, [Batch(copies, data.train.labels[:8], torch.arange(8))], thorough=True)

    assert set(scores) - set(the.metrics) == {
        "nearest_training",
        "held_out_nearest_training",
        "images",
        "draws",
    }
    assert scores["held_out_nearest_training"] == pytest.approx(0, abs=1e-3)
    assert scores["nearest_training"] > 0.5
    assert scores["images"] == 8


def test_the_test_draws_several_times(few_updates):
    """Ten draws of 12 images, together for the Fréchet distance, and the mean of what counts
    neighbours, each against the same held-out images."""
    the = task()
    with torch.inference_mode():
        the.examine(a_batch(12))
    real, drawn = the._seen[0]

    scores = the.scores()

    assert scores["draws"] == len(drawn) == 10
    together = torch.cat([each.features for each in drawn])
    assert scores["frechet"] == frechet_distance(real.features, together)
    singly = [neighbourhoods(real.features, each.features)["coverage"] for each in drawn]
    assert scores["coverage"] == pytest.approx(sum(singly) / 10)


@pytest.mark.parametrize(
    ("images", "draws"), [(6, 10), (359, 10), (1000, 4), (4001, 1), (10_000, 1)]
)
def test_many_images_are_drawn_less_often(images, draws):
    """At most 4,000 in all, but once at least."""
    assert sample_judge.draws_of(images) == draws


def test_distances_are_taken_of_some_images_only(few_updates, monkeypatch):
    """Of the first ones, over batches, so that a large test stays cheap."""
    monkeypatch.setattr("dlkit.tasks.adversarial.COMPARED", 10)
    the = task()
    for seed in range(3):
        the.examine(a_batch(6, seed))

    assert [len(fake) for fake, _ in the._kept] == [6, 4, 0]
    assert [len(real) for _, real in the._kept] == [6, 4, 0]


def test_an_interrupted_evaluation_has_no_scores(few_updates):
    """Too few images were seen: nothing is computed, and they are forgotten."""
    the = task()
    the.observe(a_batch(3))

    assert the.scores() == {}
    assert the._seen == []


@pytest.mark.parametrize(
    ("sizes", "message"),
    [
        (
            {"validation": 5},
            "the validation split holds 5 images; to compare generated images with it takes at least 6."
            " Use a larger data.validation_fraction, say.",
        ),
        (
            {"test": 1},
            "the test split holds 1 image; to compare generated images with it takes at least 6."
            " Use a larger data.test_fraction, say.",
        ),
    ],
)
def test_too_few_held_out_images_are_refused(sizes, message):
    """Six have five neighbours; none at all is fine."""
    with pytest.raises(DataError) as error:
        task(some_data(**sizes))

    assert str(error.value) == message
    task(some_data(validation=0, test=6))


def test_references_have_the_same_figures(few_updates):
    """Four rivals, as many images each as are held out, each with the scores of the test."""
    the = task()

    references = the.references()

    assert list(references) == ["noise", "one class", "gaussian", "real"]
    for scores in references.values():
        assert set(scores) == {*the.metrics, "nearest_training", "images", "draws"}
        assert scores["images"] == 12
    assert references["real"]["nearest_training"] == pytest.approx(0, abs=1e-3)
    assert references["one class"]["modes"] == 1
    assert the.references() == references


def test_previews_are_of_the_same_noise(few_updates):
    """Pictures change with the weights only, and training goes on where it was."""
    the = task()
    state = torch.get_rng_state()

    first, second = the.preview()["samples"], the.preview()["samples"]
    assert torch.equal(torch.get_rng_state(), state)
    assert the.model.generator.training
    an_engine(the).advance(the.updates(a_batch()))

    assert first.dtype == torch.uint8
    assert first.shape == (8 * 34, 2 * 8 * 34 + 16, 3)  # 64 samples, a gap, 40 real images
    assert torch.equal(first, second)
    assert not torch.equal(first, the.preview()["samples"])


def test_the_gaussian_has_the_moments_of_the_images():
    """Mean and covariance of many samples come close to those of the images, over all pixels."""
    images = torch.rand(50, 1, 2, 2, generator=torch.Generator().manual_seed(0)).cumsum(3)

    samples = gaussian(images, 40_000, generator=torch.Generator().manual_seed(1))

    torch.testing.assert_close(samples.mean(0), images.mean(0), rtol=0, atol=0.01)
    covariances = [torch.cov(each.flatten(1).T) for each in (samples, images)]
    torch.testing.assert_close(*covariances, rtol=0, atol=0.005)


def test_rivals_are_what_they_are_called():
    """One class is the most frequent one; real images are training images, none twice."""
    images = torch.rand(20, 1, 4, 4)
    labels = torch.tensor([0] * 6 + [1] * 14)

    made = rivals(images, labels, 18, seed=0)

    assert all(any(torch.equal(each, one) for one in images[6:]) for each in made["one class"])
    places = [[torch.equal(each, one) for one in images].index(True) for each in made["real"]]
    assert len(set(places)) == 18
    assert made["gaussian"].min() == 0
    assert {len(each) for each in made.values()} == {18}


def test_the_classifier_is_a_function_of_the_training_split(few_updates):
    """Same weights whatever the generators hold, and these are left as they were; no gradients."""
    data = some_data()
    torch.manual_seed(1)
    first = train_classifier(data, CPU)
    state = torch.get_rng_state()
    with torch.inference_mode(), torch.autocast("cpu", dtype=torch.bfloat16):
        second = train_classifier(data, CPU)

    assert torch.equal(torch.get_rng_state(), state)
    assert same(first.state_dict(), second.state_dict())
    assert not any(parameter.requires_grad for parameter in second.parameters())
    embedded = second.embed(data.normalize(data.test.inputs))
    assert embedded.features.shape == (12, 64)
    assert embedded.features.dtype == torch.float32


def test_the_classifier_knows_the_digits():
    """At least 97 % of held-out digits: features of a network that cannot tell them say nothing."""
    data = digits()
    data = replace(data, normalize=Unit(data.white))

    embedded = sample_judge.Judge(data, CPU).embed(data.normalize(data.test.inputs))

    assert (embedded.classes == data.test.labels).float().mean() >= 0.97


LEARNING = """
data: {name: digits, validation_fraction: 0}
model: {name: gan, latent: 16, channels: [32, 64], ema_decay: 0.97, initialisation: default}
loss: non_saturating
optimizer:
  generator: {name: adam, learning_rate: 0.002, betas: [0.0, 0.99]}
  discriminator: {name: adam, learning_rate: 0.004, betas: [0.0, 0.99]}
fit: {epochs: 12, batch_size: 64, seed: 1}
"""


def test_it_learns_the_digits(tmp_path):
    """After 276 updates, some seconds, its images are at most half as far from held-out digits as those of a Gaussian
    with the training images' mean and covariance, and all ten digits are there; at the start they
    were further away than noise."""
    path = tmp_path / "gan.yaml"
    path.write_text(LEARNING, encoding="utf-8")
    assembly = assemble(load(path), lambda event: None)
    the, test = assembly.task, assembly.test

    start = scored(the, test())
    assembly.loop.run()
    scores, references = scored(the, test(), thorough=True), the.references()

    assert start["frechet"] > references["noise"]["frechet"]
    assert (
        references["real"]["frechet"] < scores["frechet"] < 0.5 * references["gaussian"]["frechet"]
    )
    assert scores["coverage"] > 1.2 * references["gaussian"]["coverage"]
    assert scores["modes"] == 10
    assert scores["nearest_training"] > 0.5 * scores["held_out_nearest_training"]
