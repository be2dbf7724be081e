"""Recurrent layers: a cell run over time, by the loops of `kernels/recurrence.py`."""

from ..bases.recurrent import Recurrent, require_states
from ..bases.recurrent_cell import RecurrentCell

__all__ = ["GRU", "LSTM", "RNN", "GRUCell", "LSTMCell", "RNNCell"]


class RNN(Recurrent):
    r"""The recurrent network of Elman: a hidden state that sees itself one step before.

    Forward: $h_t = f(W_{ih} x_t + b_{ih} + W_{hh} h_{t-1} + b_{hh})$ for
    $t = 1 \dots T$, with $f$ the hyperbolic tangent, or ReLU with
    `nonlinearity="relu"`. The output is all $h_t$, and the last one again.

    Backward: $h_t$ reaches the loss as an output and through $h_{t+1}$, so from the
    last step to the first, with $a_t$ the argument of $f$,

    $dh_t = dy_t + W_{hh}^\top da_{t+1}$, $da_t = dh_t \odot f'(a_t)$, where
    $\tanh' = 1 - h_t^2$ and $\mathrm{ReLU}' = [h_t > 0]$;

    $dx_t = W_{ih}^\top da_t$, $dW_{ih} = \sum_t da_t x_t^\top$,
    $dW_{hh} = \sum_t da_t h_{t-1}^\top$, $db_{ih} = db_{hh} = \sum_t da_t$, and
    $dh_0 = W_{hh}^\top da_1$. The sum over time in $dW$ is the product of two matrices
    that have a row for each step of each sample.

    `num_layers` stacks layers, with dropout of probability `dropout` between them
    while training; `bidirectional` adds a second network that reads from the end, its
    outputs beside the others.

    Shape: $x$ (T, B, input_size), or (B, T, input_size) with `batch_first`, or
    (T, input_size); output (..., directions * hidden_size); $h_0$ and $h_T$
    (layers * directions, B, hidden_size), without B for a single sequence. $h_0$ is
    zeros if it is not given, and else has its gradient returned after that of $x$.

    Sequences of different lengths: $x$ may be a `PackedSequence` (see
    `nn.utils.rnn.pack_padded_sequence`), and then so is the output. T is $T_i$ for
    sample i: its last state is $h_{T_i}$, where the second direction begins, and
    nothing is computed beyond. The gradients of packed sequences are arrays like their
    `data`; states are in the order of the samples before packing.

    Raises: as `Recurrent`; ValueError for a `proj_size`, which only an `LSTM` has.
    Source: Elman, Finding structure in time, 1990.
    """

    def __init__(
        self,
        input_size,
        hidden_size,
        num_layers=1,
        nonlinearity="tanh",
        bias=True,
        batch_first=False,
        dropout=0.0,
        bidirectional=False,
        dtype=None,
        **options,
    ):
        _refuse_others("RNN", options)
        if nonlinearity not in ("tanh", "relu"):
            raise ValueError(
                f"nonlinearity: 'tanh' or 'relu' was expected, got {nonlinearity!r}"
            )
        self.nonlinearity = nonlinearity
        super().__init__(
            nonlinearity,
            input_size,
            hidden_size,
            num_layers,
            bias,
            batch_first,
            dropout,
            bidirectional,
            dtype=dtype,
        )

    def forward(self, input, hx=None):
        return _forward_of_one_state(self, input, hx)


