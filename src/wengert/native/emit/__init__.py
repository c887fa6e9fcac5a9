"""From nodes to LLVM IR."""
