"""What providers say that they charged: asked for, or read in a file."""
