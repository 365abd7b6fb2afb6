(* Growth rates of the modes of degree k around the uniform law, k(k+d-2) I_(k+d/2-1)(b): where two
   neighbours are equal, and which is the largest. Whole numbers decide, by the series of Bessel.v in
   fixed-point arithmetic. An order is counted in halves, as there. *)
From Coq Require Import Bool Reals Lra Lia List ZArith.
From Coquelicot Require Import Coquelicot.
From attnflow Require Import Enclose Bessel.
Open Scope R_scope.

Definition weight (d k : nat) : nat := k * (k + d - 2).
Definition order (d k : nat) : nat := 2 * k + d - 2.
Definition rate (d k : nat) (b : R) : R := INR (weight d k) * bessel (order d k) b.

Lemma weight_pos d k : (2 <= d)%nat -> (1 <= k)%nat -> 0 < INR (weight d k).
Proof. intros Hd Hk. apply lt_0_INR. unfold weight. nia. Qed.

Lemma order_next d k : (1 <= k)%nat -> order d (S k) = S (S (order d k)).
Proof. unfold order. lia. Qed.

(* Which of two neighbours is larger is asked of a quotient of Bessel functions. *)
Lemma falls_quotient d k x : (2 <= d)%nat -> (1 <= k)%nat -> 0 < x ->
  (quotient (order d k) x < INR (weight d k) / INR (weight d (S k)) ->
   rate d (S k) x < rate d k x) /\
  (INR (weight d k) / INR (weight d (S k)) < quotient (order d k) x ->
   rate d k x < rate d (S k) x).
Proof.
  intros Hd Hk Hx. pose proof (weight_pos d k Hd Hk) as W.
  pose proof (weight_pos d (S k) Hd ltac:(lia)) as W'.
  pose proof (bessel_pos (order d k) x Hx) as B.
  unfold rate. rewrite order_next by easy. rewrite <- quotient_bessel by easy.
  set (u := bessel (order d k) x) in *. set (v := bessel (S (S (order d k))) x).
  assert (E : INR (weight d (S k)) * v = INR (weight d (S k)) * u * (v / u)) by (field; lra).
  assert (E' : INR (weight d k) * u
    = INR (weight d (S k)) * u * (INR (weight d k) / INR (weight d (S k)))) by (field; lra).
  rewrite E, E'. split; apply Rmult_lt_compat_l; nra.
Qed.

Lemma weights_rise d k : (2 <= d)%nat -> (1 <= k)%nat ->
  INR (weight d k) / INR (weight d (S k)) <= INR (weight d (S k)) / INR (weight d (S (S k))).
Proof.
  intros Hd Hk. pose proof (weight_pos d (S k) Hd ltac:(lia)) as W1.
  pose proof (weight_pos d (S (S k)) Hd ltac:(lia)) as W2.
  assert (C : INR (weight d k) * INR (weight d (S (S k)))
    <= INR (weight d (S k)) * INR (weight d (S k))).
  { rewrite <- !mult_INR. apply le_INR. unfold weight.
    replace (S (S k) + d - 2)%nat with (k + d)%nat by lia.
    replace (S k + d - 2)%nat with (k + d - 1)%nat by lia.
    assert (S (S k) * k <= S k * S k)%nat by nia.
    assert ((k + d) * (k + d - 2) <= (k + d - 1) * (k + d - 1))%nat by nia. nia. }
  apply Rmult_le_reg_r with (INR (weight d (S k)) * INR (weight d (S (S k)))); [nra|].
  field_simplify; lra.
Qed.

(* (t^(q+2) (v^2 - u w))' = 2 t^(q+1) u w for u, v, w = core q, core (q+2), core (q+4) at t^2:
   v^2 > u w. *)
Lemma turan q t : 0 < t -> core q (t ^ 2) * core (S (S (S (S q)))) (t ^ 2)
  < core (S (S q)) (t ^ 2) * core (S (S q)) (t ^ 2).
