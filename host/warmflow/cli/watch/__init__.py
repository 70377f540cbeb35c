"""The live view in a terminal: an MQTT subscriber and nothing else. It sends no command and opens no port.

`model` takes messages, `feed` brings them, `view` shows them, `app` is the Textual application.
"""
