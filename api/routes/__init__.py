"""What the service answers, by subject; each module lists its handlers."""
