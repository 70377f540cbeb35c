"""Handlers of the requests that the daemon carries out itself, one module for each group of the request table."""
