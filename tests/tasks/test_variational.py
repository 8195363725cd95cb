"""The variational task: what is minimised, measured, bounded, compared and shown."""

import math

import pytest
import torch
from torch import Tensor, distributions, nn

from dlkit.data.batches import Batch, evaluation_batches
from dlkit.data.dataset import Data, Facts, TensorExamples, Unit
from dlkit.models.vae import vae
from dlkit.nn.priors import StandardNormal
from dlkit.nn.variational import Gaussian
from dlkit.tasks.importance import importance_bound
from dlkit.tasks.latent_pictures import grid_codes
from dlkit.tasks.pictures import unit_grid
from dlkit.tasks.variational import Variational
from dlkit.training.evaluation import evaluate
from dlkit.training.precision import Precision

CPU = torch.device("cpu")
FACTS = Facts((1, 4, 4), 2, "classes")


def data(train: Tensor | None = None, test: Tensor | None = None) -> Data:
    """Grey noise of 16 steps, unless images are given."""
    noise = torch.randint(0, 17, (60, 1, 4, 4), generator=torch.Generator().manual_seed(0)).byte()
    train, test = noise[:40] if train is None else train, noise[40:] if test is None else test
    splits = (TensorExamples(each, torch.zeros(len(each)).long()) for each in (train, test, test))
    return Data(*splits, FACTS, Unit(16.0), "", "", white=16.0)


def task(images: Data | None = None, **options: object) -> Variational:
    torch.manual_seed(0)
    network = vae(FACTS, nn.Tanh, **{"latent": 3, "hidden": [8], **options})
    return Variational(network, None, images or data())


def batches(task: Variational, split: str = "test", size: int = 7) -> list[Batch]:
    examples = getattr(task.data, split)
    return list(
        evaluation_batches(examples, batch_size=size, device=CPU, normalize=task.data.normalize)
    )


def scored(task: Variational, *, thorough: bool = False, size: int = 7, seed: int = 0):
    found = iter(batches(task, size=size))
    return evaluate(task, Precision("fp32", CPU), found, seed=seed, thorough=thorough) or {}


def test_the_terms_are_those_of_torchs_distributions():
    """Minus the log-likelihood given one drawn code, and the divergence, each a mean over images."""
    variational = task(binarise="threshold")
    [batch, *_] = batches(variational)
    images = (batch.inputs > 0.5).float()
    torch.manual_seed(1)
    [update] = variational.updates(batch)

    mean, log_variance = variational.model.encode(images)
    code = distributions.Normal(mean, (0.5 * log_variance).exp())
    torch.manual_seed(1)
    pixels = distributions.Bernoulli(logits=variational.model.decode(code.rsample()))
    divergence = distributions.kl_divergence(code, distributions.Normal(0.0, 1.0)).sum(1)
    assert torch.allclose(
        update.terms["reconstruction"], -pixels.log_prob(images).sum((1, 2, 3)).mean()
    )
    assert torch.allclose(update.terms["kl"], divergence.mean())
    assert update.part == "model"


def test_with_a_mixture_the_divergence_is_measured_at_the_drawn_code():
    """`log q(z|x) - log p(z)` at the code that the decoder gets; its gradient reaches the prior."""
    variational = task(prior="mixture", components=4)
    model, codes = variational.model, []
    decode = model.decode
    model.decode = lambda code: codes.append(code) or decode(code)
    [batch, *_] = batches(variational)
    [update] = variational.updates(batch)
    update.terms["kl"].backward()

    mean, log_variance = model.encode(batch.inputs)
    code = distributions.Normal(mean, (0.5 * log_variance).exp())
    log_ratio = code.log_prob(codes[0]).sum(1) - model.prior.log_density(codes[0])
    assert torch.allclose(update.terms["kl"], log_ratio.mean())
    assert all(each.grad.abs().sum() > 0 for each in model.prior.parameters())


def test_a_mixture_tells_less_of_luck_with_more_codes():
    """The test's divergence is a mean over ten codes, and its bound is not above its loss."""
    variational = task(prior="mixture", components=4)
    once = [scored(variational, seed=seed)["kl"] for seed in range(40)]
    tests = [scored(variational, thorough=True, seed=seed) for seed in range(40)]
    spread, less = torch.tensor([once, [each["kl"] for each in tests]]).std(1).tolist()

    assert less == pytest.approx(spread / math.sqrt(10), rel=0.5)
    assert all(each["bound"] < each["loss"] for each in tests)


