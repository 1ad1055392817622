"""Carry records from Kafka through the decisions to the platform: the Faust app and its engine."""
