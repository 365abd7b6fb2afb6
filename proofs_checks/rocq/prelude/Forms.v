(** Rules of inference on matrices, and on means with moving weights, each a theorem. *)
From Coq Require Import Reals Lra Lia Psatz.
From Coquelicot Require Import Coquelicot.
From attnflow Require Import Ode Space Contraction Rules.
Open Scope R_scope.

Definition mat := nat -> nat -> R.
Definition times (d : nat) (H : mat) (v : vec) : vec := fun i => rsum d (fun k => H i k * v k).
Definition form (d : nat) (H : mat) (v : vec) : R := dot d v (times d H v).
Definition symmetric (d : nat) (H : mat) : Prop :=
  forall i j, (i < d)%nat -> (j < d)%nat -> H i j = H j i.

Lemma form_sum d H v : form d H v = rsum d (fun i => rsum d (fun k => H i k * (v i * v k))).
Proof.
  apply rsum_ext. intros i _. unfold times. rewrite <- rsum_scal. apply rsum_ext. intros. ring.
Qed.

Lemma times_symmetric d H u v : symmetric d H -> dot d u (times d H v) = dot d v (times d H u).
Proof.
  intros S. unfold dot, times.
  rewrite (rsum_ext d _ (fun i => rsum d (fun k => u i * (H i k * v k))))
    by (intros; now rewrite <- rsum_scal).
  rewrite rsum_swap. apply rsum_ext. intros k Hk. rewrite <- rsum_scal. apply rsum_ext.
  intros i Hi. rewrite (S i k Hi Hk). ring.
Qed.

Definition plus (c : R) (u v : vec) : vec := fun k => u k + c * v k.

Lemma form_plus d H c u v : symmetric d H ->
  form d H (plus c u v) = form d H u + 2 * c * dot d v (times d H u) + c ^ 2 * form d H v.
Proof.
  intros S. unfold form.
  assert (T : forall i, times d H (plus c u v) i = times d H u i + c * times d H v i).
  { intros i. unfold times, plus. rewrite <- rsum_scal, <- rsum_plus. apply rsum_ext. intros. ring. }
  transitivity (dot d u (times d H u) + c * dot d u (times d H v) + c * dot d v (times d H u)
    + c ^ 2 * dot d v (times d H v)); [|rewrite (times_symmetric d H u v S); ring].
  unfold dot. rewrite <- !rsum_scal, <- !rsum_plus. apply rsum_ext. intros i _. rewrite T.
  unfold plus. ring.
Qed.

Lemma dot_plus d c u v :
  dot d (plus c u v) (plus c u v) = dot d u u + 2 * c * dot d v u + c ^ 2 * dot d v v.
Proof.
  unfold dot, plus. rewrite <- !rsum_scal, <- !rsum_plus. apply rsum_ext. intros. ring.
Qed.

(* 0 <= 2 c e + c^2 q for every c: e = 0. *)
Lemma no_slope e q : (forall c, 0 <= 2 * c * e + c ^ 2 * q) -> e = 0.
Proof.
  intros H. destruct (Req_dec e 0) as [|N]; [assumption|exfalso].
  set (s := 1 + Rabs q). assert (S : 0 < s) by (unfold s; pose proof (Rabs_pos q); lra).
  specialize (H (- e / s)). pose proof (Rle_abs q).
  assert (E : (2 * (- e / s) * e + (- e / s) ^ 2 * q) * (s * s) = - (e * e) * (2 * s - q))
    by (field; lra).
  assert (0 < e * e) by nra. assert (s <= 2 * s - q) by (unfold s in *; lra).
  assert (0 <= - (e * e) * (2 * s - q)) by (rewrite <- E; apply Rmult_le_pos; nra). nra.
Qed.

(** Rayleigh quotient: the largest value l of <v,Hv>/|v|², at p, is an eigenvalue, and the top one. *)
Theorem rule_rayleigh d (H : mat) l p : symmetric d H -> dot d p p = 1 -> form d H p = l ->
  (forall v, form d H v <= l * dot d v v) ->
  (forall i, (i < d)%nat -> times d H p i = l * p i) /\
  (forall c v, 0 < dot d v v -> (forall i, (i < d)%nat -> times d H v i = c * v i) -> c <= l) /\
  (forall v, 0 < dot d v v -> form d H v / dot d v v <= l) /\
  (forall n (v : nat -> vec), 0 < rsum n (fun k => dot d (v k) (v k)) ->
     rsum n (fun k => form d H (v k)) / rsum n (fun k => dot d (v k) (v k)) <= l).
