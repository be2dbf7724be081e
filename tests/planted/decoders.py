"""Mistakes in the decoder, in distances, bags and losses of sequences."""

import numpy as np

from twofold.compare.concepts.selftest import Plant, patch
from twofold.scratch import nn
from twofold.scratch._arrays import unbroadcast
from twofold.scratch.bases import transformer
from twofold.scratch.nn import (
    adaptive,
    ctc_loss,
    embedding_loss,
    sparse,
    transformer_decoder,
)

MINE, DIFFERENT = "mine: backward", "different functions"


def _cross(change):
    """`cross_attention` with other masks: `change(mask, padding, is_causal)`."""
    right = transformer_decoder.cross_attention

    def cross(attention, dropout, memory, *masks):
        return right(attention, dropout, memory, *change(*masks))

    return patch(transformer_decoder, "cross_attention", cross)


def _open(mask):
    """A mask of the same shape that hides nothing."""
    return None if mask is None else np.zeros_like(mask)


def _values_only():
    """The memory's gradient from the values, without that from the keys."""
    right = transformer._attend

    def attend(attention, dropout, x, memory, *masks):
        a, right_back = right(attention, dropout, x, memory, *masks)

        def back(da):
            dq, dk, *others = right_back(da)
            return dq, dk if memory is x else 0 * dk, *others

        return a, back

    return patch(transformer, "_attend", attend)


def _last_layer_only():
    """The memory hears of the last layer of the stack only."""
    right = nn.TransformerDecoder.forward

    def forward(self, tgt, memory, *others, **options):
        y, back = right(self, tgt, memory, *others, **options)

        def wrong(dy):
            dx, _, *dmasks = back(dy)
            layers = list(self.layers)
            x = tgt
            for layer in layers[:-1]:
                x, _ = layer(x, memory)
            h, layer_back = layers[-1](x, memory)
            if self.norm is not None:
                dy = self.norm(h)[1](dy)
            grads = [p.grad for p in self.parameters()]
            _, dmemory = layer_back(dy)[:2]
            for p, g in zip(self.parameters(), grads, strict=True):
                p.grad = g
            return dx, dmemory, *dmasks

        return y, wrong

    return patch(nn.TransformerDecoder, "forward", forward)


def _source_without_gradient():
    """The memory taken for data: nothing leads back to the source."""
    right = nn.Transformer.forward

    def forward(self, src, tgt, *masks, **options):
        y, back = right(self, src, tgt, *masks, **options)

        def wrong(dy):
            dsrc, *others = back(dy)
            return np.zeros_like(dsrc), *others

        return y, wrong

    return patch(nn.Transformer, "forward", forward)


def _documented_epsilon():
    """One epsilon for the product of both lengths, as the documentation has it."""

    def forward(self, x1, x2):
        x, y = np.broadcast_arrays(x1, x2)
        axis = self.dim % x.ndim
        dot, xx, yy = (
            (a * b).sum(axis, keepdims=True) for a, b in ((x, y), (x, x), (y, y))
        )
        product = np.sqrt(xx * yy)
        norm = np.maximum(product, x.dtype.type(self.eps))
        c = dot / norm

        def back(dc):
            dc = np.expand_dims(dc, axis)
            along = np.where(product > self.eps, c, 0)
            dx = dc * (y / norm - along * x / np.where(xx > 0, xx, 1))
            dy = dc * (x / norm - along * y / np.where(yy > 0, yy, 1))
            return unbroadcast(dx, x1.shape), unbroadcast(dy, x2.shape)

        return c.squeeze(axis), back

    return patch(nn.CosineSimilarity, "forward", forward)


def _difference_without_epsilon():
    right = embedding_loss.pairwise_distance

    def forward(self, x1, x2):
        return right(x1, x2, self.norm, 0.0, self.keepdim)

    return patch(nn.PairwiseDistance, "forward", forward)


def _padding_counted():
    """A mean that divides by all places, with those of the padding."""
    right = sparse.sums_of_runs

    def sums(rows, counts):
        total = right(rows, counts)
        counts += counts.max(initial=0) - counts if len(counts) else 0
        return total

    return patch(sparse, "sums_of_runs", sums)


def _bag_weights_forgotten():
    """On the way back rows get their bag's gradient without their weights."""
    right = nn.EmbeddingBag.forward

    def forward(self, input, offsets=None, per_sample_weights=None):
        y, back = right(self, input, offsets, per_sample_weights)

        def wrong(dy):
            before = self.weight.grad
            found = back(dy)
            if per_sample_weights is not None:
                self.weight.grad = before
                right(self, input, offsets, np.ones_like(per_sample_weights))[1](dy)
            return found

        return y, wrong

    return patch(nn.EmbeddingBag, "forward", forward)


