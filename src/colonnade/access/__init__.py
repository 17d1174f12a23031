"""May this caller do that? Knows callers, policies and ACLs, and no HTTP."""
