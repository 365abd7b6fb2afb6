(** Rules of inference on changes of time, on integrals over time, on means with moving weights and
    on finitely many outcomes, each a theorem. *)
From Coq Require Import Reals Lra Lia Psatz.
From Coquelicot Require Import Coquelicot.
From attnflow Require Import Ode Space Contraction.
Open Scope R_scope.

(** Time change: x = y o tau with tau' = s solves x' = s F(x), and has the limit of y if tau -> oo. *)
Theorem rule_time_change d (F : vec -> vec) (y : R -> vec) (tau s : R -> R) :
  (forall k t, (k < d)%nat -> is_derive (fun u => y u k) t (F (y t) k)) ->
  (forall t, is_derive tau t (s t)) ->
  (forall k t, (k < d)%nat ->
     is_derive (fun u => y (tau u) k) t (s t * F (y (tau t)) k)) /\
  ((forall M, exists t0, forall t, t0 <= t -> M <= tau t) ->
   forall k p, (forall e, 0 < e -> exists t0, forall t, t0 <= t -> Rabs (y t k - p) < e) ->
   forall e, 0 < e -> exists t0, forall t, t0 <= t -> Rabs (y (tau t) k - p) < e).
Proof.
  intros Hy Ht. split.
  - intros k t Hk. apply (is_derive_comp (fun u => y u k) tau); [now apply Hy|apply Ht].
  - intros Far k p Hp e He. destruct (Hp e He) as [M HM]. destruct (Far M) as [t0 H0].
    exists t0. intros t H. apply HM, H0, H.
Qed.

(** Disjoint intervals: f >= 0 with an integral >= a > 0 over each: the whole one has no bound. *)
Theorem rule_disjoint (f : R -> R) (l r : nat -> R) a : 0 < a ->
  (forall u, 0 <= f u) -> (forall u v, ex_RInt f u v) -> 0 <= l O ->
  (forall k, l k <= r k /\ r k <= l (S k) /\ a <= RInt f (l k) (r k)) ->
  forall M, exists T, 0 <= T /\ M <= RInt f 0 T.
Proof.
  intros Ha Hf Hi H0 H M.
  assert (P : forall u v, u <= v -> 0 <= RInt f u v).
  { intros u v L. apply RInt_ge_0; [exact L|apply Hi|intros; apply Hf]. }
  assert (L0 : forall k, 0 <= l k).
  { induction k as [|k IH]; [exact H0|]. destruct (H k) as [A [B _]]. lra. }
  assert (G : forall k, INR (S k) * a <= RInt f 0 (r k)).
  { induction k as [|k IH].
    - destruct (H O) as [A [_ B]]. rewrite <- (RInt_Chasles f 0 (l O) (r O)) by apply Hi.
      pose proof (P 0 (l O) H0). unfold plus. simpl. lra.
    - destruct (H (S k)) as [A [_ B]]. destruct (H k) as [_ [C _]].
      rewrite <- (RInt_Chasles f 0 (l (S k)) (r (S k))) by apply Hi.
      rewrite <- (RInt_Chasles f 0 (r k) (l (S k))) by apply Hi.
      pose proof (P (r k) (l (S k)) C). rewrite (S_INR (S k)). set (N := INR (S k)) in *.
      unfold plus. simpl. lra. }
  destruct (INR_unbounded (M / a)) as [N HN]. exists (r N). split.
  - destruct (H N) as [A _]. specialize (L0 N). lra.
  - apply Rle_trans with (2 := G N). rewrite S_INR. apply Rlt_le in HN.
    apply Rmult_le_compat_r with (r := a) in HN; [|lra].
    replace (M / a * a) with M in HN by (field; lra). lra.
Qed.

(** Moving weights k_j = m_j e^{l_j}, or A_j = k_j / Σ k: how their mean of y_j moves. *)
Lemma moving_weights n (m : nat -> R) (l dl y dy : nat -> R -> R) t : (0 < n)%nat ->
  (forall j, (j < n)%nat -> 0 < m j) ->
  (forall j u, (j < n)%nat -> is_derive (l j) u (dl j u)) ->
  (forall j u, (j < n)%nat -> is_derive (y j) u (dy j u)) ->
  let k := fun j u => m j * exp (l j u) in
  let A := fun j u => k j u / rsum n (fun i => k i u) in
  let mean := fun z u => rsum n (fun j => A j u * z j u) in
  is_derive (fun u => rsum n (fun j => k j u * y j u)) t
    (rsum n (fun j => k j t * dy j t) + rsum n (fun j => k j t * (dl j t * y j t))) /\
  is_derive (mean y) t
    (mean dy t + (mean (fun j u => dl j u * y j u) t - mean dl t * mean y t)).
