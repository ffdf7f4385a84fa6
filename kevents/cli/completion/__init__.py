"""Shell completion with one protocol for all shells, that of kubectl's plugins.

`kevents __complete WORD…` completes the last word. It prints one candidate per line, followed by a tab and its
description, and then a line with a colon and a directive for the shell. For commands and flags this takes 50 ms,
because the command tree is read from a cache instead of building the app.
"""
