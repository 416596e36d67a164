"""The command line: `ce-lint check`, `ce-lint explain`, `ce-lint rules`."""
