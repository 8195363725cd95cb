"""How a task is trained: the engine, the loop, early stopping, checkpoints."""