class GRU(Recurrent):
    r"""Gated recurrent units: a state that is kept, reset or renewed by gates.

    Forward: $r_t = \sigma(W_{ir} x_t + b_{ir} + W_{hr} h_{t-1} + b_{hr})$ resets,
    $z_t = \sigma(W_{iz} x_t + b_{iz} + W_{hz} h_{t-1} + b_{hz})$ keeps,
    $n_t = \tanh(W_{in} x_t + b_{in} + r_t \odot m_t)$ with
    $m_t = W_{hn} h_{t-1} + b_{hn}$ is new, and
    $h_t = (1 - z_t) \odot n_t + z_t \odot h_{t-1}$.
    The reset comes after the product with $W_{hn}$, unlike in the paper: so all three
    products with $h_{t-1}$ are one. The weights are stacked in the order r, z, n.

    Backward: with $dh_t$ from the output and the step after, and $d\hat g$ the gradient
    of what is inside the nonlinearity of gate g,

    $d\hat n = dh_t \odot (1 - z_t) \odot (1 - n_t^2)$;
    $d\hat z = dh_t \odot (h_{t-1} - n_t) \odot z_t (1 - z_t)$;
    $d\hat r = d\hat n \odot m_t \odot r_t (1 - r_t)$; $dm_t = d\hat n \odot r_t$;

    $dh_{t-1} = dh_t \odot z_t + W_{hr}^\top d\hat r + W_{hz}^\top d\hat z
    + W_{hn}^\top dm_t$;
    $dx_t = W_{ir}^\top d\hat r + W_{iz}^\top d\hat z + W_{in}^\top d\hat n$; weights
    and biases as in `RNN`, those of the hidden part of n with $dm_t$.

    Options, shapes and errors are those of `RNN`. Source: Cho et al., Learning phrase
    representations using RNN encoder-decoder, 2014.
    """

    def __init__(
        self,
        input_size,
        hidden_size,
        num_layers=1,
        bias=True,
        batch_first=False,
        dropout=0.0,
        bidirectional=False,
        dtype=None,
        **options,
    ):
        _refuse_others("GRU", options)
        super().__init__(
            "GRU",
            input_size,
            hidden_size,
            num_layers,
            bias,
            batch_first,
            dropout,
            bidirectional,
            dtype=dtype,
        )

    def forward(self, input, hx=None):
        return _forward_of_one_state(self, input, hx)


def _refuse_others(name, options):
    """Raise for options that the layer has not; for `proj_size` as PyTorch does."""
    if "proj_size" in options:
        raise ValueError(f"proj_size: a projection is for LSTM only, not for {name}")
    if options:
        raise TypeError(f"{name}: there is no option {next(iter(options))!r}")


class LSTM(Recurrent):
    r"""Long short-term memory: a cell state that gates write to, erase and read.

    Forward: with $\hat g_t = W_{ig} x_t + b_{ig} + W_{hg} h_{t-1} + b_{hg}$ for each of
    the four gates, stacked in the order i, f, g, o,

    $i_t = \sigma(\hat i_t)$ writes, $f_t = \sigma(\hat f_t)$ keeps,
    $g_t = \tanh(\hat g_t)$ is new, $o_t = \sigma(\hat o_t)$ reads;
    $c_t = f_t \odot c_{t-1} + i_t \odot g_t$, $h_t = o_t \odot \tanh c_t$,
    and with `proj_size` $h_t = W_{hr} (o_t \odot \tanh c_t)$.

    Backward: with $dh_t$ from the output and the step after (times $W_{hr}^\top$ if
    there is a projection), the cell state hears of the loss twice,

    $dc_t = dh_t \odot o_t \odot (1 - \tanh^2 c_t) + dc_{t+1} \odot f_{t+1}$;

    $d\hat o = dh_t \odot \tanh c_t \odot o_t (1 - o_t)$;
    $d\hat i = dc_t \odot g_t \odot i_t (1 - i_t)$;
    $d\hat f = dc_t \odot c_{t-1} \odot f_t (1 - f_t)$;
    $d\hat g = dc_t \odot i_t \odot (1 - g_t^2)$;

    $dh_{t-1} = \sum_g W_{hg}^\top d\hat g_t$; inputs, weights and biases as in `RNN`.

    The states are a pair: (h_0, c_0) in, (h_T, c_T) out, and so are their gradients;
    one of the pair may be None. With `proj_size` h has that size, c `hidden_size`.
    Options, shapes and errors are those of `RNN`. Source: Hochreiter and Schmidhuber,
    Long short-term memory, 1997; the gate f: Gers et al., Learning to forget, 2000;
    the projection: Sak et al., 2014.
    """

    def __init__(
        self,
        input_size,
        hidden_size,
        num_layers=1,
        bias=True,
        batch_first=False,
        dropout=0.0,
        bidirectional=False,
        proj_size=0,
        dtype=None,
    ):
        super().__init__(
            "LSTM",
            input_size,
            hidden_size,
            num_layers,
            bias,
            batch_first,
            dropout,
            bidirectional,
            proj_size,
            dtype=dtype,
        )

    def forward(self, input, hx=None):
        require_states("hx", hx, 2)
        y, ends, run_back = self.run(input, hx)

        def back(dy=None, dends=None):
            dx, dhx = run_back(dy, dends or (None, None))
            return dx if hx is None else (dx, dhx)

        return (y, ends), back


