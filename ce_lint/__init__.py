"""Finds softmax outputs, and their relatives, that reach a loss which applies them itself."""

__version__ = "0.1.0"