Proof.
  intros Hn Hm Hl Hy k A mean.
  assert (K : forall j u, (j < n)%nat -> is_derive (k j) u (k j u * dl j u)).
  { intros j u Hj. unfold k. replace (m j * exp (l j u) * dl j u) with (m j * (dl j u * exp (l j u))) by ring.
    apply derive_scal. pose proof (derive_exp (l j) u (dl j u) (Hl j u Hj)) as D.
    replace (dl j u * exp (l j u)) with (dl j u * exp (l j u)) by ring. exact D. }
  assert (Z : forall u, 0 < rsum n (fun i => k i u)).
  { intros u. apply rsum_pos; [exact Hn|]. intros j Hj. apply Rmult_lt_0_compat; [now apply Hm|apply exp_pos]. }
  assert (N : is_derive (fun u => rsum n (fun j => k j u * y j u)) t
    (rsum n (fun j => k j t * dl j t * y j t + k j t * dy j t))).
  { apply (derive_rsum n (fun j u => k j u * y j u) (fun j u => k j u * dl j u * y j u + k j u * dy j u)).
    intros j Hj. apply (derive_mult (k j) (y j)); [now apply K|now apply Hy]. }
  assert (D : is_derive (fun u => rsum n (fun j => k j u)) t (rsum n (fun j => k j t * dl j t))).
  { apply (derive_rsum n k (fun j u => k j u * dl j u)). intros j Hj. now apply K. }
  assert (M : forall z u, mean z u = rsum n (fun j => k j u * z j u) / rsum n (fun i => k i u)).
  { intros z u. unfold mean, Rdiv. rewrite Rmult_comm, <- rsum_scal. apply rsum_ext. intros.
    unfold A, Rdiv. ring. }
  specialize (Z t) as Zt. split.
  - rewrite <- rsum_plus. erewrite rsum_ext; [exact N|]. intros. simpl. ring.
  - apply (is_derive_ext (fun u => rsum n (fun j => k j u * y j u) / rsum n (fun i => k i u))).
    { intros u. symmetry. apply M. }
    pose proof (is_derive_div _ _ t _ _ N D ltac:(lra)) as Q.
    rewrite !M. match type of Q with is_derive _ _ ?q => match goal with |- is_derive _ _ ?g =>
      replace g with q; [exact Q|] end end.
    rewrite (rsum_ext n (fun j => k j t * (dl j t * y j t)) (fun j => k j t * dl j t * y j t))
      by (intros; ring).
    rewrite rsum_plus. field. lra.
Qed.

(** Along v, with <v,y_j> = a_j and dl_j = c (a_j + b_j), c >= 0: at most c (V + √(VW)), for weights
    of any sum, and for the covariance where they sum to 1. *)
Lemma moving_along n (p a b : nat -> R) c : 0 <= c ->
  (forall j, (j < n)%nat -> 0 <= p j) ->
  let V := rsum n (fun j => p j * a j ^ 2) in
  let W := rsum n (fun j => p j * b j ^ 2) in
  let mean := fun z => rsum n (fun j => p j * z j) in
  mean (fun j => c * (a j + b j) * a j) <= c * (V + sqrt (V * W)) /\
  (rsum n p = 1 ->
   mean (fun j => c * (a j + b j) * a j) - mean (fun j => c * (a j + b j)) * mean a
     <= c * (V + sqrt (V * W))).