def _forward_of_one_state(layer, input, hx):
    require_states("hx", hx, 1)
    y, (end,), run_back = layer.run(input, None if hx is None else (hx,))

    def back(dy=None, dend=None):
        dx, (dhx,) = run_back(dy, (dend,))
        return dx if hx is None else (dx, dhx)

    return (y, end), back


class RNNCell(RecurrentCell):
    r"""One step of an `RNN`.

    Forward: $h' = f(W_{ih} x + b_{ih} + W_{hh} h + b_{hh})$. Backward: that of `RNN`
    at a single step; the gradient of $h$ is returned after that of $x$.

    Shape: $x$ (B, input_size) or (input_size), $h$ and $h'$ (B, hidden_size) or
    (hidden_size); $h$ is zeros if it is not given. Raises: as `RecurrentCell`, and
    RuntimeError for an unknown `nonlinearity`.
    """

    def __init__(
        self, input_size, hidden_size, bias=True, nonlinearity="tanh", dtype=None
    ):
        super().__init__("tanh", input_size, hidden_size, bias, dtype)
        self.nonlinearity = nonlinearity

    def forward(self, input, hx=None):
        if self.nonlinearity not in ("tanh", "relu"):
            raise RuntimeError(
                f"nonlinearity: 'tanh' or 'relu' was expected, "
                f"got {self.nonlinearity!r}"
            )
        return _step_of_one_state(self, self.nonlinearity, input, hx)


class GRUCell(RecurrentCell):
    r"""One step of a `GRU`, whose formulas, forward and backward, hold here.

    Forward: $h' = (1 - z) \odot n + z \odot h$. Backward: that of `GRU` at a single
    step; the gradient of $h$ is returned after that of $x$.

    Shape and errors: as `RNNCell`.
    """

    def __init__(self, input_size, hidden_size, bias=True, dtype=None):
        super().__init__("GRU", input_size, hidden_size, bias, dtype)

    def forward(self, input, hx=None):
        return _step_of_one_state(self, "GRU", input, hx)


class LSTMCell(RecurrentCell):
    r"""One step of an `LSTM`, whose formulas, forward and backward, hold here.

    Forward: $c' = f \odot c + i \odot g$ and $h' = o \odot \tanh c'$; the output is the
    pair (h', c'). Backward: that of `LSTM` at a single step, from (dh', dc'), either
    of which may be None, to dx and, if (h, c) was given, (dh, dc).

    Shape and errors: as `RNNCell`.
    """

    def __init__(self, input_size, hidden_size, bias=True, dtype=None):
        super().__init__("LSTM", input_size, hidden_size, bias, dtype)

    def forward(self, input, hx=None):
        require_states("hx", hx, 2)
        ends, step_back = self.step("LSTM", input, hx)

        def back(dh=None, dc=None):
            dx, dhx = step_back(dh, dc)
            return dx if hx is None else (dx, dhx)

        return ends, back


def _step_of_one_state(cell, kind, input, hx):
    require_states("hx", hx, 1)
    (end,), step_back = cell.step(kind, input, None if hx is None else (hx,))

    def back(dend):
        dx, (dhx,) = step_back(dend)
        return dx if hx is None else (dx, dhx)

    return end, back
