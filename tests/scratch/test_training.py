"""The training loops: the order of the samples, and what a step says and does."""

from copy import deepcopy

import numpy as np
import pytest
import torch

from twofold import scratch, torch_ref

pytestmark = pytest.mark.usefixtures("random_streams")

SIZES = [(1, 1), (1, 5), (2, 1), (7, 3), (8, 4), (9, 4), (5, 5), (700, 64)]
SEED, EPOCHS = 11, 3


def streams(own: bool):
    """A generator or None for each side, and a way to read the state that is used."""
    if own:
        mine = scratch.Generator().manual_seed(SEED)
        theirs = torch.Generator().manual_seed(SEED)
        return mine, theirs, mine.get_state, theirs.get_state
    scratch.manual_seed(SEED)
    torch.manual_seed(SEED)
    return None, None, scratch.random.get_rng_state, torch.get_rng_state


@pytest.mark.parametrize("own", [True, False], ids=["own", "default"])
@pytest.mark.parametrize(("n", "batch_size"), SIZES)
def test_batches_come_in_the_order_of_a_dataloader(n, batch_size, own):
    """Else: both sides train on other samples, or draw other masks afterwards."""
    mine, theirs, my_state, their_state = streams(own)
    for _ in range(EPOCHS):
        ours = scratch.training.batches(n, batch_size, mine)
        reference = torch_ref.training.batches(n, batch_size, theirs)
        for batch, expected in zip(ours, reference, strict=True):
            np.testing.assert_array_equal(batch, expected.numpy(), strict=True)
            assert np.array_equal(my_state(), their_state())
        assert np.array_equal(my_state(), their_state())


@pytest.mark.parametrize("own", [True, False], ids=["own", "default"])
def test_an_epoch_that_is_broken_off_leaves_the_stream_in_step(own):
    """Else: after an early stop, all that is drawn differs."""
    mine, theirs, my_state, their_state = streams(own)
    ours = scratch.training.batches(9, 2, mine)
    reference = torch_ref.training.batches(9, 2, theirs)
    assert np.array_equal(my_state(), their_state())
    next(ours), next(reference)
    ours.close(), reference.close()
    assert np.array_equal(my_state(), their_state())


def test_the_default_order_leaves_the_given_generator_alone():
    """Else: a generator of one's own is drawn from by others."""
    scratch.manual_seed(SEED)
    before = scratch.random.get_rng_state()
    list(scratch.training.batches(5, 2, scratch.Generator().manual_seed(3)))
    assert np.array_equal(scratch.random.get_rng_state(), before)


@pytest.mark.parametrize(
    ("n", "batch_size"),
    [(0, 2), (-1, 2), (5, 0), (5, -1), (5, 2.5), (5, "a"), (5, True)],
)
def test_nothing_to_draw_from_and_a_batch_of_no_size_are_refused(n, batch_size):
    """Else: an epoch passes without a single update, and nobody is told."""
    for side in (torch_ref, scratch):
        with pytest.raises(ValueError, match="positive"):
            list(side.training.batches(n, batch_size))


# The loops.

X = np.random.default_rng(0).standard_normal((7, 3)).astype(np.float32)
Y = np.array([0, 1, 1, 0, 1, 0, 0])
RATE = 0.25


class Trained:
    """A loop that is about to be walked."""

    def __init__(self, loop, *options):
        scratch.manual_seed(SEED)
        self.model = scratch.models.MLP((3, 5, 2))
        self.criterion = scratch.nn.CrossEntropyLoss()
        optimizer = scratch.optim.SGD(self.model.parameters(), lr=RATE)
        parts = self.model, self.criterion, optimizer, X, Y
        self.loop = getattr(scratch.training, loop)(*parts, *options)


LOOPS = {
    "full_batch": ((2,), [7, 7]),
    "single_sample": ((2,), [1] * 14),
    "mini_batch": ((2, 3), [3, 3, 1] * 2),
}


@pytest.mark.parametrize("name", LOOPS)
def test_a_loop_stops_after_each_update_and_uses_each_sample_once(name):
    """Else: an epoch misses samples, or two loops cannot be walked side by side."""
    options, sizes = LOOPS[name]
    trained = Trained(name, *options)
    epochs, used = [], []
    for step in trained.loop:
        epochs.append(step.epoch)
        used.append(step.batch)
    assert [len(batch) for batch in used] == sizes
    assert epochs == sorted(epochs)
    assert set(epochs) == {0, 1}
    for epoch in (0, 1):
        batches = [b for b, e in zip(used, epochs, strict=True) if e == epoch]
        assert sorted(np.concatenate(batches).tolist()) == list(range(7))


@pytest.mark.parametrize("name", LOOPS)
def test_a_step_tells_the_loss_before_the_update_that_it_made(name):
    """Else: the curve is one step late, or a gradient is left from the step before."""
    options, sizes = LOOPS[name]
    trained = Trained(name, *options)
    for _ in sizes:
        before = deepcopy(trained.model)
        step = next(trained.loop)
        before.zero_grad()
        output, model_back = before(X[step.batch])
        loss, loss_back = trained.criterion(output, Y[step.batch])
        model_back(loss_back())
        assert type(step.loss) is float
        assert step.loss == loss
        for new, old in zip(
            trained.model.parameters(), before.parameters(), strict=True
        ):
            np.testing.assert_array_equal(new.grad, old.grad)
            np.testing.assert_array_equal(new.data, old.data - RATE * old.grad)
    assert next(trained.loop, None) is None


def test_nothing_happens_before_the_first_step_is_asked_for():
    """Else: an update is made that no walker sees."""
    trained = Trained("full_batch", 1)
    scratch.manual_seed(SEED)
    untrained = scratch.models.MLP((3, 5, 2)).state_dict()
    for name, weight in trained.model.state_dict().items():
        np.testing.assert_array_equal(weight, untrained[name])
    next(trained.loop)
    for name, weight in trained.model.state_dict().items():
        assert not np.array_equal(weight, untrained[name])
