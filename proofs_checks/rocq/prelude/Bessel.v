(* Modified Bessel functions of whole order by their series, with a tail bound; that the quotient
   of neighbours increases, which the certificates cite (Amos), is proved here. *)
From Coq Require Import Reals Ranalysis5 Lra Lia ZArith.
From Coquelicot Require Import Coquelicot.
From attnflow Require Import Enclose.
Open Scope R_scope.

(* I_p(x) = sum_m (x/2)^(2m+p) / (m! (m+p)!) *)
Definition coefficient (p m : nat) : R := / (INR (fact m) * INR (fact (m + p))).
Definition core (p : nat) (y : R) : R := PSeries (coefficient p) y.
Definition bessel (p : nat) (x : R) : R := (x / 2) ^ p * core p ((x / 2) ^ 2).

Lemma fact_pos m : 0 < INR (fact m).
Proof. apply lt_0_INR, lt_O_fact. Qed.

Lemma coefficient_pos p m : 0 < coefficient p m.
Proof. apply Rinv_0_lt_compat, Rmult_lt_0_compat; apply fact_pos. Qed.

Lemma fact_step m : INR (fact (S m)) = (INR m + 1) * INR (fact m).
Proof. change (fact (S m)) with (S m * fact m)%nat. rewrite mult_INR, S_INR. ring. Qed.

Lemma coefficient_step p m :
  coefficient p (S m) = coefficient p m * / ((INR m + 1) * (INR m + INR p + 1)).
Proof.
  unfold coefficient. change (S m + p)%nat with (S (m + p)). rewrite !fact_step, plus_INR.
  pose proof (fact_pos m). pose proof (fact_pos (m + p)). pose proof (pos_INR m).
  pose proof (pos_INR p). field. repeat split; lra.
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

Lemma core_radius p : CV_radius (coefficient p) = p_infty.
Proof.
  apply everywhere; [apply coefficient_pos|]. intros k. rewrite coefficient_step.
  pose proof (coefficient_pos p k). pose proof (pos_INR k). pose proof (pos_INR p).
  apply Rmult_le_compat_l; [lra|]. apply Rinv_le_contravar; [lra|]. nra.
Qed.

Lemma core_derive p y : is_derive (core p) y (core (S p) y).
Proof.
  unfold core.
  replace (PSeries (coefficient (S p)) y) with (PSeries (PS_derive (coefficient p)) y).
  - apply is_derive_PSeries, inside, core_radius.
  - apply PSeries_ext. intros m. unfold PS_derive, coefficient.
    replace (m + S p)%nat with (S m + p)%nat by lia. rewrite fact_step, S_INR.
    pose proof (fact_pos m). pose proof (fact_pos (S m + p)). pose proof (pos_INR m).
    field. repeat split; lra.
Qed.

Lemma core_recurrence p y : core p y = (INR p + 1) * core (S p) y + y * core (S (S p)) y.
Proof.
  unfold core. rewrite <- PSeries_incr_1.
  replace ((INR p + 1) * PSeries (coefficient (S p)) y)
    with (PSeries (PS_scal (INR p + 1) (coefficient (S p))) y) by apply PSeries_scal.
  rewrite <- PSeries_plus.
  - apply PSeries_ext. pose proof (pos_INR p). intros [|m].
    + change (coefficient p 0 = (INR p + 1) * coefficient (S p) 0 + 0). unfold coefficient.
      change (fact 0) with 1%nat. change (0 + p)%nat with p. change (0 + S p)%nat with (S p).
      rewrite fact_step. change (INR 1) with 1. pose proof (fact_pos p). field. lra.
    + change (coefficient p (S m)
        = (INR p + 1) * coefficient (S p) (S m) + coefficient (S (S p)) m).
      unfold coefficient. replace (S m + p)%nat with (S (m + p)) by lia.
      replace (S m + S p)%nat with (S (S (m + p))) by lia.
      replace (m + S (S p))%nat with (S (S (m + p))) by lia.
      rewrite (fact_step (S (m + p))), (fact_step m), S_INR, plus_INR.
      pose proof (fact_pos m). pose proof (fact_pos (S (m + p))). pose proof (pos_INR m).
      field. repeat split; lra.
  - apply summable. rewrite <- (core_radius (S p)). apply CV_radius_scal.
    pose proof (pos_INR p). lra.
  - apply ex_pseries_incr_1, summable, core_radius.
Qed.

(* -- the tail ------------------------------------------------------------------------------ *)

(* Terms from m on, over the first of them. *)
Definition rest (p m : nat) (y : R) : R :=
  PSeries (fun k => coefficient p (m + k) / coefficient p m) y.

