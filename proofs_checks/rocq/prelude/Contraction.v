(** Averaging: y_i' = Σ_j a_ij(t) (y_j - y_i), a_ij >= 0, in R^d. The diameter decays, no token goes
    further from a fixed point than the farthest is, and all have one limit. *)
From Coq Require Import Reals Lra Lia Psatz.
From Coquelicot Require Import Coquelicot.
From attnflow Require Import Ode Space.
Open Scope R_scope.

(** Tokens of R^d whose coordinates solve y_i' = Σ_j a_ij(t) (y_j - y_i) for t >= 0. *)
Definition averages (n d : nat) (a : R -> nat -> nat -> R) (y : R -> nat -> vec) : Prop :=
  forall i k t, (i < n)%nat -> (k < d)%nat -> 0 <= t ->
  is_derive (fun s => y s i k) t (vsum n (fun j => scal (a t i j) (sub (y t j) (y t i))) k).

Definition dist2 (d : nat) (u v : vec) : R := dot d (sub u v) (sub u v).

Lemma dist2_nonneg d u v : 0 <= dist2 d u v.
Proof. apply dot_nonneg. Qed.

Lemma dist2_sym d u v : dist2 d u v = dist2 d v u.
Proof. apply rsum_ext. intros. unfold sub. ring. Qed.

Lemma dist2_self d u : dist2 d u u = 0.
Proof. unfold dist2, dot. rewrite (rsum_ext d _ (fun _ => 0)); [apply rsum_zero|intros; unfold sub; ring]. Qed.

(** |w - v|² = |w - u|² + |u - v|² + 2 <w - u, u - v>. *)
Lemma dist2_split d u v w :
  dist2 d w v = dist2 d w u + dist2 d u v + 2 * dot d (sub u v) (sub w u).
Proof.
  unfold dist2, dot. rewrite <- rsum_scal, <- !rsum_plus. apply rsum_ext. intros. unfold sub. ring.
Qed.

Lemma derive_dist2 d (u v : R -> vec) (du dv : vec) t :
  (forall k, (k < d)%nat -> is_derive (fun s => u s k) t (du k)) ->
  (forall k, (k < d)%nat -> is_derive (fun s => v s k) t (dv k)) ->
  is_derive (fun s => dist2 d (u s) (v s)) t (2 * dot d (sub (u t) (v t)) (sub du dv)).
Proof.
  intros Hu Hv. unfold dist2.
  replace (2 * dot d (sub (u t) (v t)) (sub du dv))
    with (dot d (sub du dv) (sub (u t) (v t)) + dot d (sub (u t) (v t)) (sub du dv)).
  - apply (derive_dot d (fun s => sub (u s) (v s)) (fun s => sub (u s) (v s))); intros k Hk;
      apply (is_derive_minus (fun s => u s k) (fun s => v s k)); auto.
  - rewrite (dot_sym d (sub du dv)). ring.
Qed.

Lemma pair_index n i j : (i < n)%nat -> (j < n)%nat ->
  (i * n + j < n * n)%nat /\ ((i * n + j) / n = i)%nat /\ ((i * n + j) mod n = j)%nat.
Proof.
  intros Hi Hj. split; [nia|]. split.
  - rewrite Nat.div_add_l by lia. rewrite Nat.div_small by lia. lia.
  - rewrite Nat.add_comm, Nat.Div0.mod_add. apply Nat.mod_small. lia.
Qed.

(** Rule "contraction of a diameter": all |y_i - y_j|² decay at the rate 2 l. *)
Theorem contraction n d a y m l c : averages n d a y ->
  (forall i j t, (i < n)%nat -> (j < n)%nat -> 0 <= t -> l * m j <= a t i j) ->
  rsum n m = 1 ->
  (forall i j, (i < n)%nat -> (j < n)%nat -> dist2 d (y 0 i) (y 0 j) <= c) ->
  forall i j t, (i < n)%nat -> (j < n)%nat -> 0 <= t ->
  dist2 d (y t i) (y t j) <= c * exp (- (2 * l) * t).
Proof.
  intros Hy Ha Hm H0 i j t Hi Hj Ht.
  set (v := fun t i => vsum n (fun k => scal (a t i k) (sub (y t k) (y t i)))).
  destruct (pair_index n i j Hi Hj) as [Hq [Hq1 Hq2]].
  assert (Hn : (n <> 0)%nat) by lia.
  assert (Hlt : forall q, (q < n * n)%nat -> (q / n < n)%nat /\ (q mod n < n)%nat).
  { intros q Hq'. split; [apply Nat.Div0.div_lt_upper_bound; lia|apply Nat.mod_upper_bound; lia]. }
  enough (H : forall q, (q < n * n)%nat ->
    dist2 d (y t (q / n)%nat) (y t (q mod n)%nat) <= c * exp (- (2 * l) * t)).
  { specialize (H _ Hq). rewrite Hq1, Hq2 in H. exact H. }
  intros q0 Hq0.
  apply (largest_decays (n * n) (fun q s => dist2 d (y s (q / n)%nat) (y s (q mod n)%nat))
    (fun q s => 2 * dot d (sub (y s (q / n)%nat) (y s (q mod n)%nat))
       (sub (v s (q / n)%nat) (v s (q mod n)%nat))) (2 * l) c t); [| | |assumption|lra].
  - intros q Hq'. destruct (Hlt q Hq'). auto.
  - intros q s Hq' Hs. destruct (Hlt q Hq').
    apply (derive_dist2 d (fun s => y s (q / n)%nat) (fun s => y s (q mod n)%nat));
      intros k Hk; apply Hy; auto; lra.
  - intros q s Hq' Hs Hall. destruct (Hlt q Hq') as [Hp Hr].
    revert Hall. generalize dependent (q mod n)%nat. generalize dependent (q / n)%nat.
    intros p Hp r Hr Hall.
    assert (Hwide : forall k, (k < n)%nat ->
      dist2 d (y s k) (y s r) <= dist2 d (y s p) (y s r) /\
      dist2 d (y s k) (y s p) <= dist2 d (y s p) (y s r)).
    { intros k Hk. split.
      - destruct (pair_index n k r Hk Hr) as [Q [Q1 Q2]].
        specialize (Hall _ Q). rewrite Q1, Q2 in Hall. exact Hall.
      - destruct (pair_index n k p Hk Hp) as [Q [Q1 Q2]].
        specialize (Hall _ Q). rewrite Q1, Q2 in Hall. exact Hall. }
    rewrite dot_sub_r. unfold v. rewrite !dot_vsum_r.
    set (D := sub (y s p) (y s r)).
    assert (S1 : rsum n (fun k => dot d D (scal (a s p k) (sub (y s k) (y s p))))
      <= l * rsum n (fun k => m k * dot d D (sub (y s k) (y s p)))).
    { rewrite <- rsum_scal. apply rsum_le. intros k Hk. rewrite dot_scal_r.
      assert (dot d D (sub (y s k) (y s p)) <= 0).
      { destruct (Hwide k Hk) as [W1 W2]. pose proof (dist2_split d (y s p) (y s r) (y s k)) as E.
        pose proof (dist2_nonneg d (y s k) (y s p)). unfold D. lra. }
      specialize (Ha p k s Hp Hk ltac:(lra)). nra. }
    assert (S2 : l * rsum n (fun k => m k * dot d D (sub (y s k) (y s r)))
      <= rsum n (fun k => dot d D (scal (a s r k) (sub (y s k) (y s r))))).
    { rewrite <- rsum_scal. apply rsum_le. intros k Hk. rewrite dot_scal_r.
      assert (0 <= dot d D (sub (y s k) (y s r))).
      { destruct (Hwide k Hk) as [W1 W2]. pose proof (dist2_split d (y s r) (y s p) (y s k)) as E.
        pose proof (dist2_nonneg d (y s k) (y s r)). rewrite (dist2_sym d (y s r) (y s p)) in E.
        assert (dot d (sub (y s r) (y s p)) (sub (y s k) (y s r)) = - dot d D (sub (y s k) (y s r))).
        { unfold D, dot. rewrite <- (Rmult_1_l (rsum d (fun k0 => sub _ _ k0 * _))) at 1.
          replace (- rsum d (fun k0 => sub (y s p) (y s r) k0 * sub (y s k) (y s r) k0))
            with ((-1) * rsum d (fun k0 => sub (y s p) (y s r) k0 * sub (y s k) (y s r) k0)) by ring.
          rewrite <- !rsum_scal. apply rsum_ext. intros. unfold sub. ring. }
        lra. }
      specialize (Ha r k s Hr Hk ltac:(lra)). nra. }
    assert (S3 : rsum n (fun k => m k * dot d D (sub (y s k) (y s p)))
      - rsum n (fun k => m k * dot d D (sub (y s k) (y s r))) = - dist2 d (y s p) (y s r)).
    { rewrite <- rsum_minus.
      rewrite (rsum_ext n _ (fun k => - dist2 d (y s p) (y s r) * m k)).
      - rewrite rsum_scal, Hm. ring.
      - intros k _.
        assert (E : dist2 d (y s p) (y s r) = dot d D (y s p) - dot d D (y s r)).
        { unfold dist2. fold D. unfold D at 2. apply dot_sub_r. }
        rewrite E, !dot_sub_r. ring. }
    nra.
