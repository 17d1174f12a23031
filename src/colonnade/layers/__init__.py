"""Layers: what stands in front of a backend and is one. One job each."""
