"""Averaged models: what is averaged, what is copied, under which names."""

import numpy as np
import pytest
import torch

from twofold import scratch, torch_ref
from twofold.compare.numerics.sizes import Size
from twofold.compare.numerics.verdict import Evidence, judge
from twofold.scratch.module import Module, Parameter
from twofold.scratch.optim import swa_utils
from twofold.torch_ref.optim import swa_utils as reference


class Scaled(Module):
    """A parameter, a buffer of floats and a counter."""

    def __init__(self):
        self.weight = Parameter(np.zeros(3))
        self.register_buffer("mean", np.zeros(2))
        self.register_buffer("count", np.array(0))

    def forward(self, x):
        return x * self.weight.data, lambda dy: dy * self.weight.data


class TorchScaled(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.weight = torch.nn.Parameter(torch.zeros(3, dtype=torch.float64))
        self.register_buffer("mean", torch.zeros(2, dtype=torch.float64))
        self.register_buffer("count", torch.tensor(0))


def fill(model, value):
    for array in model.weight.data, model.mean:
        array[...] = value
    model.count += 3


AVERAGES = {
    "default": lambda side: {},
    "mean": lambda side: {"avg_fn": side.get_swa_avg_fn()},
    "exponential": lambda side: {"avg_fn": side.get_ema_avg_fn(0.7)},
    "exponential, all at once": lambda side: {
        "multi_avg_fn": side.get_ema_multi_avg_fn(0.7)
    },
}


@pytest.mark.parametrize("use_buffers", [False, True])
@pytest.mark.parametrize("average", AVERAGES)
def test_averages_are_pytorchs(average, use_buffers):
    """Another weight, or a buffer averaged that is to be copied, or a first model that
    is averaged with the zeros before it.
    """
    models = Scaled(), TorchScaled()
    averaged = [
        side.AveragedModel(model, use_buffers=use_buffers, **AVERAGES[average](side))
        for side, model in zip((swa_utils, reference), models, strict=True)
    ]
    for value in 3.0, 0.1, -7.0, 11.0:
        for model, copy in zip(models, averaged, strict=True):
            fill(model, value)
            copy.update_parameters(model)
        ours, theirs = (copy.state_dict() for copy in averaged)
        assert list(ours) == list(theirs)
        for key, expected in theirs.items():
            assert ours[key].dtype == expected.numpy().dtype
            spacing = np.spacing(np.abs(expected.numpy()).max().astype(float))
            assert np.abs(ours[key] - expected.numpy()).max() <= 2 * spacing, key


def test_a_float64_mean_is_one():
    """The weight 1/3 would be rounded to float32, as it is in PyTorch."""
    model = Scaled()
    averaged = swa_utils.AveragedModel(
        model, multi_avg_fn=swa_utils.get_swa_multi_avg_fn(), use_buffers=True
    )
    for value in 1.0, 2.0, 4.0:
        fill(model, value)
        averaged.update_parameters(model)
    assert np.abs(averaged.module.weight.data - 7 / 3).max() <= np.spacing(7 / 3)
    assert averaged.module.count == 5  # of 3, 6 and 9: cut off, as in PyTorch


def test_the_average_is_a_copy_that_can_be_called():
    """Training would move the average, or the average could not be used."""
    model = Scaled()
    averaged = swa_utils.AveragedModel(model)
    fill(model, 2.0)
    averaged.update_parameters(model)
    fill(model, 5.0)
    y, back = averaged(np.ones(3))
    assert y.tolist() == back(np.ones(3)).tolist() == [2.0, 2.0, 2.0]


def test_bad_arguments_raise_what_pytorch_raises():
    """A decay that is none would be taken, or two rules at once."""
    for side, model in (swa_utils, Scaled()), (reference, TorchScaled()):
        for function in side.get_ema_avg_fn, side.get_ema_multi_avg_fn:
            for decay in -0.1, 1.1:
                with pytest.raises(ValueError):
                    function(decay)
        with pytest.raises(AssertionError):
            side.AveragedModel(model, avg_fn=max, multi_avg_fn=max)


def test_batch_norms_get_the_statistics_of_the_averaged_weights():
    """Averaged weights would be evaluated with statistics that belong to none of them,
    or a norm would be left with another momentum or mode.
    """
    batches = np.random.default_rng(0).integers(-8, 9, (4, 2, 3)).astype(float)
    states = []
    for tree, utils, convert in (
        (scratch, swa_utils, np.asarray),
        (torch_ref, reference, torch.from_numpy),
    ):
        tree.manual_seed(0)
        norms = tree.nn.BatchNorm1d(3, momentum=0.3), tree.nn.BatchNorm1d(3)
        norms[1].eval()
        model = tree.nn.Sequential(*norms).eval().double()
        model(convert(batches[0]))
        loader = [convert(batches[0]), (convert(batches[1]), 5), [convert(batches[2])]]
        utils.update_bn(loader, model)
        assert [norm.momentum for norm in norms] == [0.3, 0.1]
        assert not any(module.training for module in model.modules())
        states.append({k: np.asarray(v) for k, v in model.state_dict().items()})
    ours, theirs = states
    assert int(ours["0.num_batches_tracked"]) == 3
    assert list(ours) == list(theirs)
    for key, expected in theirs.items():
        # A mean is a sum of both signs, and carries the rounding of what it adds.
        evidence = Evidence(ours[key], expected, carrier=Size.of(batches))
        assert judge(evidence).verdict == "match", key


def test_a_model_without_batch_norm_is_not_run():
    """The pass over the data would take its time for nothing."""
    batches = iter([np.zeros((2, 3))])
    swa_utils.update_bn(batches, Scaled())
    assert len(list(batches)) == 1
