"""Visitors in all modes for as long as is asked, while things break and are mended; at the end everything adds up."""
