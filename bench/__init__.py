"""The benchmark: what the gateway serves, as shares of what bounds it on the same machine in the same run."""
