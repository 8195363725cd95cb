"""The pictures that are more than a curve: one file each, drawn from a computation."""
