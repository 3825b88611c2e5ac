"""Draws and speaks what the sample companies show: pictures, a PDF and a clip."""
