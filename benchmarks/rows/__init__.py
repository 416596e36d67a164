"""The rows of the table, a function each."""
