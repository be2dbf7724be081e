"""Sides for the clipping of gradients."""

import numpy as np

from twofold import scratch, torch_ref

from ...sides.arrays import to_numpy, to_torch
from ...sides.trace import Feed, Trace


class ClippingSide:
    """A function of `nn.utils` on the gradients of an optimiser's two groups.

    The trace holds the norm, where one is returned, and the gradients; or that it
    refused.
    """

    def __init__(self, name: str, function, case, tree):
        self.name = name
        self.function = function
        self.case = case
        self.tree = tree

    def run(self, feed: Feed) -> Trace:
        parameters = [self._parameter(g, feed.dtype) for g in feed.inputs]
        groups = [{"params": parameters[:2]}, {"params": parameters[2:]}]
        optimizer = self.tree.optim.SGD(groups)
        trained = [p for group in optimizer.param_groups for p in group["params"]]
        trace = Trace()
        try:
            norm = self._call(trained)
        except RuntimeError:
            norm = None
            trace["refused"] = np.array(True)
        if norm is not None:
            trace["total norm"] = np.array(to_numpy(norm))
        for i, p in enumerate(parameters):
            if p.grad is not None:
                trace[f"grad of p{i}"] = np.array(to_numpy(p.grad))
        return trace

    def _call(self, parameters: list):
        options = self.case.options
        utils = self.tree.nn.utils
        gradients = [p.grad for p in parameters if p.grad is not None]
        if self.name == "nn.utils.get_total_norm":
            return self.function(gradients, **options)
        if self.name == "nn.utils.clip_grads_with_norm_":
            options = {**options, "total_norm": utils.get_total_norm(gradients)}
        return self.function(parameters, **options)

    def _parameter(self, gradient, dtype):
        zeros = np.zeros(() if gradient is None else gradient.shape, dtype)
        torch_side = self.tree is torch_ref
        p = self.tree.nn.Parameter(to_torch(zeros) if torch_side else zeros)
        if gradient is not None:
            p.grad = to_torch(gradient) if torch_side else gradient.copy()
        return p


def clipping_sides(concept, case, dice, seed, device):
    feed = Feed(np.dtype(np.float64), case.draw(dice), seed=seed)
    sides = [
        ClippingSide(concept.name, function, case, tree)
        for function, tree in ((concept.scratch, scratch), (concept.torch, torch_ref))
    ]
    return *sides, feed, []
