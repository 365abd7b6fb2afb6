(* Inequalities between numbers, and between functions of variables that have bounds, by interval
   arithmetic. *)
From Coq Require Import Reals.
From Interval Require Import Tactic.
From attnflow Require Export Numbers.
Open Scope R_scope.

Ltac bounded :=
  first
    [ solve [timeout 10 interval]
    | solve [timeout 20 (interval with (i_prec 60))]
    | match goal with
      | x : R |- _ => solve [timeout 25 (interval with (i_prec 40, i_bisect x, i_taylor x))]
      | x : R |- _ => solve [timeout 25 (interval with (i_prec 40, i_bisect x))]
      end ].
