"""Objects with `forward` and `backward`, as one's own hands write them."""

import copy

from twofold import scratch

from .arrays import array_dtype, array_inputs, keep
from .gradients import assign, carrier_of, lost_numbers, upstream_of, walk_back
from .scratch_side import array_options
from .trace import Feed, Trace, flatten, is_floating, tensor_name


class ObjectSide:
    """An object with `forward(*arrays)` and `backward(*dys)`.

    Its parameters are attributes under the names of the reference's parameters (or
    mapped to them); the gradient of `W` is looked for, after `backward`, in
    `grads["W"]`, `gradients["W"]`, `dW`, `grad_W` and `W_grad`. Whether it trains is
    told by its attribute `training`, if it has one.
    """

    def __init__(self, subject, names: list[str]):
        self.subject = subject
        self.names = names
        self.buffers: set[str] = set()  # attributes that a call may change

    def make(self, feed: Feed):
        """A copy of the object, with the parameters of `feed`."""
        subject, dtype = copy.deepcopy(self.subject), array_dtype(feed)
        for name, value in vars(subject).items():
            if is_floating(value):
                setattr(subject, name, value.astype(dtype))
        for name, value in (feed.parameters or {}).items():
            if hasattr(subject, name):
                own = dtype if is_floating(value) else value.dtype
                setattr(subject, name, value.astype(own))
        if hasattr(subject, "training"):
            subject.training = feed.training
        return subject

    def run(self, feed: Feed) -> Trace:
        return self.call(self.make(feed), feed)

    def run_twice(self, feed: Feed) -> tuple[Trace, Trace]:
        """The same call twice, of one object."""
        subject = self.make(feed)
        return self.call(subject, feed), self.call(subject, feed)

    def call(self, subject, feed: Feed) -> Trace:
        scratch.manual_seed(feed.seed)
        inputs = array_inputs(feed)
        output = subject.forward(*inputs, **array_options(feed))
        trace = Trace()
        for name, y in flatten(output):
            keep(trace, name, y)
        if not feed.forward_only and feed.upstream_fits(trace.values()):
            dys = upstream_of(output, trace, feed)
            found = walk_back(subject.backward, output, dys)
            assign(trace, found, self.names, inputs, feed)
            for name in feed.parameters or {}:
                gradient = _gradient(subject, name)
                if gradient is not None:
                    keep(trace, tensor_name("grad of", name), gradient)
                    trace.carriers[tensor_name("grad of", name)] = carrier_of(feed)
        for name in sorted(self.buffers):
            keep(trace, tensor_name("buffer", name), getattr(subject, name))
        for name, written in lost_numbers(feed.inputs, inputs, self.names):
            trace[f"write to {name}"] = written
        return trace


def _gradient(subject, name: str):
    for holder in ("grads", "gradients"):
        if name in getattr(subject, holder, ()):
            return getattr(subject, holder)[name]
    for attribute in (f"d{name}", f"grad_{name}", f"{name}_grad"):
        if getattr(subject, attribute, None) is not None:
            return getattr(subject, attribute)
    return None
