"""Code by hand as a side: modules of `scratch.nn` and functions of arrays."""

import copy
from collections.abc import Callable

from twofold import scratch

from .arrays import array_dtype, array_inputs, keep, own_packed
from .gradients import assign, carrier_of, lost_numbers, upstream_of, walk_back
from .trace import Feed, Trace, flatten, is_floating, tensor_name


def both_ways(returned) -> tuple:
    """The output and the way back, which a call has to return."""
    if not is_both_ways(returned):
        raise TypeError(
            "mine: a call was expected to return (y, back), the output and a function "
            f"from its gradient to that of the inputs, got {type(returned).__name__}"
        )
    return returned


def is_both_ways(returned) -> bool:
    pair = isinstance(returned, tuple | list) and len(returned) == 2
    return pair and callable(returned[1])


class ScratchSide:
    """Code by hand: `build(dtype)` makes it, calling it with arrays gives (y, back).

    `lenient` code need not give a gradient for every input; what it gives is compared.
    """

    def __init__(self, build: Callable, names: list[str], lenient: bool = False):
        self.build = build
        self.names = names
        self.lenient = lenient
        self.subject: scratch.nn.Module | None = None

    @staticmethod
    def of(subject, names: list[str]):
        """Of somebody's module that is there: each run has a copy of its own."""
        side = ScratchSide(lambda dtype: subject, names, lenient=True)
        side.subject = subject
        return side

    def make(self, feed: Feed):
        """The module, in the dtype and with the parameters of `feed`."""
        given = dict(feed.parameters or {})
        if self.subject is None:
            module = self.build(feed.dtype)
        else:  # what `feed` has parameters for is not copied twice
            copies = {}
            for name, x in self.subject.state_dict().items():
                if name in given and given[name].shape == x.shape and is_floating(x):
                    copies[id(x)] = given.pop(name).astype(feed.dtype)
            module = copy.deepcopy(self.subject, copies)
        if isinstance(module, scratch.nn.Module):
            module.train(feed.training).to(feed.dtype)
            if given:
                module.load_state_dict(given, strict=False)
        return module

    def run(self, feed: Feed) -> Trace:
        return self.call(self.make(feed), feed)

    def run_twice(self, feed: Feed) -> tuple[Trace, Trace]:
        """The same call twice, of one module."""
        module = self.make(feed)
        first = self.call(module, feed)
        if isinstance(module, scratch.nn.Module):
            module.zero_grad()
        return first, self.call(module, feed)

    def call(self, module, feed: Feed) -> Trace:
        scratch.manual_seed(feed.seed)
        inputs = own_packed(scratch, array_inputs(feed))
        returned = module(*inputs, **array_options(feed))
        if feed.forward_only:
            output = returned[0] if is_both_ways(returned) else returned
            back = None
        else:
            output, back = both_ways(returned)
        trace = Trace()
        for name, y in flatten(output):
            keep(trace, name, y)
        if back is not None and feed.upstream_fits(trace.values()):
            self._go_back(trace, back, output, inputs, feed)
            if isinstance(module, scratch.nn.Module):
                for path, parameter in module.named_parameters():
                    if parameter.grad is not None:
                        name = tensor_name("grad of", path)
                        keep(trace, name, parameter.grad)
                        trace.carriers[name] = carrier_of(feed)
        if isinstance(module, scratch.nn.Module) and (back or feed.forward_only):
            for path, buffer in module.named_buffers():
                keep(trace, tensor_name("buffer", path), buffer)
        for name, written in lost_numbers(feed.inputs, inputs, self.names):
            trace[f"write to {name}"] = written  # inputs are read only
        return trace

    def _go_back(self, trace: Trace, back, output, inputs, feed: Feed) -> None:
        dys = upstream_of(output, trace, feed)
        assign(trace, walk_back(back, output, dys), self.names, inputs, feed)
        if not self.lenient:
            trace.unclaimed.clear()


def array_options(feed: Feed) -> dict:
    """Keywords of a call, their floats in the dtype of the run."""
    dtype = array_dtype(feed)
    return {
        name: x.astype(dtype) if is_floating(x) else x
        for name, x in feed.options.items()
    }
