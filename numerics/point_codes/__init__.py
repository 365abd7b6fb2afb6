"""Point codes (Section 9.1): minimise H_β over n points of the sphere, and recognise what is found.

`codes` searches, `recognise` gives the exact code next to floats, `known_code` those with a name.
"""

from numerics.point_codes.known import known_code
from numerics.point_codes.minimise import Codes, CodesStatus, codes
from numerics.point_codes.recognition import NotRecognised, Recognised, recognise

__all__ = [
    "Codes",
    "CodesStatus",
    "NotRecognised",
    "Recognised",
    "codes",
    "known_code",
    "recognise",
]
