"""What stores: a folder for each kind of backend."""
