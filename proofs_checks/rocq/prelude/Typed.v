(* Steps of typed theorems: what rules and engines of the kernel conclude, token indices below n.
   Statements are generated; here is what their proofs use. *)
From Coq Require Import Reals Lra Lia Psatz.
From Coquelicot Require Import Coquelicot.
From attnflow Require Export Gram.
From attnflow Require Import Ode.
Open Scope R_scope.

(* -- sums over tokens ----------------------------------------------------------------------------- *)

Lemma sum_le n f g : (forall j, (j < n)%nat -> f j <= g j) -> rsum n f <= rsum n g.
Proof. induction n; intros H; simpl; [lra|]. apply Rplus_le_compat; [apply IHn|apply H]; auto. Qed.

Lemma sum_lt n f g : (0 < n)%nat -> (forall j, (j < n)%nat -> f j < g j) -> rsum n f < rsum n g.
Proof.
  intros Hn H. destruct n; [lia|]. simpl.
  assert (rsum n f <= rsum n g) by (apply sum_le; intros; apply Rlt_le, H; lia).
  specialize (H n ltac:(lia)). lra.
Qed.

Lemma sum_eq n f g : (forall j, (j < n)%nat -> f j = g j) -> rsum n f = rsum n g.
Proof. apply rsum_ext_lt. Qed.

Lemma sum_nonneg n f : (forall j, (j < n)%nat -> 0 <= f j) -> 0 <= rsum n f.
Proof. intros H. rewrite <- (rsum_zero n). apply sum_le. exact H. Qed.

Lemma sum_positive n f : (0 < n)%nat -> (forall j, (j < n)%nat -> 0 < f j) -> 0 < rsum n f.
Proof. intros Hn H. rewrite <- (rsum_zero n). apply sum_lt; assumption. Qed.

Lemma sum_term n f k : (forall j, (j < n)%nat -> 0 <= f j) -> (k < n)%nat -> f k <= rsum n f.
Proof.
  induction n; intros H Hk; [lia|]. simpl.
  assert (0 <= rsum n f) by (apply sum_nonneg; auto).
  destruct (Nat.eq_dec k n) as [->|]; [lra|].
  assert (f k <= rsum n f) by (apply IHn; auto; lia).
  assert (0 <= f n) by auto. lra.
Qed.

Lemma sum_zero n f k : rsum n f = 0 -> (forall j, (j < n)%nat -> 0 <= f j) -> (k < n)%nat -> f k = 0.
Proof. intros E H Hk. pose proof (sum_term n f k H Hk). specialize (H k Hk). lra. Qed.

(* -- order ------------------------------------------------------------------------------------------ *)

Lemma scaled_le c a b l r : r - l = c * (b - a) -> 0 <= c -> a <= b -> l <= r.
Proof. intros E Hc H. assert (0 <= c * (b - a)) by (apply Rmult_le_pos; lra). lra. Qed.

Lemma scaled_lt c a b l r : r - l = c * (b - a) -> 0 < c -> a < b -> l < r.
Proof. intros E Hc H. assert (0 < c * (b - a)) by (apply Rmult_lt_0_compat; lra). lra. Qed.

Lemma inverses_le a b l r : l = / b -> r = / a -> 0 < a -> a <= b -> l <= r.
Proof. intros -> -> Ha H. apply Rinv_le_contravar; assumption. Qed.

Lemma inverses_lt a b l r : l = / b -> r = / a -> 0 < a -> a < b -> l < r.
Proof. intros -> -> Ha H. apply Rinv_lt_contravar; [nra|assumption]. Qed.

Lemma roots_le a b l r : l = sqrt a -> r = b -> 0 <= a -> 0 <= b -> a <= b ^ 2 -> l <= r.
Proof.
  intros -> -> Ha Hb H. rewrite <- (sqrt_pow2 b Hb). apply sqrt_le_1_alt. exact H.
Qed.

Lemma cancelled a b : a * b = 0 -> 0 < a -> b = 0.
Proof. intros E H. destruct (Rmult_integral _ _ E); [lra|assumption]. Qed.

Lemma exp_le a b : a <= b -> exp a <= exp b.
Proof. intros [H | ->]; [apply Rlt_le, exp_increasing, H|apply Rle_refl]. Qed.

(* -- inner products --------------------------------------------------------------------------------- *)

