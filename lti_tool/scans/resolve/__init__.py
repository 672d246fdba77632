"""The resolve screen: one paper after the other, by keyboard, with candidates, rearranging and undo."""
