"""Scenarios without a firmware: stepped by the physics library, or by closed forms in numpy. Imports nothing itself."""