Lemma rest_radius p m : CV_radius (fun k => coefficient p (m + k) / coefficient p m) = p_infty.
Proof.
  apply everywhere.
  - intros k. apply Rdiv_lt_0_compat; apply coefficient_pos.
  - intros k. replace (m + S k)%nat with (S (m + k)) by lia. rewrite coefficient_step, plus_INR.
    pose proof (coefficient_pos p (m + k)). pose proof (coefficient_pos p m).
    pose proof (pos_INR k). pose proof (pos_INR p). pose proof (pos_INR m).
    unfold Rdiv. rewrite Rmult_assoc, (Rmult_comm (/ _) (/ coefficient p m)), <- Rmult_assoc.
    apply Rmult_le_compat_l.
    + apply Rlt_le, Rmult_lt_0_compat; [easy|now apply Rinv_0_lt_compat].
    + apply Rinv_le_contravar; [lra|]. nra.
Qed.

Lemma rest_step p m y :
  rest p m y = 1 + y / ((INR m + 1) * (INR m + INR p + 1)) * rest p (S m) y.
Proof.
  unfold rest. rewrite PSeries_decr_1 by apply summable, rest_radius.
  rewrite Nat.add_0_r. pose proof (coefficient_pos p m) as Cm.
  pose proof (pos_INR m). pose proof (pos_INR p).
  replace (coefficient p m / coefficient p m) with 1 by (field; lra).
  f_equal. unfold Rdiv at 2. rewrite Rmult_assoc. f_equal.
  rewrite <- PSeries_scal. apply PSeries_ext. intros k. unfold PS_decr_1, PS_scal, scal. simpl.
  unfold mult. simpl. replace (m + S k)%nat with (S (m + k)) by lia.
  rewrite (coefficient_step p m). pose proof (coefficient_pos p (S (m + k))).
  field. repeat split; nra.
Qed.

Lemma rest_nonneg p m y : 0 <= y -> 0 <= rest p m y.
Proof.
  intros Hy. unfold rest, PSeries.
  set (a := fun k => coefficient p (m + k) / coefficient p m * y ^ k).
  rewrite <- (Rmult_0_l (Series a)), <- Series_scal_l.
  apply Series_le.
  - intros k. rewrite Rmult_0_l. split; [lra|]. unfold a. apply Rmult_le_pos; [|now apply pow_le].
    apply Rlt_le, Rdiv_lt_0_compat; apply coefficient_pos.
  - pose proof (summable _ y (rest_radius p m)) as X. apply ex_pseries_R in X. exact X.
Qed.

Lemma rest_bounds p m y : 0 <= y -> y <= (INR m + 1) * (INR m + INR p + 1) / 2 ->
  1 <= rest p m y <= 2.
Proof.
  intros Hy Hq. pose proof (pos_INR m) as M0. pose proof (pos_INR p) as P0.
  set (a := fun k => coefficient p (m + k) / coefficient p m).
  assert (A0 : forall k, 0 < a k) by (intros; apply Rdiv_lt_0_compat; apply coefficient_pos).
  assert (T : forall k, 0 <= a k * y ^ k <= (/ 2) ^ k).
  { induction k as [|k [L U]].
    - unfold a. rewrite Nat.add_0_r. pose proof (coefficient_pos p m). simpl.
      replace (coefficient p m / coefficient p m * 1) with 1 by (field; lra). lra.
    - assert (S : a (S k) * y ^ S k = a k * y ^ k *
        (y / ((INR m + INR k + 1) * (INR m + INR k + INR p + 1)))).
      { unfold a. replace (m + S k)%nat with (S (m + k)) by lia.
        rewrite coefficient_step, plus_INR. simpl. pose proof (coefficient_pos p m).
        pose proof (pos_INR k). field. repeat split; lra. }
      rewrite S. pose proof (pos_INR k) as K0.
      assert (D : 0 < (INR m + INR k + 1) * (INR m + INR k + INR p + 1)) by nra.
      assert (Q : 0 <= y / ((INR m + INR k + 1) * (INR m + INR k + INR p + 1)) <= / 2).
      { split; [apply Rmult_le_pos; [easy|apply Rlt_le, Rinv_0_lt_compat; easy]|].
        apply Rmult_le_reg_r with ((INR m + INR k + 1) * (INR m + INR k + INR p + 1)); [easy|].
        unfold Rdiv. rewrite Rmult_assoc, Rinv_l by lra. nra. }
      split; [apply Rmult_le_pos; lra|]. simpl. rewrite Rmult_comm.
      apply Rmult_le_compat; lra. }
  assert (G : ex_series (fun k => (/ 2) ^ k)) by (apply ex_series_geom; rewrite Rabs_pos_eq; lra).
  assert (E : ex_series (fun k => a k * y ^ k)).
  { apply (ex_series_le (fun k => a k * y ^ k) (fun k => (/ 2) ^ k)); [|easy].
    intros k. specialize (T k). unfold norm. simpl. unfold abs. simpl. rewrite Rabs_pos_eq; lra. }
  split.
  - rewrite rest_step.
  assert (0 <= rest p (S m) y) by now apply rest_nonneg.
    assert (0 <= y / ((INR m + 1) * (INR m + INR p + 1))).
    { apply Rmult_le_pos; [easy|]. apply Rlt_le, Rinv_0_lt_compat. nra. }
    nra.
  - unfold rest, PSeries. fold a. apply Rle_trans with (Series (fun k => (/ 2) ^ k)).
    + now apply Series_le.
    + rewrite Series_geom by (rewrite Rabs_pos_eq; lra). lra.
