"""Comparing optimizers: a fair protocol over many small trainings, and paths on surfaces."""
