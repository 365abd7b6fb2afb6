(* Steps of typed theorems: what rules and engines of the kernel conclude, token indices below n.
   Statements are generated; here is what their proofs use. *)
From Coq Require Import Reals Lra Lia Psatz.
From Coquelicot Require Import Coquelicot.
From attnflow Require Export Gram.
From attnflow Require Import Ode.
From attnflow Require Cone.
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

Lemma softmax_whole n m s : (forall k, (k < n)%nat -> 0 < m k) -> (0 < n)%nat ->
  rsum n (fun j => softmax n m s j) = 1.
Proof.
  intros Hm Hn.
  assert (H : 0 < rsum n (fun k => exp (s k) * m k)).
  { apply sum_positive; [lia|]. intros. apply Rmult_lt_0_compat; [apply exp_pos|auto]. }
  rewrite (rsum_ext _ _ _ (softmax_eq n m s)), rsum_scal. field. lra.
Qed.

Lemma inverse_nonneg x : 0 <= x -> 0 <= / x.
Proof. intros [H | <-]; [apply Rlt_le, Rinv_0_lt_compat, H|rewrite Rinv_0; apply Rle_refl]. Qed.

Lemma masked_nonneg n m s w j : (forall k, (k < n)%nat -> 0 < m k) ->
  (forall k, (k < n)%nat -> 0 <= w k) -> (j < n)%nat -> 0 <= masked n m s w j.
Proof.
  intros Hm Hw Hj. unfold masked, Rdiv.
  assert (H : forall k, (k < n)%nat -> 0 <= w k * (exp (s k) * m k)).
  { intros k Hk. apply Rmult_le_pos; [auto|].
    apply Rmult_le_pos; [apply Rlt_le, exp_pos|apply Rlt_le; auto]. }
  apply Rmult_le_pos; [auto|]. apply inverse_nonneg, sum_nonneg. exact H.
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

Lemma derive_is (f : R -> R) (t a c : R) : is_derive f t a -> a = c -> is_derive f t c.
Proof. intros H <-. exact H. Qed.

Lemma derive_still (c t : R) : is_derive (fun _ : R => c) t 0.
Proof. apply (is_derive_const c). Qed.

Lemma derive_time (t : R) : is_derive (fun s : R => s) t 1.
Proof. apply (is_derive_id t). Qed.

Lemma derive_log (f : R -> R) (t a : R) : is_derive f t a -> 0 < f t -> is_derive (fun s => ln (f s)) t (a * / f t).
Proof. intros Hf H. apply (is_derive_comp ln f t); [apply is_derive_ln, H|exact Hf]. Qed.

Lemma derive_sum n (f df : nat -> R -> R) (t : R) :
  (forall k, is_derive (f k) t (df k t)) ->
  is_derive (fun s => rsum n (fun k => f k s)) t (rsum n (fun k => df k t)).
Proof.
  intros H. induction n; simpl.
  - apply (is_derive_const 0).
  - apply (is_derive_plus (fun s => rsum n (fun k => f k s)) (f n)); auto.
Qed.

Lemma derive_times (f g : R -> R) (t a b : R) : is_derive f t a -> is_derive g t b ->
  is_derive (fun s => f s * g s) t (a * g t + f t * b).
Proof. intros Hf Hg. apply (is_derive_mult f g t a b); auto. intros. apply Rmult_comm. Qed.

Lemma derive_square (f : R -> R) (t a : R) : is_derive f t a ->
  is_derive (fun s => f s ^ 2) t (2 * f t * a).
Proof.
  intros H. apply (is_derive_ext (fun s => f s * f s)); [ intros s; exact (Rsqr_pow2 (f s)) | ].
  eapply derive_is; [ apply (derive_times f f t a a H H) | ring ].
Qed.

Lemma derive_inverse (f : R -> R) (t a : R) : is_derive f t a -> f t <> 0 ->
  is_derive (fun s => / f s) t (- a * (/ f t * / f t)).
