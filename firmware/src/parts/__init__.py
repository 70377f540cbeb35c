"""What can be wired to the board, one driver a module. They are given buses and pins and know no hardware module."""
