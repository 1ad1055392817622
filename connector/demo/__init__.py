"""The demo: a day of an invented CRM, played against the simulator, with proof at the end."""
