"""Recording: NumPy calls on recorded values become lines of a Wengert list."""
