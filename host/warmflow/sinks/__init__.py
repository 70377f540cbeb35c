"""Where updates go. A sink knows the hub's updates and nothing of ports, sessions or other sinks."""
