"""The command line: `ce-lint check`, `confirm`, `run`, `demo`, `doctor`, `explain`, `rules`."""
