"""PyTorch's own samples against scratch."""

import pytest

pytest.importorskip("expecttest", reason="PyTorch's samples need it")

from twofold.compare.concepts.conformance import class_names, conform


@pytest.mark.parametrize(
    "name",
    ["nn.Linear", "nn.CrossEntropyLoss", "nn.Softmax", "optim.Adam", "optim.SGD"],
)
def test_what_is_offered_passes_pytorchs_own_samples(name):
    """If this failed, an option or an error of PyTorch's would be missing."""
    result = conform(name)
    assert result.offered and result.samples > 0
    assert result.failures == []


def test_a_wrong_layer_fails_them(monkeypatch):
    """If this failed, the samples would pass whatever a layer does."""
    from twofold import scratch

    right = scratch.nn.Tanh.forward

    def wrong(self, x):
        y, back = right(self, x)
        return y, lambda dy: -back(dy)

    monkeypatch.setattr(scratch.nn.Tanh, "forward", wrong)
    result = conform("nn.Tanh")
    assert result.passed == 0 and "grad of input" in result.failures[0]


def test_what_is_not_offered_is_said_and_not_counted(monkeypatch):
    """If this failed, the coverage would be prettier than it is."""
    from twofold import scratch

    monkeypatch.delattr(scratch.nn, "CTCLoss")
    result = conform("nn.CTCLoss")
    assert (result.offered, result.samples) == (False, 0)
    assert not any(name.startswith("nn.Lazy") for name in class_names())
