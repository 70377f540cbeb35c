from board import Board
from pump.app import App

App(Board()).run()