Qed.

(** No token goes further from a fixed point than the farthest was. *)
Theorem no_further n d a y p c r : averages n d a y ->
  (forall i j t, (i < n)%nat -> (j < n)%nat -> 0 <= t -> 0 <= a t i j) ->
  0 <= r -> (forall i, (i < n)%nat -> dist2 d (y r i) p <= c) ->
  forall i t, (i < n)%nat -> r <= t -> dist2 d (y t i) p <= c.
Proof.
  intros Hy Ha Hr H0 i t Hi Ht.
  set (v := fun t i => vsum n (fun k => scal (a t i k) (sub (y t k) (y t i)))).
  replace t with (r + (t - r)) by ring.
  apply (largest_never_rises n (fun k s => dist2 d (y (r + s) k) p)
    (fun k s => 2 * dot d (sub (y (r + s) k) p) (sub (v (r + s) k) (fun _ => 0))) c (t - r)); auto;
    [| | |lra].
  - intros k Hk. rewrite Rplus_0_r. auto.
  - intros k s Hk Hs.
    replace (2 * dot d (sub (y (r + s) k) p) (sub (v (r + s) k) (fun _ => 0)))
      with (1 * (2 * dot d (sub (y (r + s) k) p) (sub (v (r + s) k) (fun _ => 0)))) by ring.
    apply (is_derive_comp (fun u => dist2 d (y u k) p) (fun s => r + s)).
    + apply (derive_dist2 d (fun s => y s k) (fun _ => p)).
      * intros q Hq. apply Hy; auto; lra.
      * intros q Hq. apply (is_derive_const (p q)).
    + auto_derive; [auto|ring].
  - intros k s Hk Hs Hall. rewrite dot_sub_r. unfold v. rewrite dot_vsum_r.
    assert (E : dot d (sub (y (r + s) k) p) (fun _ => 0) = 0).
    { unfold dot. rewrite (rsum_ext d _ (fun _ => 0)); [apply rsum_zero|intros; ring]. }
    rewrite E.
    assert (rsum n (fun j => dot d (sub (y (r + s) k) p) (scal (a (r + s) k j) (sub (y (r + s) j) (y (r + s) k)))) <= rsum n (fun _ => 0)).
    { apply rsum_le. intros j Hj. rewrite dot_scal_r.
      pose proof (dist2_split d (y (r + s) k) p (y (r + s) j)) as S.
      pose proof (dist2_nonneg d (y (r + s) j) (y (r + s) k)).
      specialize (Hall j Hj). specialize (Ha k j (r + s) Hk Hj ltac:(lra)). nra. }
    rewrite rsum_zero in H. lra.
