"""Why a broker cannot be used, in one line with what to do. Pure: the connection's error in, words out.

The texts come from sockets, TLS and MQTT, whose exceptions do not survive the client library; so they are known by
their words. What is not in the table is shown as it is.
"""

from warmflow.sinks.mqtt.broker.model import Broker

CLOSED = "closed the connection before it answered"
SILENT = "Operation timed out"
# the first line whose key is in the error's text; {host}, {port}, {url}, {user} are the broker's
WHY: dict[str, str] = {
    "Bad user name or password": "refused user {user} or the password: see [broker] username and password_file",
    "Bad username or password": "refused user {user} or the password: see [broker] username and password_file",
    "Not authorized": "refused user {user}: wrong password, or the user may not do this; "
    "see [broker] username and password_file, and the broker's ACL",
    "Not authorised": "refused user {user}: wrong password, or the user may not do this; "
    "see [broker] username and password_file, and the broker's ACL",
    "Client identifier not valid": "refused the client identifier",
    "Server unavailable": "reports that it is not available",
    "Server busy": "reports that it is busy",
    "Banned": "has banned this client",
    "Bad authentication method": "requires another method of authentication than user and password",
    "Unsupported protocol version": "does not speak this version of MQTT: set protocol in [broker]",
    "Incorrect protocol version": "does not speak this version of MQTT: set protocol in [broker]",
    "self-signed certificate": "shows a certificate that nobody known has signed: "
    "name its authority's file as ca_file in [broker]",
    "unable to get local issuer": "shows a certificate that nobody known has signed: "
    "name its authority's file as ca_file in [broker]",
    "certificate has expired": "has an expired certificate: renew it at the broker",
    "certificate is not yet valid": "shows a certificate that is not valid yet: look at both clocks",
    "Hostname mismatch": "shows a certificate that is not for {host}: use the name that it is for",
    "IP address mismatch": "shows a certificate that is not for {host}: use the name that it is for",
    "CERTIFICATE_VERIFY_FAILED": "shows a certificate that is not to be trusted",
    "CERTIFICATE_REQUIRED": "asks for a client certificate: set cert_file and key_file in [broker]",
    "certificate required": "asks for a client certificate: set cert_file and key_file in [broker]",
    "UNKNOWN_CA": "does not know who signed our certificate: see cert_file in [broker]",
    "unknown ca": "does not know who signed our certificate: see cert_file in [broker]",
    "BAD_CERTIFICATE": "refused our certificate: see cert_file in [broker]",
    "KEY_VALUES_MISMATCH": "cannot be asked: cert_file and key_file in [broker] do not belong together",
    "NO_CERTIFICATE_OR_CRL_FOUND": "cannot be asked: ca_file in [broker] holds no PEM certificate",
    "PEM lib": "cannot be asked: cert_file or key_file in [broker] is not a PEM file, or the key has a password",
    "WRONG_VERSION_NUMBER": "does not speak TLS on port {port}: write mqtt://, or the port of its TLS listener",
    "UNEXPECTED_EOF": "ended the TLS handshake: does port {port} speak TLS?",
    "EOF occurred": "ended the TLS handshake: does port {port} speak TLS?",
    "Connection refused": "nothing listens on {host} port {port}; start the broker, or correct the port",
    "Connection reset": "cut the connection: is port {port} an MQTT port, and {tls}?",
    "Name or service not known": "no computer is called {host}",
    "nodename nor servname": "no computer is called {host}",
    "No address associated": "no computer is called {host}",
    "Temporary failure in name resolution": "{host} cannot be resolved; check the name and the network",
    "No route to host": "there is no way to {host}: is the network up?",
    "Network is unreachable": "there is no way to {host}: is the network up?",
    CLOSED: CLOSED + ": is port {port} an MQTT port, and {tls}?",
    SILENT: "gives no answer on port {port}: is that an MQTT port, and does the broker still run?",
    "timed out": "gives no answer on port {port}: is that an MQTT port, and does the broker still run?",
    "Keep alive timeout": "gives no sign of life any more",
    "Keepalive": "gives no sign of life any more",
}


def why(error: BaseException, broker: Broker) -> str:
    """One line about a broker that could not be reached, or went away. It holds no secret."""
    text = " ".join(str(error).split()) or type(error).__name__
    line = next((line for key, line in WHY.items() if key in text), None)
    if line is None:
        return text[:300]
    tls = "does it speak TLS (or is it mqtt://)" if broker.tls else "is it not one for TLS (mqtts://)"
    return line.format(
        host=broker.host, port=broker.port, user=repr(broker.username) if broker.username else "(none)", tls=tls
    )
