"""The rig's drawings and lists, made from one netlist and checked against the firmware; no firmware is run here."""
