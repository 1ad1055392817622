"""Decide what to do: pure functions and small synchronous state machines. No clock, no randomness, no I/O."""
