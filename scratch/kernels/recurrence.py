"""The loops over time of recurrent nets, made fast by what is taken out of them.

Below the layers, whose formulas are those of one step. What is the same at every step
stands outside of the loops: the part of the gates that comes from the input is one
product before them, the gradients of the weights are one product after them. A loop
gets `A` (T, B, gates), the input's part of all gates at every step, which it may
overwrite, and the states before the first step. It returns the output at every step,
the states after the last, and the way back, which gives the gradients of the gates: of
the input's part, of the hidden part, and of the states.
"""

import math

import numpy as np

from .._arrays import keep_where, product_over_rows, sum_rows

GATES = {"tanh": 1, "relu": 1, "GRU": 3, "LSTM": 4}


def sigmoid_(x: np.ndarray) -> np.ndarray:
    r"""$1 / (1 + e^{-x})$ in the place of x, precise at both ends.

    With $y = e^{-|x|} / (1 + e^{-|x|})$ it is y on the left and 1 - y on the right:
    a single rounding near 1, where the slope $s (1 - s)$ lives on the digits left.
    """
    y = np.copysign(x, -1)
    np.exp(y, out=y)
    y /= y + 1
    np.copysign(y, x, out=y)
    np.copysign(0.5, x, out=x)
    x += 0.5  # 0 on the left, 1 on the right
    x -= y
    return x


def run_rnn(A, states, W, nonlinearity):
    """$h_t = f(a_t + W h_{t-1})$ with f the hyperbolic tangent or ReLU."""
    (h0,) = states
    Y, h = A, h0
    product = np.empty(A.shape[1:], A.dtype)
    for y in Y:
        y += np.matmul(h, W.T, out=product)
        h = np.tanh(y, out=y) if nonlinearity == "tanh" else np.maximum(y, 0, out=y)

    def back(dY, dstates):
        D = np.empty_like(Y)
        (dh,) = dstates
        if nonlinearity == "tanh":
            np.multiply(Y, Y, out=D)
            np.subtract(1, D, out=D)
        for t in reversed(range(len(Y))):
            dh = dh + dY[t]
            if nonlinearity == "tanh":
                D[t] *= dh
            else:
                D[t] = keep_where(~(Y[t] <= 0), dh)
            dh = D[t] @ W
        return D, D, (dh,), ()

    return Y, (h,), back


def run_gru(A, states, W, b_n):
    """The gates r, z, n of `GRU` side by side; `b_n` is the bias within the reset."""
    (h0,) = states
    T, B, H = A.shape[0], A.shape[1], W.shape[1]
    Y, N = np.empty((2, T, B, H), A.dtype)  # the outputs, and W_n h + b_n
    product = np.empty((B, 3 * H), A.dtype)
    h = h0
    with np.errstate(over="ignore"):
        for a, y, hidden in zip(A, Y, N, strict=True):
            np.matmul(h, W.T, out=product)
            gates, n = a[:, : 2 * H], a[:, 2 * H :]
            gates += product[:, : 2 * H]
            sigmoid_(gates)
            np.add(product[:, 2 * H :], b_n, out=hidden)
            n += np.multiply(gates[:, :H], hidden, out=y)
            np.tanh(n, out=n)
            np.subtract(h, n, out=y)
            y *= gates[:, H:]
            y += n
            h = y

    def back(dY, dstates):
        (dh,) = dstates
        D = np.empty_like(A)
        D_hidden = np.empty_like(A)
        for t in reversed(range(T)):
            r, z, n = A[t, :, :H], A[t, :, H : 2 * H], A[t, :, 2 * H :]
            before = Y[t - 1] if t else h0
            dh = dh + dY[t]
            dz, dn = D[t, :, H : 2 * H], D[t, :, 2 * H :]
            new = 1 - z
            np.subtract(before, n, out=dz)
            dz *= dh
            dz *= z
            dz *= new
            np.multiply(dh, new, out=dn)
            dn *= 1 - n * n
            dr = D[t, :, :H]
            np.multiply(dn, N[t], out=dr)
            dr *= r
            dr *= 1 - r
            D_hidden[t, :, : 2 * H] = D[t, :, : 2 * H]
            np.multiply(dn, r, out=D_hidden[t, :, 2 * H :])
            dh *= z
            dh += D_hidden[t] @ W
        return D, D_hidden, (dh,), ()

    return Y, (h,), back