Qed.

(** Rule "limit of a shrinking hull": where every token stays as near to each token of the time t as
    the widest pair is then, and the widest pair's distance tends to 0, all have one limit, at most
    that distance away. *)
Theorem limit_point n d (y : R -> nat -> vec) (D : R -> R) : (0 < n)%nat ->
  (forall t, 0 <= t -> 0 <= D t) ->
  (forall e, 0 < e -> exists t, 0 <= t /\ D t < e) ->
  (forall i j s t, (i < n)%nat -> (j < n)%nat -> 0 <= t <= s -> dist2 d (y s j) (y t i) <= D t) ->
  exists p : vec, forall i t, (i < n)%nat -> 0 <= t -> dist2 d (y t i) p <= D t.
Proof.
  intros Hn HD Hlim Hnear.
  assert (Hcauchy : forall k, (k < d)%nat -> Cauchy_crit (fun N => y (INR N) 0%nat k)).
  { intros k Hk e He. destruct (Hlim (e * e / 4)) as [t [Ht Hte]]; [nra|].
    destruct (nfloor_ex t Ht) as [M HM].
    exists (S M). intros p q Hp Hq. unfold R_dist.
    assert (Hb : forall N, (N >= S M)%nat -> Rabs (y (INR N) 0%nat k - y t 0%nat k) < e / 2).
    { intros N HN. assert (t <= INR N).
      { apply Rle_trans with (INR (S M)); [rewrite S_INR; lra|apply le_INR; lia]. }
      assert (dist2 d (y (INR N) 0%nat) (y t 0%nat) <= D t) by (apply Hnear; auto; lra).
      assert (sub (y (INR N) 0%nat) (y t 0%nat) k * sub (y (INR N) 0%nat) (y t 0%nat) k
        <= dist2 d (y (INR N) 0%nat) (y t 0%nat)).
      { apply (rsum_term d (fun k => sub (y (INR N) 0%nat) (y t 0%nat) k * sub (y (INR N) 0%nat) (y t 0%nat) k)); auto.
        intros. nra. }
      unfold sub in H1. apply Rabs_def1; nra. }
    replace (y (INR p) 0%nat k - y (INR q) 0%nat k)
      with ((y (INR p) 0%nat k - y t 0%nat k) - (y (INR q) 0%nat k - y t 0%nat k)) by ring.
    pose proof (Hb p Hp). pose proof (Hb q Hq).
    apply Rle_lt_trans with (1 := Rabs_triang _ _). rewrite Rabs_Ropp. lra. }
  assert (Hp : exists p : vec, forall k, (k < d)%nat -> is_lim_seq (fun N => y (INR N) 0%nat k) (p k)).
  { clear - Hcauchy. induction d as [|d IH].
    - exists (fun _ => 0). intros k Hk. lia.
    - destruct IH as [p Hp]; [intros; apply Hcauchy; lia|].
      destruct (Rcomplete.R_complete _ (Hcauchy d ltac:(lia))) as [l Hl].
      exists (fun k => if Nat.eq_dec k d then l else p k). intros k Hk.
      destruct (Nat.eq_dec k d) as [->|]; [apply is_lim_seq_Reals; exact Hl|apply Hp; lia]. }
  destruct Hp as [p Hp]. exists p. intros i t Hi Ht.
  assert (Hl : is_lim_seq (fun N => dist2 d (y t i) (y (INR N) 0%nat)) (dist2 d (y t i) p)).
  { clear - Hp. unfold dist2, dot, sub. induction d as [|d IH]; simpl.
    - apply is_lim_seq_const.
    - apply is_lim_seq_plus'; [apply IH; intros; apply Hp; lia|].
      assert (is_lim_seq (fun N => y t i d - y (INR N) 0%nat d) (y t i d - p d)).
      { apply is_lim_seq_minus'; [apply is_lim_seq_const|apply Hp; lia]. }
      apply is_lim_seq_mult'; assumption. }
  destruct (nfloor_ex t Ht) as [M HM].
  refine (is_lim_seq_le_loc (fun N => dist2 d (y t i) (y (INR N) 0%nat)) (fun _ => D t) _ _ _ Hl (is_lim_seq_const _)).
  exists (S M). intros N HN. rewrite dist2_sym. apply Hnear; auto. split; [assumption|].
  apply Rle_trans with (INR (S M)); [rewrite S_INR; lra|apply le_INR; lia].
Qed.

(** Both together: consensus at the rate l, at one limit. *)
Theorem averages_meet n d a y m l c : (0 < n)%nat -> averages n d a y ->
  0 < l -> (forall j, (j < n)%nat -> 0 <= m j) -> rsum n m = 1 ->
  (forall i j t, (i < n)%nat -> (j < n)%nat -> 0 <= t -> l * m j <= a t i j) ->
  (forall i j, (i < n)%nat -> (j < n)%nat -> dist2 d (y 0 i) (y 0 j) <= c) ->
  exists p : vec, forall i t, (i < n)%nat -> 0 <= t -> dist2 d (y t i) p <= c * exp (- (2 * l) * t).
Proof.
  intros Hn Hy Hl Hm0 Hm Ha H0.
  assert (Hc : 0 <= c).
  { apply Rle_trans with (dist2 d (y 0 0%nat) (y 0 0%nat)); [apply dist2_nonneg|auto]. }
  apply limit_point; auto.
  - intros t Ht. pose proof (exp_pos (- (2 * l) * t)). nra.
  - intros e He. exists (c / (2 * l * e)). split; [apply Rdiv_le_0_compat; nra|].
    assert (Hx : 1 + 2 * l * (c / (2 * l * e)) <= exp (2 * l * (c / (2 * l * e)))) by apply exp_ineq1_le.
    replace (2 * l * (c / (2 * l * e))) with (c / e) in * by (field; lra).
    replace (- (2 * l) * (c / (2 * l * e))) with (- (c / e)) by (field; lra).
    rewrite exp_Ropp. pose proof (exp_pos (c / e)).
    apply Rmult_lt_reg_r with (exp (c / e)); [assumption|].
    rewrite Rmult_assoc, Rinv_l by lra. rewrite Rmult_1_r.
    assert (c = e * (c / e)) by (field; lra). nra.
  - intros i j s t Hi Hj Hst.
    apply (no_further n d a y (y t i) _ t); auto; try lra.
    + intros p q u Hp Hq Hu. apply Rle_trans with (l * m q); [|auto]. specialize (Hm0 q Hq). nra.
    + intros k Hk. apply (contraction n d a y m l c); auto. lra.
Qed.
