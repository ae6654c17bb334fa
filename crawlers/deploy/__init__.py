"""Deployment: what lets other programs start crawls."""
