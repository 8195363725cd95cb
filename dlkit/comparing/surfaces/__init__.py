"""Optimizers on surfaces of two parameters: paths, rates, rotations and basins, and their pictures."""
