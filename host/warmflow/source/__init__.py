"""Where bytes come from: a serial port, a virtual Pico. A source knows nothing of what the bytes mean."""
