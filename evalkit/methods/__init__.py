"""Statistics: arrays in, arrays out, one reference each. Knows nothing of evalkit."""
