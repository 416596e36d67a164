"""The pytest plugin: `pytest --ce-lint`."""
