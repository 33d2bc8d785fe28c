"""What can be said of a share that was counted in a sample."""

from __future__ import annotations

from math import sqrt

Z = 1.959963984540054
"""The two-sided 95 % quantile of the normal distribution."""


def wilson(successes: int, trials: int) -> tuple[float, float]:
    """The 95 % Wilson score interval of a share, from 0 to 1; it holds the share itself.

    Raises ValueError for counts that cannot be: no trials, or successes below 0 or above the trials.
    """
    if trials < 1 or not 0 <= successes <= trials:
        raise ValueError(f"{successes} of {trials} is no share")
    share, square = successes / trials, Z * Z / trials
    middle = share + square / 2
    spread = Z * sqrt(share * (1 - share) / trials + square / (4 * trials))
    low, high = (middle - spread) / (1 + square), (middle + spread) / (1 + square)
    # Rounding of the last bit must not take the ends out of the interval, nor the share.
    return max(0.0, min(low, share)), min(1.0, max(high, share))
