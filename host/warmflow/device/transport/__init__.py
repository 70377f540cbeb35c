"""Where bytes come from and go to: a serial port, a network port, a recording. It does not know what they mean."""
