"""Daily prices and corporate actions from a source into `raw`."""
