(* Polynomials that are positive by their coefficients, in variables that are not negative; and
   exponentials that are compared by their exponents. *)
From Coq Require Import Reals Lra Psatz.
Open Scope R_scope.

Ltac coefficients_not_negative :=
  lazymatch goal with
  | |- 0 <= _ + _ => apply Rplus_le_le_0_compat; coefficients_not_negative
  | |- 0 <= _ * _ => apply Rmult_le_pos; coefficients_not_negative
  | |- 0 <= _ ^ _ => apply pow_le; coefficients_not_negative
  | |- 0 <= / _ => apply Rlt_le, Rinv_0_lt_compat; coefficients_positive
  | |- 0 <= _ / _ => apply Rmult_le_pos; coefficients_not_negative
  | |- 0 <= exp _ => apply Rlt_le, exp_pos
  | _ => first [ assumption | lra ]
  end
with coefficients_positive :=
  lazymatch goal with
  | |- 0 < _ + _ =>
      first
        [ apply Rplus_lt_le_0_compat; [ coefficients_positive | coefficients_not_negative ]
        | apply Rplus_le_lt_0_compat; [ coefficients_not_negative | coefficients_positive ] ]
  | |- 0 < _ * _ => apply Rmult_lt_0_compat; coefficients_positive
  | |- 0 < _ ^ _ => apply pow_lt; coefficients_positive
  | |- 0 < / _ => apply Rinv_0_lt_compat; coefficients_positive
  | |- 0 < exp _ => apply exp_pos
  | |- 0 < PI => apply PI_RGT_0
  | _ => first [ assumption | lra ]
  end.

Ltac by_coefficients :=
  unfold Rgt;
  lazymatch goal with
  | |- 0 <= ?e =>
      first [ solve [coefficients_not_negative] | ring_simplify e; solve [coefficients_not_negative] ]
  | |- 0 < ?e =>
      first [ solve [coefficients_positive] | ring_simplify e; solve [coefficients_positive] ]
  end.
