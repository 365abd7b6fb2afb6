(* One pair of tokens: how its force s and curvature g vary with the angle and with the inverse
   temperature b >= 0. As a function of c = cos x the curvature falls and then rises; as functions
   of b both are near their chords. *)
From Coq Require Import Reals Lra Lia.
From Coquelicot Require Import Coquelicot.
From attnflow Require Import Circle.
Open Scope R_scope.

(* -- mean values --------------------------------------------------------------------------- *)

Lemma mean_value (f f' : R -> R) x y : (forall z, is_derive f z (f' z)) -> x <= y ->
  exists c, x <= c <= y /\ f y - f x = f' c * (y - x).
Proof.
  intros D L. destruct (MVT_gen f x y f') as (c & Hc & E).
  - intros z _. apply D.
  - intros z _. apply derivable_continuous_pt. exists (f' z). apply is_derive_Reals, D.
  - rewrite Rmin_left, Rmax_right in Hc by easy. now exists c.
Qed.

Lemma increasing (f f' : R -> R) x y : (forall z, is_derive f z (f' z)) -> x <= y ->
  (forall z, x <= z <= y -> 0 <= f' z) -> f x <= f y.
Proof.
  intros D L P. destruct (mean_value f f' x y D L) as (c & Hc & E). specialize (P c Hc). nra.
Qed.

Lemma decreasing (f f' : R -> R) x y : (forall z, is_derive f z (f' z)) -> x <= y ->
  (forall z, x <= z <= y -> f' z <= 0) -> f y <= f x.
Proof.
  intros D L P. destruct (mean_value f f' x y D L) as (c & Hc & E). specialize (P c Hc). nra.
Qed.

Lemma below_chord (f f' f'' : R -> R) a b x :
  (forall z, is_derive f z (f' z)) -> (forall z, is_derive f' z (f'' z)) ->
  (forall z, a <= z <= b -> 0 <= f'' z) -> a <= x <= b ->
  f x * (b - a) <= f a * (b - x) + f b * (x - a).
Proof.
  intros D1 D2 P [L1 L2].
  destruct (mean_value f f' a x D1 L1) as (c & Hc & E).
  destruct (mean_value f f' x b D1 L2) as (d & Hd & E').
  assert (f' c <= f' d).
  { apply (increasing f' f''); [easy|lra|]. intros z Hz. apply P. lra. }
  assert (f' c * ((x - a) * (b - x)) <= f' d * ((x - a) * (b - x))).
  { apply Rmult_le_compat_r; [apply Rmult_le_pos; lra|easy]. }
  nra.
Qed.

(* A function whose second derivative is at most M is within M (b - a)^2 / 8 of its chord. *)
Lemma near_chord (f f' f'' : R -> R) a b x M : a < b ->
  (forall z, is_derive f z (f' z)) -> (forall z, is_derive f' z (f'' z)) ->
  (forall z, a <= z <= b -> Rabs (f'' z) <= M) -> a <= x <= b ->
  exists e, Rabs e <= (b - a) * (b - a) / 8 * M /\
    f x = (1 - (x - a) / (b - a)) * f a + (x - a) / (b - a) * f b + e.
Proof.
  intros Hab D1 D2 P L.
  assert (U : forall sgn, sgn * sgn = 1 ->
    (sgn * f x + M / 2 * (x * x)) * (b - a) <=
    (sgn * f a + M / 2 * (a * a)) * (b - x) + (sgn * f b + M / 2 * (b * b)) * (x - a)).
  { intros sgn Hs.
    apply (below_chord (fun z => sgn * f z + M / 2 * (z * z)) (fun z => sgn * f' z + M * z)
      (fun z => sgn * f'' z + M)); [| | |easy].
    - intros z. apply (is_derive_plus (fun z => sgn * f z) (fun z => M / 2 * (z * z))).
      + apply is_derive_scal, D1.
      + auto_derive; [easy|field].
    - intros z. apply (is_derive_plus (fun z => sgn * f' z) (fun z => M * z)).
      + apply is_derive_scal, D2.
      + auto_derive; [easy|field].
    - intros z Hz. specialize (P z Hz). apply Rabs_le_between in P.
      assert (sgn = 1 \/ sgn = -1) as [A|A]; [|rewrite A; lra|rewrite A; lra].
      assert ((sgn - 1) * (sgn + 1) = 0) as Q by lra.
      apply Rmult_integral in Q. destruct Q; [left|right]; lra. }
  pose proof (U 1) as U1. pose proof (U (-1)) as U2. clear U.
  assert (M0 : 0 <= M) by (specialize (P x L); pose proof (Rabs_pos (f'' x)); lra).
  exists (f x - ((1 - (x - a) / (b - a)) * f a + (x - a) / (b - a) * f b)). split; [|ring].
  assert (Hq : 0 < / (b - a)) by (apply Rinv_0_lt_compat; lra).
  assert (Par : (x - a) * (b - x) <= (b - a) * (b - a) / 4).
  { assert (0 <= (x - a - (b - x)) * (x - a - (b - x))) by apply Rle_0_sqr. nra. }
  assert (Key : Rabs ((f x * (b - a) - (f a * (b - x) + f b * (x - a))))
    <= (b - a) * (M / 2 * ((x - a) * (b - x)))).
  { apply Rabs_le. split.
    - specialize (U2 ltac:(ring)). nra.
    - specialize (U1 ltac:(ring)). nra. }
  replace (f x - _) with ((f x * (b - a) - (f a * (b - x) + f b * (x - a))) * / (b - a))
    by (field; lra).
  rewrite Rabs_mult, (Rabs_pos_eq (/ (b - a))) by lra.
  apply Rle_trans with ((b - a) * (M / 2 * ((x - a) * (b - x))) * / (b - a)).
  - apply Rmult_le_compat_r; lra.
  - replace ((b - a) * (M / 2 * ((x - a) * (b - x))) * / (b - a))
      with (M / 2 * ((x - a) * (b - x))) by (field; lra).
    apply Rle_trans with (M / 2 * ((b - a) * (b - a) / 4)); [|lra].
    apply Rmult_le_compat_l; lra.
Qed.

(* -- the curvature as a function of the cosine --------------------------------------------- *)

Definition curve (b c : R) : R := (c - b * (1 - c * c)) * exp (b * c).
Definition side (b c : R) : R := b * b * (c * c) + 3 * b * c + 1 - b * b.

Lemma g_curve b x : g b x = curve b (cos x).
Proof.
  unfold g, curve. pose proof (circle_unit x).
  replace (sin x * sin x) with (1 - cos x * cos x) by lra. reflexivity.
Qed.

Lemma curve_derive b c : is_derive (curve b) c (side b c * exp (b * c)).
Proof. unfold curve, side. auto_derive; [easy|ring]. Qed.

Section Curve.
Variable b : R.
Hypothesis b_pos : 0 <= b.

Lemma side_rises c d : -1 <= c -> c <= d -> 0 < side b c -> side b c <= side b d.
Proof.
  unfold side. intros Hc Hd P.
  destruct (Rle_dec 0 (2 * b * c + 3)) as [Q|Q].
  - assert (0 <= b * (d - c)) by (apply Rmult_le_pos; lra).
    assert (0 <= b * (d - c) * (b * (c + d) + 3)).
    { apply Rmult_le_pos; [easy|]. nra. }
    nra.
  - exfalso. assert (b * c * (b * c) <= b * b).
    { assert (- b <= b * c) by nra. assert (b * c <= b) by nra. nra. }
    nra.
Qed.

Lemma rising c d : -1 <= c -> c <= d -> 0 < side b c -> curve b c <= curve b d.
Proof.
  intros Hc Hd P. apply (increasing (curve b) (fun z => side b z * exp (b * z)));
    [apply curve_derive|easy|].
  intros z Hz. pose proof (exp_pos (b * z)). assert (side b c <= side b z) by (apply side_rises; lra).
  apply Rmult_le_pos; lra.
Qed.

Lemma falling c d : -1 <= c -> c <= d -> side b d <= 0 -> curve b d <= curve b c.
Proof.
  intros Hc Hd P. apply (decreasing (curve b) (fun z => side b z * exp (b * z)));
    [apply curve_derive|easy|].
  intros z Hz. pose proof (exp_pos (b * z)).
  assert (side b z <= 0).
  { destruct (Rle_dec (side b z) 0) as [|Q]; [easy|].
    assert (side b z <= side b d) by (apply side_rises; lra). lra. }
  nra.
Qed.

Lemma top_at_end c d z : -1 <= c -> c <= z <= d -> curve b z <= Rmax (curve b c) (curve b d).
Proof.
  intros Hc Hz. destruct (Rle_dec (side b z) 0) as [Q|Q].
  - apply Rle_trans with (curve b c); [apply falling; lra|apply Rmax_l].
  - apply Rle_trans with (curve b d); [apply rising; lra|apply Rmax_r].
Qed.

Definition dip : R := (sqrt (5 + 4 * b * b) - 3) / (2 * b).

Lemma dip_lowest c : 0 < b -> -1 <= c -> curve b dip <= curve b c.
Proof.
  intros Hb Hc.
  assert (Hr : 0 <= 5 + 4 * b * b) by nra.
  pose proof (sqrt_pos (5 + 4 * b * b)) as Hs. pose proof (sqrt_sqrt _ Hr) as Hss.
  set (r := sqrt (5 + 4 * b * b)) in *.
  assert (Hd : 2 * b * dip + 3 = r) by (unfold dip; fold r; field; lra).
  assert (Side : forall z, 4 * side b z = (2 * b * z + 3) * (2 * b * z + 3) - r * r)
    by (intros z; rewrite Hss; unfold side; ring).
  destruct (Rle_dec dip c) as [Q|Q].
  - apply (increasing (curve b) (fun z => side b z * exp (b * z))); [apply curve_derive|easy|].
    intros z Hz. pose proof (exp_pos (b * z)). specialize (Side z).
    assert (r <= 2 * b * z + 3) by nra. assert (0 <= side b z) by nra. now apply Rmult_le_pos; [|lra].
  - apply (decreasing (curve b) (fun z => side b z * exp (b * z))); [apply curve_derive|lra|].
    intros z Hz. pose proof (exp_pos (b * z)). specialize (Side z).
    assert (2 * b * z + 3 <= r) by nra.
    assert (- r <= 2 * b * z + 3).
    { assert (2 * b - 3 <= r); [|nra]. destruct (Rle_dec (2 * b - 3) 0); [lra|].
      apply Rsqr_incr_0_var; [unfold Rsqr; nra|easy]. }
    assert (side b z <= 0) by nra. nra.
Qed.

End Curve.

(* -- force and curvature as functions of b ------------------------------------------------- *)

Definition growth (b0 b1 x : R) : R := Rmax (exp (b0 * cos x)) (exp (b1 * cos x)).

Lemma growth_pos b0 b1 x : 0 < growth b0 b1 x.
Proof. apply Rlt_le_trans with (exp (b0 * cos x)); [apply exp_pos|apply Rmax_l]. Qed.

Lemma growth_bound b0 b1 x b : b0 <= b <= b1 -> exp (b * cos x) <= growth b0 b1 x.
Proof.
  intros H. destruct (Rle_dec 0 (cos x)) as [Q|Q].
  - apply Rle_trans with (exp (b1 * cos x)); [|apply Rmax_r].
    destruct (Req_dec (b * cos x) (b1 * cos x)) as [->|N]; [lra|].
    apply Rlt_le, exp_increasing. nra.
  - apply Rle_trans with (exp (b0 * cos x)); [|apply Rmax_l].
    destruct (Req_dec (b * cos x) (b0 * cos x)) as [->|N]; [lra|].
    apply Rlt_le, exp_increasing. nra.
Qed.

Definition share (b0 b1 b : R) : R := (b - b0) / (b1 - b0).

Lemma share_range b0 b1 b : b0 < b1 -> b0 <= b <= b1 -> 0 <= share b0 b1 b <= 1.
Proof.
  intros H L. unfold share. assert (0 < / (b1 - b0)) by (apply Rinv_0_lt_compat; lra).
  split; [apply Rmult_le_pos; lra|].
  apply Rmult_le_reg_r with (b1 - b0); [lra|]. field_simplify; lra.
Qed.

Lemma s_chord b0 b1 b x : b0 < b1 -> b0 <= b <= b1 -> exists e,
  Rabs e <= (b1 - b0) * (b1 - b0) / 8 * growth b0 b1 x /\
  s b x = (1 - share b0 b1 b) * s b0 x + share b0 b1 b * s b1 x + e.
Proof.
  intros H L. unfold s.
  apply (near_chord (fun z => sin x * exp (z * cos x)) (fun z => sin x * cos x * exp (z * cos x))
    (fun z => sin x * cos x * cos x * exp (z * cos x))); [easy| | | |easy].
  - intros z. auto_derive; [easy|ring].
  - intros z. auto_derive; [easy|ring].
  - intros z Hz. rewrite Rabs_mult, (Rabs_pos_eq (exp _)) by apply Rlt_le, exp_pos.
    pose proof (growth_bound b0 b1 x z Hz) as G. pose proof (exp_pos (z * cos x)) as E.
    assert (Rabs (sin x * cos x * cos x) <= 1); [|nra].
    pose proof (SIN_bound x). pose proof (COS_bound x).
    assert (0 <= cos x * cos x <= 1) by nra. apply Rabs_le. nra.
Qed.

Lemma g_chord b0 b1 b x : 0 <= b0 -> b0 < b1 -> b0 <= b <= b1 -> exists e,
  Rabs e <= (b1 - b0) * (b1 - b0) / 8 * ((109 / 100 + b1 / 4) * growth b0 b1 x) /\
  g b x = (1 - share b0 b1 b) * g b0 x + share b0 b1 b * g b1 x + e.
Proof.
  intros H0 H L. rewrite !g_curve. unfold curve. pose proof (COS_bound x) as C.
  unfold growth. set (c := cos x) in *.
  apply (near_chord (fun z => (c - z * (1 - c * c)) * exp (z * c))
    (fun z => (c * (c - z * (1 - c * c)) - (1 - c * c)) * exp (z * c))
    (fun z => (c * c * (c - z * (1 - c * c)) - 2 * c * (1 - c * c)) * exp (z * c)));
    [easy| | | |easy].
  - intros z. auto_derive; [easy|ring].
  - intros z. auto_derive; [easy|ring].
  - intros z Hz. rewrite Rabs_mult, (Rabs_pos_eq (exp _)) by apply Rlt_le, exp_pos.
    pose proof (growth_bound b0 b1 x z Hz) as G. fold c in G. unfold growth in G. fold c in G.
    pose proof (exp_pos (z * c)) as E.
    assert (B : Rabs (c * c * (c - z * (1 - c * c)) - 2 * c * (1 - c * c)) <= 109 / 100 + b1 / 4).
    { assert (S : 0 <= c * c * (1 - c * c) <= 1 / 4).
      { split; [apply Rmult_le_pos; nra|].
        assert (0 <= (c * c - 1 / 2) * (c * c - 1 / 2)) by apply Rle_0_sqr. nra. }
      assert (Z : 0 <= z * (c * c * (1 - c * c)) <= b1 / 4) by nra.
      assert (P1 : 0 <= (1 - c) * (1 + 3 * c + 3 * c * c)).
      { apply Rmult_le_pos; [lra|]. assert (0 <= (c + 1 / 2) * (c + 1 / 2)) by apply Rle_0_sqr. nra. }
      assert (P2 : 0 <= (1 + c) * (1 - 3 * c + 3 * c * c)).
      { apply Rmult_le_pos; [lra|]. assert (0 <= (c - 1 / 2) * (c - 1 / 2)) by apply Rle_0_sqr. nra. }
      apply Rabs_le. nra. }
    pose proof (Rabs_pos (c * c * (c - z * (1 - c * c)) - 2 * c * (1 - c * c))).
    apply Rmult_le_compat; lra.
Qed.

(* -- the cosine on an interval ------------------------------------------------------------- *)

Lemma cos_falls x y : 0 <= x -> x <= y -> y <= PI -> cos y <= cos x.
Proof. intros. apply cos_decr_1; lra. Qed.

Lemma cos_rises x y : PI <= x -> x <= y -> y <= 2 * PI -> cos x <= cos y.
Proof. intros. apply cos_incr_1; lra. Qed.

Lemma g_abs b x : g b (Rabs x) = g b x.
Proof.
  unfold Rabs. destruct (Rcase_abs x); [|easy].
  unfold g. rewrite cos_neg, sin_neg. f_equal. ring.
Qed.

Lemma cos_abs x : cos (Rabs x) = cos x.
Proof. unfold Rabs. destruct (Rcase_abs x); [apply cos_neg|easy]. Qed.
