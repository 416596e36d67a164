"""What `ce-lint doctor` looks at around a project: flake8, ruff, editor and hooks, each with the line to change."""
