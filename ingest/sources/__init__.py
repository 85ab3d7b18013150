"""Price sources behind one small protocol."""
