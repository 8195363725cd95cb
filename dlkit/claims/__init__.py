"""Experiments: one file for each statement of the dictionary that can be measured."""