Lemma cauchy {E : IPS} (u v : E) : ⟨u, v⟩ ^ 2 <= ⟨u, u⟩ * ⟨v, v⟩.
Proof.
  set (a := ⟨u, u⟩). set (b := ⟨u, v⟩).
  assert (Ha : 0 <= a) by apply inner_nonneg.
  assert (H : forall c, 0 <= ⟨v, v⟩ + 2 * c * b + c * c * a).
  { intros c. pose proof (inner_nonneg (v ⊕ c ⊙ u)) as H. revert H. linear.
    rewrite (inner_sym v u). fold a b. lra. }
  destruct (Req_dec a 0) as [E0|E0].
  - assert (b = 0); [|rewrite E0, H0; lra].
    destruct (Req_dec b 0) as [|N]; [assumption|exfalso].
    specialize (H (- (⟨v, v⟩ + 1) / (2 * b))). rewrite E0 in H.
    replace (2 * (- (⟨v, v⟩ + 1) / (2 * b)) * b) with (- (⟨v, v⟩ + 1)) in H by (field; assumption).
    lra.
  - assert (0 < a) by lra. specialize (H (- b / a)).
    replace (⟨v, v⟩ + 2 * (- b / a) * b + - b / a * (- b / a) * a)
      with (⟨v, v⟩ - b ^ 2 / a) in H by (field; assumption).
    assert (b ^ 2 / a * a = b ^ 2) by (field; assumption).
    nra.
Qed.

Lemma unit_product {E : IPS} (u v : E) :
  ⟨u, u⟩ = 1 -> ⟨v, v⟩ = 1 -> -1 <= ⟨u, v⟩ /\ ⟨u, v⟩ <= 1.
Proof. intros Hu Hv. pose proof (cauchy u v) as H. rewrite Hu, Hv in H. split; nra. Qed.

Lemma softmax_weight n m s j : (forall k, (k < n)%nat -> 0 < m k) -> (j < n)%nat -> 0 < softmax n m s j.
Proof.
  intros Hm Hj. unfold softmax. apply Rdiv_lt_0_compat.
  - apply Rmult_lt_0_compat; [apply exp_pos|auto].
  - apply sum_positive; [lia|]. intros. apply Rmult_lt_0_compat; [apply exp_pos|auto].
Qed.

(* -- what is least, greatest, widest ------------------------------------------------------------------ *)

Definition least (n : nat) (f : nat -> R) (c : R) : Prop :=
  (forall i, (i < n)%nat -> c <= f i) /\ exists i, (i < n)%nat /\ c = f i.
Definition greatest (n : nat) (f : nat -> R) (c : R) : Prop :=
  (forall i, (i < n)%nat -> f i <= c) /\ exists i, (i < n)%nat /\ c = f i.
Definition least_pair (n : nat) (f : nat -> nat -> R) (c : R) : Prop :=
  (forall i j, (i < n)%nat -> (j < n)%nat -> i <> j -> c <= f i j)
  /\ exists i j, (i < n)%nat /\ (j < n)%nat /\ i <> j /\ c = f i j.
Definition greatest_pair (n : nat) (f : nat -> nat -> R) (c : R) : Prop :=
  (forall i j, (i < n)%nat -> (j < n)%nat -> i <> j -> f i j <= c)
  /\ exists i j, (i < n)%nat /\ (j < n)%nat /\ i <> j /\ c = f i j.
Definition distance {E : IPS} (u v : E) : R := sqrt ⟨u ⊕ (- 1) ⊙ v, u ⊕ (- 1) ⊙ v⟩.
Definition widest {E : IPS} (n : nat) (y : nat -> E) (c : R) : Prop :=
  (forall i j, (i < n)%nat -> (j < n)%nat -> distance (y i) (y j) <= c)
  /\ exists i j, (i < n)%nat /\ (j < n)%nat /\ c = distance (y i) (y j).

Lemma widest_nonneg {E : IPS} n (y : nat -> E) c : widest n y c -> 0 <= c.
Proof. intros [_ [i [j [_ [_ ->]]]]]. apply sqrt_pos. Qed.

Lemma least_pair_le n f g a b : least_pair n f a -> least_pair n g b ->
  (forall i j, (i < n)%nat -> (j < n)%nat -> i <> j -> f i j <= g i j) -> a <= b.
Proof.
  intros [Hf _] [_ [i [j [Hi [Hj [N ->]]]]]] H.
  apply Rle_trans with (f i j); [apply Hf|apply H]; assumption.
Qed.

(* -- curves: derivatives against probes ----------------------------------------------------------------- *)

