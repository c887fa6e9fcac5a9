"""Native code: traces lowered to LLVM."""