def test_the_divergence_is_weighted_and_warmed_up_but_logged_as_it_is():
    """beta 4 over four updates: weights 1, 2, 3, 4, 4; the count is saved as a companion."""
    variational = task(beta=4.0, kl_warmup_steps=4)
    [batch, *_] = batches(variational)
    weights = []
    for _ in range(5):
        [update] = variational.updates(batch)
        weights.append((update.terms["kl"] / update.scalars["kl"]).item())

    assert weights == pytest.approx([1, 2, 3, 4, 4])
    assert variational.companions()["warmup"].state_dict()["updates"].item() == 5
    assert task().companions() == {}


def test_scores_are_means_over_images_with_weight_1():
    """However they are batched, and whatever beta is; `loss` is the sum of its two sides."""
    variational = task(beta=4.0, kl_warmup_steps=9)
    scores, again = scored(variational), scored(variational, size=20)
    mean, log_variance = variational.model.encode(batches(variational, size=20)[0].inputs)
    code = distributions.Normal(mean, (0.5 * log_variance).exp())
    divergence = distributions.kl_divergence(code, distributions.Normal(0.0, 1.0)).sum(1).mean()

    assert scores.keys() == variational.metrics.keys() == again.keys()
    assert scores["kl"] == pytest.approx(divergence.item(), rel=1e-5)
    assert scores["kl"] == pytest.approx(again["kl"], rel=1e-5)
    assert scores["loss"] == pytest.approx(scores["reconstruction"] + scores["kl"], rel=1e-5)
    assert variational.scores() == {}


def test_the_test_depends_less_on_luck():
    """Seeds change the codes that are drawn: ten of an image leave a third of what one does."""
    variational = task()
    once = [scored(variational, seed=seed)["loss"] for seed in range(40)]
    tenfold = [scored(variational, thorough=True, seed=seed)["loss"] for seed in range(40)]
    spread, less = torch.tensor([once, tenfold]).std(1).tolist()

    assert less == pytest.approx(spread / math.sqrt(10), rel=0.5)
    assert sum(tenfold) / 40 == pytest.approx(sum(once) / 40, abs=spread)


def test_random_pixels_are_those_of_the_evaluations_seed():
    """Two evaluations see the same black and white; another seed other ones."""
    variational = task(binarise="sample")
    once, again, other = scored(variational), scored(variational), scored(variational, seed=1)

    assert once == again
    assert once["loss"] != other["loss"]


def test_random_pixels_of_training_are_those_of_the_generator():
    """The loop seeds torch's generator each step, so a step's pixels follow from seed and step."""
    variational = task(binarise="sample")
    [batch, *_] = batches(variational)

    def drawn(seed: int) -> float:
        torch.manual_seed(seed)
        [update] = variational.updates(batch)
        return update.terms["reconstruction"].item()

    assert drawn(0) == drawn(0) != drawn(1)


class LinearGaussian(nn.Module):
    """`z ~ N(0, 1)`, `x ~ N(slope z, scale^2)` per pixel; its posterior is known, and may be missed.

    The likelihood's mean is the decoded number itself.
    """

    latent, binarise, beta, kl_warmup_steps = 1, "none", 1.0, 0
    slope, scale = torch.tensor([0.5, -1.0, 2.0, 0.25]), 0.7

    def __init__(self, samples: int, missed: float) -> None:
        super().__init__()
        self.prior, self.likelihood = StandardNormal(1), Gaussian(self.scale)
        self.likelihood.mean = lambda decoded: decoded
        self.bound_samples, self.bound_images = samples, 1000
        self.missed = nn.Parameter(torch.tensor(missed))

    def encode(self, images: Tensor) -> tuple[Tensor, Tensor]:
        precision = 1 + self.slope.square().sum() / self.scale**2
        mean = (images.flatten(1) @ self.slope)[:, None] / self.scale**2 / precision
        return mean + self.missed, torch.full_like(mean, -precision.log().item()) + self.missed

    def decode(self, codes: Tensor) -> Tensor:
        return (codes * self.slope).view(-1, 1, 2, 2)

    def log_likelihood(self, images: Tensor) -> Tensor:
        """In closed form: the pixels are jointly normal."""
        covariance = torch.outer(self.slope, self.slope) + self.scale**2 * torch.eye(4)
        normal = distributions.MultivariateNormal(torch.zeros(4), covariance)
        return normal.log_prob(images.flatten(1))


