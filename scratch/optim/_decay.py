"""The first step of most rules: which way is down, and the decay of the weights."""

import numpy as np


def with_decay(group: dict, p: np.ndarray, g: np.ndarray, decoupled: bool = False):
    r"""The $g$ that a rule goes on with, from the gradient of the parameters $p$.

    With `maximize` the gradient is turned. Then, with $\lambda$ = `weight_decay`,
    $g + \lambda\, p$, the gradient with an L2 penalty $\lambda/2\, |p|^2$; or
    `decoupled` from it, $p \leftarrow p - \gamma \lambda\, p$ with $\gamma$ = `lr`, in
    place, and $g$ as it is.
    """
    if group["maximize"]:
        g = -g
    if group["weight_decay"] != 0:
        if decoupled:
            p *= 1 - group["lr"] * group["weight_decay"]
        else:
            g = g + group["weight_decay"] * p
    return g
