(* Signs of functions of one inner product, with parameters that have no upper bound: exponentials
   are positive, and what is left is a product of signs, or a sum of them. *)
From Coq Require Import Reals Lra Psatz.
Open Scope R_scope.

Lemma square_le_one z : -1 <= z <= 1 -> 0 <= 1 - z ^ 2.
Proof. intros. nra. Qed.

Lemma square_lt_one z : -1 < z < 1 -> 0 < 1 - z ^ 2.
Proof. intros. nra. Qed.

Lemma pow_pos_even x : x <> 0 -> 0 < x ^ 2.
Proof. intros. nra. Qed.

Ltac sign_leaf :=
  first
    [ assumption | lra | apply exp_pos | apply Rlt_le, exp_pos
    | apply square_le_one; lra | apply square_lt_one; lra
    | apply pow_pos_even; lra | apply pow2_ge_0 | nra ].

Ltac sign_step :=
  first
    [ apply exp_pos | apply Rlt_le, exp_pos
    | match goal with
      | |- 0 < _ ^ 2 => first [ apply pow_pos_even; lra | nra ]
      | |- 0 <= _ ^ 2 => apply pow2_ge_0
      | |- 0 < _ * _ => apply Rmult_lt_0_compat
      | |- 0 <= _ * _ => apply Rmult_le_pos
      | |- 0 < / _ => apply Rinv_0_lt_compat
      | |- 0 < _ / _ => apply Rdiv_lt_0_compat
      | |- 0 < _ + _ => first [ solve [nra] | apply Rplus_lt_le_0_compat; solve [repeat sign_step_le]
                              | apply Rplus_le_lt_0_compat; solve [repeat sign_step_le] ]
      | |- 0 <= _ + _ => first [ solve [nra] | apply Rplus_le_le_0_compat ]
      end
    | sign_leaf ]
with sign_step_le :=
  first
    [ apply exp_pos | apply Rlt_le, exp_pos
    | match goal with
      | |- 0 <= _ ^ 2 => apply pow2_ge_0
      | |- 0 < _ * _ => apply Rmult_lt_0_compat
      | |- 0 <= _ * _ => apply Rmult_le_pos
      end
    | sign_leaf ].

Ltac signs := intros; unfold Rgt, Rge in *; repeat sign_step.