Proof.
  intros S P E M. split; [|split; [|split]].
  - intros i Hi. set (w := sub (times d H p) (scal l p)).
    assert (Z : dot d w w = 0).
    { assert (F : forall v, dot d v w = 0); [|apply F]. intros v.
      assert (G : dot d v w = dot d v (times d H p) - l * dot d v p).
      { unfold w. now rewrite dot_sub_r, dot_scal_r. }
      rewrite G. apply Rminus_diag_eq.
      enough (X : - (dot d v (times d H p) - l * dot d v p) = 0) by lra.
      apply (no_slope _ (l * dot d v v - form d H v)). intros c.
      specialize (M (plus c p v)). rewrite form_plus, dot_plus in M by exact S. rewrite E, P in M. lra. }
    pose proof (dot_zero d w i Z Hi) as W. unfold w, sub, scal in W. lra.
  - intros c v V Ev. specialize (M v).
    assert (F : form d H v = c * dot d v v).
    { unfold form, dot. rewrite <- rsum_scal. apply rsum_ext. intros i Hi. rewrite (Ev i Hi). ring. }
    rewrite F in M. apply Rmult_le_reg_r with (dot d v v); assumption.
  - intros v V. apply Rmult_le_reg_r with (dot d v v); [assumption|].
    unfold Rdiv. rewrite Rmult_assoc, Rinv_l, Rmult_1_r by lra. apply M.
  - intros n v V. apply Rmult_le_reg_r with (1 := V).
    unfold Rdiv. rewrite Rmult_assoc, Rinv_l, Rmult_1_r by lra. rewrite <- rsum_scal.
    apply rsum_le. intros. apply M.
Qed.

Lemma weighted_pair g x y : g * (x * y) <= / 2 * (Rabs g * (x * x)) + / 2 * (Rabs g * (y * y)).
Proof.
  assert (B : Rabs (x * y) <= (x * x + y * y) / 2).
  { pose proof (Rle_0_sqr (x - y)). pose proof (Rle_0_sqr (x + y)). unfold Rsqr in *.
    apply Rabs_le. lra. }
  apply Rle_trans with (1 := Rle_abs _). rewrite Rabs_mult.
  apply (Rmult_le_compat_l (Rabs g)) in B; [lra|apply Rabs_pos].
Qed.

(** Row sums: <v,Hv> <= h |v|², and the rows of |K - H| sum to r at most. *)
Theorem rule_row_sums d (H K : mat) h r : symmetric d H -> symmetric d K ->
  (forall v, form d H v <= h * dot d v v) ->
  (forall j, (j < d)%nat -> rsum d (fun k => Rabs (K j k - H j k)) <= r) ->
  (forall v, form d K v <= (h + r) * dot d v v) /\
  (forall c v, 0 < dot d v v -> (forall i, (i < d)%nat -> times d K v i = c * v i) -> c <= h + r).
Proof.
  intros SH SK Hh Hr.
  assert (A : forall v, form d K v <= (h + r) * dot d v v).
  { intros v. set (G := fun i k => K i k - H i k).
    assert (E : form d K v = form d H v + rsum d (fun i => rsum d (fun k => G i k * (v i * v k)))).
    { rewrite !form_sum, <- rsum_plus. apply rsum_ext. intros i _. rewrite <- rsum_plus.
      apply rsum_ext. intros k _. unfold G. ring. }
    assert (B : rsum d (fun i => rsum d (fun k => G i k * (v i * v k)))
      <= rsum d (fun i => rsum d (fun k => Rabs (G i k) * (v i * v i)))).
    { apply Rle_trans with (rsum d (fun i => rsum d (fun k => / 2 * (Rabs (G i k) * (v i * v i)))
        + rsum d (fun k => / 2 * (Rabs (G i k) * (v k * v k))))).
      - apply rsum_le. intros i _. rewrite <- rsum_plus. apply rsum_le. intros k _.
        apply weighted_pair.
      - rewrite rsum_plus, (rsum_swap d d (fun i k => / 2 * (Rabs (G i k) * (v k * v k)))).
        rewrite <- rsum_plus. right. apply rsum_ext. intros i Hi. rewrite <- rsum_plus.
        apply rsum_ext. intros k Hk. unfold G. rewrite (SH k i Hk Hi), (SK k i Hk Hi). field. }
    assert (C : rsum d (fun i => rsum d (fun k => Rabs (G i k) * (v i * v i))) <= r * dot d v v).
    { unfold dot. rewrite <- rsum_scal. apply rsum_le. intros i Hi.
      rewrite (rsum_ext d _ (fun k => v i * v i * Rabs (G i k))) by (intros; ring).
      rewrite rsum_scal. specialize (Hr i Hi). fold (G i) in Hr.
      rewrite (Rmult_comm r). apply Rmult_le_compat_l; [nra|exact Hr]. }
    specialize (Hh v). lra. }
  split; [exact A|]. intros c v V Ev. specialize (A v).
  assert (F : form d K v = c * dot d v v).
  { unfold form, dot. rewrite <- rsum_scal. apply rsum_ext. intros i Hi. rewrite (Ev i Hi). ring. }
  rewrite F in A. apply Rmult_le_reg_r with (dot d v v); assumption.
Qed.

