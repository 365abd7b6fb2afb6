(* Equations and inequalities between numbers. Derivatives are carried out by rule; exponentials of
   sums become products, and what is left is an identity of rational functions in them, with square
   roots that square to what is under them. *)
From Coq Require Import Reals Lra Psatz Lia.
From Coquelicot Require Import Coquelicot.
From attnflow Require Export Space Signs.
Open Scope R_scope.

Lemma tanh_is x : tanh x = (exp x - / exp x) / (exp x + / exp x).
Proof.
  unfold tanh, sinh, cosh. rewrite exp_Ropp. pose proof (exp_pos x).
  assert (0 < / exp x) by now apply Rinv_0_lt_compat. field. split; nra.
Qed.

Lemma INR_pos n : (0 < n)%nat -> 0 < INR n.
Proof. apply lt_0_INR. Qed.

(* What is known of every count, root and exponential in the goal. *)
Ltac know_numbers :=
  repeat match goal with
  | H : (0 < ?n)%nat |- _ => lazymatch goal with
      | _ : 0 < INR n |- _ => fail | _ => pose proof (INR_pos n H) end
  end;
  repeat match goal with
  | |- context [sqrt ?x] => lazymatch goal with
      | _ : 0 <= sqrt x |- _ => fail | _ => pose proof (sqrt_pos x) end
  | |- context [exp ?x] => lazymatch goal with
      | _ : 0 < exp x |- _ => fail | _ => pose proof (exp_pos x) end
  end.

Ltac not_zero :=
  repeat match goal with |- _ /\ _ => split end;
  know_numbers;
  first [ assumption | lra | apply Rgt_not_eq; solve [signs] | apply Rlt_not_eq; lra
        | apply exp_neq_0 | intro; nra ].

Ltac derive_once :=
  match goal with
  | |- context [Derive_n ?f 2 ?a] =>
      change (Derive_n f 2 a) with (Derive (fun y => Derive f y) a);
      erewrite (Derive_ext (fun y => Derive f y));
      [| let y := fresh in intro y;
         erewrite (is_derive_unique f y) by (auto_derive; [ repeat split; trivial; not_zero | reflexivity ]);
         reflexivity ]
  | |- context [Derive ?f ?a] =>
      erewrite (is_derive_unique f a)
        by (auto_derive; [ repeat split; trivial; try not_zero; auto | reflexivity ])
  end.

Ltac plain_numbers :=
  unfold Rminus, Rdiv in *;
  repeat rewrite tanh_is; unfold sinh, cosh in *;
  repeat rewrite ?exp_plus, ?exp_Ropp, ?exp_0, ?ln_exp, ?sin_0, ?cos_0;
  cbv beta.

Ltac roots :=
  repeat match goal with
  | |- context [sqrt ?x] =>
      let r := fresh "r" in
      assert (sqrt x * sqrt x = x) by (apply sqrt_sqrt; know_numbers; first [ lra | solve [signs] | nra ]);
      set (r := sqrt x) in *; clearbody r
  end.

Ltac numbers_equal :=
  repeat derive_once; cbv beta; know_numbers;
  first
    [ solve [ring] | solve [field; not_zero]
    | solve [plain_numbers; first [ ring | field; not_zero ]]
    | solve [plain_numbers; roots; first [ nra | field_simplify_eq; [ nra | not_zero ] ]] ].

Ltac numbers_below :=
  repeat derive_once; cbv beta; know_numbers;
  first
    [ lra | nra
    | apply Rminus_lt_0; solve [signs] | apply Rminus_le_0; solve [signs] | solve [signs] ].
