"""Intervals and sample sizes: pure functions, each with its source."""

from __future__ import annotations

from math import ceil, exp, inf, log, sqrt
from typing import Final

from expedit.core import Struct

Z: Final = 1.959963984540054
"""Quantile of the normal distribution that leaves 2.5 % on each side: every interval here is one of 95 %."""

_Z_POWER: Final = 0.8416212335729143
"""Quantile for a power of 80 %: an effect that is there is seen four times in five."""


class Interval(Struct, frozen=True):
    """An estimate and where the truth lies 95 times in 100.

    Parameters
    ----------
    value
        The estimate; None when there is nothing to estimate from.
    low, high
        Bounds; None when there is too little to tell.
    """

    value: float | None = None
    low: float | None = None
    high: float | None = None

    @property
    def known(self) -> bool:
        """Tell whether there are bounds."""
        return self.low is not None and self.high is not None

    @property
    def clear(self) -> bool:
        """Tell whether the whole interval lies on one side of zero."""
        return self.low is not None and self.high is not None and (self.low > 0 or self.high < 0)


class Sample(Struct, frozen=True):
    """What some people spent: how many they are, the sum and the sum of squares."""

    people: int = 0
    total: float = 0.0
    squares: float = 0.0

    @property
    def mean(self) -> float:
        """Return what one spent on average."""
        return self.total / self.people if self.people else 0.0

    @property
    def variance(self) -> float:
        """Return how much one differs from another (unbiased)."""
        if self.people < 2:
            return 0.0
        return max(0.0, self.squares - self.total**2 / self.people) / (self.people - 1)


def share(hits: int, of: int) -> Interval:
    """Return `hits` as a share of `of`, with Wilson's score interval [1]_.

    References
    ----------
    .. [1] E. B. Wilson, "Probable Inference, the Law of Succession, and Statistical Inference", Journal of
       the American Statistical Association 22, 1927.
    """
    if of <= 0:
        return Interval()
    p, z2 = min(hits, of) / of, Z * Z
    middle = (p + z2 / (2 * of)) / (1 + z2 / of)
    half = Z * sqrt(p * (1 - p) / of + z2 / (4 * of * of)) / (1 + z2 / of)
    return Interval(p, max(0.0, middle - half), min(1.0, middle + half))


def average(sample: Sample) -> Interval:
    """Return what one spent on average, by the central limit theorem; no bounds for fewer than two."""
    if not sample.people:
        return Interval()
    if sample.people < 2:
        return Interval(sample.mean)
    half = Z * sqrt(sample.variance / sample.people)
    return Interval(sample.mean, sample.mean - half, sample.mean + half)


def relative_lift(treated: Sample, held: Sample) -> Interval:
    """Return by how much the mean of `treated` exceeds that of `held`, as a share of the latter.

    The interval is that of the logarithm of the ratio, by the delta method [2]_: it cannot go below −100 %.

    References
    ----------
    .. [2] A. Deng, U. Knoblich, J. Lu, "Applying the Delta Method in Metric Analytics", KDD 2018.
    """
    if treated.mean <= 0 or held.mean <= 0:
        return Interval()
    ratio = treated.mean / held.mean
    spread = sum(one.variance / (one.people * one.mean**2) for one in (treated, held))
    if treated.people < 2 or held.people < 2 or spread <= 0:
        return Interval(ratio - 1)
    half = Z * sqrt(spread)
    return Interval(ratio - 1, exp(log(ratio) - half) - 1, exp(log(ratio) + half) - 1)


def share_lift(treated: tuple[int, int], held: tuple[int, int]) -> Interval:
    """Return by how much a share of people (hits, of) exceeds another one, as `relative_lift` does."""
    return relative_lift(Sample(treated[1], treated[0], treated[0]), Sample(held[1], held[0], held[0]))


def people_needed(sample: Sample, effect: float, held_share: float) -> float:
    """Return how many people, both arms together, show a relative `effect` on the mean four times in five.

    Notes
    -----
    The variance of the difference of two means of N people, h of them held out, is σ² / (N h (1 − h)).
    For a test at 5 % with a power of 80 % it takes N = (z₀.₉₇₅ + z₀.₈)² (σ/μ)² / (effect² h (1 − h)) [3]_.

    References
    ----------
    .. [3] R. Lehr, "Sixteen S-squared over D-squared: A relation for crude sample size estimates", Statistics
       in Medicine 11, 1992: the same for two equal arms.
    """
    if sample.mean <= 0 or sample.variance <= 0 or effect <= 0 or not 0 < held_share < 1:
        return inf
    spread = sample.variance / sample.mean**2
    return (Z + _Z_POWER) ** 2 * spread / (effect**2 * held_share * (1 - held_share))


def weeks_needed(needed: float, people_a_week: float) -> int | None:
    """Return in how many weeks so many people come by; None when it would take ten years or nobody comes."""
    if people_a_week <= 0 or needed == inf:
        return None
    weeks = ceil(needed / people_a_week)
    return max(1, weeks) if weeks <= 520 else None
