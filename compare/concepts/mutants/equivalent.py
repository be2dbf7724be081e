"""Edits that change nothing that could be seen, each with the reason.

Known by the text of the line and what stands there afterwards, so that a line that
changes is asked again.
"""

from pathlib import Path

from .edits import Edit

KNOWN: dict[tuple[str, str, str], str] = {
    (
        "scratch/bases/transformer.py",
        "if mask is None or mask.ndim != 2 or mask.shape[0] != mask.shape[1]:",
        "3",
    ): "a causal mask is taken as any other: time, and no number",
    (
        "scratch/bases/recurrent_cell.py",
        "bound = 1 / math.sqrt(self.hidden_size) if self.hidden_size else 0",
        "1",
    ): "a hidden size of 0 has no parameters to draw",
    (
        "scratch/nn/adaptive_pooling.py",
        'sizes("output_size", n, 1, 0)',
        "2",
    ): "what is returned here is not used; refusals have their own tests",
    (
        "scratch/kernels/unfold.py",
        "start, stop = max(start - place.start, 0), max(stop - place.start, 0)",
        "-1",
    ): "it bounds parts that are empty",
    (
        "scratch/kernels/unfold.py",
        "length, area = out[0], math.prod(out[1:])",
        "0",
    ): "how much is taken at once: memory and time, not numbers",
    (
        "scratch/kernels/attention.py",
        "largest = max((e[i].size for i in where), default=0)",
        "1",
    ): "where there is nothing, nothing is done with it",
    (
        "scratch/optim/lr_scheduler/cosine.py",
        "if self._step_count == 1 and t > 0:",
        "t >= 0",
    ): "t is 0 at the start alone, which is answered above",
    (
        "scratch/optim/lr_scheduler/cycles.py",
        "height = x / up if x <= up else (x - 1) / (up - 1)",
        "x < up",
    ): "at the peak both slopes give 1",
    (
        "scratch/nn/conv_transpose.py",
        "Y += b.reshape(-1, *(1,) * self.dimensions)",
        "2",
    ): "any negative number stands for the rest of a shape",
    (
        "scratch/bases/transformer.py",
        "if mask is None or mask.ndim != 2 or mask.shape[0] != mask.shape[1]:",
        "0",
    ): "a mask that is not square is unequal to the causal one, which is",
    (
        "scratch/optim/asgd.py",
        'return {"eta": group["lr"], "mu": 1.0, "ax": 0.0}[name]',
        "-1.0",
    ): "mu is 1 at the first step, which sets the average to the parameter",
    (
        "scratch/kernels/packed.py",
        "return np.concatenate([part.reshape(-1, part.shape[2]) for part in parts])",
        "2",
    ): "any negative number stands for the rest of a shape",
    (
        "scratch/nn/pooling.py",
        'self.kernel_size = sizes("kernel_size", kernel_size, 1, 1)',
        "0",
    ): "the least size that is not refused; refusals have their own tests",
    (
        "scratch/kernels/unfold.py",
        "for some, lines in how.blocks(len(dx), out, W.shape[2] * dy.itemsize):",
        "W.shape[2] / dy.itemsize",
    ): "how much is taken at once: memory and time, not numbers",
    (
        "scratch/_generator.py",
        "return fused_multiply_add(standard, std, mean)",
        "fused_multiply_add(std, standard, mean)",
    ): "a product has no order",
    (
        "scratch/_mathfun.py",
        "return _add_round_to_odd(exact, np.float64(c)).astype(np.float32)",
        "_add_round_to_odd(np.float64(c), exact)",
    ): "a sum has no order",
    (
        "scratch/nn/activation.py",
        "y = np.asarray(x - (x.max(axis=dim, keepdims=True) if x.size else 0))",
        "1",
    ): "of no numbers: none is subtracted from",
    (
        "scratch/bases/recurrent.py",
        "dX = found[0] if len(found) == 1 or found[0] is None else sum(found)",
        "-1",
    ): "both directions have a gradient, or neither has",
    (
        "scratch/_arrays.py",
        "for i in range(1, x.ndim):",
        "0",
    ): "insertion begins one axis earlier, before which none is",
}


def reason(edit: Edit, root: Path) -> str:
    """Why nothing can be seen of an edit; empty where it is not known."""
    lines = (root / edit.path).read_text(encoding="utf-8").split("\n")
    return KNOWN.get((edit.path, lines[edit.line - 1].strip(), edit.after), "")
