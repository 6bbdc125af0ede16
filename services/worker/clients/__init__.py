"""The rooms that the worker calls."""
