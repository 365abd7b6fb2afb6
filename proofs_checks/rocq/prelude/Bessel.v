(* Modified Bessel functions of whole and half order by their series, with a tail bound; that the
   quotient of neighbours increases, which the certificates cite (Amos), is proved here. Orders are
   counted in halves: `bessel q` is I_(q/2). *)
From Coq Require Import Reals Ranalysis5 Lra Lia ZArith.
From Coquelicot Require Import Coquelicot.
From attnflow Require Import Enclose.
Open Scope R_scope.

(* (q/2)!, which is Gamma(q/2 + 1): Gamma(1) = 1, Gamma(3/2) = sqrt(PI)/2. *)
Fixpoint half_fact (q : nat) : R :=
  match q with
  | O => 1
  | S O => sqrt PI / 2
  | S (S q) => (INR q / 2 + 1) * half_fact q
  end.

(* I_(q/2)(x) = sum_m (x/2)^(2m+q/2) / (m! (m+q/2)!) *)
Definition coefficient (q m : nat) : R := / (INR (fact m) * half_fact (2 * m + q)).
Definition core (q : nat) (y : R) : R := PSeries (coefficient q) y.
Definition bessel (q : nat) (x : R) : R := sqrt (x / 2) ^ q * core q ((x / 2) ^ 2).

Lemma fact_pos m : 0 < INR (fact m).
Proof. apply lt_0_INR, lt_O_fact. Qed.

Lemma fact_step m : INR (fact (S m)) = (INR m + 1) * INR (fact m).
Proof. change (fact (S m)) with (S m * fact m)%nat. rewrite mult_INR, S_INR. ring. Qed.

Lemma half_fact_step q : half_fact (S (S q)) = (INR q / 2 + 1) * half_fact q.
Proof. reflexivity. Qed.

Lemma half_fact_pos q : 0 < half_fact q.
Proof.
  assert (B : 0 < half_fact q /\ 0 < half_fact (S q)); [|easy].
  induction q as [|q [L U]].
  - split; [exact Rlt_0_1|]. apply Rdiv_lt_0_compat; [apply sqrt_lt_R0, PI_RGT_0|lra].
  - split; [easy|]. rewrite half_fact_step. pose proof (pos_INR q).
    apply Rmult_lt_0_compat; [lra|easy].
Qed.

Lemma half_fact_whole p : half_fact (2 * p) = INR (fact p).
Proof.
  induction p as [|p IH]; [reflexivity|]. replace (2 * S p)%nat with (S (S (2 * p))) by lia.
  rewrite half_fact_step, IH, fact_step, mult_INR. simpl (INR 2). field.
Qed.

Lemma coefficient_pos q m : 0 < coefficient q m.
Proof. apply Rinv_0_lt_compat, Rmult_lt_0_compat; [apply fact_pos|apply half_fact_pos]. Qed.

Lemma coefficient_step q m :
  coefficient q (S m) = coefficient q m * / ((INR m + 1) * (INR m + INR q / 2 + 1)).
Proof.
  unfold coefficient. replace (2 * S m + q)%nat with (S (S (2 * m + q))) by lia.
  rewrite half_fact_step, fact_step, plus_INR, mult_INR. simpl (INR 2).
  pose proof (fact_pos m). pose proof (half_fact_pos (2 * m + q)). pose proof (pos_INR m).
  pose proof (pos_INR q). field. repeat split; lra.
Qed.

Lemma everywhere (c : nat -> R) : (forall k, 0 < c k) ->
  (forall k, c (S k) <= c k * / (INR k + 1)) -> CV_radius c = p_infty.
Proof.
  intros P L. apply CV_radius_infinite_DAlembert.
  - intros k. specialize (P k). lra.
  - apply is_lim_seq_spec. intros eps.
    destruct (archimed_cor1 eps (cond_pos eps)) as (N & HN & N0). exists N. intros k Hk.
    pose proof (P k) as Pk. pose proof (P (S k)) as Pk'. specialize (L k).
    rewrite Rminus_0_r, Rabs_Rabsolu, Rabs_pos_eq.
    2:{ apply Rlt_le, Rdiv_lt_0_compat; lra. }
    assert (0 < INR N) by now apply lt_0_INR.
    assert (INR N <= INR k) by now apply le_INR.
    assert (/ (INR k + 1) < / INR N) by (apply Rinv_lt_contravar; [apply Rmult_lt_0_compat|]; lra).
    apply Rle_lt_trans with (/ (INR k + 1)); [|lra].
    apply Rmult_le_reg_r with (c k); [easy|].
    replace (c (S k) / c k * c k) with (c (S k)) by (field; lra). lra.
