"""Training loops. Each is a generator that stops after every update,
so that two of them can be walked side by side.
"""

from typing import NamedTuple

import numpy as np

from .nn.utils import clip_grad_norm_
from .random import Generator, default_generator

__all__ = [
    "EarlyStopping",
    "Step",
    "accumulated",
    "batches",
    "full_batch",
    "mini_batch",
    "scheduled",
    "single_sample",
    "update",
]


class Step(NamedTuple):
    """What a loop says after an update."""

    epoch: int  # from 0
    batch: np.ndarray  # the indices of the samples that were used
    loss: float  # before the update
    last: bool = True  # of its epoch


def full_batch(
    model, criterion, optimizer, x, y, epochs, max_norm=None, done=0
):
    """Gradient descent: every update uses all samples."""
    batch = np.arange(len(x))
    for epoch in range(done, epochs):
        loss = update(model, criterion, optimizer, x, y, max_norm)
        yield Step(epoch, batch, loss)


def single_sample(
    model, criterion, optimizer, x, y, epochs,
    generator=None, max_norm=None, done=0,
):
    """Stochastic gradient descent: every update uses one sample."""
    yield from mini_batch(
        model, criterion, optimizer, x, y, epochs, 1,
        generator, max_norm, done,
    )


def mini_batch(
    model, criterion, optimizer, x, y, epochs, batch_size,
    generator=None, max_norm=None, done=0,
):
    """Mini-batch gradient descent: every update uses a few samples, and
    every epoch uses each sample once, in a new order.

    The first `done` updates are passed over: whoever goes on with a
    training that was interrupted has made them.
    """
    number = 0
    for epoch in range(epochs):
        used = 0
        for batch in batches(len(x), batch_size, generator):
            number, used = number + 1, used + len(batch)
            if number <= done:
                continue
            loss = update(
                model, criterion, optimizer, x[batch], y[batch],
                max_norm,
            )
            yield Step(epoch, batch, loss, used == len(x))


def accumulated(
    model, criterion, optimizer, x, y, epochs, batch_size, parts,
    generator=None,
):
    """Mini-batches whose gradient is gathered in `parts`, for want of
    memory: the update is that of the whole batch. `criterion` takes the
    mean, so a part counts by its share of the samples; a mean of the
    parts' means would be another number where parts are unequal.
    """
    for epoch in range(epochs):
        used = 0
        for batch in batches(len(x), batch_size, generator):
            # 1. Gather the gradient
            optimizer.zero_grad()
            batch_loss = 0.0
            for part in np.array_split(batch, parts):
                share = len(part) / len(batch)
                output, model_back = model(x[part])
                loss, loss_back = criterion(output, y[part])
                model_back(loss_back(loss.dtype.type(share)))
                batch_loss += share * float(loss)

            # 2. Update
            optimizer.step()
            used += len(batch)
            yield Step(epoch, batch, batch_loss, used == len(x))


def scheduled(loop, scheduler):
    """`loop`, with a step of the learning rate's schedule after every
    epoch.
    """
    for step in loop:
        if step.last:
            scheduler.step()
        yield step


class EarlyStopping:
    """Ends a training when it no longer helps, with the best weights.

    `validate()` is asked for a loss after every epoch. After `patience`
    epochs without a new minimum the training ends, and the model gets
    the weights back that it had at the minimum.
    """

    def __init__(self, model, validate, patience):
        self.model = model
        self.validate = validate
        self.patience = patience
        self.best_loss = float("inf")
        self.best_weights = None
        self.waited = 0

    def watch(self, loop):
        for step in loop:
            # 1. Ask, and keep the best
            if step.last:
                self.ask()
            yield step

            # 2. End
            if self.waited >= self.patience:
                break

        # 3. Go back to the best
        if self.best_weights is not None:
            self.model.load_state_dict(self.best_weights)

    def ask(self):
        loss = self.validate()
        if loss < self.best_loss:
            self.best_loss, self.waited = loss, 0
            self.best_weights = {
                name: value.copy()
                for name, value in self.model.state_dict().items()
            }
        else:
            self.waited += 1

    def state_dict(self):
        names = "best_loss", "best_weights", "waited"
        return {name: getattr(self, name) for name in names}

    def load_state_dict(self, state_dict):
        vars(self).update(state_dict)


def batches(n, batch_size, generator=None):
    """The indices 0 to n - 1 in random order, `batch_size` at once.

    Raises ValueError for an n or a batch size that is no positive int.
    """
    for name, size in ("n", n), ("batch_size", batch_size):
        if type(size) is not int or size < 1:
            raise ValueError(
                f"{name}: expected a positive int, got {size!r}"
            )

    # 1. Shuffle, with the draws that a DataLoader makes
    drawn_from = generator or default_generator
    drawn_from.random(())  # the base seed of workers, unused here
    if generator is None:
        seed = drawn_from.random(())
        generator = Generator().manual_seed(int(seed))
    order = generator.randperm(n)

    # 2. Cut
    whole = n - n % batch_size
    for start in range(0, whole, batch_size):
        yield order[start : start + batch_size]
    generator.randperm(n)  # a sampler that has run out draws once more
    if whole < n:
        yield order[whole:]


def update(model, criterion, optimizer, x, y, max_norm=None):
    """One step of training; returns the loss before it."""
    # 1. Forward pass
    output, model_back = model(x)
    loss, loss_back = criterion(output, y)

    # 2. Backward pass
    optimizer.zero_grad()
    model_back(loss_back())

    # 3. Clip
    if max_norm is not None:
        clip_grad_norm_(model.parameters(), max_norm)

    # 4. Update
    optimizer.step()
    return float(loss)
