"""Scenarios without a firmware: stepped by the physics library, or in closed form by numpy. Imports nothing itself."""
