(* Enclosures: the one root of a monotone formula, and the value at a time of every solution of an
   autonomous equation, as (6.9) and (6.10) are. The numbers are `interval`'s and `integral`'s. *)
From Coq Require Import Reals Ranalysis5 Lra Lia.
From Coquelicot Require Import Coquelicot.
Open Scope R_scope.

(* -- formulas in one variable, with their derivatives -------------------------------------- *)

Inductive formula :=
| Var
| Num (c : R)
| Add (a b : formula)
| Mul (a b : formula)
| Power (a : formula) (k : nat)
| Inverse (a : formula)
| Exp (a : formula)
| Log (a : formula)
| Sin (a : formula)
| Cos (a : formula)
| Sqrt (a : formula).

Fixpoint value (e : formula) (x : R) : R :=
  match e with
  | Var => x
  | Num c => c
  | Add a b => value a x + value b x
  | Mul a b => value a x * value b x
  | Power a k => value a x ^ k
  | Inverse a => / value a x
  | Exp a => exp (value a x)
  | Log a => ln (value a x)
  | Sin a => sin (value a x)
  | Cos a => cos (value a x)
  | Sqrt a => sqrt (value a x)
  end.

Fixpoint slope (e : formula) (x : R) : R :=
  match e with
  | Var => 1
  | Num _ => 0
  | Add a b => slope a x + slope b x
  | Mul a b => slope a x * value b x + value a x * slope b x
  | Power a k => INR k * value a x ^ pred k * slope a x
  | Inverse a => - slope a x / value a x ^ 2
  | Exp a => slope a x * exp (value a x)
  | Log a => slope a x / value a x
  | Sin a => slope a x * cos (value a x)
  | Cos a => - (slope a x * sin (value a x))
  | Sqrt a => slope a x / (2 * sqrt (value a x))
  end.

(* Where a formula is defined, with its derivative. *)
Fixpoint defined (e : formula) (x : R) : Prop :=
  match e with
  | Var | Num _ => True
  | Add a b | Mul a b => defined a x /\ defined b x
  | Power a _ | Exp a | Sin a | Cos a => defined a x
  | Inverse a => value a x <> 0 /\ defined a x
  | Log a | Sqrt a => 0 < value a x /\ defined a x
  end.

Lemma value_derive e x : defined e x -> is_derive (value e) x (slope e x).
Proof.
  induction e; cbn [defined slope value]; intros H.
  - apply @is_derive_id.
  - apply @is_derive_const.
  - destruct H. now apply (is_derive_plus (value e1) (value e2)); [apply IHe1|apply IHe2].
  - destruct H as [H1 H2]. specialize (IHe1 H1). specialize (IHe2 H2).
    replace (slope e1 x * value e2 x + value e1 x * slope e2 x)
      with (plus (mult (slope e1 x) (value e2 x)) (mult (value e1 x) (slope e2 x)))
      by reflexivity.
    apply (is_derive_mult (value e1) (value e2)); [easy|easy|].
    intros. apply Rmult_comm.
  - specialize (IHe H).
    replace (INR k * value e x ^ pred k * slope e x)
      with (INR k * slope e x * value e x ^ pred k) by ring.
    now apply is_derive_pow.
  - destruct H as [N H]. specialize (IHe H).
    replace (- slope e x / value e x ^ 2) with (- slope e x / (value e x) ^ 2) by reflexivity.
    now apply is_derive_inv.
  - specialize (IHe H).
    apply (is_derive_comp exp (value e)); [apply is_derive_exp|easy].
  - destruct H as [P H]. specialize (IHe H).
    apply (is_derive_comp ln (value e) x (/ value e x)); [now apply is_derive_ln|easy].
  - specialize (IHe H). apply (is_derive_comp sin (value e)); [apply is_derive_sin|easy].
  - specialize (IHe H).
    replace (- (slope e x * sin (value e x))) with (slope e x * - sin (value e x)) by ring.
    apply (is_derive_comp cos (value e)); [apply is_derive_cos|easy].
  - destruct H as [P H]. specialize (IHe H).
    replace (slope e x / (2 * sqrt (value e x))) with (slope e x * / (2 * sqrt (value e x)))
      by reflexivity.
    apply (is_derive_comp sqrt (value e)); [|easy].
    apply is_derive_Reals, derivable_pt_lim_sqrt. easy.
Qed.

