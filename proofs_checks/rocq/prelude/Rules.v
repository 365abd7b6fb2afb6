(** Rules of inference of proof sheets, each a theorem once and for all. The contraction of a diameter
    and the limit of a shrinking hull stand in Contraction, the least weights in Models. *)
From Coq Require Import Reals Lra Lia Psatz.
From Coquelicot Require Import Coquelicot.
From attnflow Require Import Ode Space Contraction.
Open Scope R_scope.

Lemma mean_value_on (f df : R -> R) a c : a < c -> (forall u, a <= u <= c -> is_derive f u (df u)) ->
  exists z, a < z < c /\ f c - f a = df z * (c - a).
Proof.
  intros Hac H. destruct (MVT_cor2 f df a c Hac) as [z [E Hz]].
  - intros u Hu. apply is_derive_Reals. apply H. exact Hu.
  - exists z. split; [exact Hz|exact E].
Qed.

(** Grönwall: where D is the largest of finitely many f_k, with f_k' <= -l f_k for a largest one. *)
Theorem rule_gronwall N (f df : nat -> R -> R) l c :
  (forall k, (k < N)%nat -> f k 0 <= c) ->
  (forall k t, (k < N)%nat -> 0 <= t -> is_derive (f k) t (df k t)) ->
  (forall k t, (k < N)%nat -> 0 <= t -> (forall j, (j < N)%nat -> f j t <= f k t) ->
     df k t <= - l * f k t) ->
  forall k t, (k < N)%nat -> 0 <= t -> f k t <= c * exp (- l * t).
Proof.
  intros H0 Hd Hf k t Hk Ht. apply (largest_decays N f df l c t H0); try assumption; [| |lra].
  - intros j s Hj Hs. apply Hd; [exact Hj|lra].
  - intros j s Hj Hs. apply Hf; [exact Hj|lra].
Qed.

(** Comparison: u' <= F(u), v' = F(v), F Lipschitz, u(0) <= v(0). *)
Theorem rule_comparison (F u v du : R -> R) L T : 0 <= L ->
  (forall a c, Rabs (F a - F c) <= L * Rabs (a - c)) ->
  (forall t, 0 <= t <= T -> is_derive u t (du t) /\ du t <= F (u t)) ->
  (forall t, 0 <= t <= T -> is_derive v t (F (v t))) ->
  u 0 <= v 0 -> forall t, 0 <= t <= T -> u t <= v t.
Proof.
  intros HL HF Hu Hv H0 t Ht. apply Rnot_gt_le. intros Hgt.
  set (w := fun s => (u s - v s) * exp (- L * s)).
  set (dw := fun s => (du s - F (v s)) * exp (- L * s) + (u s - v s) * (- L * exp (- L * s))).
  assert (Hw : forall s, 0 <= s <= T -> is_derive w s (dw s)).
  { intros s Hs. apply (derive_mult (fun s => u s - v s) (fun s => exp (- L * s))).
    - apply (is_derive_minus u v); [apply Hu|apply Hv]; exact Hs.
    - apply (derive_exp (fun s => - L * s)). auto_derive; [auto|ring]. }
  assert (Hwt : 0 < w t) by (apply Rmult_lt_0_compat; [lra|apply exp_pos]).
  set (e := w t / (2 * (1 + t))).
  assert (He : 0 < e) by (apply Rdiv_lt_0_compat; lra).
  assert (Hb : w t - e * (1 + t) <= 0).
  { refine (barrier 1 (fun _ s => w s - e * (1 + s)) (fun _ s => dw s - e) 0 T _ _ _ 0%nat t _ Ht); [| | |lia].
    - intros _ _. unfold w. rewrite Rmult_0_r, exp_0. nra.
    - intros _ s _ Hs. apply (is_derive_minus w (fun s => e * (1 + s))); [apply Hw; exact Hs|].
      auto_derive; [auto|ring].
    - intros _ s _ Hs _ Eq.
      assert (Hpos : 0 < w s) by nra. unfold w in Hpos. pose proof (exp_pos (- L * s)) as Hx.
      assert (Huv : 0 < u s - v s) by nra.
      destruct (Hu s Hs) as [_ Hdu]. pose proof (HF (u s) (v s)) as HFs.
      rewrite (Rabs_right (u s - v s)) in HFs by lra. pose proof (Rle_abs (F (u s) - F (v s))).
      unfold dw. nra. }
  assert (e * (1 + t) = w t / 2) by (unfold e; field; lra). lra.
Qed.

(** Derivative of a minimum: the least of finitely many never falls, where a least one has f' >= 0. *)
Theorem rule_least N (f df : nat -> R -> R) c :
  (forall k, (k < N)%nat -> c <= f k 0) ->
  (forall k t, (k < N)%nat -> 0 <= t -> is_derive (f k) t (df k t)) ->
  (forall k t, (k < N)%nat -> 0 <= t -> (forall j, (j < N)%nat -> f k t <= f j t) -> 0 <= df k t) ->
  forall k t, (k < N)%nat -> 0 <= t -> c <= f k t.
Proof.
  intros H0 Hd Hf k t Hk Ht. apply (least_never_falls N f df c t H0); try assumption; [| |lra].
  - intros j s Hj Hs. apply Hd; [exact Hj|lra].
  - intros j s Hj Hs. apply Hf; [exact Hj|lra].
Qed.

Theorem rule_sum n (f : nat -> R) : (forall k, (k < n)%nat -> 0 <= f k) ->
  0 <= rsum n f /\ (rsum n f = 0 -> forall k, (k < n)%nat -> f k = 0).
Proof.
  intros H. split; [apply rsum_nonneg; exact H|]. intros E k Hk.
  pose proof (rsum_term n f k H Hk). specialize (H k Hk). lra.
Qed.

(** Monotone limit: g' = F(g), F > 0 on [g(0), 1), F(1) = 0, F Lipschitz: g rises to 1. *)
Theorem rule_monotone_limit (F g : R -> R) L : 0 <= L ->
  (forall a c, Rabs (F a - F c) <= L * Rabs (a - c)) ->
  (forall a, g 0 <= a < 1 -> 0 < F a) -> F 1 = 0 -> g 0 < 1 ->
  (forall t, 0 <= t -> is_derive g t (F (g t))) ->
  (forall s t, 0 <= s < t -> g s < g t < 1) /\
  (forall e, e < 1 -> exists s, 0 <= s /\ forall t, s <= t -> e < g t).
Proof.
  intros HL HF Hpos H1 H0 Hg.
  assert (Hup : forall t, 0 <= t -> g t < 1).
  { intros t Ht. enough (E : 1 - g 0 <= (1 - g t) * exp (L * t)).
    { pose proof (exp_pos (L * t)). apply Rnot_le_lt. intros Hle.
      assert ((1 - g t) * exp (L * t) <= 0) by nra. lra. }
    refine (least_stays 1 (fun _ s => (1 - g s) * exp (L * s))
      (fun _ s => (0 - F (g s)) * exp (L * s) + (1 - g s) * (L * exp (L * s))) (1 - g 0) t
      _ _ _ _ 0%nat t _ _); [lra| | | |lia|lra].
    - intros _ _. rewrite Rmult_0_r, exp_0. lra.
    - intros _ s _ Hs. apply (derive_mult (fun s => 1 - g s) (fun s => exp (L * s))).
      + apply (is_derive_minus (fun _ => 1) g); [apply (is_derive_const 1)|apply Hg; lra].
      + apply (derive_exp (fun s => L * s)). auto_derive; [auto|ring].
    - intros _ s _ Hs Hp _. pose proof (exp_pos (L * s)) as Hx.
      assert (Hg1 : 0 < 1 - g s) by (apply Rnot_le_lt; intros Hle; nra).
      pose proof (HF (g s) 1) as E. rewrite H1, (Rabs_left1 (g s - 1)) in E by lra.
      pose proof (Rle_abs (F (g s) - 0)). nra. }
  assert (Hlow : forall t, 0 <= t -> g 0 <= g t).
  { intros t Ht. apply Ropp_le_cancel.
    refine (barrier 1 (fun _ s => - g s) (fun _ s => - F (g s)) (- g 0) t _ _ _ 0%nat t _ _); [| | |lia|lra].
    - intros; lra.
    - intros _ s _ Hs. apply (is_derive_opp g). apply Hg. lra.
    - intros _ s _ Hs _ E. assert (Eg : g s = g 0) by lra. rewrite Eg.
      pose proof (Hpos (g 0) ltac:(lra)). lra. }
  assert (Hrise : forall s t, 0 <= s < t -> g s < g t).
  { intros s t Hst.
    destruct (mean_value_on g (fun u => F (g u)) s t ltac:(lra)) as [z [Hz E]].
    - intros u Hu. apply Hg. lra.
    - pose proof (Hpos (g z) (conj (Hlow z ltac:(lra)) (Hup z ltac:(lra)))). nra. }
  split; [intros s t Hst; split; [apply Hrise; exact Hst|apply Hup; lra]|].
  intros e He. set (e' := Rmax e (g 0)).
  assert (He' : e' < 1) by (apply Rmax_lub_lt; lra).
  pose proof (Rmax_l e (g 0)) as M1. pose proof (Rmax_r e (g 0)) as M2. fold e' in M1, M2.
  destruct (continuity_ab_min F (g 0) e' M2) as [p [Hp Hp1]].
  { intros a _ eps Heps. exists (eps / (L + 1)). split; [apply Rdiv_lt_0_compat; lra|].
    intros y [_ Hy]. simpl in *. unfold R_dist in *. apply Rle_lt_trans with (1 := HF y a).
    apply Rle_lt_trans with ((L + 1) * Rabs (y - a)); [pose proof (Rabs_pos (y - a)); nra|].
    apply Rlt_le_trans with ((L + 1) * (eps / (L + 1))); [apply Rmult_lt_compat_l; lra|].
    right. field. lra. }
  assert (Hm : 0 < F p) by (apply Hpos; lra).
  set (s := (1 - g 0) / F p).
  assert (Hs : 0 < s) by (apply Rdiv_lt_0_compat; lra).
  assert (HFs : F p * s = 1 - g 0) by (unfold s; field; lra).
  assert (Hgs : e' < g s).
  { apply Rnot_le_lt. intros Hle.
    destruct (mean_value_on g (fun u => F (g u)) 0 s Hs) as [z [Hz E]]; [intros; apply Hg; lra|].
    assert (g z <= e') by (pose proof (Hrise z s ltac:(lra)); lra).
    pose proof (Hp (g z) (conj (Hlow z ltac:(lra)) H)). pose proof (Hup s ltac:(lra)). nra. }
  exists s. split; [lra|]. intros t Ht. destruct (Req_dec s t) as [<-|]; [lra|].
  pose proof (Hrise s t ltac:(lra)). lra.
Qed.

(** Weaker bound; C must not be negative. *)
Theorem rule_implication (D : R -> R) C C' l l' : 0 <= C -> C <= C' -> l' <= l ->
  (forall t, 0 <= t -> D t <= C * exp (- l * t)) ->
  forall t, 0 <= t -> D t <= C' * exp (- l' * t).
Proof.
  intros H0 HC Hl HD t Ht. apply Rle_trans with (1 := HD t Ht).
  assert (exp (- l * t) <= exp (- l' * t)) by (apply exp_monotone; nra).
  pose proof (exp_pos (- l * t)). nra.
Qed.

Theorem rule_chain (a : nat -> R) n : (forall k, (k < n)%nat -> a k <= a (S k)) -> a 0%nat <= a n.
Proof.
  induction n; intros H; [lra|]. apply Rle_trans with (a n); [apply IHn|apply H]; auto.
Qed.

Theorem rule_cauchy_schwarz d (v w : vec) :
  Rabs (dot d v w) <= norm d v * norm d w /\
  norm d v * norm d w <= (norm d v ^ 2 + norm d w ^ 2) / 2.
Proof.
  split; [|pose proof (pow2_ge_0 (norm d v - norm d w)); lra].
  unfold norm. rewrite <- sqrt_mult by apply dot_nonneg.
  rewrite <- (sqrt_Rsqr_abs (dot d v w)). apply sqrt_le_1_alt. unfold Rsqr.
  pose proof (cauchy_schwarz d v w). lra.
Qed.

Lemma norm_triangle d u v : norm d (fun k => u k + v k) <= norm d u + norm d v.
Proof.
  destruct (rule_cauchy_schwarz d u v) as [H _]. pose proof (Rle_abs (dot d u v)).
  assert (Hu : norm d u * norm d u = dot d u u) by (apply sqrt_sqrt, dot_nonneg).
  assert (Hv : norm d v * norm d v = dot d v v) by (apply sqrt_sqrt, dot_nonneg).
  assert (Pu : 0 <= norm d u) by apply sqrt_pos. assert (Pv : 0 <= norm d v) by apply sqrt_pos.
  assert (E : dot d (fun k => u k + v k) (fun k => u k + v k) = dot d u u + 2 * dot d u v + dot d v v).
  { unfold dot. rewrite <- rsum_scal, <- !rsum_plus. apply rsum_ext. intros. ring. }
  unfold norm at 1. rewrite E. rewrite <- (sqrt_Rsqr (norm d u + norm d v)) by lra.
  apply sqrt_le_1_alt. unfold Rsqr. nra.
Qed.

Lemma norm_scal d c u : norm d (scal c u) = Rabs c * norm d u.
Proof.
  unfold norm. rewrite dot_scal_l, dot_scal_r, <- (sqrt_Rsqr_abs c), <- sqrt_mult_alt by apply Rle_0_sqr.
  f_equal. unfold Rsqr. ring.
Qed.

(** Triangle inequality: |Σ m_j v_j| <= Σ m_j |v_j| <= (Σ m_j) max |v_j|. *)
Theorem rule_triangle n d (m : nat -> R) (v : nat -> vec) M : (forall j, (j < n)%nat -> 0 <= m j) ->
  (forall j, (j < n)%nat -> norm d (v j) <= M) ->
  norm d (vsum n (fun j => scal (m j) (v j))) <= rsum n (fun j => m j * norm d (v j)) /\
  rsum n (fun j => m j * norm d (v j)) <= rsum n m * M.
Proof.
  intros Hm HM. split.
  - clear HM. induction n as [|n IH].
    + unfold norm, vsum, dot. simpl. rewrite (rsum_ext d _ (fun _ => 0)) by (intros; ring).
      rewrite rsum_zero, sqrt_0. lra.
    + simpl rsum. apply Rle_trans with (1 := norm_triangle d (vsum n (fun j => scal (m j) (v j))) (scal (m n) (v n))).
      rewrite norm_scal, Rabs_right by (apply Rle_ge, Hm; lia).
      apply Rplus_le_compat_r, IH. intros; apply Hm; lia.
  - rewrite Rmult_comm, <- rsum_scal. apply rsum_le. intros j Hj. specialize (Hm j Hj). specialize (HM j Hj).
    rewrite Rmult_comm. nra.
Qed.

Theorem rule_mean_value (f df : R -> R) M a c : (forall u, is_derive f u (df u)) ->
  (forall u, Rmin a c <= u <= Rmax a c -> Rabs (df u) <= M) -> Rabs (f a - f c) <= M * Rabs (a - c).
Proof.
  intros H HM. destruct (MVT_gen f c a df) as [z [Hz E]].
  - intros; apply H.
  - intros x _. apply continuity_pt_filterlim, (derive_continuous f _ (df x)), H.
  - rewrite E, Rabs_mult. apply Rmult_le_compat_r; [apply Rabs_pos|]. apply HM.
    rewrite (Rmin_comm a c), (Rmax_comm a c). exact Hz.
Qed.

(** Share of one term: A_j = k_j / Σ k_l <= k_j / k_i. *)
Theorem rule_share n (k : nat -> R) i j : (forall l, (l < n)%nat -> 0 < k l) ->
  (i < n)%nat -> (j < n)%nat -> k j / rsum n k <= k j / k i.
Proof.
  intros Hk Hi Hj. unfold Rdiv. apply Rmult_le_compat_l; [apply Rlt_le; auto|].
  apply Rinv_le_contravar; [auto|]. apply rsum_term; [intros; apply Rlt_le; auto|exact Hi].
Qed.

Theorem rule_product_at_zero (u v : R -> R) p du dv : is_derive u p du -> is_derive v p dv -> v p = 0 ->
  is_derive (fun s => u s * v s) p (u p * dv).
Proof.
  intros Hu Hv H0. pose proof (derive_mult u v p du dv Hu Hv) as D. rewrite H0, Rmult_0_r, Rplus_0_l in D.
  exact D.
Qed.

(** Quotient of forms: maxima h of <v,Hv> and l of <v,Hv>/<v,Mv>, 1/r <= <v,Mv> <= r. *)
Theorem rule_quotient (E : Type) (H M : E -> R) r l h : 0 < r -> (forall v, / r <= M v <= r) ->
  (forall v, H v / M v <= l) -> (exists v, H v / M v = l) ->
  (forall v, H v <= h) -> (exists v, H v = h) -> (0 < l \/ 0 < h) -> h / r <= l <= r * h.
Proof.
  intros Hr HM Hl [p Ep] Hh [q Eq] Hpos.
  assert (Hi : 0 < / r) by (apply Rinv_0_lt_compat; lra).
  pose proof (HM p) as Mp. pose proof (HM q) as Mq. pose proof (Hl q) as Lq. pose proof (Hh p) as Hp.
  assert (Ap : H p = l * M p) by (rewrite <- Ep; field; lra).
  assert (Bq : h <= l * M q).
  { rewrite <- Eq. apply Rmult_le_compat_r with (r := M q) in Lq; [|lra].
    unfold Rdiv in Lq. rewrite Rmult_assoc, Rinv_l, Rmult_1_r in Lq by lra. exact Lq. }
  assert (Hl0 : 0 < l) by (destruct Hpos; [assumption|nra]).
  split.
  - apply Rmult_le_reg_r with r; [assumption|]. replace (h / r * r) with h by (field; lra). nra.
  - assert (S : 0 <= r * (h - l * / r)) by (apply Rmult_le_pos; nra).
    replace (r * (h - l * / r)) with (r * h - l) in S by (field; lra). lra.
Qed.

(** Rising function, and tangent and secant of a convex one. *)
Theorem rule_rising (k dk : R -> R) a c : (forall u, a <= u <= c -> is_derive k u (dk u)) ->
  (forall u, a <= u <= c -> 0 < dk u) \/ (forall u, a <= u <= c -> dk u < 0) ->
  forall x y, a <= x -> x < y -> y <= c -> k x <> k y.
Proof.
  intros Hd Hs x y Hx Hxy Hy Heq.
  destruct (mean_value_on k dk x y Hxy) as [z [Hz E]]; [intros; apply Hd; lra|].
  destruct Hs as [Hs|Hs]; specialize (Hs z ltac:(lra)); nra.
Qed.

Theorem rule_tangent (k dk ddk : R -> R) : (forall u, is_derive k u (dk u)) ->
  (forall u, is_derive dk u (ddk u)) -> (forall u, 0 < ddk u) ->
  forall a t, k a + dk a * (t - a) <= k t /\ (k t = k a + dk a * (t - a) -> t = a).
Proof.
  intros H1 H2 Hp a t.
  enough (S : t <> a -> k a + dk a * (t - a) < k t).
  { destruct (Req_dec t a) as [->|Hne]; [split; [lra|reflexivity]|]. specialize (S Hne). split; lra. }
  intros Hne. destruct (Rtotal_order a t) as [Hlt|[Heq|Hgt]]; [|lra|].
  - destruct (mean_value_on k dk a t Hlt) as [z [Hz E]]; [auto|].
    destruct (mean_value_on dk ddk a z ltac:(lra)) as [y [Hy E2]]; [auto|]. specialize (Hp y).
    assert (0 < ddk y * (z - a)) by (apply Rmult_lt_0_compat; lra).
    assert (0 < (dk z - dk a) * (t - a)) by (apply Rmult_lt_0_compat; lra). lra.
  - destruct (mean_value_on k dk t a Hgt) as [z [Hz E]]; [auto|].
    destruct (mean_value_on dk ddk z a ltac:(lra)) as [y [Hy E2]]; [auto|]. specialize (Hp y).
    assert (0 < ddk y * (a - z)) by (apply Rmult_lt_0_compat; lra).
    assert (0 < (dk a - dk z) * (a - t)) by (apply Rmult_lt_0_compat; lra). lra.
Qed.

Theorem rule_secant (f df ddf : R -> R) h : 0 < h -> (forall u, 0 <= u <= h -> is_derive f u (df u)) ->
  (forall u, 0 <= u <= h -> is_derive df u (ddf u)) -> (forall u, 0 <= u <= h -> 0 <= ddf u) ->
  forall x, 0 <= x <= h -> f x <= f 0 + (f h - f 0) * x / h.
Proof.
  intros Hh H1 H2 Hp x Hx.
  destruct (Req_dec x 0) as [->|Hx0]; [right; field; lra|].
  destruct (Req_dec x h) as [->|Hxh]; [right; field; lra|].
  destruct (mean_value_on f df 0 x ltac:(lra)) as [y [Hy E1]]; [intros; apply H1; lra|].
  destruct (mean_value_on f df x h ltac:(lra)) as [z [Hz E2]]; [intros; apply H1; lra|].
  destruct (mean_value_on df ddf y z ltac:(lra)) as [w [Hw E3]]; [intros; apply H2; lra|].
  specialize (Hp w ltac:(lra)).
  assert (df y <= df z) by nra.
  apply Rmult_le_reg_r with h; [assumption|].
  replace ((f 0 + (f h - f 0) * x / h) * h) with (f 0 * h + (f h - f 0) * x) by (field; lra).
  assert (0 <= x * (h - x) * (df z - df y)) by (apply Rmult_le_pos; nra). nra.
Qed.

(** Inverse of a monotone function: each value is taken, once. *)
Theorem rule_monotone (f : R -> R) a c : a < c -> (forall u, continuous f u) ->
  (forall x y, a <= x -> x < y -> f x < f y) ->
  forall v, f a <= v <= f c -> exists s, a <= s <= c /\ f s = v /\
  (forall r, a <= r -> f r = v -> r = s) /\ (forall r, a <= r -> v <= f r -> s <= r).
Proof.
  intros Hac Hc Hr v Hv.
  destruct (IVT_gen f a c v) as [s [Hs E]].
  - intros x. apply continuity_pt_filterlim, Hc.
  - rewrite Rmin_left, Rmax_right by lra. exact Hv.
  - rewrite Rmin_left, Rmax_right in Hs by lra. exists s. split; [exact Hs|]. split; [exact E|]. split.
    + intros r Ha Er. destruct (Rtotal_order r s) as [H|[H|H]]; [|exact H|].
      * specialize (Hr r s Ha H). lra.
      * specialize (Hr s r (proj1 Hs) H). lra.
    + intros r Ha Er. apply Rnot_lt_le. intros H. specialize (Hr r s Ha H). lra.
Qed.

(** Operator norm: <Qx, Ky> = <x, Q^T K y>, at most N where |Q^T K v| <= N for unit vectors. *)
Theorem rule_operator_norm d q (Q K : nat -> vec) N x y :
  (forall v, dot d v v = 1 -> norm d (fun k => rsum q (fun p => Q p k * dot d (K p) v)) <= N) ->
  dot d x x = 1 -> dot d y y = 1 ->
  rsum q (fun p => dot d (Q p) x * dot d (K p) y)
    = dot d x (fun k => rsum q (fun p => Q p k * dot d (K p) y)) /\
  Rabs (rsum q (fun p => dot d (Q p) x * dot d (K p) y)) <= N.
Proof.
  intros HN Hx Hy.
  assert (E : rsum q (fun p => dot d (Q p) x * dot d (K p) y)
    = dot d x (fun k => rsum q (fun p => Q p k * dot d (K p) y))).
  { unfold dot at 3.
    rewrite (rsum_ext d _ (fun k => rsum q (fun p => x k * (Q p k * dot d (K p) y)))).
    - rewrite rsum_swap. apply rsum_ext. intros p _. rewrite Rmult_comm. unfold dot at 2.
      rewrite <- rsum_scal. apply rsum_ext. intros. ring.
    - intros k _. rewrite <- rsum_scal. reflexivity. }
  split; [exact E|]. rewrite E.
  apply Rle_trans with (1 := proj1 (rule_cauchy_schwarz d x _)). unfold norm at 1. rewrite Hx, sqrt_1, Rmult_1_l.
  apply HN. exact Hy.
Qed.

(** Mean over finitely many values. *)
Theorem rule_average n (p f : nat -> R) c : (forall k, (k < n)%nat -> 0 <= p k) -> rsum n p = 1 ->
  ((forall k, (k < n)%nat -> f k <= c) -> rsum n (fun k => p k * f k) <= c) /\
  (c < rsum n (fun k => p k * f k) -> exists k, (k < n)%nat /\ c < f k).
Proof.
  intros Hp H1.
  assert (A : (forall k, (k < n)%nat -> f k <= c) -> rsum n (fun k => p k * f k) <= c).
  { intros H. rewrite <- (Rmult_1_r c), <- H1, <- rsum_scal. apply rsum_le. intros k Hk.
    specialize (Hp k Hk). specialize (H k Hk). nra. }
  split; [exact A|]. clear H1. intros H.
  assert (D : (exists k, (k < n)%nat /\ c < f k) \/ (forall k, (k < n)%nat -> f k <= c)).
  { clear. induction n as [|n [[k [Hk Hf]]|IH]].
    - right. intros. lia.
    - left. exists k. split; [lia|exact Hf].
    - destruct (Rlt_le_dec c (f n)) as [Hf|Hf]; [left; exists n; split; [lia|exact Hf]|].
      right. intros k Hk. destruct (Nat.eq_dec k n) as [->|]; [exact Hf|apply IH; lia]. }
  destruct D as [D|D]; [exact D|]. specialize (A D). lra.
Qed.

(** Rest at the limit: x' = v(t), x and v have limits: that of v is 0. *)
Theorem rule_rest_at_limit (x v : R -> R) p q : (forall t, 0 <= t -> is_derive x t (v t)) ->
  (forall e, 0 < e -> exists s, 0 <= s /\ forall t, s <= t -> Rabs (x t - p) < e) ->
  (forall e, 0 < e -> exists s, 0 <= s /\ forall t, s <= t -> Rabs (v t - q) < e) -> q = 0.
Proof.
  intros Hx Hp Hq. destruct (Req_dec q 0) as [|Hne]; [assumption|exfalso].
  assert (He : 0 < Rabs q / 4) by (pose proof (Rabs_pos_lt q Hne); lra).
  destruct (Hp _ He) as [s1 [Hs1 H1]]. destruct (Hq _ He) as [s2 [Hs2 H2]].
  set (s := Rmax s1 s2). pose proof (Rmax_l s1 s2). pose proof (Rmax_r s1 s2). fold s in H, H0.
  destruct (mean_value_on x v s (s + 1) ltac:(lra)) as [z [Hz E]]; [intros; apply Hx; lra|].
  pose proof (H1 s ltac:(lra)) as A1. pose proof (H1 (s + 1) ltac:(lra)) as A2.
  pose proof (H2 z ltac:(lra)) as A3.
  apply Rabs_def2 in A1, A2, A3. unfold Rabs in *. destruct (Rcase_abs q); lra.
Qed.

(** Local maximum: the first derivative is 0 there and the second isn't positive. *)
Theorem rule_maximum (f df : R -> R) ddf r : 0 < r ->
  (forall u, - r <= u <= r -> is_derive f u (df u)) -> is_derive df 0 ddf ->
  (forall u, - r <= u <= r -> f u <= f 0) -> df 0 = 0 /\ ddf <= 0.
Proof.
  intros Hr Hf Hd Hmax.
  assert (H0 : df 0 = 0).
  { destruct (Rtotal_order (df 0) 0) as [H|[H|H]]; [|exact H|]; exfalso.
    - assert (C' : is_derive (fun u => - f (- u)) 0 (df 0)).
      { replace (df 0) with (- (-1 * df 0)) by ring. apply (is_derive_opp (fun u => f (- u))).
        apply (is_derive_comp f (fun u => - u)); [rewrite Ropp_0; apply Hf; lra|].
        auto_derive; [auto|ring]. }
      destruct (derive_below _ 0 _ (- df 0 / 2) C' ltac:(lra)) as [dl [Hdl Hb]].
      set (u := Rmin (dl / 2) r). assert (0 < u) by (apply Rmin_glb_lt; lra).
      pose proof (Rmin_l (dl / 2) r) as M1. pose proof (Rmin_r (dl / 2) r) as M2. fold u in M1, M2.
      specialize (Hb u ltac:(lra)). specialize (Hmax (- u) ltac:(lra)).
      rewrite Ropp_0 in Hb. nra.
    - assert (C' : is_derive (fun u => - f u) 0 (- df 0)).
      { apply (is_derive_opp f). apply Hf. lra. }
      destruct (derive_below _ 0 _ (df 0 / 2) C' ltac:(lra)) as [dl [Hdl Hb]].
      set (u := Rmin (dl / 2) r). assert (0 < u) by (apply Rmin_glb_lt; lra).
      pose proof (Rmin_l (dl / 2) r) as M1. pose proof (Rmin_r (dl / 2) r) as M2. fold u in M1, M2.
      specialize (Hb u ltac:(lra)). specialize (Hmax u ltac:(lra)). nra. }
  split; [exact H0|]. apply Rnot_lt_le. intros Hpos.
  destruct (derive_below (fun u => - df u) 0 (- ddf) (ddf / 2) (is_derive_opp df 0 ddf Hd) ltac:(lra))
    as [dl [Hdl Hb]].
  set (u := Rmin (dl / 2) r). assert (Hu : 0 < u) by (apply Rmin_glb_lt; lra).
  pose proof (Rmin_l (dl / 2) r) as M1. pose proof (Rmin_r (dl / 2) r) as M2. fold u in M1, M2.
  destruct (mean_value_on f df 0 u Hu) as [z [Hz E]]; [intros; apply Hf; lra|].
  specialize (Hb z ltac:(lra)). rewrite H0 in Hb. specialize (Hmax u ltac:(lra)).
  assert (0 < ddf * z) by (apply Rmult_lt_0_compat; lra).
  assert (0 < df z * u) by (apply Rmult_lt_0_compat; lra). lra.
Qed.

(** Induction on a recursion. *)
Theorem rule_recursion (C D : nat -> nat -> R) :
  (forall n d, (2 <= n)%nat -> (2 <= d)%nat -> C n d = C (n - 1)%nat d + C (n - 1)%nat (d - 1)%nat) ->
  (forall n d, (2 <= n)%nat -> (2 <= d)%nat -> D n d = D (n - 1)%nat d + D (n - 1)%nat (d - 1)%nat) ->
  (forall d, (1 <= d)%nat -> C 1%nat d = D 1%nat d) -> (forall n, (1 <= n)%nat -> C n 1%nat = D n 1%nat) ->
  forall n d, (1 <= n)%nat -> (1 <= d)%nat -> C n d = D n d.
Proof.
  intros HC HD H1 H2. induction n as [|n IH]; intros d Hn Hd; [lia|].
  destruct (Nat.eq_dec n 0) as [->|]; [apply H1; exact Hd|].
  destruct (Nat.eq_dec d 1) as [->|]; [apply H2; exact Hn|].
  rewrite HC, HD by lia. replace (S n - 1)%nat with n by lia. rewrite !IH by lia. reflexivity.
Qed.
