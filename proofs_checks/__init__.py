"""What is claimed: every statement with its check, its controls and an honest verdict.

``CLAIMS`` lists them in paper order; ``verify`` runs them; ``check_model`` asks the same of yours.
"""

from proofs_checks import strategies
from proofs_checks.appendix_a_b import CLAIMS_APPENDIX_AB, ERRATA_APPENDIX_AB
from proofs_checks.appendix_a_b_formulas import CLAIMS_APPENDIX_A_B_FORMULAS
from proofs_checks.appendix_c_d import CLAIMS_APPENDIX_CD, ERRATA_APPENDIX_CD
from proofs_checks.appendix_c_formulas import CLAIMS_APPENDIX_C_FORMULAS
from proofs_checks.appendix_d_steps import CLAIMS_APPENDIX_D_STEPS, ERRATA_APPENDIX_D_STEPS
from proofs_checks.asymptotics import CLAIMS_ASYMPTOTICS
from proofs_checks.certified import CLAIMS_CERTIFIED
from proofs_checks.claim import (
    Budget,
    Claim,
    Control,
    Evidence,
    Hypothesis,
    Report,
    Verdict,
)
from proofs_checks.errata_formulas import ERRATA_FORMULAS
from proofs_checks.figures import CLAIMS_FIGURES
from proofs_checks.invariants import check_model, parametrize_with_invariants
from proofs_checks.problem3 import CLAIMS_PROBLEM_3
from proofs_checks.section2_formulas import CLAIMS_SECTION_2_FORMULAS
from proofs_checks.section2_model import CLAIMS_SECTION_2
from proofs_checks.section2_variants import CLAIMS_SECTION_2_VARIANTS
from proofs_checks.section3_energy import CLAIMS_SECTION_3, ERRATA_SECTION_3
from proofs_checks.section3_formulas import CLAIMS_SECTION_3_FORMULAS
from proofs_checks.section3_measures import (
    CLAIMS_SECTION_3_MEASURES,
    ERRATA_SECTION_3_MEASURES,
)
from proofs_checks.section4_formulas import CLAIMS_SECTION_4_FORMULAS
from proofs_checks.section4_small_beta import CLAIMS_SECTION_4
from proofs_checks.section4_thresholds import CLAIMS_SECTION_4_MORE
from proofs_checks.section5_large_beta import CLAIMS_SECTION_5, ERRATA_SECTION_5
from proofs_checks.section6_clustering import CLAIMS_SECTION_6, ERRATA_SECTION_6
from proofs_checks.section6_details import (
    CLAIMS_SECTION_6_DETAILS,
    ERRATA_SECTION_6_DETAILS,
)
from proofs_checks.section6_formulas import CLAIMS_SECTION_6_FORMULAS
from proofs_checks.section6_metastability import CLAIMS_METASTABILITY
from proofs_checks.section7_circle import CLAIMS_SECTION_7
from proofs_checks.section7_formulas import CLAIMS_SECTION_7_FORMULAS
from proofs_checks.section7_kuramoto import CLAIMS_SECTION_7_MORE
from proofs_checks.section9_codes import CLAIMS_SECTION_9, ERRATA_SECTION_9
from proofs_checks.spectra import CLAIMS_SPECTRA
from proofs_checks.verification import verify

CLAIMS: tuple[Claim, ...] = (
    *CLAIMS_SECTION_2_VARIANTS,
    *CLAIMS_SECTION_2,
    *CLAIMS_SECTION_2_FORMULAS,
    *CLAIMS_SECTION_3_MEASURES,
    *CLAIMS_SECTION_3,
    *CLAIMS_SECTION_3_FORMULAS,
    *CLAIMS_SPECTRA,
    *CLAIMS_SECTION_4,
    *CLAIMS_SECTION_4_MORE,
    *CLAIMS_SECTION_4_FORMULAS,
    *CLAIMS_SECTION_5,
    *CLAIMS_SECTION_6,
    *CLAIMS_SECTION_6_DETAILS,
    *CLAIMS_SECTION_6_FORMULAS,
    *CLAIMS_METASTABILITY,
    *CLAIMS_FIGURES,
    *CLAIMS_ASYMPTOTICS,
    *CLAIMS_SECTION_7,
    *CLAIMS_SECTION_7_MORE,
    *CLAIMS_SECTION_7_FORMULAS,
    *CLAIMS_PROBLEM_3,
    *CLAIMS_SECTION_9,
    *CLAIMS_APPENDIX_AB,
    *CLAIMS_APPENDIX_A_B_FORMULAS,
    *CLAIMS_APPENDIX_CD,
    *CLAIMS_APPENDIX_C_FORMULAS,
    *CLAIMS_APPENDIX_D_STEPS,
    *(claim for claim in CLAIMS_CERTIFIED if claim.origin != "erratum"),
    *ERRATA_FORMULAS,
    *ERRATA_SECTION_3_MEASURES,
    *ERRATA_SECTION_3,
    *ERRATA_SECTION_5,
    *ERRATA_SECTION_6,
    *ERRATA_SECTION_6_DETAILS,
    *(claim for claim in CLAIMS_CERTIFIED if claim.origin == "erratum"),
    *ERRATA_SECTION_9,
    *ERRATA_APPENDIX_AB,
    *ERRATA_APPENDIX_CD,
    *ERRATA_APPENDIX_D_STEPS,
)
"""All claims in the order of the paper, errata last."""

__all__ = [
    "CLAIMS",
    "Budget",
    "Claim",
    "Control",
    "Evidence",
    "Hypothesis",
    "Report",
    "Verdict",
    "check_model",
    "parametrize_with_invariants",
    "strategies",
    "verify",
]