Proof.
  intros Hc Hp V W mean.
  assert (CS : forall x y : nat -> R, rsum n (fun j => p j * (x j * y j))
    <= sqrt (rsum n (fun j => p j * x j ^ 2) * rsum n (fun j => p j * y j ^ 2))).
  { intros x y. pose proof (cauchy_schwarz n (fun j => sqrt (p j) * x j) (fun j => sqrt (p j) * y j)) as C.
    assert (S : forall x y : nat -> R, dot n (fun j => sqrt (p j) * x j) (fun j => sqrt (p j) * y j)
      = rsum n (fun j => p j * (x j * y j))).
    { intros x' y'. apply rsum_ext. intros j Hj.
      transitivity (sqrt (p j) * sqrt (p j) * (x' j * y' j)); [ring|].
      rewrite sqrt_sqrt by now apply Hp. reflexivity. }
    rewrite !S in C.
    rewrite (rsum_ext n (fun j => p j * (x j * x j)) (fun j => p j * x j ^ 2)) in C
      by (intros; ring).
    rewrite (rsum_ext n (fun j => p j * (y j * y j)) (fun j => p j * y j ^ 2)) in C
      by (intros; ring).
    apply Rle_trans with (1 := Rle_abs _). rewrite <- sqrt_Rsqr_abs. apply sqrt_le_1_alt. unfold Rsqr. lra. }
  assert (Q : forall z : nat -> R, 0 <= rsum n (fun j => p j * z j ^ 2)).
  { intros z. apply rsum_nonneg. intros j Hj. apply Rmult_le_pos; [now apply Hp|apply pow2_ge_0]. }
  assert (E : mean (fun j => c * (a j + b j) * a j) = c * (V + rsum n (fun j => p j * (a j * b j)))).
  { unfold mean, V. rewrite <- rsum_plus, <- rsum_scal. apply rsum_ext. intros. ring. }
  split.
  - rewrite E. apply Rmult_le_compat_l; [exact Hc|]. pose proof (CS a b). fold V W in H. lra.
  - intros One.
    assert (F : mean (fun j => c * (a j + b j) * a j) - mean (fun j => c * (a j + b j)) * mean a
      = c * (V - mean a * mean a + rsum n (fun j => p j * ((a j - mean a) * b j)))).
    { rewrite E. assert (G : mean (fun j => c * (a j + b j)) = c * (mean a + mean b)).
      { unfold mean. rewrite <- rsum_plus, <- rsum_scal. apply rsum_ext. intros. ring. }
      rewrite G. assert (H : rsum n (fun j => p j * ((a j - mean a) * b j))
        = rsum n (fun j => p j * (a j * b j)) - mean a * mean b).
      { set (q := mean a). unfold mean. rewrite <- rsum_scal, <- rsum_minus.
        apply rsum_ext. intros. ring. }
      rewrite H. ring. }
    rewrite F. apply Rmult_le_compat_l; [exact Hc|].
    pose proof (CS (fun j => a j - mean a) b) as C.
    assert (Var : rsum n (fun j => p j * (a j - mean a) ^ 2) = V - mean a * mean a).
    { transitivity (V - 2 * mean a * mean a + mean a ^ 2 * rsum n p); [|rewrite One; ring].
      assert (X : 2 * mean a * mean a = rsum n (fun j => 2 * mean a * (p j * a j)))
        by (rewrite rsum_scal; reflexivity).
      rewrite X, <- rsum_scal. unfold V. rewrite <- rsum_minus, <- rsum_plus.
      apply rsum_ext. intros. ring. }
    pose proof (Q (fun j => a j - mean a)) as P. cbv beta in C, P. fold W in C.
    rewrite Var in C, P.
    assert (sqrt ((V - mean a * mean a) * W) <= sqrt (V * W)).
    { apply sqrt_le_1_alt. apply Rmult_le_compat_r; [apply Q|]. nra. }
    nra.
Qed.

(** Moving weights, and along v where <v,y_j> = y j t and dl_j = c (y_j + b_j). *)
Theorem rule_covariance n (m : nat -> R) (l dl y dy : nat -> R -> R) t : (0 < n)%nat ->
  (forall j, (j < n)%nat -> 0 < m j) ->
  (forall j u, (j < n)%nat -> is_derive (l j) u (dl j u)) ->
  (forall j u, (j < n)%nat -> is_derive (y j) u (dy j u)) ->
  let k := fun j u => m j * exp (l j u) in
  let A := fun j u => k j u / rsum n (fun i => k i u) in
  let mean := fun z u => rsum n (fun j => A j u * z j u) in
  is_derive (fun u => rsum n (fun j => k j u * y j u)) t
    (rsum n (fun j => k j t * dy j t) + rsum n (fun j => k j t * (dl j t * y j t))) /\
  is_derive (mean y) t
    (mean dy t + (mean (fun j u => dl j u * y j u) t - mean dl t * mean y t)) /\
  forall b c, 0 <= c -> (forall j, (j < n)%nat -> dl j t = c * (y j t + b j)) ->
    let V := fun p : nat -> R => rsum n (fun j => p j * y j t ^ 2) in
    let W := fun p : nat -> R => rsum n (fun j => p j * b j ^ 2) in
    let most := fun p => c * (V p + sqrt (V p * W p)) in
    rsum n (fun j => k j t * (dl j t * y j t)) <= most (fun j => k j t) /\
    mean (fun j u => dl j u * y j u) t - mean dl t * mean y t <= most (fun j => A j t).
