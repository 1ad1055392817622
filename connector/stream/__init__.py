"""Carry records from Kafka through the decisions to the platform and back: the Faust app and its engine."""
