"""dlkit: an executable deep-learning dictionary. This file imports nothing."""

__version__ = "0.1.0"
