"""What is refused: the same calls as in PyTorch, with the same class of exception.

Every call is made on both sides. Where scratch is stricter than PyTorch, or PyTorch's
class is an accident, the call stands in a table of its own with the reason.
"""

import pytest

from each import each
from refusals import REFUSED
from refusals.accidents import DUCK_TYPING, STRICTER
from refusals.spec import SCRATCH, TORCH
from twofold.compare.concepts.catalogue import concepts

pytestmark = [
    pytest.mark.usefixtures("random_streams"),
    # What PyTorch warns of before it raises, or instead.
    pytest.mark.filterwarnings("ignore:.*(target|zero-element|elementwise_mean)"),
    pytest.mark.filterwarnings("ignore:reduction. 'mean' divides"),
]


def layer_of(name: str) -> str:
    """The layer or loss that a call of the table is made on."""
    return name.partition(",")[0].partition(":")[0]


def assert_says(error, argument):
    """The message names the argument, as a word of its own."""
    words = "".join(c if c.isalnum() or c == "_" else " " for c in str(error)).split()
    assert argument in words, f"{argument!r} is not in: {error}"


@each("name", REFUSED, by=layer_of)
def test_what_pytorch_refuses_is_refused_with_the_same_class(name):
    """Else: code that catches PyTorch's error does not catch ours, or goes wrong."""
    argument, call = REFUSED[name]
    with pytest.raises(Exception) as theirs:
        call(TORCH)
    with pytest.raises(Exception) as mine:
        call(SCRATCH)
    assert mine.type is not Exception
    assert issubclass(theirs.type, mine.type) or issubclass(mine.type, theirs.type)
    assert_says(mine.value, argument)


@each("name", DUCK_TYPING)
def test_a_type_error_where_pytorch_fails_by_accident(name):
    """Else: what is no array gets as far as an operation that means something else."""
    argument, call = DUCK_TYPING[name]
    with pytest.raises((AttributeError, AssertionError)):
        call(TORCH)
    with pytest.raises(TypeError) as mine:
        call(SCRATCH)
    assert_says(mine.value, argument)


@each("name", STRICTER)
def test_scratch_is_stricter_only_where_it_says_so(name):
    """Else: a difference from PyTorch is gone, or another, and nobody knows."""
    error, argument, call = STRICTER[name]
    call(TORCH)
    with pytest.raises(error) as mine:
        call(SCRATCH)
    assert_says(mine.value, argument)


def test_every_layer_and_loss_is_in_the_table():
    """Else: a new one is never called with a bad argument."""
    tested = set(map(layer_of, REFUSED))
    modules = {n.partition(".")[2] for n, c in concepts().items() if c.family == "nn"}
    assert modules - tested == set()
