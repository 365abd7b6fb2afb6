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

Lemma derive_still (c t : R) : is_derive (fun _ : R => c) t 0.
Proof. exact (is_derive_const c t). Qed.

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
  unfold proj, softmax, masked, Rdiv; linear; rewrite inner_tangent, ?inner_weighted;
  repeat setoid_rewrite Rmult_0_l; repeat setoid_rewrite exp_0;
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

Ltac still := intros; apply derive_still.

(* -- kernels ---------------------------------------------------------------------------------- *)

Definition entire (k : R -> R) : Prop := exists a : nat -> R, forall z, is_pseries a z (k z).

Lemma entire_ext f g : (forall z, f z = g z) -> entire f -> entire g.
Proof. intros H [a Ha]. exists a. intros z. rewrite <- H. apply Ha. Qed.

Lemma entire_exp c : entire (fun z => exp (c * z)).
Proof.
  exists (fun n => c ^ n * / INR (fact n)). intros z.
  apply (is_series_ext (fun n => scal (pow_n (c * z) n) (/ INR (fact n)))).
  - intros n. rewrite !pow_n_pow, Rpow_mult_distr.
    change (c ^ n * z ^ n * / INR (fact n) = z ^ n * (c ^ n * / INR (fact n))). ring.
  - exact (is_exp_Reals (c * z)).
Qed.

Lemma entire_scal c f : entire f -> entire (fun z => c * f z).
Proof.
  intros [a Ha]. exists (PS_scal c a). intros z. apply (is_pseries_scal c a z (f z)); [| apply Ha].
  apply Rmult_comm.
Qed.

Lemma entire_const c : entire (fun _ => c).
Proof.
  apply (entire_ext (fun z => c * exp (0 * z))); [| apply entire_scal, entire_exp].
  intros z. rewrite Rmult_0_l, exp_0. ring.
Qed.

Lemma entire_exp_of (f : R -> R) :
  (forall z, f z = (f 1 - f 0) * z + f 0) -> entire (fun z => exp (f z)).
Proof.
  intros H. apply (entire_ext (fun z => exp (f 0) * exp ((f 1 - f 0) * z))).
  - intros z. rewrite <- exp_plus, (H z). f_equal. ring.
  - apply entire_scal, entire_exp.
Qed.

Ltac entire_step :=
  match goal with
  | |- entire (fun _ => ?c) => apply entire_const
  | |- entire (fun z => exp (@?f z)) => apply (entire_exp_of f); intros; cbv beta; ring
  | |- entire (fun z => ?c * @?f z) => apply (entire_scal c f)
  | |- entire (fun z => @?f z / ?c) =>
      apply (entire_ext (fun z => / c * f z));
      [ intros; unfold Rdiv; ring | apply (entire_scal (/ c) f) ]
  end.

Ltac entire :=
  match goal with
  | |- exists a : nat -> R, forall z : R, is_pseries a z (@?k z) => change (entire k)
  end;
  repeat entire_step.

Lemma linear_of_constant (h k : R -> R) :
  (forall z, k z = k 0) -> (forall z, is_derive h z (k z)) -> forall z, h z = h 0 + k 0 * z.
Proof.
  intros Hk Hh z.
  assert (D : forall u, is_derive (fun u => h u - k 0 * u) u (k u - k 0)).
  { intros u. apply (is_derive_minus h (fun u => k 0 * u) u (k u) (k 0)); [apply Hh |].
    auto_derive; [trivial | ring]. }
  destruct (MVT_gen (fun u => h u - k 0 * u) 0 z (fun u => k u - k 0)) as [c [_ Hc]].
  - intros u _. apply D.
  - intros u _. apply continuity_pt_filterlim.
    exact (ex_derive_continuous (fun u => h u - k 0 * u) u (ex_intro _ _ (D u))).
  - rewrite (Hk c) in Hc. lra.
Qed.

Ltac linear_kernel :=
  split;
  [ intros; first [ ring | repeat (f_equal; try ring) ]
  | let h := fresh in let H := fresh in let z := fresh in
    intros h H z;
    match type of H with
    | forall z, is_derive _ z (@?k z) =>
        refine (linear_of_constant h k _ H z); intros; cbv beta; first [ ring | repeat (f_equal; try ring) ]
    end ].

Ltac moves := exists 1; split; [ lra | nonzero ].

(* -- equal angles ----------------------------------------------------------------------------- *)

Lemma rsum_one n f i c : (i < n)%nat -> (forall k, (k < n)%nat -> k <> i -> f k = c) ->
  rsum n f = f i + (INR n - 1) * c.
Proof.
  induction n; intros Hi H; [lia |]. rewrite S_INR. simpl rsum.
  destruct (Nat.eq_dec i n) as [-> | N].
  - rewrite (rsum_ext_lt n f (fun _ => c)) by (intros; apply H; lia). rewrite rsum_const. ring.
  - rewrite IHn by (intros; try apply H; lia). rewrite (H n) by lia. ring.
Qed.

Lemma rsum_two n f i j c : (i < n)%nat -> (j < n)%nat -> i <> j ->
  (forall k, (k < n)%nat -> k <> i -> k <> j -> f k = c) ->
  rsum n f = f i + f j + (INR n - 2) * c.