Qed.

Lemma inside c x : CV_radius c = p_infty -> Rbar_lt (Rabs x) (CV_radius c).
Proof. now intros ->. Qed.

Lemma summable c x : CV_radius c = p_infty -> ex_pseries c x.
Proof. intros H. now apply CV_radius_inside, inside. Qed.

Lemma core_radius q : CV_radius (coefficient q) = p_infty.
Proof.
  apply everywhere; [apply coefficient_pos|]. intros k. rewrite coefficient_step.
  pose proof (coefficient_pos q k). pose proof (pos_INR k). pose proof (pos_INR q).
  apply Rmult_le_compat_l; [lra|]. apply Rinv_le_contravar; [lra|]. nra.
Qed.

Lemma core_derive q y : is_derive (core q) y (core (S (S q)) y).
Proof.
  unfold core.
  replace (PSeries (coefficient (S (S q))) y) with (PSeries (PS_derive (coefficient q)) y).
  - apply is_derive_PSeries, inside, core_radius.
  - apply PSeries_ext. intros m. unfold PS_derive, coefficient.
    replace (2 * m + S (S q))%nat with (2 * S m + q)%nat by lia. rewrite fact_step, S_INR.
    pose proof (fact_pos m). pose proof (half_fact_pos (2 * S m + q)). pose proof (pos_INR m).
    field. repeat split; lra.
Qed.

Lemma core_recurrence q y :
  core q y = (INR q / 2 + 1) * core (S (S q)) y + y * core (S (S (S (S q)))) y.
Proof.
  unfold core. rewrite <- PSeries_incr_1. pose proof (pos_INR q).
  replace ((INR q / 2 + 1) * PSeries (coefficient (S (S q))) y)
    with (PSeries (PS_scal (INR q / 2 + 1) (coefficient (S (S q)))) y) by apply PSeries_scal.
  rewrite <- PSeries_plus.
  - apply PSeries_ext. intros [|m].
    + change (coefficient q 0 = (INR q / 2 + 1) * coefficient (S (S q)) 0 + 0). unfold coefficient.
      change (fact 0) with 1%nat. change (2 * 0 + q)%nat with q.
      change (2 * 0 + S (S q))%nat with (S (S q)).
      rewrite half_fact_step. change (INR 1) with 1. pose proof (half_fact_pos q). field. lra.
    + change (coefficient q (S m)
        = (INR q / 2 + 1) * coefficient (S (S q)) (S m) + coefficient (S (S (S (S q)))) m).
      unfold coefficient. replace (2 * S m + q)%nat with (S (S (2 * m + q))) by lia.
      replace (2 * S m + S (S q))%nat with (S (S (S (S (2 * m + q))))) by lia.
      replace (2 * m + S (S (S (S q))))%nat with (S (S (S (S (2 * m + q))))) by lia.
      rewrite (half_fact_step (S (S _))), (fact_step m), !S_INR, plus_INR, mult_INR. simpl (INR 2).
      pose proof (fact_pos m). pose proof (half_fact_pos (S (S (2 * m + q)))).
      pose proof (pos_INR m). field. repeat split; lra.
  - apply summable. rewrite <- (core_radius (S (S q))). apply CV_radius_scal. lra.
  - apply ex_pseries_incr_1, summable, core_radius.
Qed.

(* -- the tail ------------------------------------------------------------------------------ *)

(* Terms from m on, over the first of them. *)
Definition rest (q m : nat) (y : R) : R :=
  PSeries (fun k => coefficient q (m + k) / coefficient q m) y.

