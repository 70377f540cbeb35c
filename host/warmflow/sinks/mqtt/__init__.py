"""The MQTT sink: publisher, outbox, Home Assistant discovery, incoming requests. `broker` starts one if none is set."""
