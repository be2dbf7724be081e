"""What all tests share."""

import pytest

# Their asserts say as much as those of the tests that share them.
pytest.register_assert_rewrite("draws", "every_concept", "optimizers", "schedules")


@pytest.fixture(scope="session", autouse=True)
def one_thread():
    """Small tensors gain nothing from a second thread, and wait long for a busy one."""
    import torch  # here, so that the process that only hands out tests does without

    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture
def random_streams():
    """Both default streams, put back as they were."""
    import torch

    from twofold import scratch

    with scratch.random.fork_rng(), torch.random.fork_rng(devices=[]):
        yield
