"""The lines of one example's recording, run on a whole batch at once."""
