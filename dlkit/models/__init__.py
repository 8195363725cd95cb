"""The networks a config can name, one family a file."""
