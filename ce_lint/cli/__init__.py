"""The command line: `ce-lint check`, `confirm`, `run`, `demo`, `explain`, `rules`."""