def run_lstm(A, states, W, W_r):
    """The gates i, f, g, o of `LSTM` side by side; `W_r` projects h, or is None."""
    h0, c0 = states
    T, B, H = A.shape[0], A.shape[1], A.shape[2] // 4
    C, tanh_C = np.empty((2, T, B, H), A.dtype)
    hidden = np.empty((T, B, H), A.dtype)  # before the projection
    Y = hidden if W_r is None else np.empty((T, B, len(W_r)), A.dtype)
    product, g = np.empty((B, 4 * H), A.dtype), np.empty((B, H), A.dtype)
    h, c = h0, c0
    with np.errstate(over="ignore"):
        for t in range(T):
            a = A[t]
            a += np.matmul(h, W.T, out=product)
            np.tanh(a[:, 2 * H : 3 * H], out=g)
            sigmoid_(a)  # of all four, since a block without gaps is faster
            a[:, 2 * H : 3 * H] = g
            i, f, o = a[:, :H], a[:, H : 2 * H], a[:, 3 * H :]
            g *= i
            c = np.multiply(f, c, out=C[t])
            c += g
            h = np.multiply(o, np.tanh(c, out=tanh_C[t]), out=hidden[t])
            if W_r is not None:
                h = np.matmul(h, W_r.T, out=Y[t])

    def back(dY, dstates):
        dh, dc = dstates
        D = np.empty_like(A)
        dW_r, slope = None, np.empty((B, H), A.dtype)
        dprojected = np.empty_like(Y)
        dc = dc.copy()
        for t in reversed(range(T)):
            a, d = A[t], D[t]
            i, f, g, o = (a[:, k * H : (k + 1) * H] for k in range(4))
            di, df, dg, do = (d[:, k * H : (k + 1) * H] for k in range(4))
            dh = np.add(dh, dY[t], out=dprojected[t])
            if W_r is not None:
                dh = dh @ W_r
            # y = o tanh c: what reaches c through the output joins what came later.
            np.multiply(tanh_C[t], tanh_C[t], out=slope)
            np.subtract(1, slope, out=slope)
            slope *= o
            slope *= dh
            dc += slope
            # Slopes of the gates, s (1 - s) and 1 - g^2, then times what reaches them.
            np.subtract(1, a, out=d)
            d *= a
            np.multiply(g, g, out=dg)
            np.subtract(1, dg, out=dg)
            do *= dh
            do *= tanh_C[t]
            di *= dc
            di *= g
            df *= dc
            df *= C[t - 1] if t else c0
            dg *= dc
            dg *= i
            dc *= f
            dh = d @ W
        if W_r is not None:
            flat = dprojected.reshape(T * B, len(W_r))
            dW_r = product_over_rows(flat, hidden.reshape(T * B, H))
        return D, D, (dh, dc), (dW_r,)

    return Y, (h, c), back


def scan(kind, X, states, weights, input_gradient=True, packing=None):
    """One layer in one direction, or one step of a cell: X (T, B, inputs).

    `kind` is "tanh", "relu", "GRU" or "LSTM"; `weights` are the parameters W_ih, W_hh,
    b_ih, b_hh and W_hr, None where there is none. Returns the outputs (T, B, outputs),
    the states after the last step, and the way back, which takes their gradients and
    returns those of X (None without `input_gradient`) and of the first states. With a
    `packing` X is (rows, inputs), and so are the outputs. Half precision is computed in
    single, as in PyTorch.
    """
    wide = np.promote_types(X.dtype, np.float32)
    W_ih, W_hh, b_ih, b_hh, W_hr = (
        None if p is None else p.data.astype(wide, copy=False) for p in weights
    )
    states = tuple(s.astype(wide, copy=False) for s in states)
    B = len(states[0])
    flat = np.asarray(X, wide).reshape(math.prod(X.shape[:-1]), X.shape[-1])
    A = flat @ W_ih.T
    gates = A.shape[1]
    b_n = 0
    if b_ih is not None:
        b_outside = b_hh
        if kind == "GRU":
            b_n, b_outside = b_hh[-len(b_hh) // 3 :], b_hh.copy()
            b_outside[-len(b_hh) // 3 :] = 0
        A += b_ih + b_outside

    def loop(A, states):
        if kind == "GRU":
            return run_gru(A, states, W_hh, b_n)
        if kind == "LSTM":
            return run_lstm(A, states, W_hh, W_hr)
        return run_rnn(A, states, W_hh, kind)

    if packing is None:
        Y, ends, steps_back = loop(A.reshape(*X.shape[:-1], gates), states)
    else:
        Y, ends, steps_back = packing.run(loop, A, states)

    def back(dY, dends):
        dY = dY.astype(wide, copy=False)
        dends = tuple(d.astype(wide, copy=False) for d in dends)
        with np.errstate(over="ignore"):  # of huge states, as in PyTorch
            D, D_hidden, dstates, rest = steps_back(dY, dends)
        D, D_hidden = D.reshape(len(A), gates), D_hidden.reshape(len(A), gates)
        flat_Y = Y.reshape(len(A), Y.shape[-1])
        # What step t read of step t - 1; the first step read the first states.
        before = flat_Y[: len(A) - B] if packing is None else flat_Y[packing.before]
        dW_hh = product_over_rows(D_hidden[B:], before)
        dW_hh += product_over_rows(D_hidden[:B], states[0])
        gradients = [product_over_rows(D, flat), dW_hh, None, None, *rest]
        if b_ih is not None:
            gradients[2] = sum_rows(D)
            gradients[3] = sum_rows(D_hidden)
        for parameter, gradient in zip(weights, gradients, strict=False):
            if parameter is not None:
                parameter.accumulate(gradient)
        dX = None
        if input_gradient:
            dX = (D @ W_ih).reshape(X.shape).astype(X.dtype, copy=False)
        return dX, tuple(d.astype(X.dtype, copy=False) for d in dstates)

    narrow = (x.astype(X.dtype, copy=False) for x in (Y, *ends))
    output, *ends = narrow
    return output, tuple(ends), back
