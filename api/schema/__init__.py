"""What clients send and get, as JSON: one struct per shape, fields with units."""
