"""Formats amounts for people."""

from __future__ import annotations

_UNITS = ("B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB")


def size(amount: float) -> str:
    """A number of bytes in binary units, as in Kubernetes: 812B, 3.6MiB, 120GiB."""
    power = 0
    while abs(amount) >= (1023.5 if power else 1024) and power < len(_UNITS) - 1:
        amount /= 1024
        power += 1
    return f"{_tenths(amount) if abs(amount) < 99.95 else f'{amount:.0f}'}{_UNITS[power]}"


def percent(share: float) -> str:
    """A percentage with one decimal: 12.5%. A small value above zero is <0.1%."""
    return "<0.1%" if 0 < share < 0.05 else f"{_tenths(share)}%"


def rate(per_minute: float) -> str:
    """Occurrences per minute: 4.4/m, 0.021/m."""
    return f"{_tenths(per_minute) if abs(per_minute) >= 1 else f'{per_minute:.2g}'}/m"


def number(value: float) -> str:
    """A number with at most three decimals. Small numbers have more, so that they do not become 0."""
    if isinstance(value, int) or value == int(value):
        return str(int(value))
    return f"{value:.3f}".rstrip("0") if abs(value) >= 0.001 else f"{value:.3g}"


def _tenths(value: float) -> str:
    return f"{value:.1f}".removesuffix(".0")