Lemma mean_value_on (f f' : R -> R) x y : (forall z, x <= z <= y -> is_derive f z (f' z)) ->
  x <= y -> exists c, x <= c <= y /\ f y - f x = f' c * (y - x).
Proof.
  intros D L. destruct (MVT_gen f x y f') as (c & Hc & E).
  - rewrite Rmin_left, Rmax_right by easy. intros z Hz. apply D. lra.
  - rewrite Rmin_left, Rmax_right by easy. intros z Hz.
    apply derivable_continuous_pt. exists (f' z). apply is_derive_Reals, D. lra.
  - rewrite Rmin_left, Rmax_right in Hc by easy. now exists c.
Qed.

(* A continuous function passes 0 between two signs. *)
Lemma passes_zero (f : R -> R) a b : a < b -> (forall z, a <= z <= b -> continuity_pt f z) ->
  f a < 0 -> 0 < f b -> exists x, a <= x <= b /\ f x = 0.
Proof.
  intros L C A B. destruct (Ranalysis5.IVT_interv f a b C L A B) as (x & Hx & E). now exists x.
Qed.

Section Root.
Variables (e : formula) (low high left right : R).
Hypothesis order : low <= left /\ left < right /\ right <= high.
Hypothesis everywhere : forall x, low <= x <= high -> defined e x.

Theorem rising_root : (forall x, low <= x <= high -> 0 < slope e x) ->
  value e left < 0 -> 0 < value e right ->
  exists x, (left <= x <= right /\ value e x = 0) /\
    forall y, low <= y <= high -> value e y = 0 -> y = x.
Proof.
  intros P A B.
  assert (D : forall z, low <= z <= high -> is_derive (value e) z (slope e z))
    by (intros; now apply value_derive, everywhere).
  destruct (passes_zero (value e) left right) as (x & Hx & E); [lra| |easy|easy|].
  { intros z Hz. apply derivable_continuous_pt. exists (slope e z).
    apply is_derive_Reals, D. lra. }
  exists x. split; [easy|]. intros y Hy Ey.
  assert (I : forall u v, low <= u -> v <= high -> u < v -> value e u < value e v).
  { intros u v Hu Hv L. destruct (mean_value_on (value e) (slope e) u v) as (c & Hc & Q).
    - intros z Hz. apply D. lra.
    - lra.
    - assert (0 < slope e c) by (apply P; lra). nra. }
  destruct (Rtotal_order y x) as [L|[->|L]]; [|easy|].
  - assert (value e y < value e x) by (apply I; lra). lra.
  - assert (value e x < value e y) by (apply I; lra). lra.
Qed.

End Root.

Theorem falling_root e low high left right : low <= left /\ left < right /\ right <= high ->
  (forall x, low <= x <= high -> defined e x) ->
  (forall x, low <= x <= high -> slope e x < 0) ->
  0 < value e left -> value e right < 0 ->
  exists x, (left <= x <= right /\ value e x = 0) /\
    forall y, low <= y <= high -> value e y = 0 -> y = x.
Proof.
  intros O D P A B.
  destruct (rising_root (Mul (Num (-1)) e) low high left right O) as (x & (Hx & Ex) & U).
  - intros z Hz. cbn [defined]. split; [easy|now apply D].
  - intros z Hz. cbn [slope value]. specialize (P z Hz). lra.
  - cbn [value]. lra.
  - cbn [value]. lra.
  - cbn [value] in *. exists x. split; [split; [easy|lra]|].
    intros y Hy Ey. apply U; [easy|]. lra.
Qed.

(* -- every solution of x' = v(x), by separation of variables ------------------------------- *)

(* The first time at which a continuous function reaches c. *)
Lemma first_time (f : R -> R) (c T : R) : 0 <= T -> (forall t, 0 <= t <= T -> continuity_pt f t) ->
  f 0 < c -> c <= f T -> exists t, 0 <= t <= T /\ f t = c /\ forall r, 0 <= r < t -> f r < c.
Proof.
  intros HT C H0 H1.
  set (E := fun t => 0 <= t <= T /\ forall r, 0 <= r <= t -> f r < c).
  assert (E0 : E 0).
  { split; [lra|]. intros r Hr. now replace r with 0 by lra. }
  destruct (completeness E) as [t Ht].
  { exists T. intros t [Ht _]. lra. }
  { now exists 0. }
  destruct Ht as [Up Least].
  assert (Rt : 0 <= t <= T).
  { split; [now apply Up|]. apply Least. intros r [Hr _]. lra. }
  assert (Below : forall r, 0 <= r < t -> f r < c).
  { intros r Hr. destruct (Rlt_dec (f r) c) as [|N]; [easy|]. exfalso.
    assert (t <= r); [|lra]. apply Least. intros q [Hq Q].
    destruct (Rle_dec q r) as [|M]; [easy|]. specialize (Q r ltac:(lra)). lra. }
  assert (Near : forall eps, 0 < eps -> exists del, 0 < del /\
    forall r, Rabs (r - t) < del -> Rabs (f r - f t) < eps).
  { intros eps He. destruct (C t Rt eps He) as (del & Hd & Q). exists del. split; [easy|].
    intros r Hr. destruct (Req_dec t r) as [<-|N].
    - rewrite Rminus_diag, Rabs_R0. easy.
    - apply Q. split; [split; [easy|easy]|easy]. }
  exists t. split; [easy|]. split; [|easy].
  destruct (Rtotal_order (f t) c) as [L|[|L]]; [exfalso|easy|exfalso].
  - (* Below c at t, it stays below a little longer: t isn't an upper bound. *)
    assert (t < T).
    { destruct (Req_dec t T) as [->|]; lra. }
    destruct (Near (c - f t)) as (del & Hd & Q); [lra|].
    set (q := Rmin T (t + del / 2)).
    assert (Hq : t < q <= T).
    { unfold q, Rmin. destruct (Rle_dec T (t + del / 2)); lra. }
    assert (q <= t + del / 2) by apply Rmin_r.
    assert (E q); [|assert (q <= t) by (now apply Up); lra].
    split; [lra|]. intros r Hr. destruct (Rlt_dec r t); [apply Below; lra|].
    assert (AQ : Rabs (f r - f t) < c - f t) by (apply Q; rewrite Rabs_pos_eq; lra).
    apply Rabs_lt_between in AQ. lra.
  - (* Above c at t, it was above before. *)
    assert (0 < t).
    { destruct (Req_dec t 0) as [E'|]; [rewrite E' in L; lra|lra]. }
    destruct (Near (f t - c)) as (del & Hd & Q); [lra|].
    set (q := Rmax 0 (t - del / 2)).
    assert (0 <= q < t).
    { unfold q, Rmax. destruct (Rle_dec 0 (t - del / 2)); lra. }
    assert (t - del / 2 <= q) by apply Rmax_r.
    specialize (Below q ltac:(lra)).
    assert (AQ : Rabs (f q - f t) < f t - c) by (apply Q; rewrite Rabs_left; lra).
    apply Rabs_lt_between in AQ. lra.
Qed.

Section Separation.
(* v > 0 on (floor, ceiling), 0 inside; w = 1/v is continuous there. *)
Variables (v w x : R -> R) (floor ceiling T left right : R).
Hypothesis inside : floor < 0 /\ 0 <= left /\ left < right /\ right < ceiling.
Hypothesis T_pos : 0 <= T.
Hypothesis positive : forall z, floor < z < ceiling -> 0 < w z.
Hypothesis inverse : forall z, floor < z < ceiling -> w z * v z = 1.
Hypothesis smooth : forall z, floor < z < ceiling -> continuous w z.
Hypothesis start : x 0 = 0.
Hypothesis solves : forall t, 0 <= t <= T -> is_derive x t (v (x t)).

Let time (z : R) : R := RInt w 0 z.

Lemma time_derive z : floor < z < ceiling -> is_derive time z (w z).
Proof.
  intros Hz. apply (is_derive_RInt w time 0 z); [|now apply smooth].
  assert (O : 0 < Rmin (z - floor) (ceiling - z)).
  { unfold Rmin. destruct (Rle_dec _ _); lra. }
  exists (mkposreal _ O). intros y Hy. unfold time. apply (RInt_correct w 0 y), (ex_RInt_continuous w 0 y).
  intros q Hq. apply smooth.
  unfold ball in Hy. simpl in Hy. unfold AbsRing_ball, abs, minus, plus, opp in Hy. simpl in Hy.
  assert (A1 : Rabs (y + - z) < z - floor) by (eapply Rlt_le_trans; [exact Hy|apply Rmin_l]).
  assert (A2 : Rabs (y + - z) < ceiling - z) by (eapply Rlt_le_trans; [exact Hy|apply Rmin_r]).
  apply Rabs_lt_between in A1, A2.
  unfold Rmin, Rmax in Hq. destruct (Rle_dec 0 y); lra.
Qed.

Lemma time_zero : time 0 = 0.
Proof. exact (RInt_point 0 w). Qed.

Lemma time_increases y z : floor < y -> y < z -> z < ceiling -> time y < time z.
Proof.
  intros Hy L Hz. destruct (mean_value_on time w y z) as (c & Hc & E).
  - intros q Hq. apply time_derive. lra.
  - lra.
  - assert (0 < w c) by (apply positive; lra). nra.
Qed.

Lemma x_continuous t : 0 <= t <= T -> continuity_pt x t.
Proof.
  intros Ht. apply derivable_continuous_pt. exists (v (x t)). now apply is_derive_Reals, solves.
Qed.

(* It never falls below 0 by c: it would have to fall where v > 0. *)
Lemma stays_above c : 0 < c -> - c > floor -> forall t, 0 <= t <= T -> - c < x t.
Proof.
  intros Hc Hf t Ht. destruct (Rlt_dec (- c) (x t)) as [|N]; [easy|]. exfalso.
  destruct (first_time (fun r => - x r) c t) as (r & Hr & E & B); [lra| |lra|lra|].
  { intros r Hr. apply continuity_pt_opp, x_continuous. lra. }
  assert (D : is_derive x r (v (x r))) by (apply solves; lra).
  assert (W : 0 < v (x r)).
  { assert (F : floor < x r < ceiling) by lra.
    specialize (positive _ F). specialize (inverse _ F). nra. }
  apply is_derive_Reals in D. destruct (D (v (x r)) W) as [del Hd].
  assert (0 < r) by (destruct (Req_dec r 0) as [Z|]; [rewrite Z in E; lra|lra]).
  set (h := - Rmin (r / 2) (del / 2)).
  assert (Hh : 0 < Rmin (r / 2) (del / 2)).
  { pose proof (cond_pos del). unfold Rmin. destruct (Rle_dec _ _); lra. }
  assert (H1 : Rmin (r / 2) (del / 2) <= r / 2) by apply Rmin_l.
  assert (H2 : Rmin (r / 2) (del / 2) <= del / 2) by apply Rmin_r.
  assert (Q : Rabs ((x (r + h) - x r) / h - v (x r)) < v (x r)).
  { apply Hd; unfold h; [lra|]. rewrite Rabs_Ropp, Rabs_pos_eq; pose proof (cond_pos del); lra. }
  apply Rabs_lt_between in Q.
  assert (B' : - x (r + h) < c) by (apply B; unfold h; lra).
  assert (0 < (x (r + h) - x r) / h) by lra.
  assert (x (r + h) - x r < 0); [|lra].
  replace (x (r + h) - x r) with ((x (r + h) - x r) / h * h) by (field; unfold h; lra).
  unfold h in *. nra.
Qed.

Lemma clock t : 0 <= t <= T -> (forall r, 0 <= r <= t -> floor < x r < ceiling) ->
  time (x t) = t.
Proof.
  intros Ht R.
  destruct (mean_value_on (fun r => time (x r) - r) (fun r => w (x r) * v (x r) - 1) 0 t)
    as (c & Hc & E).
  - intros r Hr.
    apply (is_derive_minus (fun r => time (x r)) (fun r => r) r (w (x r) * v (x r)) 1).
    + replace (w (x r) * v (x r)) with (v (x r) * w (x r)) by ring.
      apply (is_derive_comp time x); [apply time_derive, R; lra|apply solves; lra].
    + apply @is_derive_id.
  - lra.
  - rewrite inverse in E by (apply R; lra). rewrite start, time_zero in E. lra.
Qed.

Theorem enclosed_at_time : time left < T -> T < time right -> left < x T < right.
Proof.
  intros HL HR.
  set (c := - floor / 2).
  assert (A : forall t, 0 <= t <= T -> - c < x t).
  { intros t Ht. apply stays_above; unfold c; lra. }
  assert (B : forall t, 0 <= t <= T -> x t < right).
  { intros t Ht. destruct (Rlt_dec (x t) right) as [|N]; [easy|]. exfalso.
    destruct (first_time x right t) as (r & Hr & E & B); [lra| |lra|lra|].
    { intros r Hr. apply x_continuous. lra. }
    assert (K : time (x r) = r).
    { apply clock; [lra|]. intros q Hq. assert (- c < x q) by (apply A; lra).
      destruct (Req_dec q r) as [->|]; [unfold c in *; lra|].
      assert (x q < right) by (apply B; lra). unfold c in *. lra. }
    rewrite E in K. lra. }
  split; [|apply B; lra].
  assert (K : time (x T) = T).
  { apply clock; [lra|]. intros q Hq. specialize (A q Hq). specialize (B q Hq).
    unfold c in *. lra. }
  destruct (Rlt_dec left (x T)) as [|N]; [easy|]. exfalso.
  specialize (A T ltac:(lra)). unfold c in *.
  destruct (Req_dec (x T) left) as [E|]; [rewrite E in K; lra|].
  assert (time (x T) < time left) by (apply time_increases; lra). lra.
Qed.

End Separation.

(* -- tokens at equal angles: (6.9) and (6.10) with m = n - 1 -------------------------------- *)

Definition speed_SA (m b z : R) : R :=
  2 * exp (b * z) * (1 - z) * (m * z + 1) / (exp b + m * exp (b * z)).
Definition slow_SA (m b z : R) : R := (exp (b * (1 - z)) + m) / (2 * (1 - z) * (m * z + 1)).
Definition speed_USA (m b z : R) : R := 2 / (m + 1) * exp (b * z) * (1 - z) * (m * z + 1).
Definition slow_USA (m b z : R) : R :=
  (m + 1) * exp (- (b * z)) / (2 * (1 - z) * (m * z + 1)).

Section Equiangular.
Variables (m b T left right : R) (gamma : R -> R).
Hypothesis m_pos : 0 < m.
Hypothesis order : 0 <= left /\ left < right /\ right < 1.
Hypothesis T_pos : 0 <= T.
Hypothesis start : gamma 0 = 0.

Lemma in_range z : - / m < z < 1 -> 0 < (1 - z) * (m * z + 1).
Proof.
  intros H. assert (m * / m = 1) by (field; lra).
  assert (0 < m * z + 1) by nra. apply Rmult_lt_0_compat; lra.
Qed.

Theorem equiangular_SA :
  (forall t, 0 <= t <= T -> is_derive gamma t (speed_SA m b (gamma t))) ->
  RInt (slow_SA m b) 0 left < T -> T < RInt (slow_SA m b) 0 right -> left < gamma T < right.
Proof.
  intros D L R.
  assert (0 < / m) by now apply Rinv_0_lt_compat.
  apply (enclosed_at_time (speed_SA m b) (slow_SA m b) gamma (- / m) 1 T left right);
    try easy; try lra.
  - intros z Hz. pose proof (in_range z Hz). pose proof (exp_pos (b * (1 - z))).
    unfold slow_SA. apply Rdiv_lt_0_compat; lra.
  - intros z Hz. pose proof (in_range z Hz) as P. unfold slow_SA, speed_SA.
    replace (b * (1 - z)) with (b - b * z) by ring. unfold Rminus at 1.
    rewrite exp_plus, exp_Ropp. pose proof (exp_pos b). pose proof (exp_pos (b * z)).
    assert (1 - z <> 0) by lra. assert (m * z + 1 <> 0) by nra. field.
    repeat split; try lra. nra.
  - intros z Hz. pose proof (in_range z Hz). apply @ex_derive_continuous.
    unfold slow_SA. auto_derive. lra.
Qed.

Theorem equiangular_USA :
  (forall t, 0 <= t <= T -> is_derive gamma t (speed_USA m b (gamma t))) ->
  RInt (slow_USA m b) 0 left < T -> T < RInt (slow_USA m b) 0 right -> left < gamma T < right.
Proof.
  intros D L R.
  assert (0 < / m) by now apply Rinv_0_lt_compat.
  apply (enclosed_at_time (speed_USA m b) (slow_USA m b) gamma (- / m) 1 T left right);
    try easy; try lra.
  - intros z Hz. pose proof (in_range z Hz). pose proof (exp_pos (- (b * z))).
    unfold slow_USA. apply Rdiv_lt_0_compat; [|lra]. apply Rmult_lt_0_compat; lra.
  - intros z Hz. pose proof (in_range z Hz) as P. unfold slow_USA, speed_USA.
    rewrite exp_Ropp. pose proof (exp_pos (b * z)).
    assert (1 - z <> 0) by lra. assert (m * z + 1 <> 0) by nra. field. repeat split; lra.
  - intros z Hz. pose proof (in_range z Hz). apply @ex_derive_continuous.
    unfold slow_USA. auto_derive. lra.
Qed.

End Equiangular.