Lemma derive_is (f : R -> R) t a c : is_derive f t a -> a = c -> is_derive f t c.
Proof. intros H <-. exact H. Qed.

Lemma derive_sum n (f df : nat -> R -> R) (t : R) :
  (forall k, is_derive (f k) t (df k t)) ->
  is_derive (fun s => rsum n (fun k => f k s)) t (rsum n (fun k => df k t)).
Proof.
  intros H. induction n; simpl.
  - apply (is_derive_const 0).
  - apply (is_derive_plus (fun s => rsum n (fun k => f k s)) (f n)); auto.
Qed.

Lemma derive_times (f g : R -> R) t a b : is_derive f t a -> is_derive g t b ->
  is_derive (fun s => f s * g s) t (a * g t + f t * b).
Proof. intros Hf Hg. apply (is_derive_mult f g t a b); auto. intros. apply Rmult_comm. Qed.

Lemma derive_inverse (f : R -> R) t a : is_derive f t a -> f t <> 0 ->
  is_derive (fun s => / f s) t (- a * (/ f t * / f t)).
Proof.
  intros Hf H. eapply derive_is; [apply (is_derive_inv f t a Hf H)|]. simpl. field. exact H.
Qed.

Lemma derive_opposite (f : R -> R) t a : is_derive f t a -> is_derive (fun s => - f s) t (- a).
Proof. intros. now apply (is_derive_opp f). Qed.

Lemma derive_plus (f g : R -> R) t a b : is_derive f t a -> is_derive g t b ->
  is_derive (fun s => f s + g s) t (a + b).
Proof. intros. now apply (is_derive_plus f g). Qed.

Lemma derive_minus (f g : R -> R) t a b : is_derive f t a -> is_derive g t b ->
  is_derive (fun s => f s - g s) t (a - b).
Proof. intros. now apply (is_derive_minus f g). Qed.

Lemma derive_power (f : R -> R) t a : is_derive f t a -> is_derive (fun s => exp (f s)) t (a * exp (f t)).
Proof. intros H. apply (is_derive_comp exp f t); [apply is_derive_exp|exact H]. Qed.

Section Curves.
Context {E : IPS} {d : nat} (b : Basis E d).

Lemma derive_pair (u v : R -> E) (du dv : E) (t : R) :
  (forall a, is_derive (fun s => ⟨a, u s⟩) t ⟨a, du⟩) ->
  (forall a, is_derive (fun s => ⟨a, v s⟩) t ⟨a, dv⟩) ->
  is_derive (fun s => ⟨u s, v s⟩) t (⟨du, v t⟩ + ⟨u t, dv⟩).
Proof.
  intros Hu Hv.
  apply (is_derive_ext (fun s => rsum d (fun k => ⟨u s, b k⟩ * ⟨v s, b k⟩))).
  { intros s. apply (parseval b). }
  rewrite <- (parseval b du (v t)), <- (parseval b (u t) dv), <- rsum_plus.
  apply (derive_sum d (fun k s => ⟨u s, b k⟩ * ⟨v s, b k⟩)
    (fun k s => ⟨du, b k⟩ * ⟨v s, b k⟩ + ⟨u s, b k⟩ * ⟨dv, b k⟩)).
  intros k. apply (derive_times (fun s => ⟨u s, b k⟩) (fun s => ⟨v s, b k⟩)).
  - apply (is_derive_ext (fun s => ⟨b k, u s⟩)); [intros; apply inner_sym|].
    rewrite inner_sym. apply Hu.
  - apply (is_derive_ext (fun s => ⟨b k, v s⟩)); [intros; apply inner_sym|].
    rewrite inner_sym. apply Hv.
Qed.
End Curves.

Lemma probe_still {E : IPS} (w : E) (t : R) :
  forall a : E, is_derive (fun _ : R => ⟨a, w⟩) t ⟨a, (vzero : E)⟩.
Proof. intros a. rewrite inner_zero_r. apply (is_derive_const ⟨a, w⟩). Qed.

Lemma probe_times {E : IPS} (c : R -> R) (u : R -> E) dc du (t : R) :
  is_derive c t dc -> (forall a, is_derive (fun s => ⟨a, u s⟩) t ⟨a, du⟩) ->
  forall a, is_derive (fun s => ⟨a, c s ⊙ u s⟩) t ⟨a, dc ⊙ u t ⊕ c t ⊙ du⟩.
