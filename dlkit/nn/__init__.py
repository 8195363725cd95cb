"""What networks are made of and judged by: activations, layers, initialisation, losses."""
