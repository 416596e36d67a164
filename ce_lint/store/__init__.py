"""What is kept on disk between two runs: opaque values by kind and key, never trusted and never missed."""