Proof.
  intros Hc Hu a. apply (is_derive_ext (fun s => c s * ⟨a, u s⟩)).
  { intros s. symmetry. apply inner_scal_r. }
  rewrite inner_add_r, !inner_scal_r. apply (derive_times c (fun s => ⟨a, u s⟩)); auto.
Qed.

Lemma probe_plus {E : IPS} (u v : R -> E) du dv (t : R) :
  (forall a, is_derive (fun s => ⟨a, u s⟩) t ⟨a, du⟩) ->
  (forall a, is_derive (fun s => ⟨a, v s⟩) t ⟨a, dv⟩) ->
  forall a, is_derive (fun s => ⟨a, u s ⊕ v s⟩) t ⟨a, du ⊕ dv⟩.
Proof.
  intros Hu Hv a. apply (is_derive_ext (fun s => ⟨a, u s⟩ + ⟨a, v s⟩)).
  { intros s. symmetry. apply inner_add_r. }
  rewrite inner_add_r. apply (derive_plus (fun s => ⟨a, u s⟩) (fun s => ⟨a, v s⟩)); auto.
Qed.

(* What isn't found among what is known isn't looked for in definitions. *)
#[global] Opaque is_derive.

(* -- tactics ------------------------------------------------------------------------------------------ *)

(* One order of the arguments of an inner product, in what is said and in what is known. *)
Ltac turn_inner :=
  repeat match goal with
  | |- context [inner ?a ?b] =>
      match goal with
      | |- context [inner b a] => assert_fails (constr_eq a b); rewrite (inner_sym a b)
      end
  end.

(* Exponentials of sums, multiples and opposites as products of one another. *)
Ltac exponentials :=
  repeat match goal with
  | |- context [exp ?a] =>
      match goal with
      | |- context [exp ?b] =>
          assert_fails (constr_eq a b);
          first
            [ replace (exp a) with (exp b) by (f_equal; ring)
            | replace (exp a) with (exp b * exp b) by (rewrite <- exp_plus; f_equal; ring)
            | replace (exp a) with (/ exp b) by (rewrite <- exp_Ropp; f_equal; ring)
            | match goal with
              | |- context [exp ?c] =>
                  assert_fails (constr_eq a c);
                  replace (exp a) with (exp b * exp c) by (rewrite <- exp_plus; f_equal; ring)
              end ]
      end
  end.

Ltac below := first [ assumption | lia ].

Ltac apart :=
  repeat match goal with |- _ /\ _ => split end;
  try solve [ assumption | lra | apply Rgt_not_eq; assumption | apply Rgt_not_eq; apply exp_pos ].

(* Sums of both sides as one sum, compared term by term. *)
Ltac termwise :=
  unfold proj in *; linear; repeat first [ rewrite inner_vsum_l | rewrite inner_vsum_r ]; cbv beta;
  turn_inner; unfold Rdiv, Rminus; rewrite ?Rplus_0_r, ?Rplus_0_l;
  repeat first
    [ rewrite <- rsum_scal | rewrite <- rsum_scal_r | rewrite <- rsum_opp | rewrite <- rsum_plus ];
  apply sum_eq; intros; cbv beta; linear; turn_inner;
  first [ ring | field; repeat match goal with |- _ /\ _ => split end;
          apply Rgt_not_eq;
          match goal with
          | |- _ => assumption
          | H : forall _, _ |- _ => apply H; below
          | H : forall _, _ |- _ => rewrite inner_sym; apply H; below
          end ].

Ltac same :=
  intros; unfold Rdiv in *;
  first
    [ ring | solve [ turn_inner; ring ] | solve [ field; apart ]
    | solve [ rewrite ?Rinv_mult, ?Rinv_inv; turn_inner; exponentials;
              rewrite ?Rinv_mult, ?Rinv_inv; ring ]
    | solve [ turn_inner; exponentials; field; apart ]
    | solve [ termwise ] | solve [ gram ] ].

(* Signs of numbers by their shape. *)
Ltac known_sign :=
  first
    [ assumption | lra
    | match goal with
      | H : forall _, _ |- 0 < _ => apply H; below
      | H : forall _, _ |- 0 <= _ => apply H; below
      | H : forall _, _ |- 0 <= _ => apply Rlt_le, H; below
      | H : forall _, _ |- 0 < _ => eapply H; below
      | H : forall _, _ |- 0 <= _ => eapply H; below
      end ].