Lemma rest_radius q m : CV_radius (fun k => coefficient q (m + k) / coefficient q m) = p_infty.
Proof.
  apply everywhere.
  - intros k. apply Rdiv_lt_0_compat; apply coefficient_pos.
  - intros k. replace (m + S k)%nat with (S (m + k)) by lia. rewrite coefficient_step, plus_INR.
    pose proof (coefficient_pos q (m + k)). pose proof (coefficient_pos q m).
    pose proof (pos_INR k). pose proof (pos_INR q). pose proof (pos_INR m).
    unfold Rdiv. rewrite Rmult_assoc, (Rmult_comm (/ _) (/ coefficient q m)), <- Rmult_assoc.
    apply Rmult_le_compat_l.
    + apply Rlt_le, Rmult_lt_0_compat; [easy|now apply Rinv_0_lt_compat].
    + apply Rinv_le_contravar; [lra|]. nra.
Qed.

Lemma rest_step q m y :
  rest q m y = 1 + y / ((INR m + 1) * (INR m + INR q / 2 + 1)) * rest q (S m) y.
Proof.
  unfold rest. rewrite PSeries_decr_1 by apply summable, rest_radius.
  rewrite Nat.add_0_r. pose proof (coefficient_pos q m) as Cm.
  pose proof (pos_INR m). pose proof (pos_INR q).
  replace (coefficient q m / coefficient q m) with 1 by (field; lra).
  f_equal. unfold Rdiv at 2. rewrite Rmult_assoc. f_equal.
  rewrite <- PSeries_scal. apply PSeries_ext. intros k. unfold PS_decr_1, PS_scal, scal. simpl.
  unfold mult. simpl. replace (m + S k)%nat with (S (m + k)) by lia.
  rewrite (coefficient_step q m). pose proof (coefficient_pos q (S (m + k))).
  field. repeat split; nra.
Qed.

Lemma rest_nonneg q m y : 0 <= y -> 0 <= rest q m y.
Proof.
  intros Hy. unfold rest, PSeries.
  set (a := fun k => coefficient q (m + k) / coefficient q m * y ^ k).
  rewrite <- (Rmult_0_l (Series a)), <- Series_scal_l.
  apply Series_le.
  - intros k. rewrite Rmult_0_l. split; [lra|]. unfold a. apply Rmult_le_pos; [|now apply pow_le].
    apply Rlt_le, Rdiv_lt_0_compat; apply coefficient_pos.
  - pose proof (summable _ y (rest_radius q m)) as X. apply ex_pseries_R in X. exact X.
Qed.

Lemma rest_bounds q m y : 0 <= y -> y <= (INR m + 1) * (INR m + INR q / 2 + 1) / 2 ->
  1 <= rest q m y <= 2.
Proof.
  intros Hy Hq. pose proof (pos_INR m) as M0. pose proof (pos_INR q) as P0.
  set (a := fun k => coefficient q (m + k) / coefficient q m).
  assert (A0 : forall k, 0 < a k) by (intros; apply Rdiv_lt_0_compat; apply coefficient_pos).
  assert (T : forall k, 0 <= a k * y ^ k <= (/ 2) ^ k).
  { induction k as [|k [L U]].
    - unfold a. rewrite Nat.add_0_r. pose proof (coefficient_pos q m). simpl.
      replace (coefficient q m / coefficient q m * 1) with 1 by (field; lra). lra.
    - assert (S : a (S k) * y ^ S k = a k * y ^ k *
        (y / ((INR m + INR k + 1) * (INR m + INR k + INR q / 2 + 1)))).
      { unfold a. replace (m + S k)%nat with (S (m + k)) by lia.
        rewrite coefficient_step, plus_INR. simpl. pose proof (coefficient_pos q m).
        pose proof (pos_INR k). field. repeat split; lra. }
      rewrite S. pose proof (pos_INR k) as K0.
      assert (D : 0 < (INR m + INR k + 1) * (INR m + INR k + INR q / 2 + 1)) by nra.
      assert (Q : 0 <= y / ((INR m + INR k + 1) * (INR m + INR k + INR q / 2 + 1)) <= / 2).
      { split; [apply Rmult_le_pos; [easy|apply Rlt_le, Rinv_0_lt_compat; easy]|].
        apply Rmult_le_reg_r with ((INR m + INR k + 1) * (INR m + INR k + INR q / 2 + 1)); [easy|].
        unfold Rdiv. rewrite Rmult_assoc, Rinv_l by lra. nra. }
      split; [apply Rmult_le_pos; lra|]. simpl. rewrite Rmult_comm.
      apply Rmult_le_compat; lra. }
  assert (G : ex_series (fun k => (/ 2) ^ k)) by (apply ex_series_geom; rewrite Rabs_pos_eq; lra).
  assert (E : ex_series (fun k => a k * y ^ k)).
  { apply (ex_series_le (fun k => a k * y ^ k) (fun k => (/ 2) ^ k)); [|easy].
    intros k. specialize (T k). unfold norm. simpl. unfold abs. simpl. rewrite Rabs_pos_eq; lra. }
  split.
  - rewrite rest_step.
  assert (0 <= rest q (S m) y) by now apply rest_nonneg.
    assert (0 <= y / ((INR m + 1) * (INR m + INR q / 2 + 1))).
    { apply Rmult_le_pos; [easy|]. apply Rlt_le, Rinv_0_lt_compat. nra. }
    nra.
  - unfold rest, PSeries. fold a. apply Rle_trans with (Series (fun k => (/ 2) ^ k)).
    + now apply Series_le.
    + rewrite Series_geom by (rewrite Rabs_pos_eq; lra). lra.
