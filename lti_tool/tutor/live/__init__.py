"""Turns while they grow: numbered frames, who watches them on this node, and turns that another node answers."""
