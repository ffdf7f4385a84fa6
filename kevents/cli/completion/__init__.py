"""What can be typed next: one protocol, that of kubectl's plugins, for all shells.

`kevents __complete WORD…` answers with a candidate a line, a tab and what it means behind it, and last a line with a
colon and what the shell is to do. The last word is the one that is being typed. It takes 50 ms where nothing but
commands and flags are asked for, because it reads the command line's shape from a file instead of building it.
"""
