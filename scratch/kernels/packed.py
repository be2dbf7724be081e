"""Sequences of different lengths as rows without padding: no step is run for nothing.

Below the layers, so that a cell's loop over time need not know of lengths. The samples
are sorted by falling length, and of each step only those that still run are kept: the
rows of step 1, of all samples, then those of step 2, and so on. At step t the first
`batch_sizes[t]` samples run. A state therefore loses its last rows whenever samples
end, and those rows are the samples' last states.
"""

import numpy as np


def places(batch_sizes: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The step and the sample of every row."""
    samples = batch_sizes[0] if len(batch_sizes) else 0
    return np.nonzero(np.arange(samples) < batch_sizes[:, None])


class Packing:
    """How the rows of a packed batch follow one another.

    `before`: for every row after the first step, the row of its sample one step before.
    `mirror`: for every row, the row of its sample that is as far from the other end.
    `stretches`: rows of steps with the same number of samples, and both numbers.
    """

    def __init__(self, batch_sizes: np.ndarray):
        starts = np.cumsum(batch_sizes) - batch_sizes
        step, sample = places(batch_sizes)
        lengths = np.bincount(sample)
        self.samples = samples = int(batch_sizes[0])
        self.before = starts[step[samples:] - 1] + sample[samples:]
        self.mirror = starts[lengths[sample] - 1 - step] + sample
        changes = np.flatnonzero(np.diff(batch_sizes)) + 1
        self.stretches = []
        for first in (0, *changes):
            running = int(batch_sizes[first])
            steps = int(np.count_nonzero(batch_sizes == running))
            rows = slice(int(starts[first]), int(starts[first]) + steps * running)
            self.stretches.append((rows, steps, running))

    def turned(self, X: np.ndarray) -> np.ndarray:
        """Each sequence from its own end to its beginning; twice, it is X again."""
        return X.take(self.mirror, axis=0)

    def run(self, loop, A: np.ndarray, states):
        """`loop(A, states)`, as those of `recurrence`, with A (rows, gates).

        It runs once for each stretch, on the samples that are still there. On the way
        back a sample joins with the gradient of its last state.
        """
        lasts = [state.copy() for state in states]
        outputs, backs = [], []
        for rows, steps, running in self.stretches:
            Y, states, stretch_back = loop(
                A[rows].reshape(steps, running, A.shape[1]),
                [state[:running] for state in states],
            )
            for last, state in zip(lasts, states, strict=True):
                last[:running] = state
            outputs.append(Y)
            backs.append(stretch_back)

        def back(dY, dlasts):
            dstates = [d.copy() for d in dlasts]
            found = []
            for (rows, steps, running), stretch_back in zip(
                reversed(self.stretches), reversed(backs), strict=True
            ):
                D, D_hidden, dfirsts, rest = stretch_back(
                    dY[rows].reshape(steps, running, dY.shape[1]),
                    [d[:running] for d in dstates],
                )
                for d, dfirst in zip(dstates, dfirsts, strict=True):
                    d[:running] = dfirst
                found.append((D, D_hidden, *rest))
            D, D_hidden, *rest = zip(*reversed(found), strict=True)
            total = [None if parts[0] is None else sum(parts) for parts in rest]
            return _joined(D), _joined(D_hidden), tuple(dstates), total

        return _joined(outputs), tuple(lasts), back


def _joined(parts) -> np.ndarray:
    """(steps, samples, features) of each stretch as rows, one after the other."""
    return np.concatenate([part.reshape(-1, part.shape[2]) for part in parts])
