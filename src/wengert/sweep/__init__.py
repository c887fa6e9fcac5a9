"""The two sweeps over a Wengert list: tangents forward, cotangents in reverse."""
