(* What is read off the expression of a model: whether time enters it, which weights it has and
   their sign, which form its energy has. Each reading has a tactic, the same for all models. *)
From Coq Require Import Reals Lra Lia Psatz.
From Coquelicot Require Export Coquelicot.
From attnflow Require Export Gram.
Open Scope R_scope.

(* -- time ------------------------------------------------------------------------------------- *)

Lemma derive_shifted (f : R -> R) t T l :
  is_derive f (t + T) l -> is_derive (fun s => f (s + T)) t l.
Proof.
  intros H. replace l with (scal 1 l) by apply Rmult_1_l.
  apply (is_derive_comp f (fun s => s + T)); [exact H |]. auto_derive; [trivial | ring].
Qed.

Lemma derive_paced (f S : R -> R) t l p :
  is_derive f (S t) l -> is_derive S t p -> is_derive (fun s => f (S s)) t (p * l).
Proof. intros Hf HS. exact (is_derive_comp f S t l p Hf HS). Qed.

Ltac same_rate := first [ reflexivity | ring | gram ].

(* A trajectory that starts later is one: what moves it is the same at every time. *)
Ltac time_shift :=
  intros;
  match goal with
  | H : forall i a t, is_derive _ t _
    |- is_derive (fun s => inner ?a (?x (s + ?T) ?i)) ?t ?l =>
      let K := fresh in
      pose proof (H i a (t + T)) as K; cbv beta in K;
      match type of K with
      | is_derive _ _ ?l' =>
          replace l with l' by same_rate;
          exact (derive_shifted (fun s => inner a (x s i)) t T l' K)
      end
  end.

(* The pace s, the time S(t) that it takes, and a time T(M) by which S is M. *)
Ltac paced s S T :=
  exists S; cbv beta; split; [ ring | split; [| split] ];
  [ intros; split; [ first [ lra | positive ] | auto_derive; [ trivial | ring ] ]
  | let M := fresh "M" in intros M; exists (T M); cbv beta; split;
    [ apply Rmax_l
    | first
        [ pose proof (Rmax_r 0 M); lra
        | match goal with
          | |- M <= ?c * Rmax 0 (M / ?c) =>
              apply Rle_trans with (c * (M / c)); [ right; field; nonzero |];
              apply Rmult_le_compat_l; [ first [ lra | apply Rlt_le; positive ] | apply Rmax_r ]
          end ] ]
  | let y := fresh "y" in let H := fresh "H" in let t := fresh "t" in
    let i := fresh "i" in let a := fresh "a" in
    intros y H i a t ?;
    pose proof (H i a (S t)) as H; cbv beta in H;
    match type of H with
    | is_derive _ _ ?l' =>
        match goal with
        | |- is_derive _ _ ?l => replace l with (s t * l') by (cbv beta; same_rate)
        end;
        refine (derive_paced (fun u => inner a (y u i)) S t l' (s t) H _);
        auto_derive; [ trivial | ring ]
    end ].

(* -- weights ---------------------------------------------------------------------------------- *)

(* Softmax over the tokens that are seen: w_j is 1 of those and 0 of the others. *)
Definition masked (n : nat) (m s w : nat -> R) (j : nat) : R :=
  w j * (exp (s j) * m j) / rsum n (fun k => w k * (exp (s k) * m k)).

Lemma inner_tangent {E : IPS} n (B : nat -> R) (x : E) (y : nat -> E) (a : E) :
  ⟨a, vsum n (fun j => B j ⊙ (y j ⊕ (- ⟨x, y j⟩) ⊙ x))⟩ =
  rsum n (fun j => B j * ⟨a, y j⟩) - ⟨a, x⟩ * rsum n (fun j => B j * ⟨x, y j⟩).
Proof.
  rewrite inner_vsum_r.
  rewrite <- (rsum_scal n ⟨a, x⟩), <- (rsum_minus n (fun j => B j * ⟨a, y j⟩)).
  apply rsum_ext. intros j.
  rewrite inner_scal_l, inner_add_l, inner_scal_l, !(inner_sym a). ring.
Qed.

Lemma inner_weighted {E : IPS} n (B : nat -> R) (y : nat -> E) (a : E) :
  ⟨a, vsum n (fun j => B j ⊙ y j)⟩ = rsum n (fun j => B j * ⟨a, y j⟩).
Proof. rewrite inner_vsum_r. apply rsum_ext. intros j.
  rewrite inner_scal_l. now rewrite (inner_sym a). Qed.

(* With a mask a row may have no sum, and what divides it is left as it is. *)
Ltac masked_row :=
  unfold proj, masked, Rdiv; linear; rewrite inner_tangent, ?inner_weighted;
  same_sums; close_sums; finish.

Ltac row_of_weights := intros; first [ gram | masked_row ].

Ltac positive_weight :=
  intros; unfold softmax, Rdiv;
  repeat first [ apply Rmult_lt_0_compat | apply Rinv_0_lt_compat ]; positive.

(* -- energies --------------------------------------------------------------------------------- *)

(* Factors go into the sums until there is one double sum, and both are compared term by term. *)
Ltac same_pairs :=
  apply rsum_ext; intro; apply rsum_ext; intro; cbv beta; orient; first [ ring | field; nonzero ].

Ltac pair_sum :=
  intros; repeat setoid_rewrite <- rsum_scal_r; repeat setoid_rewrite <- rsum_scal;
  first [ same_pairs | rewrite rsum_swap; same_pairs ].
