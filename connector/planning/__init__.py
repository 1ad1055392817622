"""Decide what to do: pure functions and small synchronous state machines."""