def linear_images() -> Tensor:
    random = torch.Generator().manual_seed(0)
    codes, noise = torch.randn(50, 1, generator=random), torch.randn(50, 4, generator=random)
    return (codes * LinearGaussian.slope + LinearGaussian.scale * noise).view(50, 1, 2, 2)


@torch.no_grad()
def test_the_bound_of_the_true_posterior_is_the_likelihood():
    """Every weight is then p(x) itself, so one code is enough."""
    model, images = LinearGaussian(1, missed=0.0), linear_images()
    bound = importance_bound(model, images, 1, torch.Generator().manual_seed(0))

    assert torch.allclose(bound, model.log_likelihood(images), atol=1e-4)


@torch.no_grad()
def test_the_bound_rises_with_the_codes_up_to_the_likelihood():
    """With a posterior that is off: one code gives the evidence lower bound, many the likelihood."""
    model, images = LinearGaussian(1, missed=0.3), linear_images()
    luck = torch.Generator().manual_seed(0)
    one, ten, many = (importance_bound(model, images, k, luck).mean().item() for k in (1, 10, 5000))
    exact = model.log_likelihood(images).mean().item()

    assert one < ten < exact
    assert many == pytest.approx(exact, abs=0.01)
    assert exact - one > 0.1


def test_the_test_adds_the_bound_and_it_is_not_above_the_loss():
    """For the linear model: the score `bound` is minus the log-likelihood, the `loss` is more."""
    model = LinearGaussian(400, missed=0.3)
    images = linear_images()
    pixels = data(images, images)
    variational = Variational(model, None, Data(*_splits(pixels), FACTS, None, "", ""))
    scores = scored(variational, thorough=True, size=20)

    assert scores.keys() == {*variational.metrics, "bound"}
    assert scores["bound"] == pytest.approx(-model.log_likelihood(images).mean().item(), abs=0.02)
    assert scores["bound"] < scores["loss"]
    assert scored(variational, thorough=True, size=20)["bound"] == scores["bound"]


def _splits(data: Data) -> tuple[TensorExamples, TensorExamples, TensorExamples]:
    return data.train, data.validation, data.test  # type: ignore[return-value]


@pytest.mark.parametrize(("images", "decoded"), [(10, 10), (1000, 20), (7, 7)])
def test_only_the_first_images_get_the_bound(images: int, decoded: int):
    """`bound_images` may end within a batch; the mean is over those that got it."""
    variational = task(bound_images=images, bound_samples=5)
    model, counts = variational.model, []
    decode = model.decode
    model.decode = lambda codes: counts.append(len(codes)) or decode(codes)
    scored(variational, thorough=True)

    assert sum(counts) == 10 * 20 + 5 * decoded


def test_no_samples_no_bound():
    """`bound_samples: 0` leaves the score out."""
    variational = task(bound_samples=0)

    assert scored(variational, thorough=True).keys() == variational.metrics.keys()


def test_active_units_are_those_whose_means_differ():
    """Variances 0.0099, 0.0101 and 1 over two batches, each of which is constant."""
    variational = task()
    deviations = torch.tensor([0.0099, 0.0101, 1.0]).sqrt()
    signs = iter([1.0, -1.0])

    def encode(images: Tensor) -> tuple[Tensor, Tensor]:
        mean = (next(signs) * deviations).expand(len(images), 3)
        return mean, torch.zeros_like(mean)

    variational.model.encode = encode
    assert scored(variational, size=10)["active_units"] == 2


def test_one_example_has_no_active_units():
    """A single image has nothing to differ from, and that is no trouble."""
    images = data(test=torch.zeros(1, 1, 4, 4, dtype=torch.uint8))

    assert scored(task(images))["active_units"] == 0


