"""Training loops. Each is a generator that stops after every update,
so that two of them can be walked side by side.
"""

from typing import NamedTuple

import numpy as np

from .random import Generator, default_generator

__all__ = [
    "Step",
    "batches",
    "full_batch",
    "mini_batch",
    "single_sample",
    "update",
]


class Step(NamedTuple):
    """What a loop says after an update."""

    epoch: int  # from 0
    batch: np.ndarray  # the indices of the samples that were used
    loss: float  # before the update


def full_batch(model, criterion, optimizer, x, y, epochs):
    """Gradient descent: every update uses all samples."""
    batch = np.arange(len(x))
    for epoch in range(epochs):
        loss = update(model, criterion, optimizer, x, y)
        yield Step(epoch, batch, loss)


def single_sample(
    model, criterion, optimizer, x, y, epochs, generator=None
):
    """Stochastic gradient descent: every update uses one sample."""
    yield from mini_batch(
        model, criterion, optimizer, x, y, epochs, 1, generator
    )


def mini_batch(
    model, criterion, optimizer, x, y, epochs, batch_size,
    generator=None,
):
    """Mini-batch gradient descent: every update uses a few samples, and
    every epoch uses each sample once, in a new order.
    """
    for epoch in range(epochs):
        for batch in batches(len(x), batch_size, generator):
            loss = update(
                model, criterion, optimizer, x[batch], y[batch]
            )
            yield Step(epoch, batch, loss)


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


def update(model, criterion, optimizer, x, y):
    """One step of training; returns the loss before it."""
    # 1. Forward pass
    output, model_back = model(x)
    loss, loss_back = criterion(output, y)

    # 2. Backward pass
    optimizer.zero_grad()
    model_back(loss_back())

    # 3. Update
    optimizer.step()
    return float(loss)
