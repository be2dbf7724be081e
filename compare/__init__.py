"""The harness: runs both sides on the same numbers and says whether they match."""
