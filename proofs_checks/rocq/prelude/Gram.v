(* Inner product spaces of no particular dimension, and sums with a symbolic number of terms. *)
From Coq Require Import Reals Lra.
Open Scope R_scope.

Fixpoint rsum (n : nat) (f : nat -> R) : R :=
  match n with O => 0 | S k => rsum k f + f k end.
