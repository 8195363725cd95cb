"""The dictionary: one page a term in two languages, found by any of its names, shown, and run."""
