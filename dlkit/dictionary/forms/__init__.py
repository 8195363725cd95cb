"""The formulas of the pages as plain Python: floats and lists in, floats and lists out."""
