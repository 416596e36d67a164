"""Run the command line as `python -m ce_lint`."""

from ce_lint.cli.main import main

if __name__ == "__main__":
    main(prog_name="ce-lint")
