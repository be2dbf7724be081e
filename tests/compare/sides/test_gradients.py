"""What a way back may look like."""

import pytest

from twofold.compare.sides.gradients import walk_back


@pytest.mark.parametrize("count", [1, 2, 3])
def test_the_way_back_from_a_list_takes_a_list_of_whatever_length(count):
    """Else: a correct function that returns a list fails where it has one item."""

    def back(ds):
        return [2 * d for d in ds]

    assert walk_back(back, [0] * count, tuple(range(count))) == [
        2 * d for d in range(count)
    ]


def test_the_way_back_from_a_tuple_takes_an_argument_each():
    """Else: two outputs' gradients arrive as one, where each has its own name."""
    assert walk_back(lambda a: a, (0,), (5,)) == 5
    assert walk_back(lambda a, b: a - b, (0, 0), (5, 3)) == 2
    assert walk_back(lambda a, b: a - b, [0, 0], (5, 3)) == 2
    assert walk_back(lambda *ds: len(ds), [0], ((5, 3),)) == 1
    assert walk_back(lambda ds: len(ds), (0, 0), (5, 3)) == 2