Qed.

(* n terms of (q/2)! core q, the rest of which is s times the last of them; y is half of z. *)
Fixpoint nest (n : nat) (m q : Z) (s z : R) : R :=
  match n with
  | O => s
  | S n => 1 + z / IZR ((m + 1) * (2 * m + q + 2)) * nest n (m + 1) q s z
  end.

Lemma rest_nest q n : forall m y, 0 <= y ->
  y <= (INR (m + n) + 1) * (INR (m + n) + INR q / 2 + 1) / 2 ->
  exists s, 1 <= s <= 2 /\ rest q m y = nest n (Z.of_nat m) (Z.of_nat q) s (2 * y).
Proof.
  induction n as [|n IH]; intros m y Hy Hq.
  - rewrite Nat.add_0_r in Hq. exists (rest q m y). split; [now apply rest_bounds|easy].
  - destruct (IH (S m) y Hy) as (s & Hs & E).
    { now replace (S m + n)%nat with (m + S n)%nat by lia. }
    exists s. split; [easy|]. rewrite rest_step, E. cbn [nest].
    replace (Z.of_nat (S m)) with (Z.of_nat m + 1)%Z by lia.
    rewrite (mult_IZR (_ + 1)), !plus_IZR, (mult_IZR 2), <- !INR_IZR_INZ.
    pose proof (pos_INR m). pose proof (pos_INR q). f_equal. f_equal. field. lra.
Qed.

Lemma core_rest q y : core q y = / half_fact q * rest q 0 y.
Proof.
  unfold core, rest. rewrite <- PSeries_scal. apply PSeries_ext. intros k.
  unfold PS_scal, scal. simpl. unfold mult. simpl. unfold coefficient at 3. simpl.
  pose proof (half_fact_pos q). pose proof (coefficient_pos q k). field. lra.
Qed.

Lemma core_pos q y : 0 <= y -> 0 < core q y.
Proof.
  intros Hy. rewrite core_rest, rest_step.
  apply Rmult_lt_0_compat; [apply Rinv_0_lt_compat, half_fact_pos|].
  assert (0 <= rest q 1 y) by now apply rest_nonneg.
  assert (0 <= y / ((INR 0 + 1) * (INR 0 + INR q / 2 + 1))).
  { apply Rmult_le_pos; [easy|]. apply Rlt_le, Rinv_0_lt_compat. simpl.
    pose proof (pos_INR q). nra. }
  nra.
Qed.

(* -- the quotient of neighbours increases -------------------------------------------------- *)

Lemma combination (c : R) (u v : R -> R) u' v' y : is_derive u y u' -> is_derive v y v' ->
  is_derive (fun y => 2 * (u y * u y) - 2 * y * (v y * v y) - c * (u y * v y)) y
    (2 * (u' * u y + u y * u') - (2 * (v y * v y) + 2 * y * (v' * v y + v y * v'))
      - c * (u' * v y + u y * v')).
Proof.
  intros Du Dv. assert (Eu : ex_derive u y) by now exists u'.
  assert (Ev : ex_derive v y) by now exists v'.
  auto_derive; [now repeat split|].
  replace (Derive (fun x => u x) y) with u' by (symmetry; now apply is_derive_unique).
  replace (Derive (fun x => v x) y) with v' by (symmetry; now apply is_derive_unique).
  ring.
