"""Both sides of the concepts that are neither layers nor networks."""
