"""The benchmark: what the gateway serves, as a share of what its server engine serves of nothing."""