Qed.

Section Quotient.
Variable q : nat.
Let c : R := INR q + 1.
Let u := core q.
Let v := core (S (S q)).
Let w := core (S (S (S (S q)))).
Definition excess (y : R) : R := 2 * (u y * u y) - 2 * y * (v y * v y) - c * (u y * v y).

Lemma excess_derive y : is_derive excess y
  (4 * (u y * v y) - 2 * (v y * v y) - 4 * y * (v y * w y) - c * (v y * v y + u y * w y)).
Proof.
  replace (4 * (u y * v y) - 2 * (v y * v y) - 4 * y * (v y * w y)
    - c * (v y * v y + u y * w y))
    with (2 * (v y * u y + u y * v y)
      - (2 * (v y * v y) + 2 * y * (w y * v y + v y * w y)) - c * (v y * v y + u y * w y))
    by ring.
  apply combination; apply core_derive.
Qed.

(* x^(q+1) excess(x^2/4) rises from 0. *)
Lemma excess_pos x : 0 < x -> 0 < excess ((x / 2) ^ 2).
Proof.
  intros Hx.
  set (f := fun x => x ^ S q * excess ((x / 2) ^ 2)).
  set (f' := fun x => c * x ^ q * (u ((x / 2) ^ 2) * v ((x / 2) ^ 2))).
  assert (D : forall z, is_derive f z (f' z)).
  { intros z. unfold f. set (y := (z / 2) ^ 2).
    pose proof (excess_derive y) as De.
    assert (Dy : is_derive (fun x => (x / 2) ^ 2) z (z / 2)) by (auto_derive; [easy|field]).
    pose proof (is_derive_comp excess (fun x => (x / 2) ^ 2) z _ _ De Dy) as Dc.
    assert (Dp : is_derive (fun x => x ^ S q) z (INR (S q) * z ^ q)).
    { replace (INR (S q) * z ^ q)
        with (INR (S q) * 1 * z ^ pred (S q)).
      - apply (is_derive_pow (fun x => x)), @is_derive_id.
      - change (pred (S q)) with q. ring. }
    pose proof (is_derive_mult _ _ z _ _ Dp Dc Rmult_comm) as Dm.
    fold y in Dm.
    match type of Dm with is_derive _ _ ?l => replace (f' z) with l; [exact Dm|] end.
    unfold mult, plus, scal, f'. cbn -[pow INR excess Nat.mul]. fold y.
    change (scal (z / 2)) with (Rmult (z / 2)).
    replace (z ^ S q) with (z ^ q * z) by (simpl; ring).
    replace (INR (S q)) with c by (unfold c; rewrite S_INR; ring).
    set (P := z ^ q).
    assert (Y : z * z = 4 * y) by (unfold y; field).
    (* y w = u - (q/2+1) v *)
    assert (R : y * w y = u y - (INR q / 2 + 1) * v y).
    { unfold u, v, w. rewrite (core_recurrence q y). ring. }
    unfold excess.
    transitivity (P * (c * (2 * (u y * u y) - 2 * y * (v y * v y) - c * (u y * v y))
      + z * z / 2 * (4 * (u y * v y) - 2 * (v y * v y) - c * (v y * v y))
      - z * z / 2 * w y * (4 * y * v y + c * u y))); [field|].
    rewrite Y.
    replace (4 * y / 2 * w y * (4 * y * v y + c * u y))
      with (2 * (y * w y) * (4 * y * v y + c * u y)) by field.
    rewrite R. unfold c. field. }
  assert (Pos : forall z, 0 < z -> 0 < f' z).
  { intros z Hz. unfold f', c. pose proof (pos_INR q).
    assert (0 <= (z / 2) ^ 2) by apply pow2_ge_0.
    repeat apply Rmult_lt_0_compat; try lra; [now apply pow_lt|now apply core_pos|now apply core_pos]. }
  destruct (mean_value_on f f' (x / 2) x) as (r & Hr & E); [intros; apply D|lra|].
  destruct (mean_value_on f f' 0 (x / 2)) as (r' & Hr' & E'); [intros; apply D|lra|].
  assert (F0 : f 0 = 0).
  { unfold f. rewrite pow_i by lia. ring. }
  assert (0 < f' r) by (apply Pos; lra).
  assert (0 <= f' r').
  { destruct (Req_dec r' 0) as [->|]; [|apply Rlt_le, Pos; lra].
    unfold f', c. pose proof (pos_INR q).
    pose proof (core_pos q ((0 / 2) ^ 2) (pow2_ge_0 _)).
    pose proof (core_pos (S (S q)) ((0 / 2) ^ 2) (pow2_ge_0 _)).
    apply Rmult_le_pos; [apply Rmult_le_pos; [lra|apply pow_le; lra]|].
    apply Rlt_le, Rmult_lt_0_compat; easy. }
  assert (0 < f x) by nra.
  unfold f in H1. assert (0 < x ^ S q) by now apply pow_lt. nra.
Qed.

Definition quotient (x : R) : R := x / 2 * core (S (S q)) ((x / 2) ^ 2) / core q ((x / 2) ^ 2).

Lemma quotient_bessel x : 0 < x -> bessel (S (S q)) x / bessel q x = quotient x.
Proof.
  intros Hx. unfold bessel, quotient. pose proof (core_pos q ((x / 2) ^ 2) (pow2_ge_0 _)).
  assert (0 < sqrt (x / 2) ^ q) by (apply pow_lt, sqrt_lt_R0; lra).
  replace (sqrt (x / 2) ^ S (S q)) with (x / 2 * sqrt (x / 2) ^ q).
  - field. split; lra.
  - simpl. rewrite <- Rmult_assoc, sqrt_sqrt by lra. reflexivity.
Qed.

Lemma quotient_derive x : is_derive quotient x
  (excess ((x / 2) ^ 2) / (2 * (u ((x / 2) ^ 2) * u ((x / 2) ^ 2)))).
Proof.
  set (y := (x / 2) ^ 2).
  pose proof (core_pos q y (pow2_ge_0 _)) as U0. fold u in U0.
  assert (Dy : is_derive (fun x => (x / 2) ^ 2) x (x / 2)) by (auto_derive; [easy|field]).
  pose proof (is_derive_comp u (fun x => (x / 2) ^ 2) x _ _ (core_derive q y) Dy) as Du.
  pose proof (is_derive_comp v (fun x => (x / 2) ^ 2) x _ _ (core_derive (S (S q)) y) Dy) as Dv.
  assert (Dh : is_derive (fun x => x / 2) x (/ 2)) by (auto_derive; [easy|field]).
  pose proof (is_derive_mult _ _ x _ _ Dh Dv Rmult_comm) as Dn.
  assert (NU : u ((x / 2) ^ 2) <> 0) by (fold y; lra).
  pose proof (is_derive_div _ _ x _ _ Dn Du NU) as Dq. fold y in Dq.
  match type of Dq with is_derive _ _ ?l =>
    replace (excess y / (2 * (u y * u y))) with l; [exact Dq|] end.
  unfold mult, plus, scal. cbn -[pow INR excess]. change (scal (x / 2)) with (Rmult (x / 2)).
  unfold mult. cbn -[pow INR excess]. fold y.
  - fold u v w.
    change (core (S (S q)) y) with (v y). change (core (S (S (S (S q)))) y) with (w y).
    assert (R : y * w y = u y - (INR q / 2 + 1) * v y).
    { unfold u, v, w. rewrite (core_recurrence q y). ring. }
    assert (Y : x / 2 * (x / 2) = y) by (unfold y; ring).
    unfold excess.
    transitivity ((/ 2 * v y * u y + x / 2 * (x / 2) * w y * u y
      - x / 2 * (x / 2) * (v y * v y)) / (u y * u y)); [field; lra|].
    rewrite Y, R. unfold c. field. lra.
Qed.

Theorem quotient_increases x z : 0 < x -> x < z -> quotient x < quotient z.
Proof.
  intros Hx L. destruct (mean_value_on quotient
    (fun x => excess ((x / 2) ^ 2) / (2 * (u ((x / 2) ^ 2) * u ((x / 2) ^ 2)))) x z)
    as (r & Hr & E); [intros; apply quotient_derive|lra|].
  assert (0 < excess ((r / 2) ^ 2)) by (apply excess_pos; lra).
  pose proof (core_pos q ((r / 2) ^ 2) (pow2_ge_0 _)) as U0. fold u in U0.
  assert (0 < excess ((r / 2) ^ 2) / (2 * (u ((r / 2) ^ 2) * u ((r / 2) ^ 2)))).
  { apply Rdiv_lt_0_compat; [easy|]. nra. }
  nra.
Qed.

End Quotient.

(* -- two neighbouring growth rates --------------------------------------------------------- *)

(* a I_(q/2) against b I_(q/2+1) at x: the series to n terms, their rests s and t times the last. *)
Lemma compare q n x : 0 < x -> (x / 2) ^ 2 <= (INR n + 1) * (INR n + INR q / 2 + 1) / 2 ->
  exists s t, 1 <= s <= 2 /\ 1 <= t <= 2 /\
  quotient q x = x * nest n 0 (Z.of_nat (S (S q))) t (2 * (x / 2) ^ 2)
    / ((INR q + 2) * nest n 0 (Z.of_nat q) s (2 * (x / 2) ^ 2)).
Proof.
  intros Hx Hq. pose proof (pos_INR n). pose proof (pos_INR q).
  destruct (rest_nest q n 0 ((x / 2) ^ 2)) as (s & Hs & Es); [apply pow2_ge_0|easy|].
  destruct (rest_nest (S (S q)) n 0 ((x / 2) ^ 2)) as (t & Ht & Et); [apply pow2_ge_0| |].
  { change (0 + n)%nat with n. rewrite !S_INR. nra. }
  exists s, t. split; [easy|split; [easy|]]. change (Z.of_nat 0) with 0%Z in *.
  rewrite <- Es, <- Et. unfold quotient. rewrite !core_rest, half_fact_step.
  pose proof (half_fact_pos q). pose proof (core_pos q ((x / 2) ^ 2) (pow2_ge_0 _)) as C.
  rewrite core_rest in C. assert (rest q 0 ((x / 2) ^ 2) <> 0) by (intros Z; rewrite Z in C; lra).
  field. repeat split; lra.
Qed.

Lemma bessel_pos q x : 0 < x -> 0 < bessel q x.
Proof.
  intros Hx. apply Rmult_lt_0_compat; [apply pow_lt, sqrt_lt_R0; lra|apply core_pos, pow2_ge_0].
Qed.

Theorem switch q a b left right : 0 < left -> left < right -> 0 < a -> 0 < b ->
  quotient q left < a / b -> a / b < quotient q right ->
  exists x, (left <= x <= right /\ a * bessel q x = b * bessel (S (S q)) x) /\
    forall z, 0 < z -> a * bessel q z = b * bessel (S (S q)) z -> z = x.
Proof.
  intros Hl Hr Ha Hb A B.
  assert (Q : forall z, 0 < z -> (a * bessel q z = b * bessel (S (S q)) z <-> quotient q z = a / b)).
  { intros z Hz. rewrite <- quotient_bessel by easy.
    assert (0 < bessel q z).
    { apply bessel_pos, Hz. }
    split; intros E.
    - apply Rmult_eq_reg_r with (b * bessel q z); [|nra]. field_simplify; lra.
    - apply (f_equal (fun r => r * (b * bessel q z))) in E. field_simplify in E; lra. }
  destruct (passes_zero (fun z => quotient q z - a / b) left right) as (x & Hx & E); [lra| |lra|lra|].
  { intros z Hz. apply continuity_pt_minus; [|apply continuity_pt_const; easy].
    apply derivable_continuous_pt. eexists. apply is_derive_Reals, quotient_derive. }
  exists x. split; [split; [easy|apply Q; lra]|].
  intros z Hz Ez. apply Q in Ez; [|easy].
  destruct (Rtotal_order z x) as [L|[|L]]; [|easy|].
  - pose proof (quotient_increases q z x Hz L). lra.
  - assert (0 < x) by lra. pose proof (quotient_increases q x z H L). lra.
Qed.

(* -- what these functions are at orders that everybody knows --------------------------------- *)

Theorem bessel_whole p x : 0 <= x -> bessel (2 * p) x
  = (x / 2) ^ p * PSeries (fun m => / (INR (fact m) * INR (fact (m + p)))) ((x / 2) ^ 2).
Proof.
  intros Hx. unfold bessel, core. rewrite pow_mult, pow2_sqrt by lra. f_equal.
  apply PSeries_ext. intros m. unfold coefficient.
  replace (2 * m + 2 * p)%nat with (2 * (m + p))%nat by lia. now rewrite half_fact_whole.
Qed.

Lemma half_fact_odd m : half_fact (2 * m + 1)
  = sqrt PI * INR (fact (2 * m + 1)) / (2 * 4 ^ m * INR (fact m)).
Proof.
  induction m as [|m IH]; [simpl; field|].
  replace (2 * S m + 1)%nat with (S (S (2 * m + 1))) by lia.
  rewrite half_fact_step, IH, !fact_step, S_INR, plus_INR, mult_INR. simpl (INR 2). simpl (INR 1).
  pose proof (fact_pos m). pose proof (pos_INR m). rewrite <- tech_pow_Rmult.
  pose proof (pow_lt 4 m ltac:(lra)). field. repeat split; lra.
Qed.

Lemma sinh_series x : sinh x = x * PSeries (fun m => / INR (fact (2 * m + 1))) (x ^ 2).
Proof.
  assert (E : forall y, exp y = PSeries (fun m => / INR (fact (2 * m))) (y ^ 2)
    + y * PSeries (fun m => / INR (fact (2 * m + 1))) (y ^ 2)).
  { intros y. rewrite <- (is_pseries_unique _ _ _ (is_exp_Reals y)).
    apply PSeries_odd_even; apply summable, everywhere; intros k;
      try apply Rinv_0_lt_compat, fact_pos.
    - replace (2 * S k)%nat with (S (S (2 * k))) by lia.
      rewrite !fact_step, S_INR, mult_INR. simpl (INR 2). rewrite <- Rinv_mult.
      pose proof (fact_pos (2 * k)). pose proof (pos_INR k). apply Rinv_le_contravar; nra.
    - replace (2 * S k + 1)%nat with (S (S (2 * k + 1))) by lia.
      rewrite !fact_step, S_INR, plus_INR, mult_INR. simpl (INR 2). simpl (INR 1).
      rewrite <- Rinv_mult.
      pose proof (fact_pos (2 * k + 1)). pose proof (pos_INR k). apply Rinv_le_contravar; nra. }
  unfold sinh. rewrite (E x), (E (- x)). replace ((- x) ^ 2) with (x ^ 2) by ring. field.
Qed.

Theorem bessel_half x : 0 < x -> bessel 1 x = sqrt (2 / (PI * x)) * sinh x.
Proof.
  intros Hx. pose proof PI_RGT_0 as P. rewrite sinh_series. unfold bessel. rewrite pow_1.
  assert (C : core 1 ((x / 2) ^ 2)
    = 2 / sqrt PI * PSeries (fun m => / INR (fact (2 * m + 1))) (x ^ 2)).
  { unfold core. rewrite <- PSeries_scal. unfold PSeries. apply Series_ext. intros m.
    unfold coefficient, PS_scal. change (scal (2 / sqrt PI)) with (Rmult (2 / sqrt PI)).
    rewrite half_fact_odd. replace ((x / 2) ^ 2) with (x ^ 2 * / 4) by field.
    rewrite Rpow_mult_distr, pow_inv. pose proof (fact_pos m). pose proof (fact_pos (2 * m + 1)).
    pose proof (sqrt_lt_R0 PI P). pose proof (pow_lt 4 m ltac:(lra)).
    field. repeat split; lra. }
  rewrite C. set (S := PSeries _ _).
  assert (Q : sqrt (x / 2) = sqrt (2 / (PI * x)) * (x / 2) * sqrt PI).
  { replace (x / 2) with (2 / (PI * x) * (x / 2 * (x / 2)) * PI) at 1 by (field; lra).
    assert (0 < 2 / (PI * x)) by (apply Rdiv_lt_0_compat; nra).
    rewrite (sqrt_mult (_ * _)), (sqrt_mult (2 / _)), sqrt_square; nra. }
  rewrite Q. pose proof (sqrt_lt_R0 PI P). field. lra.
Qed.
