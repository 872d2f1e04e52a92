"""Conversions at the border; inside, everything is SI."""

KMH_PER_MPS = 3.6
JOULE_PER_KILOJOULE = 1000.0
MILLIMETRE_PER_METRE = 1000.0


def kmh_to_mps(speed_kmh: float) -> float:
    """Return a speed given in km/h in m/s.

    >>> kmh_to_mps(36.0)
    10.0
    """
    return speed_kmh / KMH_PER_MPS


def mps_to_kmh(speed_mps: float) -> float:
    """Return a speed given in m/s in km/h.

    >>> mps_to_kmh(10.0)
    36.0
    """
    return speed_mps * KMH_PER_MPS
