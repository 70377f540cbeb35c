"""A broker URL is read strictly, and a password never leaves it."""

import pytest

from warmflow.sinks.mqtt.broker import BrokerError, parse_url


@pytest.mark.parametrize(
    ("url", "host", "port", "tls"),
    [
        ("mqtt://bench", "bench", 1883, False),
        ("mqtts://bench", "bench", 8883, True),
        ("MQTT://10.0.0.7:2883/", "10.0.0.7", 2883, False),
        ("mqtt://[::1]:1884", "::1", 1884, False),
        (" mqtt://bench:1883 ", "bench", 1883, False),
    ],
)
def test_a_url_names_host_port_and_whether_it_is_tls(url, host, port, tls):
    address = parse_url(url)
    assert (address.host, address.port, address.tls) == (host, port, tls)
    assert parse_url(address.url) == address


def test_credentials_are_decoded_and_kept_out_of_url_and_repr():
    address = parse_url("mqtts://nurse:p%40ss%2Fw0rd@bench")
    assert (address.username, address.password) == ("nurse", "p@ss/w0rd")
    assert address.url == "mqtts://bench:8883"
    assert "w0rd" not in repr(address)


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("bench:1883", "has no scheme: write mqtt://bench:1883"),
        ("", "has no scheme: write mqtt://host:port"),
        ("http://bench", "scheme 'http' is not known, allowed are mqtt://host:port, or mqtts://host:port for TLS"),
        ("ws://bench:9001", "scheme 'ws' is not known"),
        ("mqtt://", "names no host"),
        ("mqtt://:1883", "names no host"),
        ("mqtt://bench:70000", "no valid host and port"),
        ("mqtt://bench:http", "no valid host and port"),
        ("mqtt://[::1", "no valid host and port"),
        ("mqtt://bench:0", "has port 0"),
        ("mqtt://bench/pumps", "something after the port"),
        ("mqtt://bench?tls=1", "something after the port"),
        ("mqtt://ben ch", "blank or a control character"),
        ("mqtt://ben\tch", "blank or a control character"),
    ],
)
def test_a_bad_url_is_refused_with_the_reason(url, said):
    with pytest.raises(BrokerError) as caught:
        parse_url(url)
    assert said in str(caught.value)


@pytest.mark.parametrize(
    "url",
    [
        "http://nurse:secret@bench",
        "nurse:secret@bench",
        "mqtt://nurse:secret@bench:x",
        "mqtt://nurse:a://secret@bench/x",
    ],
)
def test_no_error_repeats_a_password(url):
    with pytest.raises(BrokerError) as caught:
        parse_url(url)
    assert "secret" not in str(caught.value)
