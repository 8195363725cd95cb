"""Data sets as tensors: where they are found, how they are split, how batches are made of them."""
