"""The demonstration: a mixture model of Fisher's irises, fitted with and without exact derivatives."""
