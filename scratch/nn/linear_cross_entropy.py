"""A linear map and the cross-entropy of its outputs, as one loss with a weight."""

import math

from .._arrays import require_float_array, require_int, require_number
from .linear import Linear
from .loss import CrossEntropyLoss, _WeightedLoss

__all__ = ["LinearCrossEntropyLoss"]


class LinearCrossEntropyLoss(_WeightedLoss):
    r"""The last linear layer of a classifier, and its loss.

    Forward: $L = \mathrm{CrossEntropy}(x W^\top + b, t)$.

    Backward: that of `CrossEntropyLoss`, then that of `Linear`:
    $dz_{nj} = (p_{nj} \sum_c q_{nc} - q_{nj})\, dl_n$ with $p$ the softmax of the
    logits $z$; $dx = dz\, W$, $dW = dz^\top x$, $db = \sum_n dz_n$.

    With `out_features` $(d_1, \dots)$ there are as many losses for each sample, of C
    classes each. `linear` is the layer; its outputs are laid out as (C, d1, ...).
    `ignore_index` None means -100. `options` is taken for PyTorch's signature: it says
    how PyTorch cuts the batch so as never to hold all logits at once.

    Shape: x (N, in_features) or (in_features); target (N, d1, ...) or () for indices,
    (N, C, d1, ...) or (C) for probabilities.

    Raises: as `Linear` and `CrossEntropyLoss`; RuntimeError for a `weight` or a target
    of another shape, a label smoothing outside [0, 1], an `ignore_index` with
    probabilities.
    """

    def __init__(
        self,
        in_features,
        num_classes,
        *,
        out_features=(),
        bias=False,
        dtype=None,
        reduction="mean",
        weight=None,
        ignore_index=None,
        label_smoothing=0.0,
        options=None,
    ):
        require_int("num_classes", num_classes)
        require_number("label_smoothing", label_smoothing)
        if weight is not None and weight.shape != (num_classes,):
            raise RuntimeError(
                f"weight: shape ({num_classes},) was expected, got {weight.shape}"
            )
        if not 0 <= label_smoothing <= 1:
            raise RuntimeError(
                f"label_smoothing: a number in [0, 1] was expected, got "
                f"{label_smoothing}"
            )
        super().__init__(weight, reduction=reduction)
        self.num_classes = num_classes
        self.out_features = out_features
        self.ignore_index = ignore_index
        self.label_smoothing = label_smoothing
        count = math.prod(out_features, start=num_classes)
        self.linear = Linear(in_features, count, bias, dtype)
        self.options = options

    def forward(self, input, target):
        require_float_array("input", input)
        if input.ndim not in (1, 2) or (self.out_features and input.ndim == 1):
            raise RuntimeError(
                f"input: (N, {self.linear.in_features}) was expected, got {input.shape}"
            )
        z, linear_back = self.linear(input)
        shape = *input.shape[:-1], self.num_classes, *self.out_features
        if self.ignore_index is not None and target.shape == shape:
            raise RuntimeError("ignore_index: not supported for class probabilities")
        entropy = CrossEntropyLoss(
            self.weight,
            ignore_index=-100 if self.ignore_index is None else self.ignore_index,
            reduction=self.reduction,
            label_smoothing=self.label_smoothing,
        )
        loss, entropy_back = entropy(z.reshape(shape), target)

        def back(dy):
            return linear_back(entropy_back(dy).reshape(z.shape))

        return loss, back

    def extra_repr(self):
        return (
            f"in_features={self.linear.in_features}, num_classes={self.num_classes}, "
            f"out_features={self.out_features}, bias={self.linear.bias is not None}, "
            f"reduction={self.reduction}, ignore_index={self.ignore_index}, "
            f"label_smoothing={self.label_smoothing}, options={self.options}"
        )
