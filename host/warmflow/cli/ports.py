"""`warmflow ports`: lists the serial ports."""

from warmflow.runtime import console


def ports() -> None:
    """List the serial ports and show which are Picos."""
    from serial.tools import list_ports

    from warmflow.device.transport.serial_port import PICO_USB_IDS

    found = sorted(list_ports.comports(), key=lambda port: str(port.device))
    for port in found:
        kind = "Pico" if (port.vid, port.pid) in PICO_USB_IDS else ""
        console.say(f"{port.device}  {port.serial_number or '-'}  {port.description}  {kind}".rstrip())
    if not found:
        console.note("no serial ports found; `warmflow emulate` starts a virtual Pico")