Proof.
  intros Hf H. eapply derive_is; [apply (is_derive_inv f t a Hf H)|]. simpl. field. exact H.
Qed.

Lemma derive_opposite (f : R -> R) (t a : R) : is_derive f t a -> is_derive (fun s => - f s) t (- a).
Proof. intros. now apply (is_derive_opp f). Qed.

Lemma derive_plus (f g : R -> R) (t a b : R) : is_derive f t a -> is_derive g t b ->
  is_derive (fun s => f s + g s) t (a + b).
Proof. intros. now apply (is_derive_plus f g). Qed.

Lemma derive_minus (f g : R -> R) (t a b : R) : is_derive f t a -> is_derive g t b ->
  is_derive (fun s => f s - g s) t (a - b).
Proof. intros. now apply (is_derive_minus f g). Qed.

Lemma derive_power (f : R -> R) (t a : R) : is_derive f t a -> is_derive (fun s => exp (f s)) t (a * exp (f t)).
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

(* -- what a solution keeps --------------------------------------------------------------------------- *)

(* Unit length, by Grönwall for (⟨x, x⟩ - 1)², where x' = P_x F and ⟨x, F⟩ is continuous in t. *)
Theorem unit_kept {E : IPS} {d : nat} (b : Basis E d) (x F : R -> E) :
  (forall t, 0 <= t -> forall a, is_derive (fun s => ⟨a, x s⟩) t ⟨a, proj (x t) (F t)⟩) ->
  (forall t, 0 <= t -> continuous (fun s => ⟨x s, F s⟩) t) ->
  ⟨x 0, x 0⟩ = 1 -> forall t, 0 <= t -> ⟨x t, x t⟩ = 1.
Proof.
  intros Hx HF H0 T HT.
  set (c := fun t => ⟨x t, F t⟩). set (u := fun t => ⟨x t, x t⟩ - 1).
  destruct (Cone.bounded_on c T HT (fun t Ht => HF t (proj1 Ht))) as [C [HC0 HC]].
  assert (Hu : forall t, 0 <= t <= T -> is_derive u t (- 2 * c t * u t)).
  { intros t Ht. unfold u at 1.
    eapply derive_is.
    - apply (derive_minus (fun s => ⟨x s, x s⟩) (fun _ => 1)).
      + apply (derive_pair b x x _ _ t (Hx t (proj1 Ht)) (Hx t (proj1 Ht))).
      + apply (is_derive_const 1).
    - unfold proj, u, c. linear. rewrite (inner_sym (F t) (x t)). unfold zero; simpl. ring. }
  assert (Hsq : u T * u T <= 0).
  { replace 0 with (0 * exp (- (- (4 * C)) * T)) by ring.
    apply (largest_decays 1 (fun _ t => u t * u t)
      (fun _ t => (- 2 * c t * u t) * u t + u t * (- 2 * c t * u t))
      (- (4 * C)) 0 T (fun _ _ => ltac:(unfold u; rewrite H0 by auto; lra))
      (fun _ t _ Ht => derive_times u u t _ _ (Hu t Ht) (Hu t Ht))) with (k := 0%nat); [|lia|lra].
    intros _ t _ Ht _. specialize (HC t Ht). apply Rabs_le_between in HC.
    assert (0 <= u t * u t) by nra. nra. }
  assert (u T = 0) by nra. unfold u in *. lra.
Qed.

(* Bounded up to each time. *)
Definition locally_bounded (f : R -> R) : Prop :=
  forall T, exists M, forall s, 0 <= s <= T -> Rabs (f s) <= M.

Lemma common_bound n (K : nat -> R -> R) T : (forall i, (i < n)%nat -> locally_bounded (K i)) ->
  exists M, 0 <= M /\ forall i s, (i < n)%nat -> 0 <= s <= T -> Rabs (K i s) <= M.
Proof.
  induction n; intros H; [exists 0; split; [lra|intros; lia]|].
  destruct IHn as [M [HM IH]]; [intros; apply H; lia|]. destruct (H n ltac:(lia) T) as [N HN].
  exists (Rmax M N). split; [apply Rle_trans with M; [exact HM|apply Rmax_l]|].
  intros i s Hi Hs. destruct (Nat.eq_dec i n) as [->|].
  - apply Rle_trans with N; [auto|apply Rmax_r].
  - apply Rle_trans with M; [apply IH; auto; lia|apply Rmax_l].
Qed.

(* The rule "derivative of a minimum". *)
Theorem minimum_kept n (f v K : nat -> R -> R) r : 0 <= r ->
  (forall i, (i < n)%nat -> r <= f i 0) ->
  (forall t i, 0 <= t -> (i < n)%nat -> is_derive (f i) t (v i t)) ->
  (forall t i, 0 <= t -> (i < n)%nat -> (forall j, (j < n)%nat -> f i t <= f j t) ->
     K i t * f i t <= v i t) ->
  (forall t i, 0 <= t -> (i < n)%nat -> 0 <= K i t) ->
  (forall i, (i < n)%nat -> locally_bounded (K i)) ->
  forall t i, 0 <= t -> (i < n)%nat -> r <= f i t.
Proof.
  intros Hr H0 Hd Hb HK HM T i HT Hi.
  assert (Hpos : forall s k, 0 <= s <= T -> (k < n)%nat -> 0 <= f k s).
  { destruct (common_bound n K T HM) as [M [HM0 HMb]].
    intros s k Hs Hk. apply Rnot_gt_le. intros Hgt.
    set (L := M + 1). set (e := - f k s / (2 * exp (L * T))).
    assert (Hexp : exp (L * s) <= exp (L * T)) by (apply exp_le; unfold L; nra).
    pose proof (exp_pos (L * T)) as HE. pose proof (exp_pos (L * s)) as Hes.
    assert (He : 0 < e) by (unfold e; apply Rdiv_lt_0_compat; lra).
    assert (Hq : - f k s - e * exp (L * s) <= 0).
    { apply (barrier n (fun j u => - f j u - e * exp (L * u))
        (fun j u => - v j u - e * (L * exp (L * u))) 0 T); [| | |exact Hk|exact Hs].
      - intros j Hj. rewrite Rmult_0_r, exp_0. specialize (H0 j Hj). lra.
      - intros j u Hj Hu.
        apply (derive_minus (fun s => - f j s) (fun s => e * exp (L * s))).
        + apply (derive_opposite (f j)). apply Hd; [lra|exact Hj].
        + eapply derive_is.
          * apply (derive_times (fun _ => e) (fun s => exp (L * s)));
              [apply (is_derive_const e)|apply (derive_power (fun s => L * s))].
            apply (derive_times (fun _ => L) (fun s => s)); [apply (is_derive_const L)|apply (is_derive_id u)].
          * unfold zero, one; simpl. ring.
      - intros j u Hj Hu Hall Eq. pose proof (exp_pos (L * u)) as Hx.
        assert (Hle : K j u * f j u <= v j u).
        { apply Hb; [lra|exact Hj|]. intros l Hl. specialize (Hall l Hl). lra. }
        specialize (HK u j ltac:(lra) Hj). specialize (HMb j u Hj Hu).
        apply Rabs_le_between in HMb.
        assert (f j u = - (e * exp (L * u))) as Ef by lra.
        assert (0 < e * exp (L * u)) by (apply Rmult_lt_0_compat; assumption).
        assert (K j u * (e * exp (L * u)) <= M * (e * exp (L * u))) by (apply Rmult_le_compat_r; lra).
        replace (e * (L * exp (L * u))) with ((M + 1) * (e * exp (L * u))) by (unfold L; ring).
        rewrite Ef in Hle. revert Hle H H1. generalize (e * exp (L * u)). intros q. lra. }
    assert (e * exp (L * s) <= e * exp (L * T)) by (apply Rmult_le_compat_l; lra).
    assert (e * exp (L * T) = - f k s / 2) by (unfold e; field; lra).
    lra. }
  apply (least_never_falls n f v r T); [exact H0| | |exact Hi|lra].
  - intros j s Hj Hs. apply Hd; [lra|exact Hj].
  - intros j s Hj Hs Hall. apply Rle_trans with (K j s * f j s); [|apply Hb; auto; lra].
    apply Rmult_le_pos; [apply HK; auto; lra|apply Hpos; auto].
Qed.

Lemma pair_place n i j : (i < n)%nat -> (j < n)%nat ->
  (i * n + j < n * n)%nat /\ ((i * n + j) / n = i)%nat /\ ((i * n + j) mod n = j)%nat.
Proof.
  intros Hi Hj. split; [nia|]. split.
  - rewrite Nat.div_add_l by lia. rewrite Nat.div_small by lia. lia.
  - rewrite Nat.add_comm, Nat.Div0.mod_add. apply Nat.mod_small. lia.
Qed.

Theorem minimum_of_pairs_kept n (f v K : nat -> nat -> R -> R) r : 0 <= r ->
  (forall i j, (i < n)%nat -> (j < n)%nat -> r <= f i j 0) ->
  (forall t i j, 0 <= t -> (i < n)%nat -> (j < n)%nat -> is_derive (f i j) t (v i j t)) ->
  (forall t i j, 0 <= t -> (i < n)%nat -> (j < n)%nat ->
     (forall k l, (k < n)%nat -> (l < n)%nat -> f i j t <= f k l t) -> K i j t * f i j t <= v i j t) ->
  (forall t i j, 0 <= t -> (i < n)%nat -> (j < n)%nat -> 0 <= K i j t) ->
  (forall i j, (i < n)%nat -> (j < n)%nat -> locally_bounded (K i j)) ->
  forall t i j, 0 <= t -> (i < n)%nat -> (j < n)%nat -> r <= f i j t.
Proof.
  intros Hr H0 Hd Hb HK HM t i j Ht Hi Hj.
  assert (Hlt : forall q, (q < n * n)%nat -> (q / n < n)%nat /\ (q mod n < n)%nat).
  { intros q Hq. split; [apply Nat.Div0.div_lt_upper_bound; lia|apply Nat.mod_upper_bound; lia]. }
  destruct (pair_place n i j Hi Hj) as [Q [Q1 Q2]].
  assert (H : forall s q, 0 <= s -> (q < n * n)%nat -> r <= f (q / n)%nat (q mod n)%nat s).
  { apply (minimum_kept (n * n) (fun q => f (q / n)%nat (q mod n)%nat)
      (fun q => v (q / n)%nat (q mod n)%nat) (fun q => K (q / n)%nat (q mod n)%nat) r Hr).
    - intros q Hq. destruct (Hlt q Hq). auto.
    - intros s q Hs Hq. destruct (Hlt q Hq). auto.
    - intros s q Hs Hq Hall. destruct (Hlt q Hq). apply Hb; auto. intros k l Hk Hl.
      destruct (pair_place n k l Hk Hl) as [P [P1 P2]]. specialize (Hall _ P).
      cbv beta in Hall. rewrite P1, P2 in Hall. exact Hall.
    - intros s q Hs Hq. destruct (Hlt q Hq). auto.
    - intros q Hq. destruct (Hlt q Hq). auto. }
  specialize (H t _ Ht Q). rewrite Q1, Q2 in H. exact H.
Qed.

(* What is least over pairs, of larger terms, and of a column. *)
Lemma column_sum n b (p : nat -> nat -> R) c : (2 <= n)%nat -> forall i j : nat,
  (forall i j, (i < n)%nat -> (j < n)%nat -> b j <= p i j) ->
  (i < n)%nat -> (j < n)%nat -> i <> j ->
  c = p i j + p j i + rsum n (fun l => if orb (Nat.eqb l i) (Nat.eqb l j) then 0 else Rmin (p i l) (p j l)) ->
  rsum n b <= c.
Proof.
  intros Hn i j H Hi Hj N ->.
  assert (S : forall f k, (k < n)%nat -> rsum n f = f k + rsum n (fun l => if Nat.eqb l k then 0 else f l)).
  { clear. intros f k. induction n; intros Hk; [lia|]. simpl.
    destruct (Nat.eqb_spec n k) as [->|N].
    - rewrite (sum_eq k (fun l => if Nat.eqb l k then 0 else f l) f); [ring|]. intros l Hl. destruct (Nat.eqb_spec l k); [lia|reflexivity].
    - rewrite IHn by lia. ring. }
  rewrite (S b i Hi), (S (fun l => if Nat.eqb l i then 0 else b l) j Hj).
  destruct (Nat.eqb_spec j i) as [->|_]; [contradiction|].
  assert (rsum n (fun l => if Nat.eqb l j then 0 else if Nat.eqb l i then 0 else b l)
    <= rsum n (fun l => if orb (Nat.eqb l i) (Nat.eqb l j) then 0 else Rmin (p i l) (p j l))).
  { apply sum_le. intros l Hl. destruct (Nat.eqb l i), (Nat.eqb l j); simpl; try lra.
    apply Rmin_glb; apply H; assumption. }
  pose proof (H j i Hj Hi). pose proof (H i j Hi Hj). lra.
Qed.

Lemma scaled_pair n h a (p c : nat -> nat -> R) b i j :
  (forall i j, (i < n)%nat -> (j < n)%nat -> h * p i j <= c i j) -> 0 <= h ->
  (i < n)%nat -> (j < n)%nat ->
  a <= p i j + p j i + rsum n (fun l => if orb (Nat.eqb l i) (Nat.eqb l j) then 0 else Rmin (p i l) (p j l)) ->
  b = c i j + c j i + rsum n (fun l => if orb (Nat.eqb l i) (Nat.eqb l j) then 0 else Rmin (c i l) (c j l)) ->
  h * a <= b.
Proof.
  intros H Hh Hi Hj Ha ->.
  apply Rle_trans with (1 := Rmult_le_compat_l h _ _ Hh Ha).
  rewrite !Rmult_plus_distr_l, <- rsum_scal. apply Rplus_le_compat.
  - apply Rplus_le_compat; apply H; assumption.
  - apply sum_le. intros l Hl. destruct (Nat.eqb l i), (Nat.eqb l j); simpl; try lra.
    apply Rmin_glb; [pose proof (H i l Hi Hl); pose proof (Rmin_l (p i l) (p j l))
                    |pose proof (H j l Hj Hl); pose proof (Rmin_r (p i l) (p j l))]; nra.
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
  try solve [ assumption | lra | nra | apply Rgt_not_eq; assumption | apply Rgt_not_eq; apply exp_pos ].

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
      | |- 0 <= masked _ _ _ _ _ => apply masked_nonneg; [ solve [ sgn ] | intros; cbv beta | below ];
          match goal with |- 0 <= (if ?b then _ else _) => destruct b; lra end
      | |- 0 <= (if ?b then _ else _) => destruct b; solve [ sgn ]
      | H : least _ _ ?c |- 0 < ?c => destruct H as [_ [? [? ->]]]; cbv beta; sgn
      | H : least _ _ ?c |- 0 <= ?c => destruct H as [_ [? [? ->]]]; cbv beta; sgn
      | |- 0 < Rmin _ _ => apply Rmin_glb_lt; sgn
      | |- 0 <= Rmin _ _ => apply Rmin_glb; sgn
      | |- 0 < rsum _ _ => apply sum_positive; [ lia | solve [ sgn ] ]
      | |- 0 <= rsum _ _ => apply sum_nonneg; solve [ sgn ]
      | |- 0 <= if ?b then 0 else _ => destruct b; [ lra | sgn ]
      | |- 0 < _ * _ => apply Rmult_lt_0_compat; sgn
      | |- 0 <= _ * _ => apply Rmult_le_pos; sgn
      | |- 0 < / _ => apply Rinv_0_lt_compat; sgn
      | |- 0 <= / _ => apply inverse_nonneg; sgn
      | |- 0 <= _ ^ 2 => apply pow2_ge_0
      | |- 0 <= _ ^ _ => apply pow_le; sgn
      | |- 0 < _ ^ _ => apply pow_lt; sgn
      | |- 0 < _ + _ => first [ apply Rplus_lt_0_compat; solve [ sgn ]
          | apply Rplus_lt_le_0_compat; solve [ sgn ] | apply Rplus_le_lt_0_compat; solve [ sgn ] ]
      | |- 0 <= _ + _ => apply Rplus_le_le_0_compat; solve [ sgn ]
      | |- 0 < sqrt _ => apply sqrt_lt_R0; sgn
      | |- 0 < INR _ => apply lt_0_INR; lia
      | |- 0 <= INR _ => apply pos_INR
      | |- context [exp ?p] => solve [ pose proof (exp_ineq1_le p); lra ]
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
  first [ eassumption | match goal with H : _ |- _ => eapply H; there end | rates_by_shape ]
with rates_by_shape :=
  lazymatch goal with
  | |- is_derive (fun _ => ?c) _ _ => apply (derive_still c)
  | |- is_derive (fun s => inner (@?u s) (@?v s)) ?t _ =>
      match goal with b : Basis _ _ |- _ => eapply (derive_pair b u v); [ probes | probes ] end
  | |- is_derive (fun s => (@?f s) + (@?g s)) ?t _ => eapply (derive_plus f g); [ rates | rates ]
  | |- is_derive (fun s => (@?f s) - (@?g s)) ?t _ => eapply (derive_minus f g); [ rates | rates ]
  | |- is_derive (fun s => (@?f s) * (@?g s)) ?t _ => eapply (derive_times f g); [ rates | rates ]
  | |- is_derive (fun s => - (@?f s)) ?t _ => eapply (derive_opposite f); rates
  | |- is_derive (fun s => / (@?f s)) ?t _ =>
      eapply (derive_inverse f); [ rates | cbv beta; apart; apply Rgt_not_eq; sgn ]
  | |- is_derive (fun s => (@?f s) ^ 2) ?t _ => eapply (derive_square f); rates
  | |- is_derive (fun s => exp (@?f s)) ?t _ => eapply (derive_power f); rates
  | |- is_derive (fun s => ln (@?f s)) ?t _ => eapply (derive_log f); [ rates | cbv beta; sgn ]
  | |- is_derive (fun s => s) _ _ => apply derive_time
  end.

Ltac derives :=
  intros; unfold Rdiv;
  lazymatch goal with
  | |- is_derive _ _ ⟨?a, _⟩ =>
      eapply derive_is; [ revert a; probes | cbv beta; same ]
  | |- _ => eapply derive_is; [ rates | cbv beta; same ]
  end.

(* Two sums over pairs that are written in other orders. *)
Ltac one_sum :=
  apply sum_eq; intros; cbv beta; turn_inner;
  match goal with
  | |- (if ?a then _ else _) = (if ?b then _ else _) =>
      first [ constr_eq a b | replace b with a by apply Bool.orb_comm ]; destruct a;
      [ reflexivity
      | first [ f_equal; solve [ same ] | rewrite Rmin_comm; f_equal; solve [ same ] ] ]
  end.

Ltac columns :=
  turn_inner;
  match goal with
  | |- context [rsum ?n ?f] =>
      match goal with
      | |- context [rsum n ?g] =>
          assert_fails (constr_eq f g); replace (rsum n f) with (rsum n g) by (symmetry; one_sum)
      end
  | _ => idtac
  end;
  first [ reflexivity | lra | same ].
