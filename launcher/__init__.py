"""The workshop behind ./retail-ops. Standard library only."""
