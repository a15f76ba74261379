"""How values stand in JSON: read, written and described from one table of types."""
