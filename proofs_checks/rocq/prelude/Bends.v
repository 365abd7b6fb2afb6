(* Derivatives along curves of vectors: what is differentiated is a number that inner products make,
   expanded first, and then differentiated by rule. *)
From Coq Require Import Reals Lra.
From Coquelicot Require Import Coquelicot.
From attnflow Require Export Gram.
Open Scope R_scope.

Ltac differentiate :=
  erewrite is_derive_unique; [| auto_derive; [ repeat split; trivial | reflexivity ] ].

Ltac expand_inside := intro; unfold proj; linear; reflexivity.

(* The second derivative, as the derivative of the first at every place. *)
Ltac bend_twice :=
  match goal with
  | |- context [Derive_n ?f 2 ?a] =>
      change (Derive_n f 2 a) with (Derive (Derive_n f 1) a);
      erewrite (Derive_ext (Derive_n f 1));
      [| let y := fresh in
         intro y; change (Derive_n f 1 y) with (Derive f y);
         erewrite (Derive_ext f) by expand_inside; differentiate; reflexivity ];
      differentiate
  end.

Ltac bend_once :=
  match goal with
  | |- context [Derive ?f ?a] =>
      erewrite (Derive_ext f) by expand_inside; differentiate
  end.

Ltac bends := repeat bend_twice; repeat bend_once; cbv beta.