(** Blocks: the block of an index is c i, and entries between blocks are 0. *)
Theorem rule_blocks n (c : nat -> nat) (M : mat) : (forall i j, c i <> c j -> M i j = 0) ->
  ((forall i j, (i < n)%nat -> (j < n)%nat -> c i = c j -> M i j = - M j i) ->
   forall i j, (i < n)%nat -> (j < n)%nat -> M i j = - M j i) /\
  (forall i j, (i < n)%nat -> (j < n)%nat -> rsum n (fun k => M i k * M k j) =
     if Nat.eqb (c i) (c j)
     then rsum n (fun k => if Nat.eqb (c k) (c i) then M i k * M k j else 0) else 0).
Proof.
  intros Z. split.
  - intros S i j Hi Hj. destruct (Nat.eq_dec (c i) (c j)) as [E|N]; [now apply S|].
    rewrite !Z by congruence. ring.
  - intros i j Hi Hj. destruct (Nat.eqb_spec (c i) (c j)) as [E|N].
    + apply rsum_ext. intros k _. destruct (Nat.eqb_spec (c k) (c i)) as [|N]; [reflexivity|].
      rewrite (Z i k) by congruence. ring.
    + rewrite (rsum_ext n _ (fun _ => 0)); [apply rsum_zero|]. intros k _.
      destruct (Nat.eq_dec (c k) (c i)) as [E|N'].
      * rewrite (Z k j) by congruence. ring.
      * rewrite (Z i k) by congruence. ring.
Qed.

Lemma norm_le d u v : (forall k, (k < d)%nat -> Rabs (u k) <= Rabs (v k)) -> norm d u <= norm d v.
Proof.
  intros H. apply sqrt_le_1_alt, rsum_le. intros k Hk. specialize (H k Hk).
  pose proof (Rabs_pos (u k)). rewrite <- (Rabs_pos_eq (u k * u k)), <- (Rabs_pos_eq (v k * v k)) by nra.
  rewrite !Rabs_mult. nra.
Qed.

(** Composition of Lipschitz maps: f = w (s (a x + b)), s on each component with |s'| <= 1. *)
Theorem rule_composition d q p (A W : mat) (b : vec) (s ds : nat -> R -> R) a w : 0 <= w ->
  (forall v, norm q (times d A v) <= a * norm d v) ->
  (forall v, norm p (times q W v) <= w * norm q v) ->
  (forall k u, is_derive (s k) u (ds k u)) -> (forall k u, Rabs (ds k u) <= 1) ->
  let f := fun x => times q W (fun k => s k (times d A x k + b k)) in
  forall x y, norm p (sub (f x) (f y)) <= w * a * norm d (sub x y).
Proof.
  intros Hw HA HW Hs Hd f x y.
  assert (L : forall r m (B : mat) (u v : vec),
    norm r (sub (times m B u) (times m B v)) = norm r (times m B (sub u v))).
  { intros r m B u v. unfold norm. f_equal. apply dot_ext; intros k _; unfold sub, times;
      rewrite <- rsum_minus; apply rsum_ext; intros; ring. }
  unfold f. rewrite L. apply Rle_trans with (1 := HW _).
  rewrite Rmult_assoc. apply Rmult_le_compat_l; [exact Hw|].
  apply Rle_trans with (2 := HA (sub x y)). rewrite <- L. apply norm_le. intros k _.
  unfold sub at 1. apply Rle_trans with (1 * Rabs (times d A x k + b k - (times d A y k + b k))).
  - apply (rule_mean_value (s k) (ds k)); [apply Hs|intros; apply Hd].
  - rewrite Rmult_1_l. right. f_equal. unfold sub. ring.
Qed.

(** Traces in general position: y, x_1, …, x_n independent; the x_i less their parts along y too. *)
Definition independent (d n : nat) (x : nat -> vec) : Prop :=
  forall c : nat -> R, (forall k, (k < d)%nat -> rsum n (fun i => c i * x i k) = 0) ->
  forall i, (i < n)%nat -> c i = 0.

Theorem rule_traces d n (y : vec) (x : nat -> vec) (a : nat -> R) :
  independent d (S n) (fun i => if Nat.ltb i n then x i else y) ->
  independent d n (fun i => sub (x i) (scal (a i) y)).
Proof.
  intros I c H i Hi.
  set (e := fun j => if Nat.ltb j n then c j else - rsum n (fun i => c i * a i)).
  enough (E : e i = 0) by (unfold e in E; now rewrite (proj2 (Nat.ltb_lt i n) Hi) in E).
  apply I; [|lia]. intros k Hk. cbn [rsum].
  rewrite (rsum_ext n _ (fun j => c j * x j k)).
  2:{ intros j Hj. unfold e. now rewrite (proj2 (Nat.ltb_lt j n) Hj). }
  unfold e. rewrite Nat.ltb_irrefl. specialize (H k Hk). rewrite <- H.
  rewrite (rsum_ext n (fun i => c i * sub (x i) (scal (a i) y) k)
    (fun i => c i * x i k - y k * (c i * a i))) by (intros; unfold sub, scal; ring).
  rewrite rsum_minus, rsum_scal. ring.
Qed.