Proof.
  induction n; intros Hi Hj N H; [lia |]. rewrite S_INR. simpl rsum.
  destruct (Nat.eq_dec i n) as [-> | Ni].
  - rewrite (rsum_one n f j c) by (intros; try apply H; lia). ring.
  - destruct (Nat.eq_dec j n) as [-> | Nj].
    + rewrite (rsum_one n f i c) by (intros; try apply H; lia). ring.
    + rewrite IHn by (intros; try apply H; lia). rewrite (H n) by lia. ring.
Qed.

(* Inner products of tokens are 1 or the common one. *)
Ltac angles x U G :=
  repeat match goal with
  | |- context [inner (x ?p) (x ?q)] => first [ constr_eq p q; rewrite (U p) | rewrite (G p q) by lia ]
  end.

Ltac open_angles n x U G M i j Hi Hj N :=
  repeat match goal with
  | |- context [rsum n ?f] =>
      tryif (match f with context [rsum _ _] => idtac end) then fail else idtac;
      erewrite (rsum_two n f i j _ Hi Hj N);
      [| let k := fresh "k" in
         intros k ? ? ?; cbv beta; rewrite ?M; angles x U G; reflexivity ];
      cbv beta; rewrite ?M; angles x U G
  end.

Ltac equal_angles :=
  intros;
  lazymatch goal with
  | U : forall j, inner (?x j) (?x j) = 1,
    G : forall k l, _ -> _ -> _ -> inner (?x k) (?x l) = ?c,
    M : forall j, ?m j = / INR ?n,
    Hi : (?i < ?n)%nat, Hj : (?j < ?n)%nat, N : ?i <> ?j |- _ =>
      let C := fresh "C" in let B := fresh "B" in
      assert (C : 2 <= INR n) by (replace 2 with (INR 2) by (simpl; ring); apply le_INR; lia);
      unfold proj, softmax; linear; rewrite ?inner_vsum_l, ?inner_vsum_r; cbv beta;
      repeat setoid_rewrite inner_scal_l;
      open_angles n x U G M i j Hi Hj N; angles x U G; rewrite ?Rmult_1_r;
      field_angles
  end
with field_angles :=
  field; repeat split;
  try match goal with
  | |- INR _ <> 0 => lra
  | |- _ <> 0 =>
      apply Rgt_not_eq; unfold Rgt;
      repeat match goal with |- context [exp ?a] => generalize (exp_pos a); generalize (exp a); intros ? ? end;
      nra
  end.

(* -- symmetries -------------------------------------------------------------------------------- *)

Lemma rsum_order n (s t : nat -> nat) f :
  (forall j, s (t j) = j) -> (forall j, (j < n)%nat -> (s j < n)%nat) ->
  (forall j, t (s j) = j) -> (forall j, (j < n)%nat -> (t j < n)%nat) ->
  rsum n (fun j => f (s j)) = rsum n f.
Proof.
  intros St Sn Ts Tn.
  transitivity (rsum n (fun j => rsum n (fun i => f i * delta (s j) i))).
  { apply rsum_ext_lt. intros j Hj. symmetry. apply rsum_delta, Sn, Hj. }
  rewrite rsum_swap. apply rsum_ext_lt. intros i Hi.
  transitivity (rsum n (fun j => f i * delta (t i) j)).
  - apply rsum_ext. intros j. f_equal. unfold delta.
    destruct (Nat.eqb_spec (s j) i) as [A | A], (Nat.eqb_spec (t i) j) as [B | B]; try reflexivity.
    + destruct B. now rewrite <- A, Ts.
    + destruct A. now rewrite <- B, St.
  - apply (rsum_delta n (fun _ => f i)), Tn, Hi.
Qed.

Ltac open_rows :=
  repeat first
    [ rewrite inner_vsum_l | rewrite inner_vsum_r | rewrite app_vsum | rewrite app_vsum_r
    | rewrite tra_vsum | rewrite tra_vsum_r ];
  cbv beta.

(* Both sides are made alike; a sum over tokens is put in the other order. *)
Ltac same_labels n s t A B C D :=
  cbv beta; linear; open_rows;
  first
    [ reflexivity
    | match goal with
      | |- rsum n ?f = rsum n ?g =>
          transitivity (rsum n (fun j => g (s j)));
          [ apply rsum_ext; intro; same_labels n s t A B C D | apply (rsum_order n s t g A B C D) ]
      | |- rsum ?k _ = rsum ?k _ => apply rsum_ext; intro; same_labels n s t A B C D
      | |- _ + _ = _ + _ => apply (f_equal2 Rplus); same_labels n s t A B C D
      | |- _ * _ = _ * _ => apply (f_equal2 Rmult); same_labels n s t A B C D
      | |- - _ = - _ => apply (f_equal Ropp); same_labels n s t A B C D
      | |- / _ = / _ => apply (f_equal Rinv); same_labels n s t A B C D
      end ].

Ltac relabelled :=
  intros; unfold proj, softmax, Rdiv;
  match goal with
  | A : forall j, ?s (?t j) = j, B : forall j, (j < ?n)%nat -> (?s j < ?n)%nat,
    C : forall j, ?t (?s j) = j, D : forall j, (j < ?n)%nat -> (?t j < ?n)%nat
    |- inner _ _ = inner _ _ => same_labels n s t A B C D
  end.

Ltac rotated :=
  intros; unfold proj, softmax; linear; open_rows;
  match goal with
  | H : forall v w, inner (app ?U v) (app ?U w) = inner v w |- _ =>
      repeat setoid_rewrite inner_scal_l; repeat setoid_rewrite app_scal;
      repeat setoid_rewrite H; ring
  end.
