"""Why a derivative is NaN, zero or huge: one recording, swept with every intermediate kept, and looked through."""
