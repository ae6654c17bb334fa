"""The demo: a small site that the project ships and crawls over loopback HTTP, so that all of it runs without internet."""
