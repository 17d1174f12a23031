"""Buckets by other names: what clients call a bucket, and where a backend keeps it."""

from colonnade.layers.bucketmap.layer import BucketMap
from colonnade.layers.bucketmap.names import Names, Place

__all__ = ["BucketMap", "Names", "Place"]
