"""Mistakes in training loops."""

from contextlib import contextmanager

import numpy as np

from twofold import scratch
from twofold.compare.concepts.selftest import Plant, patch
from twofold.scratch import training


def _gathered(weigh, until=None):
    """`accumulated` with another weight for each part, or parts left out."""

    def wrong(
        model, criterion, optimizer, x, y, epochs, batch_size, parts, generator=None
    ):
        for epoch in range(epochs):
            for batch in training.batches(len(x), batch_size, generator):
                optimizer.zero_grad()
                total = 0.0
                for part in np.array_split(batch, parts)[:until]:
                    output, model_back = model(x[part])
                    loss, loss_back = criterion(output, y[part])
                    weight = weigh(len(part), len(batch), parts)
                    model_back(loss_back(loss.dtype.type(weight)))
                    total += weight * float(loss)
                optimizer.step()
                yield training.Step(epoch, batch, total)

    return patch(training, "accumulated", wrong)


@contextmanager
def _stale_best():
    """The best weights are kept by reference: later updates change them too."""

    def ask(self):
        loss = self.validate()
        if loss < self.best_loss:
            self.best_loss, self.waited = loss, 0
            self.best_weights = self.model.state_dict()
        else:
            self.waited += 1

    with patch(training.EarlyStopping, "ask", ask):
        yield


def _unclipped():
    right = scratch.training.update

    def wrong(model, criterion, optimizer, x, y, max_norm=None):
        return right(model, criterion, optimizer, x, y)

    return patch(training, "update", wrong)


PLANTS = [
    Plant(
        "gradient accumulation as a mean of means",
        "transformers PR#34191",
        ("training.accumulated",),
        lambda: _gathered(lambda part, batch, parts: 1 / parts),
        "step 1: loss",
    ),
    Plant(
        "the last, partial part of an accumulation left out",
        "ms-swift PR#10084",
        ("training.accumulated",),
        lambda: _gathered(lambda part, batch, parts: part / batch, until=-1),
        "step 1: ",
    ),
    Plant(
        "early stopping that keeps the best weights by reference",
        "state_dict returns the module's own arrays",
        ("training.EarlyStopping",),
        _stale_best,
        "at the end: update of",
    ),
    Plant(
        "gradients not clipped",
        "an option that is taken and not used",
        ("training.mini_batch",),
        _unclipped,
        "step 1: update of",
    ),
]
