"""The files that belong on a board, and the byte code made from them. It opens no port."""
