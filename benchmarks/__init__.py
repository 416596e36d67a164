"""What ce-lint costs: `python -m benchmarks` prints the table of docs/speed.md; the other files look closer."""