Proof.
  intros Hn Hm Hl Hy k A mean.
  destruct (moving_weights n m l dl y dy t Hn Hm Hl Hy) as [D1 D2].
  split; [exact D1|split; [exact D2|]]. intros b c Hc Hdl V W most.
  assert (K : forall j, (j < n)%nat -> 0 < k j t)
    by (intros j Hj; apply Rmult_lt_0_compat; [now apply Hm|apply exp_pos]).
  assert (Z : 0 < rsum n (fun i => k i t)) by (now apply rsum_pos).
  assert (One : rsum n (fun j => A j t) = 1).
  { unfold A, Rdiv. rewrite (rsum_ext n _ (fun j => / rsum n (fun i => k i t) * k j t))
      by (intros; ring).
    rewrite rsum_scal. field. lra. }
  assert (P : forall j, (j < n)%nat -> 0 <= A j t).
  { intros j Hj. apply Rmult_le_pos; [apply Rlt_le; now apply K|].
    apply Rlt_le, Rinv_0_lt_compat, Z. }
  assert (E : forall p : nat -> R, rsum n (fun j => p j * (dl j t * y j t))
    = rsum n (fun j => p j * (c * (y j t + b j) * y j t))).
  { intros p. apply rsum_ext. intros j Hj. now rewrite (Hdl j Hj). }
  split.
  - rewrite (E (fun j => k j t)).
    apply (moving_along n (fun j => k j t) (fun j => y j t) b c Hc).
    intros j Hj. now apply Rlt_le, K.
  - destruct (moving_along n (fun j => A j t) (fun j => y j t) b c Hc P) as [_ G].
    specialize (G One). unfold mean. rewrite (E (fun j => A j t)).
    rewrite (rsum_ext n (fun j => A j t * dl j t) (fun j => A j t * (c * (y j t + b j)))).
    + exact G.
    + intros j Hj. now rewrite (Hdl j Hj).
Qed.

(** Markov's inequality and the union bound, of finitely many outcomes w of probability p w. *)
Theorem rule_markov m k (p : nat -> R) (y : nat -> nat -> R) s (over : nat -> bool) : 0 < s ->
  (forall w, (w < m)%nat -> 0 <= p w) ->
  (forall i w, (i < k)%nat -> (w < m)%nat -> 0 <= y i w) ->
  (forall w, (w < m)%nat -> over w = true -> exists i, (i < k)%nat /\ s < y i w) ->
  rsum m (fun w => if over w then p w else 0) <= rsum k (fun i => rsum m (fun w => p w * y i w) / s).
Proof.
  intros Hs Hp Hy Ho.
  rewrite (rsum_ext k _ (fun i => rsum m (fun w => p w * (y i w / s)))).
  2:{ intros i _. unfold Rdiv at 1. rewrite Rmult_comm, <- rsum_scal. apply rsum_ext. intros. field. lra. }
  rewrite rsum_swap. apply rsum_le. intros w Hw. rewrite rsum_scal.
  assert (T : forall i, (i < k)%nat -> 0 <= y i w / s).
  { intros i Hi. apply Rmult_le_pos; [now apply Hy|]. apply Rlt_le, Rinv_0_lt_compat, Hs. }
  destruct (over w) eqn:O; [|apply Rmult_le_pos; [now apply Hp|now apply rsum_nonneg]].
  destruct (Ho w Hw O) as [i [Hi L]].
  rewrite <- (Rmult_1_r (p w)) at 1. apply Rmult_le_compat_l; [now apply Hp|].
  apply Rle_trans with (y i w / s).
  - apply Rmult_le_reg_r with s; [exact Hs|]. unfold Rdiv. rewrite Rmult_assoc, Rinv_l by lra. lra.
  - now apply (rsum_term k (fun i => y i w / s)).
Qed.
