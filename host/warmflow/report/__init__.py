"""The bench report: a run's readings in, accuracy, trumpet curve, sensitivity and verdicts out, as a page or as JSON.

It measures nothing and commands nothing; it reads a journal, a CSV or a scenario. Imports nothing itself.
"""
