(** Tokens on the sphere that are drawn to averages, x_i' = P_{x_i} Σ_j A_ij(t) x_j: the sphere is kept,
    and from an open hemisphere all meet at one point, exponentially ((A.10), Lemma 6.4). *)
From Coq Require Import Reals Lra Lia Psatz.
From Coquelicot Require Import Coquelicot.
From attnflow Require Import Ode Space Contraction.
Open Scope R_scope.

(** The coordinates of the tokens x(t) solve x_i' = P_{x_i} Σ_j A_ij(t) x_j for t >= 0. *)
Definition drawn (n d : nat) (A : R -> nat -> nat -> R) (x : R -> nat -> vec) : Prop :=
  forall i k t, (i < n)%nat -> (k < d)%nat -> 0 <= t ->
  is_derive (fun s => x s i k) t (proj d (x t i) (vsum n (fun j => scal (A t i j) (x t j))) k).

Definition on_sphere (n d : nat) (x : nat -> vec) : Prop :=
  forall i, (i < n)%nat -> dot d (x i) (x i) = 1.

Lemma continuous_dot d (u v : R -> vec) t :
  (forall k, (k < d)%nat -> continuous (fun s => u s k) t) ->
  (forall k, (k < d)%nat -> continuous (fun s => v s k) t) ->
  continuous (fun s => dot d (u s) (v s)) t.
Proof.
  intros Hu Hv. apply (continuous_rsum d (fun k s => u s k * v s k)). intros k Hk.
  apply (continuous_mult (fun s => u s k) (fun s => v s k)); auto.
Qed.

Lemma bounded_on (f : R -> R) T : 0 <= T -> (forall t, 0 <= t <= T -> continuous f t) ->
  exists C, 0 <= C /\ forall t, 0 <= t <= T -> Rabs (f t) <= C.
Proof.
  intros HT Hf.
  destruct (continuity_ab_maj (fun t => Rabs (f t)) 0 T HT) as [M [HM _]].
  { intros c Hc. apply continuity_pt_filterlim.
    apply (continuous_comp f Rabs); [auto|apply continuous_Rabs]. }
  exists (Rabs (f M)). split; [apply Rabs_pos|]. intros t Ht. auto.
Qed.

(** The unit sphere is kept, by Grönwall on (|x_i|² - 1)². *)
Theorem sphere_kept n d A x : drawn n d A x ->
  (forall i j t, (i < n)%nat -> (j < n)%nat -> 0 <= t -> continuous (fun s => A s i j) t) ->
  on_sphere n d (x 0) -> forall t, 0 <= t -> on_sphere n d (x t).
Proof.
  intros Hx HA H0 T HT i Hi.
  set (c := fun t => rsum n (fun j => A t i j * dot d (x t i) (x t j))).
  assert (Hc : forall t, 0 <= t <= T -> continuous c t).
  { intros t Ht. apply (continuous_rsum n (fun j t => A t i j * dot d (x t i) (x t j))). intros j Hj.
    apply (continuous_mult (fun t => A t i j) (fun t => dot d (x t i) (x t j))); [apply HA; auto; lra|].
    apply continuous_dot; intros k Hk; eapply derive_continuous, Hx; auto; lra. }
  destruct (bounded_on c T HT Hc) as [C [HC0 HC]].
  set (u := fun t => dot d (x t i) (x t i) - 1).
  assert (Hu : forall t, 0 <= t <= T -> is_derive u t (- 2 * c t * u t)).
  { intros t Ht. unfold u at 1.
    pose proof (derive_dot d (fun s => x s i) (fun s => x s i) _ _ t
      (fun k Hk => Hx i k t Hi Hk (proj1 Ht)) (fun k Hk => Hx i k t Hi Hk (proj1 Ht))) as D.
    cbv beta in D. rewrite dot_proj_l, dot_proj_r, dot_vsum_l, dot_vsum_r in D.
    rewrite (rsum_ext n (fun j => dot d (scal (A t i j) (x t j)) (x t i))
      (fun j => A t i j * dot d (x t i) (x t j))) in D.
    2: { intros j _. rewrite dot_scal_l, dot_sym. reflexivity. }
    rewrite (rsum_ext n (fun j => dot d (x t i) (scal (A t i j) (x t j)))
      (fun j => A t i j * dot d (x t i) (x t j))) in D.
    2: { intros j _. apply dot_scal_r. }
    change (rsum n (fun j => A t i j * dot d (x t i) (x t j))) with (c t) in D.
    pose proof (is_derive_minus _ (fun _ => 1) t _ _ D (is_derive_const 1 t)) as E.
    unfold minus, plus, opp, zero in E; simpl in E.
    replace (- 2 * c t * u t) with (c t - c t * dot d (x t i) (x t i) + (c t - c t * dot d (x t i) (x t i)) + - 0).
    - exact E.
    - unfold u. ring. }
  assert (Hsq : u T * u T <= 0).
  { replace 0 with (0 * exp (- (- (4 * C)) * T)) by ring.
    apply (largest_decays 1 (fun _ t => u t * u t) (fun _ t => (- 2 * c t * u t) * u t + u t * (- 2 * c t * u t))
      (- (4 * C)) 0 T (fun _ _ => ltac:(unfold u; rewrite H0 by auto; lra))
      (fun _ t _ Ht => derive_mult u u t _ _ (Hu t Ht) (Hu t Ht))) with (k := 0%nat); [|lia|lra].
    intros _ t _ Ht _. specialize (HC t Ht). apply Rabs_le_between in HC.
    assert (0 <= u t * u t) by nra. nra. }
  assert (u T = 0) by nra. unfold u in *. lra.
Qed.

(** Rule "derivative of a minimum", at work: the least height over an open hemisphere never falls. *)
Theorem heights_kept n d A x w r0 : drawn n d A x ->
  (forall i j t, (i < n)%nat -> (j < n)%nat -> 0 <= t -> 0 <= A t i j) ->
  (forall t, 0 <= t -> on_sphere n d (x t)) ->
  0 < r0 -> (forall i, (i < n)%nat -> r0 <= dot d (x 0 i) w) ->
  forall i t, (i < n)%nat -> 0 <= t -> r0 <= dot d (x t i) w.
Proof.
  intros Hx HA Hs Hr H0 i t Hi Ht.
  apply (least_stays n (fun i t => dot d (x t i) w)
    (fun i t => dot d (proj d (x t i) (vsum n (fun j => scal (A t i j) (x t j)))) w) r0 t); auto; [| |lra].
  - intros j s Hj Hs'. apply (derive_dot_r d (fun s => x s j)). intros k Hk. apply Hx; auto; lra.
  - intros j s Hj Hs' Hpos Hall. rewrite dot_proj_l, dot_vsum_l, dot_vsum_r.
    rewrite Rmult_comm, <- rsum_scal, <- rsum_minus. apply rsum_nonneg. intros k Hk.
    rewrite dot_scal_l, dot_scal_r. specialize (Hall k Hk).
    pose proof (HA j k s Hj Hk ltac:(lra)).
    pose proof (dot_unit d (x s j) (x s k) (Hs s ltac:(lra) j Hj) (Hs s ltac:(lra) k Hk)).
    assert (0 <= dot d (x s k) w - dot d (x s j) w * dot d (x s j) (x s k)) by nra. nra.
Qed.

(** The gnomonic identity: y_i = x_i / <x_i,w> has y_i' = Σ_j A_ij (s_j/s_i) (y_j - y_i). *)
Theorem gnomonic n d A x w : drawn n d A x ->
  (forall i t, (i < n)%nat -> 0 <= t -> 0 < dot d (x t i) w) ->
  averages n d (fun t i j => A t i j * (dot d (x t j) w / dot d (x t i) w))
    (fun t i => scal (/ dot d (x t i) w) (x t i)).
Proof.
  intros Hx Hpos i k t Hi Hk Ht. unfold scal at 1.
  assert (Hdot : is_derive (fun s => dot d (x s i) w) t
    (dot d (proj d (x t i) (vsum n (fun j => scal (A t i j) (x t j)))) w)).
  { apply (derive_dot_r d (fun s => x s i)). intros; apply Hx; auto. }
  pose proof (Hpos i t Hi Ht) as Hp.
  pose proof (derive_mult _ _ t _ _ (is_derive_inv _ t _ Hdot ltac:(lra)) (Hx i k t Hi Hk Ht)) as D.
  cbv beta in D.
  match type of D with is_derive _ _ ?l => replace (vsum n _ k) with l; [exact D|] end.
  rewrite dot_proj_l, dot_vsum_l, dot_vsum_r. unfold proj. rewrite dot_vsum_r. unfold vsum, scal, sub.
  rewrite (rsum_ext n (fun j => A t i j * (dot d (x t j) w / dot d (x t i) w) *
      (/ dot d (x t j) w * x t j k - / dot d (x t i) w * x t i k))
    (fun j => / dot d (x t i) w * (A t i j * x t j k)
       - x t i k / (dot d (x t i) w)^2 * (A t i j * dot d (x t j) w))).
  - rewrite rsum_minus, 2!rsum_scal.
    rewrite (rsum_ext n (fun j => dot d (fun k0 => A t i j * x t j k0) w) (fun j => A t i j * dot d (x t j) w)).
    + field. lra.
    + intros j _. apply (dot_scal_l d).
  - intros j Hj. specialize (Hpos j t Hj Ht). field. lra.
Qed.

Lemma dot_mean d u v : 2 * dot d u v <= dot d u u + dot d v v.
Proof.
  pose proof (dot_nonneg d (sub u v)) as H. rewrite dot_sub_l, !dot_sub_r, (dot_sym d v u) in H. lra.
Qed.

(** |N(y) - N(z)| <= |y - z| for |y|, |z| >= 1, in terms of x = N(y), p = N(z). *)
Lemma nearer d x p a b : dot d x x = 1 -> dot d p p = 1 -> 1 <= a -> 1 <= b ->
  dist2 d x p <= dist2 d (scal a x) (scal b p).
Proof.
  intros Hx Hp Ha Hb. pose proof (dot_unit d x p Hx Hp) as Hg.
  unfold dist2. rewrite !dot_sub_l, !dot_sub_r, !dot_scal_l, !dot_scal_r, Hx, Hp, (dot_sym d p x).
  set (g := dot d x p) in *.
  assert (1 <= a * b) by nra.
  assert (0 <= (a * b - 1) * (1 - g)) by (apply Rmult_le_pos; lra).
  pose proof (pow2_ge_0 (a - b)). lra.
Qed.

(** (A.10) and Lemma 6.4 for any weights A_ij(t) >= κ m_j: consensus at the rate r0 κ, with the
    constant 2 (r0^{-2} - 1)^{1/2}, at a point of the same hemisphere. *)
Theorem cone_collapse n d A x w m r0 kappa :
  (0 < n)%nat -> drawn n d A x -> (forall t, 0 <= t -> on_sphere n d (x t)) ->
  (forall j, (j < n)%nat -> 0 <= m j) -> rsum n m = 1 -> 0 < kappa ->
  (forall i j t, (i < n)%nat -> (j < n)%nat -> 0 <= t -> kappa * m j <= A t i j) ->
  dot d w w = 1 -> 0 < r0 -> (forall i, (i < n)%nat -> r0 <= dot d (x 0 i) w) ->
  exists p : vec, dot d p p = 1 /\ 0 < dot d p w /\
    forall i t, (i < n)%nat -> 0 <= t ->
    norm d (sub (x t i) p) <= 2 * sqrt (/ r0 ^ 2 - 1) * exp (- (r0 * kappa) * t).
Proof.
  intros Hn Hx Hs Hm0 Hm Hk HA Hw Hr H0.
  assert (HA0 : forall i j t, (i < n)%nat -> (j < n)%nat -> 0 <= t -> 0 <= A t i j).
  { intros i j t Hi Hj Ht. specialize (HA i j t Hi Hj Ht). specialize (Hm0 j Hj). nra. }
  pose proof (heights_kept n d A x w r0 Hx HA0 Hs Hr H0) as Hh.
  assert (Hh1 : forall i t, (i < n)%nat -> 0 <= t -> dot d (x t i) w <= 1).
  { intros i t Hi Ht. apply (dot_unit d (x t i) w); auto. apply Hs; auto. }
  assert (Hpos : forall i t, (i < n)%nat -> 0 <= t -> 0 < dot d (x t i) w).
  { intros i t Hi Ht. specialize (Hh i t Hi Ht). lra. }
  set (y := fun t i => scal (/ dot d (x t i) w) (x t i)).
  pose proof (gnomonic n d A x w Hx Hpos) as Hy. fold y in Hy.
  assert (Hyy : forall i t, (i < n)%nat -> 0 <= t -> dot d (y t i) (y t i) <= / r0 ^ 2).
  { intros i t Hi Ht. unfold y. rewrite dot_scal_l, dot_scal_r, (Hs t Ht i Hi).
    rewrite Rmult_1_r, <- Rinv_mult. apply Rinv_le_contravar; [nra|]. specialize (Hh i t Hi Ht). nra. }
  assert (Hyw : forall i t, (i < n)%nat -> 0 <= t -> dot d (y t i) w = 1).
  { intros i t Hi Ht. unfold y. rewrite dot_scal_l. specialize (Hpos i t Hi Ht). field. lra. }
  set (c := 4 * (/ r0 ^ 2 - 1)).
  assert (Hstart : forall i j, (i < n)%nat -> (j < n)%nat -> dist2 d (y 0 i) (y 0 j) <= c).
  { intros i j Hi Hj.
    assert (E : forall l, (l < n)%nat -> dist2 d (y 0 l) w <= / r0 ^ 2 - 1).
    { intros l Hl. unfold dist2. rewrite !dot_sub_l, !dot_sub_r, Hw, (dot_sym d w), Hyw by (auto; lra).
      specialize (Hyy l 0 Hl (Rle_refl 0)). lra. }
    pose proof (E i Hi) as Ei. pose proof (E j Hj) as Ej.
    pose proof (dist2_split d w (y 0 j) (y 0 i)) as S.
    assert (Q : 2 * dot d (sub w (y 0 j)) (sub (y 0 i) w)
      <= dist2 d (y 0 i) w + dist2 d w (y 0 j)).
    { pose proof (dot_mean d (sub w (y 0 j)) (sub (y 0 i) w)).
      unfold dist2. lra. }
    rewrite (dist2_sym d w) in *. unfold c. lra. }
  assert (HL : 0 < r0 * kappa) by nra.
  destruct (averages_meet n d _ y m (r0 * kappa) c Hn Hy HL Hm0 Hm) as [q Hq]; [|exact Hstart|].
  { intros i j t Hi Hj Ht. cbv beta. specialize (HA i j t Hi Hj Ht). specialize (HA0 i j t Hi Hj Ht).
    pose proof (Hh j t Hj Ht). pose proof (Hpos i t Hi Ht). pose proof (Hh1 i t Hi Ht).
    specialize (Hm0 j Hj).
    assert (r0 <= dot d (x t j) w / dot d (x t i) w).
    { apply Rmult_le_reg_r with (dot d (x t i) w); [assumption|].
      unfold Rdiv. rewrite Rmult_assoc, Rinv_l by lra. nra. }
    apply Rle_trans with (A t i j * r0); [nra|]. apply Rmult_le_compat_l; lra. }
  assert (Hqw : dot d q w = 1).
  { apply Rminus_diag_uniq.
    assert (forall t, 0 <= t -> (dot d q w - 1)^2 <= c * exp (- (2 * (r0 * kappa)) * t)).
    { intros t Ht. specialize (Hq 0%nat t Hn Ht).
      pose proof (cauchy_schwarz d (sub (y t 0%nat) q) w) as S.
      rewrite dot_sub_l, Hyw, Hw in S by auto. fold (dist2 d (y t 0%nat) q) in S. nra. }
    assert (Hc0 : 0 <= c).
    { apply Rle_trans with (dist2 d (y 0 0%nat) (y 0 0%nat)); [apply dist2_nonneg|auto]. }
    destruct (Req_dec (dot d q w - 1) 0) as [|Hne]; [assumption|exfalso].
    assert (He : 0 < (dot d q w - 1)^2) by nra. set (e := (dot d q w - 1)^2) in *.
    specialize (H (c / (2 * (r0 * kappa) * e)) ltac:(apply Rdiv_le_0_compat; nra)).
    replace (- (2 * (r0 * kappa)) * (c / (2 * (r0 * kappa) * e))) with (- (c / e)) in H by (field; lra).
    rewrite exp_Ropp in H. assert (1 + c / e <= exp (c / e)) by apply exp_ineq1_le.
    assert (Hce : c = e * (c / e)) by (field; lra). assert (0 <= c / e) by (apply Rdiv_le_0_compat; lra).
    assert (e * exp (c / e) <= c).
    { apply Rmult_le_compat_r with (r := exp (c / e)) in H; [|lra].
      rewrite Rmult_assoc, Rinv_l in H by lra. lra. }
    nra. }
  assert (Hq1 : 1 <= dot d q q).
  { pose proof (cauchy_schwarz d q w) as S. rewrite Hqw, Hw in S. lra. }
  set (b := sqrt (dot d q q)).
  assert (Hb : b * b = dot d q q) by (apply sqrt_sqrt; lra).
  assert (Hb1 : 1 <= b) by (unfold b; rewrite <- sqrt_1; apply sqrt_le_1; lra).
  exists (scal (/ b) q).
  assert (Hpp : dot d (scal (/ b) q) (scal (/ b) q) = 1).
  { rewrite dot_scal_l, dot_scal_r, <- Hb. field. lra. }
  split; [exact Hpp|]. split.
  { rewrite dot_scal_l, Hqw, Rmult_1_r. apply Rinv_0_lt_compat. lra. }
  intros i t Hi Ht. specialize (Hq i t Hi Ht).
  assert (Hd : dist2 d (x t i) (scal (/ b) q) <= c * exp (- (2 * (r0 * kappa)) * t)).
  { apply Rle_trans with (2 := Hq).
    apply Rle_trans with (dist2 d (scal (/ dot d (x t i) w) (x t i)) (scal b (scal (/ b) q))).
    - apply nearer; auto; [apply Hs; auto|].
      rewrite <- Rinv_1. apply Rinv_le_contravar; auto.
    - right. unfold dist2. apply dot_ext; intros k _; unfold y, sub, scal; field;
        split; try lra; specialize (Hpos i t Hi Ht); lra. }
  assert (Hr2 : 0 <= / r0 ^ 2 - 1).
  { specialize (Hstart 0%nat 0%nat Hn Hn). rewrite dist2_self in Hstart. unfold c in Hstart. lra. }
  unfold norm. fold (dist2 d (x t i) (scal (/ b) q)).
  replace (2 * sqrt (/ r0 ^ 2 - 1) * exp (- (r0 * kappa) * t))
    with (sqrt (c * exp (- (2 * (r0 * kappa)) * t))).
  - apply sqrt_le_1; [apply dist2_nonneg| |exact Hd]. apply Rle_trans with (2 := Hd). apply dist2_nonneg.
  - apply sqrt_lem_1; [apply Rle_trans with (2 := Hd); apply dist2_nonneg| |].
    + apply Rmult_le_pos; [apply Rmult_le_pos; [lra|apply sqrt_pos]|apply Rlt_le, exp_pos].
    + replace (- (2 * (r0 * kappa)) * t) with (- (r0 * kappa) * t + - (r0 * kappa) * t) by ring.
      rewrite exp_plus. unfold c. rewrite <- (sqrt_sqrt (/ r0 ^ 2 - 1) Hr2) at 3. ring.
Qed.
