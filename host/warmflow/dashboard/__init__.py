"""The dashboard: pages, their live feed, and the history behind them. It takes updates and reads the journal; what a
person asks for goes to `requests`. It never slows a pump: a page that is slow loses its own oldest frames.
"""
