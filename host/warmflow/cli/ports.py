"""`warmflow ports`: what is plugged in."""

import typer


def ports() -> None:
    """List the serial ports, and which of them are Picos."""
    from serial.tools import list_ports

    from warmflow.device.transport.serial_port import PICO_USB_IDS

    found = sorted(list_ports.comports(), key=lambda port: str(port.device))
    for port in found:
        kind = "Pico" if (port.vid, port.pid) in PICO_USB_IDS else ""
        typer.echo(f"{port.device}  {port.serial_number or '-'}  {port.description}  {kind}".rstrip())
    if not found:
        typer.echo("no serial ports; try `warmflow emulate` for a virtual Pico", err=True)