Qed.

(* n terms of p! core p, the rest of which is s times the last of them. *)
Fixpoint nest (n : nat) (m p : Z) (s y : R) : R :=
  match n with
  | O => s
  | S n => 1 + y / IZR ((m + 1) * (m + p + 1)) * nest n (m + 1) p s y
  end.

Lemma rest_nest p n : forall m y, 0 <= y ->
  y <= (INR (m + n) + 1) * (INR (m + n) + INR p + 1) / 2 ->
  exists s, 1 <= s <= 2 /\ rest p m y = nest n (Z.of_nat m) (Z.of_nat p) s y.
Proof.
  induction n as [|n IH]; intros m y Hy Hq.
  - rewrite Nat.add_0_r in Hq. exists (rest p m y). split; [now apply rest_bounds|easy].
  - destruct (IH (S m) y Hy) as (s & Hs & E).
    { now replace (S m + n)%nat with (m + S n)%nat by lia. }
    exists s. split; [easy|]. rewrite rest_step, E. cbn [nest].
    rewrite mult_IZR, !plus_IZR, <- !INR_IZR_INZ.
    replace (Z.of_nat (S m)) with (Z.of_nat m + 1)%Z by lia. reflexivity.
Qed.

Lemma core_rest p y : core p y = / INR (fact p) * rest p 0 y.
Proof.
  unfold core, rest. rewrite <- PSeries_scal. apply PSeries_ext. intros k.
  unfold PS_scal, scal. simpl. unfold mult. simpl. unfold coefficient at 3. simpl.
  pose proof (fact_pos p). pose proof (coefficient_pos p k). field. lra.
Qed.

Lemma core_pos p y : 0 <= y -> 0 < core p y.
Proof.
  intros Hy. rewrite core_rest, rest_step.
  apply Rmult_lt_0_compat; [apply Rinv_0_lt_compat, fact_pos|].
  assert (0 <= rest p 1 y) by now apply rest_nonneg.
  assert (0 <= y / ((INR 0 + 1) * (INR 0 + INR p + 1))).
  { apply Rmult_le_pos; [easy|]. apply Rlt_le, Rinv_0_lt_compat. simpl.
    pose proof (pos_INR p). nra. }
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
Variable p : nat.
Let c : R := 2 * INR p + 1.
Let u := core p.
Let v := core (S p).
Let w := core (S (S p)).
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

