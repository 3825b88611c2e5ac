"""The second stage of search: puts the merged hits into a better order."""