Ltac sgn :=
  intros; unfold Rdiv;
  first
    [ solve [ known_sign ] | apply exp_pos | apply Rlt_le, exp_pos | apply inner_nonneg
    | apply sqrt_pos | eapply widest_nonneg; eassumption
    | match goal with
      | |- 0 < softmax _ _ _ _ => apply softmax_weight; [ solve [ sgn ] | below ]
      | |- 0 <= softmax _ _ _ _ => apply Rlt_le, softmax_weight; [ solve [ sgn ] | below ]
      | |- 0 < Rmin _ _ => apply Rmin_glb_lt; sgn
      | |- 0 <= Rmin _ _ => apply Rmin_glb; sgn
      | |- 0 < rsum _ _ => apply sum_positive; [ lia | solve [ sgn ] ]
      | |- 0 <= rsum _ _ => apply sum_nonneg; solve [ sgn ]
      | |- 0 <= if ?b then 0 else _ => destruct b; [ lra | sgn ]
      | |- 0 < _ * _ => apply Rmult_lt_0_compat; sgn
      | |- 0 <= _ * _ => apply Rmult_le_pos; sgn
      | |- 0 < / _ => apply Rinv_0_lt_compat; sgn
      | |- 0 <= / _ => apply Rlt_le, Rinv_0_lt_compat; sgn
      | |- 0 <= _ ^ 2 => apply pow2_ge_0
      | |- 0 <= _ ^ _ => apply pow_le; sgn
      | |- 0 < _ ^ _ => apply pow_lt; sgn
      | |- 0 < _ + _ => first [ apply Rplus_lt_0_compat; solve [ sgn ]
          | apply Rplus_lt_le_0_compat; solve [ sgn ] | apply Rplus_le_lt_0_compat; solve [ sgn ] ]
      | |- 0 <= _ + _ => apply Rplus_le_le_0_compat; solve [ sgn ]
      | |- 0 < sqrt _ => apply sqrt_lt_R0; sgn
      end
    | match goal with |- ?a < 0 => apply Ropp_lt_cancel; rewrite Ropp_0; sgn
                    | |- ?a <= 0 => apply Ropp_le_cancel; rewrite Ropp_0; sgn end ].

(* A premise at a token, at a time. *)
Ltac there := first [ assumption | lia | lra ].

Ltac inverse := unfold Rdiv; first [ reflexivity | solve [ same ] | solve [ field; apart ] ].

(* Derivatives of what inner products make of curves: of the curves from what is known. *)
Ltac probes :=
  lazymatch goal with
  | |- forall a, is_derive (fun s => ⟨a, (@?c s) ⊙ (@?u s)⟩) ?t _ =>
      eapply (probe_times c u); [ rates | probes ]
  | |- forall a, is_derive (fun s => ⟨a, (@?u s) ⊕ (@?v s)⟩) ?t _ =>
      eapply (probe_plus u v); [ probes | probes ]
  | |- _ => first [ eassumption | apply probe_still | match goal with H : _ |- _ => eapply H; below end
                  | match goal with H : _ |- _ => eapply H; there end ]
  end
with rates :=
  cbv beta;
  lazymatch goal with
  | |- is_derive (fun _ => ?c) _ _ => apply (is_derive_const c)
  | |- is_derive (fun s => inner (@?u s) (@?v s)) ?t _ =>
      match goal with b : Basis _ _ |- _ => eapply (derive_pair b u v); [ probes | probes ] end
  | |- is_derive (fun s => (@?f s) + (@?g s)) ?t _ => eapply (derive_plus f g); [ rates | rates ]
  | |- is_derive (fun s => (@?f s) - (@?g s)) ?t _ => eapply (derive_minus f g); [ rates | rates ]
  | |- is_derive (fun s => (@?f s) * (@?g s)) ?t _ => eapply (derive_times f g); [ rates | rates ]
  | |- is_derive (fun s => - (@?f s)) ?t _ => eapply (derive_opposite f); rates
  | |- is_derive (fun s => / (@?f s)) ?t _ =>
      eapply (derive_inverse f); [ rates | cbv beta; apart; apply Rgt_not_eq; sgn ]
  | |- is_derive (fun s => exp (@?f s)) ?t _ => eapply (derive_power f); rates
  | |- _ => first [ eassumption | match goal with H : _ |- _ => eapply H; there end ]
  end.

Ltac derives :=
  intros; unfold Rdiv;
  lazymatch goal with
  | |- is_derive _ _ ⟨?a, _⟩ =>
      eapply derive_is; [ revert a; probes | cbv beta; same ]
  | |- _ => eapply derive_is; [ rates | cbv beta; same ]
  end.
