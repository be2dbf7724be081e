"""Two trainings in lockstep, their verdict and their dashboard."""
