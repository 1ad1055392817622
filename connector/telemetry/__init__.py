"""What a worker tells about itself: log lines and metrics, none with personal data."""
