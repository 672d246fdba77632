"""Which platforms may use the tool: list, disable, invite."""
