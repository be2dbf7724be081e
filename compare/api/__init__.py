"""What a user calls: `check`, `assert_match` and `check_optimizer`."""

from .checks import assert_match, check
from .optimizers import check_optimizer

__all__ = ["assert_match", "check", "check_optimizer"]