(* x^(2p+1) excess(x^2/4) rises from 0. *)
Lemma excess_pos x : 0 < x -> 0 < excess ((x / 2) ^ 2).
Proof.
  intros Hx.
  set (f := fun x => x ^ (2 * p + 1) * excess ((x / 2) ^ 2)).
  set (f' := fun x => c * x ^ (2 * p) * (u ((x / 2) ^ 2) * v ((x / 2) ^ 2))).
  assert (D : forall z, is_derive f z (f' z)).
  { intros z. unfold f. set (y := (z / 2) ^ 2).
    pose proof (excess_derive y) as De.
    assert (Dy : is_derive (fun x => (x / 2) ^ 2) z (z / 2)) by (auto_derive; [easy|field]).
    pose proof (is_derive_comp excess (fun x => (x / 2) ^ 2) z _ _ De Dy) as Dc.
    assert (Dp : is_derive (fun x => x ^ (2 * p + 1)) z (INR (2 * p + 1) * z ^ (2 * p))).
    { replace (INR (2 * p + 1) * z ^ (2 * p))
        with (INR (2 * p + 1) * 1 * z ^ pred (2 * p + 1)).
      - apply (is_derive_pow (fun x => x)), @is_derive_id.
      - replace (pred (2 * p + 1)) with (2 * p)%nat by lia. ring. }
    pose proof (is_derive_mult _ _ z _ _ Dp Dc Rmult_comm) as Dm.
    fold y in Dm.
    match type of Dm with is_derive _ _ ?l => replace (f' z) with l; [exact Dm|] end.
    unfold mult, plus, scal, f'. cbn -[pow INR excess Nat.mul]. fold y.
    change (scal (z / 2)) with (Rmult (z / 2)).
    replace (z ^ (2 * p + 1)) with (z ^ (2 * p) * z) by (rewrite pow_add, pow_1; ring).
    replace (INR (2 * p + 1)) with c by (unfold c; rewrite plus_INR, mult_INR; simpl; ring).
    set (P := z ^ (2 * p)).
    assert (Y : z * z = 4 * y) by (unfold y; field).
    (* y w = u - (p+1) v *)
    assert (R : y * w y = u y - (INR p + 1) * v y).
    { unfold u, v, w. rewrite (core_recurrence p y). ring. }
    unfold excess.
    transitivity (P * (c * (2 * (u y * u y) - 2 * y * (v y * v y) - c * (u y * v y))
      + z * z / 2 * (4 * (u y * v y) - 2 * (v y * v y) - c * (v y * v y))
      - z * z / 2 * w y * (4 * y * v y + c * u y))); [field|].
    rewrite Y.
    replace (4 * y / 2 * w y * (4 * y * v y + c * u y))
      with (2 * (y * w y) * (4 * y * v y + c * u y)) by field.
    rewrite R. unfold c. field. }
  assert (Pos : forall z, 0 < z -> 0 < f' z).
  { intros z Hz. unfold f', c. pose proof (pos_INR p).
    assert (0 <= (z / 2) ^ 2) by apply pow2_ge_0.
    repeat apply Rmult_lt_0_compat; try lra; [now apply pow_lt|now apply core_pos|now apply core_pos]. }
  destruct (mean_value_on f f' (x / 2) x) as (q & Hq & E); [intros; apply D|lra|].
  destruct (mean_value_on f f' 0 (x / 2)) as (q' & Hq' & E'); [intros; apply D|lra|].
  assert (F0 : f 0 = 0).
  { unfold f. rewrite pow_i by lia. ring. }
  assert (0 < f' q) by (apply Pos; lra).
  assert (0 <= f' q').
  { destruct (Req_dec q' 0) as [->|]; [|apply Rlt_le, Pos; lra].
    unfold f', c. pose proof (pos_INR p).
    pose proof (core_pos p ((0 / 2) ^ 2) (pow2_ge_0 _)).
    pose proof (core_pos (S p) ((0 / 2) ^ 2) (pow2_ge_0 _)).
    apply Rmult_le_pos; [apply Rmult_le_pos; [lra|apply pow_le; lra]|].
    apply Rlt_le, Rmult_lt_0_compat; easy. }
  assert (0 < f x) by nra.
  unfold f in H1. assert (0 < x ^ (2 * p + 1)) by now apply pow_lt. nra.
Qed.

Definition quotient (x : R) : R := x / 2 * core (S p) ((x / 2) ^ 2) / core p ((x / 2) ^ 2).

Lemma quotient_bessel x : 0 < x -> bessel (S p) x / bessel p x = quotient x.
Proof.
  intros Hx. unfold bessel, quotient. pose proof (core_pos p ((x / 2) ^ 2) (pow2_ge_0 _)).
  assert (0 < (x / 2) ^ p) by (apply pow_lt; lra).
  change ((x / 2) ^ S p) with (x / 2 * (x / 2) ^ p). field. split; lra.
Qed.

Lemma quotient_derive x : is_derive quotient x
  (excess ((x / 2) ^ 2) / (2 * (u ((x / 2) ^ 2) * u ((x / 2) ^ 2)))).
Proof.
  set (y := (x / 2) ^ 2).
  pose proof (core_pos p y (pow2_ge_0 _)) as U0. fold u in U0.
  assert (Dy : is_derive (fun x => (x / 2) ^ 2) x (x / 2)) by (auto_derive; [easy|field]).
  pose proof (is_derive_comp u (fun x => (x / 2) ^ 2) x _ _ (core_derive p y) Dy) as Du.
  pose proof (is_derive_comp v (fun x => (x / 2) ^ 2) x _ _ (core_derive (S p) y) Dy) as Dv.
  assert (Dh : is_derive (fun x => x / 2) x (/ 2)) by (auto_derive; [easy|field]).
  pose proof (is_derive_mult _ _ x _ _ Dh Dv Rmult_comm) as Dn.
  assert (NU : u ((x / 2) ^ 2) <> 0) by (fold y; lra).
  pose proof (is_derive_div _ _ x _ _ Dn Du NU) as Dq. fold y in Dq.
  match type of Dq with is_derive _ _ ?l =>
    replace (excess y / (2 * (u y * u y))) with l; [exact Dq|] end.
  unfold mult, plus, scal. cbn -[pow INR excess]. change (scal (x / 2)) with (Rmult (x / 2)).
  unfold mult. cbn -[pow INR excess]. fold y.
  - fold u v w.
    change (core (S p) y) with (v y). change (core (S (S p)) y) with (w y).
    assert (R : y * w y = u y - (INR p + 1) * v y).
    { unfold u, v, w. rewrite (core_recurrence p y). ring. }
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
    as (q & Hq & E); [intros; apply quotient_derive|lra|].
  assert (0 < excess ((q / 2) ^ 2)) by (apply excess_pos; lra).
  pose proof (core_pos p ((q / 2) ^ 2) (pow2_ge_0 _)) as U0. fold u in U0.
  assert (0 < excess ((q / 2) ^ 2) / (2 * (u ((q / 2) ^ 2) * u ((q / 2) ^ 2)))).
  { apply Rdiv_lt_0_compat; [easy|]. nra. }
  nra.
Qed.

End Quotient.

(* -- two neighbouring growth rates --------------------------------------------------------- *)

(* a I_p against b I_(p+1) at x: the series to n terms, their rests s and t times the last. *)
Lemma compare p n x : 0 < x -> (x / 2) ^ 2 <= (INR n + 1) * (INR n + INR p + 1) / 2 ->
  exists s t, 1 <= s <= 2 /\ 1 <= t <= 2 /\
  quotient p x = x / 2 * nest n 0 (Z.of_nat (S p)) t ((x / 2) ^ 2)
    / ((INR p + 1) * nest n 0 (Z.of_nat p) s ((x / 2) ^ 2)).
Proof.
  intros Hx Hq. pose proof (pos_INR n). pose proof (pos_INR p).
  destruct (rest_nest p n 0 ((x / 2) ^ 2)) as (s & Hs & Es); [apply pow2_ge_0|easy|].
  destruct (rest_nest (S p) n 0 ((x / 2) ^ 2)) as (t & Ht & Et); [apply pow2_ge_0| |].
  { change (0 + n)%nat with n. rewrite S_INR. nra. }
  exists s, t. split; [easy|split; [easy|]]. change (Z.of_nat 0) with 0%Z in *.
  rewrite <- Es, <- Et. unfold quotient. rewrite !core_rest, fact_step.
  pose proof (fact_pos p). pose proof (core_pos p ((x / 2) ^ 2) (pow2_ge_0 _)) as C.
  rewrite core_rest in C. assert (rest p 0 ((x / 2) ^ 2) <> 0) by (intros Z; rewrite Z in C; lra).
  field. repeat split; lra.
Qed.

Theorem switch p a b left right : 0 < left -> left < right -> 0 < a -> 0 < b ->
  quotient p left < a / b -> a / b < quotient p right ->
  exists x, (left <= x <= right /\ a * bessel p x = b * bessel (S p) x) /\
    forall z, 0 < z -> a * bessel p z = b * bessel (S p) z -> z = x.
Proof.
  intros Hl Hr Ha Hb A B.
  assert (Q : forall z, 0 < z -> (a * bessel p z = b * bessel (S p) z <-> quotient p z = a / b)).
  { intros z Hz. rewrite <- quotient_bessel by easy.
    assert (0 < bessel p z).
    { apply Rmult_lt_0_compat; [apply pow_lt; lra|apply core_pos, pow2_ge_0]. }
    split; intros E.
    - apply Rmult_eq_reg_r with (b * bessel p z); [|nra]. field_simplify; lra.
    - apply (f_equal (fun r => r * (b * bessel p z))) in E. field_simplify in E; lra. }
  destruct (passes_zero (fun z => quotient p z - a / b) left right) as (x & Hx & E); [lra| |lra|lra|].
  { intros z Hz. apply continuity_pt_minus; [|apply continuity_pt_const; easy].
    apply derivable_continuous_pt. eexists. apply is_derive_Reals, quotient_derive. }
  exists x. split; [split; [easy|apply Q; lra]|].
  intros z Hz Ez. apply Q in Ez; [|easy].
  destruct (Rtotal_order z x) as [L|[|L]]; [|easy|].
  - pose proof (quotient_increases p z x Hz L). lra.
  - assert (0 < x) by lra. pose proof (quotient_increases p x z H L). lra.
Qed.
