"""Series of a kernel against the kernel."""

import numpy as np
import pytest
import sympy as sp

from numerics.fastsum.kernel import scaled_kernel
from theory.symbols import beta, z

pytestmark = pytest.mark.extras


def test_series_of_a_kernel():
    """Bessel coefficients and those computed from values agree; both series give the kernel."""
    g = np.linspace(-1, 1, 101)
    for b in (-20.0, 0.0, 0.3, 50.0):
        exact = scaled_kernel(sp.exp(beta * z), ((beta, b),))
        # The same function, written so that it isn't recognised.
        other = scaled_kernel(sp.cosh(b * z) + sp.sinh(b * z) + 0 * beta, ((beta, b),))
        assert exact.rate == b
        want = np.exp(b * g - abs(b))
        for kernel in (exact, other):
            assert kernel.log_scale == pytest.approx(abs(b), abs=1e-12)
            assert np.allclose(kernel(g), want, atol=1e-14)
            chebyshev = np.polynomial.chebyshev.chebval(g, kernel.cosine)
            legendre = np.polynomial.legendre.legval(g, kernel.legendre)
            assert np.allclose(chebyshev, want, atol=1e-14)
            assert np.allclose(legendre, want, atol=2e-14)