Proof.
  intros Ht.
  set (u := core q). set (v := core (S (S q))). set (w := core (S (S (S (S q))))).
  set (z := core (S (S (S (S (S (S q))))))).
  set (g := fun y => v y * v y - u y * w y).
  set (f := fun t => t ^ S (S q) * g (t ^ 2)).
  set (f' := fun t => 2 * t ^ S q * (u (t ^ 2) * w (t ^ 2))).
  assert (D : forall t, is_derive f t (f' t)).
  { intros x. unfold f, f'. set (y := x ^ 2).
    pose proof (core_derive q y) as Du. pose proof (core_derive (S (S q)) y) as Dv.
    pose proof (core_derive (S (S (S (S q)))) y) as Dw.
    fold u v in Du. fold v w in Dv. fold w z in Dw.
    assert (R1 : u y = (INR q / 2 + 1) * v y + y * w y) by apply (core_recurrence q y).
    assert (R2 : v y = (INR q / 2 + 2) * w y + y * z y).
    { pose proof (core_recurrence (S (S q)) y) as R. rewrite !S_INR in R. fold v w z in R. lra. }
    assert (Dg : is_derive g y (v y * w y - u y * z y)).
    { assert (Eu : ex_derive u y) by now exists (v y).
      assert (Ev : ex_derive v y) by now exists (w y).
      assert (Ew : ex_derive w y) by now exists (z y).
      unfold g. auto_derive; [now repeat split|].
      replace (Derive (fun x => u x) y) with (v y) by (symmetry; now apply is_derive_unique).
      replace (Derive (fun x => v x) y) with (w y) by (symmetry; now apply is_derive_unique).
      replace (Derive (fun x => w x) y) with (z y) by (symmetry; now apply is_derive_unique).
      ring. }
    assert (Dy : is_derive (fun t => t ^ 2) x (2 * x)) by (auto_derive; [easy|ring]).
    pose proof (is_derive_comp g (fun t => t ^ 2) x _ _ Dg Dy) as Dc.
    assert (Dp : is_derive (fun t => t ^ S (S q)) x (INR (S (S q)) * x ^ S q)).
    { replace (INR (S (S q)) * x ^ S q) with (INR (S (S q)) * 1 * x ^ pred (S (S q))).
      - apply (is_derive_pow (fun x => x)), @is_derive_id.
      - change (pred (S (S q))) with (S q). ring. }
    pose proof (is_derive_mult _ _ x _ _ Dp Dc Rmult_comm) as Dm. fold y in Dm.
    match type of Dm with is_derive _ _ ?l =>
      replace (2 * x ^ S q * (u y * w y)) with l; [exact Dm|] end.
    unfold mult, plus, scal. cbn -[pow INR core]. unfold mult. cbn -[pow INR core].
    fold y. unfold g. rewrite !S_INR.
    replace (x ^ S (S q)) with (x ^ S q * x) by (simpl; ring). set (P := x ^ S q).
    transitivity (P * ((INR q + 2) * (v y * v y - u y * w y)
      + 2 * (x * x * w y * v y - u y * (x * x * z y)))); [ring|].
    replace (x * x) with y by (unfold y; ring).
    replace (y * z y) with (v y - (INR q / 2 + 2) * w y) by lra.
    replace (y * w y) with (u y - (INR q / 2 + 1) * v y) by lra. field. }
  assert (C : forall t, 0 <= t -> 0 <= f' t).
  { intros s Hs. unfold f'. apply Rmult_le_pos; [pose proof (pow_le s (S q) Hs); lra|].
    apply Rmult_le_pos; apply Rlt_le, core_pos, pow2_ge_0. }
  destruct (mean_value_on f f' 0 (t / 2)) as (r & Hr & E); [intros; apply D|lra|].
  destruct (mean_value_on f f' (t / 2) t) as (s & Hs & E'); [intros; apply D|lra|].
  assert (F0 : f 0 = 0) by (unfold f; rewrite pow_i by lia; ring).
  assert (0 <= f' r) by (apply C; lra).
  assert (0 < f' s).
  { unfold f'. assert (0 < s ^ S q) by (apply pow_lt; lra).
    apply Rmult_lt_0_compat; [lra|]. apply Rmult_lt_0_compat; apply core_pos, pow2_ge_0. }
  assert (F : 0 < f t) by nra. unfold f, g in F. assert (0 < t ^ S (S q)) by now apply pow_lt. nra.
Qed.

Lemma quotient_order q x : 0 < x -> quotient (S (S q)) x < quotient q x.
Proof.
  intros Hx. unfold quotient. pose proof (turan q (x / 2) ltac:(lra)) as T.
  pose proof (core_pos q _ (pow2_ge_0 (x / 2))).
  pose proof (core_pos (S (S q)) _ (pow2_ge_0 (x / 2))).
  set (u := core q _) in *. set (v := core (S (S q)) _) in *.
  set (w := core (S (S (S (S q)))) _) in *.
  apply Rmult_lt_reg_r with (u * v); [nra|]. field_simplify; [|lra|lra].
  assert (0 < x * (v * v - u * w)) by nra. lra.
Qed.

(* -- the series in whole numbers ----------------------------------------------------------- *)

(* D times `nest n m q s (up/down)` from below and from above, for every s in [1, 2]. *)
Fixpoint below (D up down : Z) (n : nat) (m q : Z) : Z :=
  match n with
  | O => D
  | S n => D + up * below D up down n (m + 1) q / (down * ((m + 1) * (2 * m + q + 2)))
  end.
Fixpoint above (D up down : Z) (n : nat) (m q : Z) : Z :=
  match n with
  | O => 2 * D
  | S n => D - (- (up * above D up down n (m + 1) q)) / (down * ((m + 1) * (2 * m + q + 2)))
  end.

Lemma floor_le a c : (0 < c)%Z -> IZR (a / c) <= IZR a / IZR c.
Proof.
  intros Hc. pose proof (Z.mul_div_le a c Hc) as H. apply IZR_le in H. rewrite mult_IZR in H.
  apply IZR_lt in Hc. apply Rmult_le_reg_r with (IZR c); [easy|]. unfold Rdiv.
  rewrite Rmult_assoc, Rinv_l by lra. lra.
Qed.

Section Series.
Variables D up down : Z.
Hypothesis D_pos : (0 < D)%Z.
Hypothesis up_pos : (0 <= up)%Z.
Hypothesis down_pos : (0 < down)%Z.
Notation y := (IZR up / IZR down).

Lemma nest_bounds n : forall m q s, (0 <= m)%Z -> (0 <= q)%Z -> 1 <= s <= 2 ->
  IZR (below D up down n m q) <= IZR D * nest n m q s y <= IZR (above D up down n m q).
Proof.
  pose proof (IZR_lt _ _ D_pos). pose proof (IZR_lt _ _ down_pos). pose proof (IZR_le _ _ up_pos).
  induction n as [|n IH]; intros m q s Hm Hp Hs; cbn [below above nest].
  - rewrite mult_IZR. nra.
  - specialize (IH (m + 1)%Z q s ltac:(lia) Hp Hs).
    set (c := ((m + 1) * (2 * m + q + 2))%Z). assert (C : (0 < c)%Z) by (unfold c; nia).
    assert (DC : (0 < down * c)%Z) by nia. pose proof (IZR_lt _ _ C).
    set (N := nest n (m + 1) q s y) in *.
    set (B := below D up down n (m + 1) q) in *. set (A := above D up down n (m + 1) q) in *.
    pose proof (floor_le (up * B) (down * c) DC) as L.
    pose proof (floor_le (- (up * A)) (down * c) DC) as U.
    rewrite plus_IZR, minus_IZR.
    assert (E : IZR D * (1 + y / IZR c * N) = IZR D + IZR up / (IZR down * IZR c) * (IZR D * N))
      by (field; lra).
    rewrite E. rewrite opp_IZR in U. rewrite !mult_IZR in L, U.
    assert (Q : 0 <= IZR up / (IZR down * IZR c)).
    { apply Rmult_le_pos; [easy|]. apply Rlt_le, Rinv_0_lt_compat. nra. }
    replace (IZR up * IZR B / (IZR down * IZR c)) with (IZR up / (IZR down * IZR c) * IZR B) in L
      by (field; lra).
    replace (- (IZR up * IZR A) / (IZR down * IZR c))
      with (- (IZR up / (IZR down * IZR c) * IZR A)) in U by (field; lra).
    split; nra.
Qed.

Lemma nest_least n : forall m q s, (0 <= m)%Z -> (0 <= q)%Z -> 1 <= s -> 1 <= nest n m q s y.
Proof.
  pose proof (IZR_lt _ _ down_pos). pose proof (IZR_le _ _ up_pos).
  induction n as [|n IH]; intros m q s Hm Hp Hs; cbn [nest]; [easy|].
  specialize (IH (m + 1)%Z q s ltac:(lia) Hp Hs).
  assert (0 < IZR ((m + 1) * (2 * m + q + 2))) by (apply IZR_lt; nia).
  assert (0 <= y / IZR ((m + 1) * (2 * m + q + 2))).
  { apply Rmult_le_pos; [apply Rmult_le_pos; [easy|]|]; apply Rlt_le, Rinv_0_lt_compat; easy. }
  nra.
Qed.

End Series.

(* Is the quotient at up/down below a/c, or above? n terms, D the fixed point. *)
Definition enough (n q : nat) (up down : Z) : bool :=
  (up * up <=? down * down * ((Z.of_nat n + 1) * (2 * Z.of_nat n + Z.of_nat q + 2)))%Z.
Definition quotient_under (n q : nat) (D up down a c : Z) : bool :=
  let y := (up * up)%Z in let z := (2 * (down * down))%Z in
  (enough n q up down && (0 <? below D y z n 0 (Z.of_nat q)) &&
   (up * above D y z n 0 (Z.of_nat (S (S q))) * c
    <? a * down * ((Z.of_nat q + 2) * below D y z n 0 (Z.of_nat q))))%Z%bool.
Definition quotient_over (n q : nat) (D up down a c : Z) : bool :=
  let y := (up * up)%Z in let z := (2 * (down * down))%Z in
  (enough n q up down &&
   (a * down * ((Z.of_nat q + 2) * above D y z n 0 (Z.of_nat q))
    <? up * below D y z n 0 (Z.of_nat (S (S q))) * c))%Z%bool.

Section Quotient.
Variables (n q : nat) (D up down a c : Z).
Hypothesis D_pos : (0 < D)%Z.
Hypothesis up_pos : (0 < up)%Z.
Hypothesis down_pos : (0 < down)%Z.
Hypothesis a_pos : (0 < a)%Z.
Hypothesis c_pos : (0 < c)%Z.
Notation x := (IZR up / IZR down).
Notation y := (up * up)%Z.
Notation z := (2 * (down * down))%Z.

Lemma place_pos : 0 < x.
Proof. apply Rdiv_lt_0_compat; now apply IZR_lt. Qed.

(* The quotient, from above by an upper and a lower sum, and from below. *)
Lemma quotient_bounds : enough n q up down = true ->
  exists v w,
    IZR (below D y z n 0 (Z.of_nat (S (S q)))) <= v <= IZR (above D y z n 0 (Z.of_nat (S (S q)))) /\
    IZR (below D y z n 0 (Z.of_nat q)) <= w <= IZR (above D y z n 0 (Z.of_nat q)) /\
    0 < w /\ quotient q x = IZR up * v / (IZR down * ((IZR (Z.of_nat q) + 2) * w)).
Proof.
  intros H. pose proof (IZR_lt _ _ up_pos). pose proof (IZR_lt _ _ down_pos).
  pose proof (IZR_lt _ _ D_pos).
  assert (Y : 2 * (x / 2) ^ 2 = IZR y / IZR z) by (rewrite !mult_IZR; field; lra).
  assert (P : (0 < z)%Z) by nia.
  destruct (compare q n x place_pos) as (s & t & Hs & Ht & E).
  { unfold enough in H. apply Z.leb_le, IZR_le in H.
    rewrite !mult_IZR, !plus_IZR, (mult_IZR 2), <- !INR_IZR_INZ in H.
    apply Rmult_le_reg_r with (4 * (IZR down * IZR down)); [nra|]. field_simplify; nra. }
  rewrite Y in E. apply IZR_lt in P as P'.
  pose proof (nest_bounds D y z D_pos ltac:(nia) P n 0 (Z.of_nat (S (S q))) t
    ltac:(lia) ltac:(lia) Ht) as V.
  pose proof (nest_bounds D y z D_pos ltac:(nia) P n 0 (Z.of_nat q) s
    ltac:(lia) ltac:(lia) Hs) as W.
  exists (IZR D * nest n 0 (Z.of_nat (S (S q))) t (IZR y / IZR z)),
    (IZR D * nest n 0 (Z.of_nat q) s (IZR y / IZR z)).
  split; [easy|split; [easy|]].
  assert (N : 1 <= nest n 0 (Z.of_nat q) s (IZR y / IZR z))
    by (apply nest_least; (lia || nia || lra)).
  split; [nra|]. rewrite E, INR_IZR_INZ.
  assert (0 <= IZR (Z.of_nat q)) by (apply IZR_le; lia). field. repeat split; nra.
Qed.

Lemma under_sound : quotient_under n q D up down a c = true -> quotient q x < IZR a / IZR c.
Proof.
  unfold quotient_under. cbv zeta. rewrite !andb_true_iff, !Z.ltb_lt. intros [[H B] L].
  destruct (quotient_bounds H) as (v & w & V & W & Pw & ->).
  pose proof (IZR_lt _ _ up_pos). pose proof (IZR_lt _ _ down_pos).
  pose proof (IZR_lt _ _ a_pos). pose proof (IZR_lt _ _ c_pos).
  apply IZR_lt in B, L. rewrite !mult_IZR, plus_IZR in L. set (r := IZR (Z.of_nat q)) in *.
  assert (0 <= r) by (apply IZR_le; lia).
  set (b := IZR (below _ _ _ _ _ (Z.of_nat q))) in *.
  set (u := IZR (above _ _ _ _ _ (Z.of_nat (S (S q))))) in *.
  assert (IZR up * v * IZR c <= IZR up * u * IZR c) by (apply Rmult_le_compat_r; nra).
  assert (IZR a * IZR down * ((r + 2) * b) <= IZR a * IZR down * ((r + 2) * w)).
  { apply Rmult_le_compat_l; nra. }
  assert (0 < IZR down * ((r + 2) * w)) by (apply Rmult_lt_0_compat; nra).
  apply Rmult_lt_reg_r with (IZR down * ((r + 2) * w) * IZR c); [nra|]. field_simplify; lra.
Qed.

Lemma over_sound : quotient_over n q D up down a c = true -> IZR a / IZR c < quotient q x.
Proof.
  unfold quotient_over. cbv zeta. rewrite !andb_true_iff, !Z.ltb_lt. intros [H L].
  destruct (quotient_bounds H) as (v & w & V & W & Pw & ->).
  pose proof (IZR_lt _ _ up_pos). pose proof (IZR_lt _ _ down_pos).
  pose proof (IZR_lt _ _ a_pos). pose proof (IZR_lt _ _ c_pos).
  apply IZR_lt in L. rewrite !mult_IZR, plus_IZR in L. set (r := IZR (Z.of_nat q)) in *.
  assert (0 <= r) by (apply IZR_le; lia).
  set (b := IZR (above _ _ _ _ _ (Z.of_nat q))) in *.
  set (u := IZR (below _ _ _ _ _ (Z.of_nat (S (S q))))) in *.
  assert (0 < IZR down * ((r + 2) * w)) by (apply Rmult_lt_0_compat; nra).
  assert (IZR up * u * IZR c <= IZR up * v * IZR c) by (apply Rmult_le_compat_r; nra).
  assert (IZR a * IZR down * ((r + 2) * w) <= IZR a * IZR down * ((r + 2) * b)).
  { apply Rmult_le_compat_l; nra. }
  apply Rmult_lt_reg_r with (IZR down * ((r + 2) * w) * IZR c); [nra|]. field_simplify; lra.
Qed.

End Quotient.

(* -- what the certificates state ----------------------------------------------------------- *)

Definition place (p : Z * positive) : R := IZR (fst p) / IZR (Zpos (snd p)).
Definition falls (d k n : nat) (D : Z) (b : Z * positive) : bool :=
  quotient_under n (order d k) D (fst b) (Zpos (snd b))
    (Z.of_nat (weight d k)) (Z.of_nat (weight d (S k))).
Definition rises (d k n : nat) (D : Z) (b : Z * positive) : bool :=
  quotient_over n (order d k) D (fst b) (Zpos (snd b))
    (Z.of_nat (weight d k)) (Z.of_nat (weight d (S k))).

Lemma neighbours d k n D b : (2 <= d)%nat -> (1 <= k)%nat -> (0 < D)%Z -> (0 < fst b)%Z ->
  (falls d k n D b = true ->
   quotient (order d k) (place b) < INR (weight d k) / INR (weight d (S k))) /\
  (rises d k n D b = true ->
   INR (weight d k) / INR (weight d (S k)) < quotient (order d k) (place b)).
Proof.
  intros Hd Hk HD Hb. rewrite !INR_IZR_INZ.
  assert (W : forall j, (1 <= j)%nat -> (0 < Z.of_nat (weight d j))%Z)
    by (intros; unfold weight; nia).
  split; intros H.
  - now apply (under_sound n _ D _ _ _ _ HD Hb (Pos2Z.is_pos _) (W k Hk) (W (S k) ltac:(lia))).
  - now apply (over_sound n _ D _ _ _ _ HD Hb (Pos2Z.is_pos _) (W k Hk) (W (S k) ltac:(lia))).
Qed.

Definition check_switch (d k n : nat) (D : Z) (left right : Z * positive) : bool :=
  (Nat.leb 2 d && Nat.leb 1 k && (0 <? D) && (0 <? fst left) &&
   (fst left * Zpos (snd right) <? fst right * Zpos (snd left)) &&
   falls d k n D left && rises d k n D right)%Z%bool.

(* Degrees k and k + 1 are equally fast at exactly one b > 0. *)
Theorem switch_of d k n D left right l r : place left = l -> place right = r ->
  check_switch d k n D left right = true ->
  exists b, (l <= b <= r /\ rate d k b = rate d (S k) b) /\
    forall z, 0 < z -> rate d k z = rate d (S k) z -> z = b.
Proof.
  intros <- <-. unfold check_switch. rewrite !andb_true_iff, !Nat.leb_le, !Z.ltb_lt.
  intros [[[[[[Hd Hk] HD] Hl] Hlr] L] U].
  assert (Hr : (0 < fst right)%Z) by nia.
  apply (neighbours d k n D left) in L; try easy. apply (neighbours d k n D right) in U; try easy.
  unfold rate. rewrite order_next by easy.
  apply switch with (left := place left) (right := place right); try easy.
  - apply Rdiv_lt_0_compat; now apply IZR_lt.
  - unfold place. apply IZR_lt in Hlr. rewrite !mult_IZR in Hlr.
    assert (0 < IZR (Zpos (snd left))) by now apply IZR_lt.
    assert (0 < IZR (Zpos (snd right))) by now apply IZR_lt.
    apply Rmult_lt_reg_r with (IZR (Zpos (snd left)) * IZR (Zpos (snd right))); [nra|].
    field_simplify; lra.
  - now apply weight_pos.
  - apply weight_pos; lia.
Qed.

Definition check_fastest (d mode n : nat) (D : Z) (b : Z * positive) : bool :=
  (Nat.leb 2 d && Nat.leb 1 mode && (0 <? D) && (0 <? fst b) &&
   (Nat.eqb mode 1 || rises d (mode - 1) n D b) && falls d mode n D b)%Z%bool.

(* Quotients of neighbouring rates fall with the degree: two comparisons decide all of them. *)
Theorem fastest_of d mode n D b x : place b = x -> check_fastest d mode n D b = true ->
  forall k, (1 <= k)%nat -> k <> mode -> rate d k x < rate d mode x.
Proof.
  intros <-. unfold check_fastest. rewrite !andb_true_iff, orb_true_iff, !Nat.leb_le, !Z.ltb_lt, Nat.eqb_eq.
  intros [[[[[Hd Hm] HD] Hb] R] F].
  assert (B : 0 < place b) by (apply Rdiv_lt_0_compat; now apply IZR_lt).
  set (Q := fun k => quotient (order d k) (place b)).
  set (W := fun k => INR (weight d k) / INR (weight d (S k))).
  assert (Qs : forall k, (1 <= k)%nat -> Q (S k) < Q k).
  { intros k Hk. unfold Q. rewrite order_next by easy. now apply quotient_order. }
  assert (Ws : forall k, (1 <= k)%nat -> W k <= W (S k)) by (intros; now apply weights_rise).
  assert (Fall : forall i, Q (mode + i)%nat < W (mode + i)%nat).
  { induction i as [|i IH]; [rewrite Nat.add_0_r; now apply (neighbours d mode n D b)|].
    rewrite Nat.add_succ_r. specialize (Qs (mode + i)%nat ltac:(lia)).
    specialize (Ws (mode + i)%nat ltac:(lia)). lra. }
  assert (Rise : forall i, (i < mode - 1)%nat -> W (mode - 1 - i)%nat < Q (mode - 1 - i)%nat).
  { induction i as [|i IH]; intros Hi.
    - rewrite Nat.sub_0_r. destruct R as [R|R]; [lia|].
      apply (neighbours d (mode - 1) n D b); easy || lia.
    - specialize (IH ltac:(lia)). replace (mode - 1 - i)%nat with (S (mode - 1 - S i)) in IH by lia.
      specialize (Qs (mode - 1 - S i)%nat ltac:(lia)).
      specialize (Ws (mode - 1 - S i)%nat ltac:(lia)). lra. }
  assert (Up : forall i, (0 < i < mode)%nat -> rate d (mode - i) (place b) < rate d mode (place b)).
  { induction i as [|i IH]; intros Hi; [lia|].
    assert (N : rate d (mode - S i) (place b) < rate d (S (mode - S i)) (place b)).
    { apply falls_quotient; try easy; [lia|]. specialize (Rise i ltac:(lia)).
      now replace (mode - 1 - i)%nat with (mode - S i)%nat in Rise by lia. }
    replace (S (mode - S i)) with (mode - i)%nat in N by lia.
    destruct (Nat.eq_dec i 0) as [->|Z]; [now rewrite Nat.sub_0_r in N|].
    apply Rlt_trans with (1 := N). apply IH. lia. }
  assert (Down : forall i, rate d (mode + S i) (place b) < rate d mode (place b)).
  { induction i as [|i IH].
    - rewrite Nat.add_1_r. apply falls_quotient; try easy. specialize (Fall O).
      now rewrite Nat.add_0_r in Fall.
    - apply Rlt_trans with (2 := IH). rewrite Nat.add_succ_r.
      apply falls_quotient; try easy; [lia|]. apply Fall. }
  intros k Hk N. destruct (Nat.lt_ge_cases k mode) as [L|L].
  - specialize (Up (mode - k)%nat ltac:(lia)).
    now replace (mode - (mode - k))%nat with k in Up by lia.
  - specialize (Down (k - mode - 1)%nat).
    now replace (mode + S (k - mode - 1))%nat with k in Down by lia.
Qed.
