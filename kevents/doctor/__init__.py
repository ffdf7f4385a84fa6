"""Checks of the setup for `kevents doctor`, each independent of the others and with advice on how to fix problems."""
