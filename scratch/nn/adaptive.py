"""A softmax over very many classes, of which few are frequent."""

from collections import namedtuple
from itertools import pairwise

import numpy as np

from .._arrays import require_array, require_float_array, require_int, require_number
from ..module import Module
from .activation import log_softmax
from .container import ModuleList, Sequential
from .linear import Linear

__all__ = ["AdaptiveLogSoftmaxWithLoss"]

Output = namedtuple("Output", ["output", "loss"])


class AdaptiveLogSoftmaxWithLoss(Module):
    r"""Log-softmax in two steps: frequent classes at once, rare ones by their cluster.

    Classes are numbered from frequent to rare. Those below the first of `cutoffs` stand
    in the head, beside one place for each cluster; cluster i has those between two
    cutoffs, and projects its input to `in_features` / `div_value`$^{i + 1}$ features
    first, as little is known of rare classes.

    Forward: with $h$ the log-softmax of the head and $c_i$ that of cluster i,
    $\log p(t) = h_t$ for a class of the head, $\log p(t) = h_{(i)} + c_{i,t}$ for one
    of cluster i, whose place in the head is $(i)$. The output is $\log p(t_n)$ of every
    sample, and the loss $-\frac1N \sum_n \log p(t_n)$.

    Backward: with $g_n = dout_n - \frac1N dloss$, both log-softmaxes of sample $n$ get
    $g_n$ at the place that was taken, and so their logits
    $dz_j = g_n\,([j = \text{taken}] - p_j)$; a cluster sees only its own samples, and
    $dx$ is the sum of what head and cluster hand back.

    Shape: input (N, in_features) or (in_features); target (N) or () of class indices;
    output like the target, loss (). `log_prob` gives all classes, (N, n_classes).

    Raises:
        TypeError: a size is not an int; an input is no array.
        ValueError: cutoffs that are no rising ints from 1 to n_classes - 1.
        RuntimeError: shapes that do not go together; a target beyond the classes.

    Source: Grave et al., Efficient softmax approximation for GPUs, 2017.
    """

    def __init__(
        self,
        in_features,
        n_classes,
        cutoffs,
        div_value=4.0,
        head_bias=False,
        dtype=None,
    ):
        require_int("in_features", in_features)
        require_int("n_classes", n_classes)
        require_number("div_value", div_value)
        cutoffs = list(cutoffs)
        rising = all(a < b for a, b in pairwise([0, *cutoffs, n_classes]))
        if not cutoffs or not rising or any(int(c) != c for c in cutoffs):
            raise ValueError(
                f"cutoffs: rising ints from 1 to {n_classes - 1} were expected, got "
                f"{cutoffs}"
            )
        self.in_features = in_features
        self.n_classes = n_classes
        self.cutoffs = [*cutoffs, n_classes]
        self.div_value = div_value
        self.head_bias = head_bias
        self.shortlist_size = cutoffs[0]
        self.n_clusters = len(cutoffs)
        self.head_size = self.shortlist_size + self.n_clusters
        self.head = Linear(in_features, self.head_size, head_bias, dtype)
        self.tail = ModuleList()
        for i, (low, high) in enumerate(pairwise(self.cutoffs)):
            width = int(in_features // div_value ** (i + 1))
            self.tail.append(
                Sequential(
                    Linear(in_features, width, False, dtype),
                    Linear(width, high - low, False, dtype),
                )
            )

    def reset_parameters(self):
        for layer in self.modules():
            if isinstance(layer, Linear):
                layer.reset_parameters()

    def forward(self, input_, target_):
        self._require_inputs(input_, target_)
        x, t = np.atleast_2d(input_), np.atleast_1d(target_)
        N = len(t)
        cluster = np.searchsorted(self.cutoffs, t, side="right")  # 0 for the head
        taken = np.where(cluster > 0, self.shortlist_size + cluster - 1, t)
        output, head_back = _taken(self.head, x, taken)
        backs = []
        for i, layer in enumerate(self.tail):
            rows = np.flatnonzero(cluster == i + 1)
            if len(rows):
                more, back = _taken(layer, x[rows], t[rows] - self.cutoffs[i])
                output[rows] += more
                backs.append((rows, back))
        with np.errstate(invalid="ignore", divide="ignore"):  # of no samples
            loss = np.asarray(-output.sum() / x.dtype.type(N))

        def back(doutput=None, dloss=None):
            g = np.zeros(N, x.dtype)
            if doutput is not None:
                g += doutput.reshape(N)
            if dloss is not None and N:
                g -= dloss / x.dtype.type(N)
            dx = head_back(g)
            for rows, cluster_back in backs:
                dx[rows] += cluster_back(g[rows])
            return dx.reshape(input_.shape)

        return Output(output.reshape(target_.shape), loss), back

    def log_prob(self, input):
        """The log-probabilities of all classes, (N, n_classes)."""
        head = log_softmax(self.head(input)[0], 1)
        parts = [head[:, : self.shortlist_size]]
        for i, layer in enumerate(self.tail):
            place = head[:, self.shortlist_size + i]
            parts.append(log_softmax(layer(input)[0], 1) + place[:, None])
        return np.concatenate(parts, axis=1)

    def predict(self, input):
        """The likeliest class of each sample.

        If the likeliest place in the head is a class, none of a cluster is likelier, as
        the whole cluster is not.
        """
        best = self.head(input)[0].argmax(axis=1)
        rows = np.flatnonzero(best >= self.shortlist_size)
        if len(rows):
            best[rows] = self.log_prob(input[rows]).argmax(axis=1)
        return best

    def _require_inputs(self, input, target):
        require_float_array("input_", input)
        require_array("target_", target)
        if target.ndim > 1 or input.ndim != target.ndim + 1:
            raise RuntimeError(
                f"target_: shape {target.shape} does not go with input_ of "
                f"{input.shape}"
            )
        if input.shape[:-1] != target.shape:
            raise RuntimeError(
                f"target_: {target.shape} samples do not go with input_ of "
                f"{input.shape}"
            )
        if target.dtype.kind not in "iu":
            raise RuntimeError(f"target_: integers were expected, got {target.dtype}")
        if target.size and (target.min() < 0 or target.max() >= self.n_classes):
            raise RuntimeError(
                f"target_: {target.min()} to {target.max()} is not in "
                f"[0, {self.n_classes})"
            )


def _taken(layer, x, taken):
    """The log-softmax of a layer's outputs at one place of each row, and the way back.

    From the gradient of these numbers to that of x.
    """
    z, layer_back = layer(x)
    log_p, rows = log_softmax(z, 1), np.arange(len(x))

    def back(g):
        dz = np.exp(log_p) * -g[:, None]
        dz[rows, taken] += g
        return layer_back(dz)

    return log_p[rows, taken], back
