"""The administrator's API: accounts and the owners of buckets, in the compatible gateway's requests and answers."""
