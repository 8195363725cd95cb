"""Kinds of learning problem: what is minimised, what is measured, which parts move."""
