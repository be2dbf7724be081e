"""Training loops. Each is a generator that stops after every update,
so that two of them can be walked side by side.
"""

from typing import NamedTuple

import torch
from torch.utils.data import DataLoader

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
    batch: torch.Tensor  # the indices of the samples that were used
    loss: float  # before the update


def full_batch(model, criterion, optimizer, x, y, epochs):
    """Gradient descent: every update uses all samples."""
    batch = torch.arange(len(x))
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
    """The indices 0 to n - 1 in random order, `batch_size` at once."""
    # 1. Shuffle, with the draws that a DataLoader makes
    loader = DataLoader(
        range(n), batch_size, shuffle=True, generator=generator
    )

    # 2. Cut
    yield from loader


def update(model, criterion, optimizer, x, y):
    """One step of training; returns the loss before it."""
    # 1. Forward pass
    output = model(x)
    loss = criterion(output, y)

    # 2. Backward pass
    optimizer.zero_grad()
    loss.backward()

    # 3. Update
    optimizer.step()
    return loss.item()
