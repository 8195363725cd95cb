"""Formulas: a subset of LaTeX, parsed once, shown as Unicode, ASCII or MathML."""
