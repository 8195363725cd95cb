"""Listeners to a run: what is shown, written and saved of it. They see events and nothing else."""
