"""Files of instruments: the one reader of tables and of balances' printed lines, for `report` and for `import`.

A number is taken only where its unit, its time and its decimal sign are certain; else the file is refused with its
line and a remedy. Nothing here knows pumps, journals or reports. Imports nothing itself.
"""