@pytest.mark.parametrize("binarise", ["none", "threshold", "sample"])
def test_the_rival_of_independent_pixels(binarise: str):
    """Each pixel white as often as in training, whatever the others are; grey ones have a floor."""
    variational = task(binarise=binarise)
    scored(variational, thorough=True)
    references = variational.references()
    train, test = (batches(variational, split, 99)[0].inputs for split in ("train", "test"))
    if binarise == "threshold":
        train, test = (train > 0.5).float(), (test > 0.5).float()
    white = distributions.Bernoulli(train.mean(0))
    expected = -(test * white.probs.log() + (1 - test) * (1 - white.probs).log())
    loss = references["independent pixels"]["loss"]

    # Drawn pixels differ from their expectation, by chance.
    assert loss == pytest.approx(
        expected.sum((1, 2, 3)).mean().item(), abs=0.2 if binarise == "sample" else 1e-3
    )
    assert ("entropy of grey" in references) == (binarise == "none")
    assert variational.references() == {}


def test_the_floor_of_grey_pixels():
    """Half grey has ln 2 a pixel, black and white nothing."""
    images = torch.zeros(2, 1, 4, 4, dtype=torch.uint8)
    images[0, :, :2], images[1] = 8, 16
    variational = task(data(test=images))
    scored(variational, thorough=True)
    floor = variational.references()["entropy of grey"]["loss"]

    assert floor == pytest.approx(8 * math.log(2) / 2)


def test_a_gaussian_has_a_rival_and_no_floor():
    """Its density has none."""
    variational = task(likelihood="gaussian", scale=0.5)
    scored(variational, thorough=True)
    train, test = (batches(variational, split, 99)[0].inputs for split in ("train", "test"))
    normal = distributions.Normal(train.mean(0), 0.5)
    expected = -normal.log_prob(test).sum((1, 2, 3)).mean().item()

    assert variational.references() == {
        "independent pixels": {"loss": pytest.approx(expected, rel=1e-5)}
    }


def test_pictures_are_of_what_was_observed():
    """Four kinds, each once; the network is in the mode that it was in."""
    variational = task(dropout=0.5)
    assert variational.preview() == {}
    scored(variational)
    pictures = variational.preview()

    assert {name: tuple(each.shape) for name, each in pictures.items()} == {
        "reconstructions": (3 * 34, 8 * 34 + 16 + 8 * 34, 3),
        "samples": (8 * 34, 8 * 34, 3),
        "interpolation": (4 * 34, 10 * 34, 3),
        "latent_grid": (15 * 34, 15 * 34, 3),
    }
    assert all(each.dtype == torch.uint8 for each in pictures.values())
    assert variational.model.training
    assert variational.preview() == {}
    scored(variational)
    again = variational.preview()
    assert all(torch.equal(again[name], pictures[name]) for name in pictures)


def test_samples_and_grid_are_the_priors():
    """With one narrow component about a point, all that is drawn decodes to what that point does."""
    variational = task(prior="mixture", components=1)
    prior = variational.model.prior
    prior.means.data.fill_(1.5)
    prior.log_variances.data.fill_(-30.0)
    scored(variational)
    pictures = variational.preview()
    point = variational.model.eval().decode(torch.full((1, 3), 1.5)).sigmoid()
    image = unit_grid(point.detach(), columns=1)

    for name in ("samples", "latent_grid"):
        tiles = pictures[name].unfold(0, 34, 34).unfold(1, 34, 34)  # (rows, columns, 3, 34, 34)
        assert (tiles.int() - image.permute(2, 0, 1).int()).abs().max() <= 1


def test_one_number_and_one_image_make_fewer_pictures():
    """No plane of codes, and nothing to interpolate with."""
    variational = task(data(test=torch.zeros(1, 1, 4, 4, dtype=torch.uint8)), latent=1)
    scored(variational)

    assert variational.preview().keys() == {"reconstructions", "samples"}


def test_the_grid_is_even_in_probability():
    """The middle is 0; steps are equal under the normal distribution function; other numbers are 0."""
    codes = grid_codes([0, 2], 3).view(15, 15, 3)
    probability = torch.special.ndtr(codes[0, :, 0])

    assert torch.allclose(probability.diff(), torch.full((14,), 1 / 15), atol=1e-5)
    assert codes[7, 7].abs().max() < 1e-6
    assert codes[0, 0, 2] > 1.8
    assert codes[-1, 0, 2] < -1.8
    assert codes[:, :, 1].abs().max() == 0
