"""Published signals into broker orders, exactly once."""