def _every_blank_left_out():
    """Equal neighbours said without a blank between them."""
    right = nn.CTCLoss._path

    def path(self, labels):
        places, skips = right(self, labels)
        skips[:, 2:] = places[:, 2:] != self.blank
        return places, skips

    return patch(nn.CTCLoss, "_path", path)


def _blank_is_zero():
    right = nn.CTCLoss._path

    def path(self, labels):
        places, skips = right(self, labels)
        places[:, 0::2] = 0
        return places, skips

    return patch(nn.CTCLoss, "_path", path)


def _last_blank_required():
    """A path must end in a blank."""
    right = ctc_loss._at_the_end

    def at_the_end(last, lengths):
        blank, label = right(last, lengths)
        return blank, np.where(lengths > 0, blank.dtype.type(-np.inf), label)

    return patch(ctc_loss, "_at_the_end", at_the_end)


def _second_input_once():
    """Bilinear's second input as if the weight were the same for every output."""
    right = nn.Bilinear.forward

    def forward(self, input1, input2):
        y, back = right(self, input1, input2)

        def wrong(dy):
            da, db = back(dy)
            return da, db / dy.dtype.type(max(self.out_features, 1))

        return y, wrong

    return patch(nn.Bilinear, "forward", forward)


def _cluster_without_its_place():
    """A rare class's probability within its cluster, not times the cluster's."""
    right = adaptive._taken

    def taken(layer, x, places):
        output, back = right(layer, x, places)
        if isinstance(layer, nn.Linear):  # the head
            beyond = places >= layer.out_features - 2
            return np.where(beyond, 0, output).astype(output.dtype), back
        return output, back

    return patch(adaptive, "_taken", taken)


LAYER = "nn.TransformerDecoderLayer"
PLANTS = [
    Plant(
        "the decoder's memory without the gradient of its keys",
        "one path of two",
        (LAYER,),
        _values_only,
        "grad of memory",
        MINE,
    ),
    Plant(
        "the decoder's memory mask ignored",
        "an argument that is not handed on",
        (LAYER,),
        lambda: _cross(lambda mask, padding, causal: (_open(mask), padding, False)),
        "output",
        DIFFERENT,
    ),
    Plant(
        "the decoder's memory padding ignored",
        "an argument that is not handed on",
        (LAYER,),
        lambda: _cross(lambda mask, padding, causal: (mask, _open(padding), causal)),
        "output",
        DIFFERENT,
    ),
    Plant(
        "the memory's gradient of the last layer only",
        "gradients overwritten instead of added",
        ("nn.TransformerDecoder",),
        _last_layer_only,
        "grad of memory",
        MINE,
    ),
    Plant(
        "no gradient from the decoder to the source",
        "a memory detached",
        ("nn.Transformer",),
        _source_without_gradient,
        "grad of src",
        MINE,
    ),
    Plant(
        "one epsilon for both lengths of a cosine",
        "the formula of PyTorch's documentation",
        ("nn.CosineSimilarity",),
        _documented_epsilon,
        "output",
        DIFFERENT,
    ),
    Plant(
        "a distance without its epsilon",
        "the formula of the textbook",
        ("nn.PairwiseDistance",),
        _difference_without_epsilon,
        "output",
        DIFFERENT,
    ),
    Plant(
        "padding counted in the mean of a bag",
        "an unweighted denominator, as in pytorch PR#69511",
        ("nn.EmbeddingBag",),
        _padding_counted,
        "output",
        DIFFERENT,
    ),
    Plant(
        "weights of samples forgotten on the way back",
        "a product with one factor only",
        ("nn.EmbeddingBag",),
        _bag_weights_forgotten,
        "grad of weight",
        MINE,
    ),
    Plant(
        "CTC without a blank between equal labels",
        "the rule for unlike labels applied to all",
        ("nn.CTCLoss",),
        _every_blank_left_out,
        "output",
        DIFFERENT,
    ),
    Plant(
        "CTC's blank hard-coded",
        "an option ignored",
        ("nn.CTCLoss",),
        _blank_is_zero,
        "output",
    ),
    Plant(
        "CTC's path that must end in a blank",
        "one end of two",
        ("nn.CTCLoss",),
        _last_blank_required,
        "output",
    ),
    Plant(
        "a rare class as if its cluster were certain",
        "one factor of two",
        ("nn.AdaptiveLogSoftmaxWithLoss",),
        _cluster_without_its_place,
        "output",
    ),
    Plant(
        "a bilinear form's second gradient averaged over outputs",
        "mean for sum",
        ("nn.Bilinear",),
        _second_input_once,
        "grad of input2",
        MINE,
    ),
]
