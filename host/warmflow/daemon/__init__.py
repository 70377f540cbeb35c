"""The running daemon: `app` puts the parts together, `service` adds the web server and systemd, `health` and `metrics`
report on it. `config` reads the settings, `dispatcher` and `handlers` carry requests out.
"""
