"""A way as pieces in; its speed profile by an outside library (toppra) out."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]

STEP_M = 0.25


def profile_by_toppra(
    lengths_m: Sequence[float],
    limits_mps: Sequence[float],
    *,
    start_mps: float,
    drive_mps2: float,
    brake_mps2: float,
) -> tuple[FloatArray, FloatArray]:
    """Return distances along a way and the highest speeds there.

    The way is handed over as one joint that moves by its length, each piece with its limit of
    speed. The library wants an end speed; a run-out behind the end, long enough to stop from any
    speed, leaves the end free.
    """
    import toppra  # noqa: PLC0415 - of the extra `bench`
    from toppra import algorithm, constraint  # noqa: PLC0415

    toppra.setup_logging("ERROR")
    way_m = sum(lengths_m)
    fastest = max(limits_mps)
    pieces = [*zip(lengths_m, limits_mps, strict=True), (fastest**2 / 2 / brake_mps2, fastest)]
    at, limit = [0.0], [limits_mps[0]]
    for length, speed in pieces:
        count = max(1, int(np.ceil(length / STEP_M)))
        limit[-1] = min(limit[-1], speed)
        at += (at[-1] + length / count * np.arange(1, count + 1)).tolist()
        limit += [speed] * count
    places, limits = np.array(at), np.array(limit)
    path = toppra.SplineInterpolator(places[[0, -1]], places[[0, -1]][:, None])
    speed_limit = constraint.JointVelocityConstraintVarying(
        lambda s: np.array([[-1e-3, limits[np.searchsorted(places, s)]]])
    )
    push = constraint.JointAccelerationConstraint(
        np.array([[-brake_mps2, drive_mps2]]),
        discretization_scheme=constraint.DiscretizationType.Collocation,
    )
    solver = algorithm.TOPPRA([speed_limit, push], path, gridpoints=places, solver_wrapper="seidel")
    # A vehicle that would come in too fast for the first bends comes in slower.
    can_stop = solver.compute_controllable_sets(0.0, 0.0)
    start = min(start_mps, float(np.sqrt(can_stop[0, 1])) * (1.0 - 1e-6))
    _, speed, _ = solver.compute_parameterization(start, 0.0)
    if speed is None:
        raise ValueError(f"toppra found no profile over {way_m:.0f} m from {start:.2f} m/s")
    on_way = places <= way_m + 1e-9
    return places[on_way], np.asarray(speed)[on_way]
