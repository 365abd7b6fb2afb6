(** Theorem 6.3: linearly independent tokens meet at one point, exponentially, with the rate and the
    constant of the inverse B of their Gram matrix. *)
From Coq Require Import Reals Lra Lia Psatz.
From Coquelicot Require Import Coquelicot.
From attnflow Require Import Ode Space Contraction Cone Models Lemma64.
Open Scope R_scope.

Definition independent (n d : nat) (x : nat -> vec) : Prop :=
  forall c : nat -> R, (forall k, (k < d)%nat -> rsum n (fun i => c i * x i k) = 0) ->
  forall i, (i < n)%nat -> c i = 0.

Definition delta (i j : nat) : R := if Nat.eq_dec i j then 1 else 0.
(** B is the inverse of the Gram matrix of x: Σ_k <x_i, x_k> B_kj = δ_ij. *)
Definition inverse_gram (n d : nat) (x : nat -> vec) (B : nat -> nat -> R) : Prop :=
  forall i j, (i < n)%nat -> (j < n)%nat -> rsum n (fun k => dot d (x i) (x k) * B k j) = delta i j.
(** 1^T B 1. *)
Definition total (n : nat) (B : nat -> nat -> R) : R := rsum n (fun i => rsum n (fun j => B i j)).

Lemma rsum_delta n f i : (i < n)%nat -> rsum n (fun k => f k * delta k i) = f i.
Proof.
  induction n; intros Hi; [lia|]. simpl. destruct (Nat.eq_dec i n) as [->|].
  - rewrite (rsum_ext n _ (fun _ => 0)).
    + rewrite rsum_zero. unfold delta. destruct (Nat.eq_dec n n); [ring|lia].
    + intros k Hk. unfold delta. destruct (Nat.eq_dec k n); [lia|ring].
  - rewrite IHn by lia. unfold delta. destruct (Nat.eq_dec n i); [lia|ring].
Qed.

(** Independent tokens have dual vectors in their span. *)
Lemma dual_basis n d x : independent n d x ->
  exists C : nat -> nat -> R, forall i j, (i < n)%nat -> (j < n)%nat ->
  dot d (x i) (vsum n (fun k => scal (C j k) (x k))) = delta i j.
Proof.
  induction n as [|n IH]; intros H; [exists (fun _ _ => 0); intros; lia|].
  destruct IH as [C HC].
  { intros c Hc i Hi.
    set (c' := fun j => if Nat.eq_dec j n then 0 else c j).
    assert (E : c' i = 0).
    { apply (H c'); [|lia]. intros k Hk. simpl. unfold c'.
      transitivity (rsum n (fun i => c i * x i k)); [|apply Hc; exact Hk].
      destruct (Nat.eq_dec n n); [|lia]. rewrite Rmult_0_l, Rplus_0_r. apply rsum_ext. intros j Hj.
      destruct (Nat.eq_dec j n); [lia|reflexivity]. }
    unfold c' in E. destruct (Nat.eq_dec i n); [lia|exact E]. }
  set (p := fun j => vsum n (fun k => scal (C j k) (x k))).
  (* the part of x_n orthogonal to the others, by its coefficients *)
  set (a := fun k => if Nat.eq_dec k n then 1 else - rsum n (fun j => dot d (x n) (x j) * C j k)).
  set (r := vsum (S n) (fun k => scal (a k) (x k))).
  assert (Er : forall v, dot d r v = dot d (x n) v - rsum n (fun j => dot d (x n) (x j) * dot d (p j) v)).
  { intros v. unfold r. rewrite dot_vsum_l. simpl. rewrite dot_scal_l. unfold a at 2.
    destruct (Nat.eq_dec n n); [|lia].
    rewrite (rsum_ext n (fun k => dot d (scal (a k) (x k)) v)
      (fun k => (-1) * rsum n (fun j => dot d (x n) (x j) * C j k * dot d (x k) v))).
    - rewrite rsum_scal, rsum_swap.
      rewrite (rsum_ext n (fun j => dot d (x n) (x j) * dot d (p j) v)
        (fun j => rsum n (fun k => dot d (x n) (x j) * C j k * dot d (x k) v))); [ring|].
      intros j _. unfold p. rewrite dot_vsum_l, <- rsum_scal. apply rsum_ext. intros k _.
      rewrite dot_scal_l. ring.
    - intros k Hk. rewrite dot_scal_l. unfold a. destruct (Nat.eq_dec k n); [lia|].
      replace (- rsum n (fun j => dot d (x n) (x j) * C j k) * dot d (x k) v)
        with ((-1) * (dot d (x k) v * rsum n (fun j => dot d (x n) (x j) * C j k))) by ring.
      rewrite <- rsum_scal. f_equal. apply rsum_ext. intros. ring. }
  assert (Hr : forall i, (i < n)%nat -> dot d r (x i) = 0).
  { intros i Hi. rewrite Er.
    rewrite (rsum_ext n (fun j => dot d (x n) (x j) * dot d (p j) (x i)) (fun j => dot d (x n) (x j) * delta j i)).
    - rewrite rsum_delta by exact Hi. ring.
    - intros j Hj. rewrite (dot_sym d (p j)). unfold p. rewrite HC by auto. unfold delta.
      destruct (Nat.eq_dec i j), (Nat.eq_dec j i); try lia; ring. }
  assert (Hrr : dot d r (x n) = dot d r r).
  { unfold r at 3. rewrite dot_vsum_r. simpl. rewrite (rsum_ext n _ (fun _ => 0)).
    - rewrite rsum_zero, dot_scal_r. unfold a. destruct (Nat.eq_dec n n); [ring|lia].
    - intros k Hk. rewrite dot_scal_r, Hr by exact Hk. ring. }
  assert (Hpos : dot d r (x n) <> 0).
  { rewrite Hrr. intros E.
    assert (Ha : a n = 0).
    { apply H; [|lia]. intros k Hk. change (r k = 0). apply (dot_zero d r k E Hk). }
    unfold a in Ha. destruct (Nat.eq_dec n n); [lra|lia]. }
  set (q := dot d r (x n)) in *.
  exists (fun j k => if Nat.eq_dec j n then a k / q
    else (if Nat.eq_dec k n then 0 else C j k) - dot d (p j) (x n) * (a k / q)).
  assert (En : forall i, (i < S n)%nat ->
    dot d (x i) (vsum (S n) (fun k => scal (a k / q) (x k))) = delta i n).
  { intros i Hi. assert (E : dot d (x i) (vsum (S n) (fun k => scal (a k / q) (x k))) = / q * dot d r (x i)).
    { rewrite dot_sym. unfold r. rewrite 2!dot_vsum_l, <- rsum_scal. apply rsum_ext. intros k _.
      rewrite 2!dot_scal_l. field. exact Hpos. }
    rewrite E. unfold delta. destruct (Nat.eq_dec i n) as [->|].
    - fold q. field. exact Hpos.
    - rewrite Hr by lia. ring. }
  intros i j Hi Hj. destruct (Nat.eq_dec j n) as [->|Hjn]; [apply En; exact Hi|].
  assert (E : dot d (x i) (vsum (S n) (fun k => scal ((if Nat.eq_dec k n then 0 else C j k)
      - dot d (p j) (x n) * (a k / q)) (x k)))
    = dot d (x i) (p j) - dot d (p j) (x n) * dot d (x i) (vsum (S n) (fun k => scal (a k / q) (x k)))).
  { assert (Ep : dot d (x i) (p j) = rsum n (fun k => dot d (x i) (scal (C j k) (x k)))).
    { apply dot_vsum_r. }
    rewrite Ep, !dot_vsum_r. rewrite (rsum_ext (S n) _ (fun k => (if Nat.eq_dec k n then 0 else C j k) * dot d (x i) (x k)
      - dot d (p j) (x n) * (dot d (x i) (scal (a k / q) (x k))))).
    - rewrite rsum_minus, rsum_scal. apply (f_equal2 Rminus); [|reflexivity]. simpl.
      destruct (Nat.eq_dec n n); [|lia]. rewrite Rmult_0_l, Rplus_0_r. apply rsum_ext. intros k Hk. rewrite dot_scal_r.
      destruct (Nat.eq_dec k n); [lia|reflexivity].
    - intros k _. rewrite !dot_scal_r. ring. }
  rewrite E, En by exact Hi. unfold delta at 1. destruct (Nat.eq_dec i n) as [->|Hin].
  - rewrite (dot_sym d (x n)). unfold delta. destruct (Nat.eq_dec n j); [lia|ring].
  - unfold p. rewrite HC by lia. ring.
Qed.

Theorem independent_inverse n d x : independent n d x -> exists B, inverse_gram n d x B.
Proof.
  intros H. destruct (dual_basis n d x H) as [C HC]. exists (fun k j => C j k). intros i j Hi Hj.
  rewrite <- (HC i j Hi Hj), dot_vsum_r. apply rsum_ext. intros k _. rewrite dot_scal_r. ring.
Qed.

(** The pole: w = S^{-1/2} Σ_j (B 1)_j x_j has <x_i, w> = S^{-1/2} for every i, S = 1^T B 1 >= 1. *)
Theorem pole n d x B : (0 < n)%nat -> on_sphere n d x -> inverse_gram n d x B ->
  1 <= total n B /\ exists w, dot d w w = 1 /\
  forall i, (i < n)%nat -> dot d (x i) w = / sqrt (total n B).
Proof.
  intros Hn Hs HB.
  set (c := fun k => rsum n (fun j => B k j)). set (v := vsum n (fun k => scal (c k) (x k))).
  assert (Hv : forall i, (i < n)%nat -> dot d (x i) v = 1).
  { intros i Hi. unfold v. rewrite dot_vsum_r.
    rewrite (rsum_ext n _ (fun k => rsum n (fun j => dot d (x i) (x k) * B k j))).
    - rewrite rsum_swap. rewrite (rsum_ext n _ (fun j => 1 * delta j i)).
      + apply (rsum_delta n (fun _ => 1)). exact Hi.
      + intros j Hj. rewrite HB by auto. unfold delta.
        destruct (Nat.eq_dec i j), (Nat.eq_dec j i); try lia; ring.
    - intros k _. rewrite dot_scal_r, Rmult_comm. unfold c. rewrite <- rsum_scal. reflexivity. }
  assert (Hvv : dot d v v = total n B).
  { unfold v at 1. rewrite dot_vsum_l. apply rsum_ext. intros k Hk. rewrite dot_scal_l, Hv by exact Hk.
    unfold c. ring. }
  assert (HS : 1 <= total n B).
  { rewrite <- Hvv. pose proof (cauchy_schwarz d (x 0%nat) v) as E. rewrite Hv, Hs in E by exact Hn. lra. }
  split; [exact HS|]. assert (Hq : 0 < sqrt (total n B)) by (apply sqrt_lt_R0; lra).
  exists (scal (/ sqrt (total n B)) v). split.
  - rewrite dot_scal_l, dot_scal_r, Hvv. rewrite <- (sqrt_sqrt (total n B)) at 3 by lra. field. lra.
  - intros i Hi. rewrite dot_scal_r, Hv by exact Hi. ring.
Qed.

Lemma pole_constant S : 1 <= S -> / (/ sqrt S) ^ 2 - 1 = S - 1.
Proof.
  intros H. assert (0 < sqrt S) by (apply sqrt_lt_R0; lra). f_equal.
  rewrite <- (sqrt_sqrt S) at 2 by lra. field. lra.
Qed.

Theorem theorem_6_3_SA (n d : nat) (b : R) (m : nat -> R) (x : R -> nat -> vec) :
  (0 < n)%nat -> positive_masses n m -> 0 <= b ->
  solves n d (SA n d b m) x -> on_sphere n d (x 0) -> independent n d (x 0) ->
  exists B, inverse_gram n d (x 0) B /\ 1 <= total n B /\
  exists p : vec, dot d p p = 1 /\ forall i t, (i < n)%nat -> 0 <= t ->
    norm d (sub (x t i) p)
      <= 2 * sqrt (total n B - 1) * exp (- (/ sqrt (total n B) * exp (- (2 * b))) * t).
Proof.
  intros Hn Hm Hb Hx Hs Hi. destruct (independent_inverse n d (x 0) Hi) as [B HB]. exists B.
  split; [exact HB|]. destruct (pole n d (x 0) B Hn Hs HB) as [HS [w [Hw Hh]]]. split; [exact HS|].
  rewrite <- (pole_constant _ HS).
  destruct (lemma_6_4_SA n d b (/ sqrt (total n B)) m x w Hn Hm Hb Hx Hs Hw) as [p [Hp [_ Hd]]].
  - apply Rinv_0_lt_compat, sqrt_lt_R0. lra.
  - intros i Hi'. right. symmetry. auto.
  - exists p. split; [exact Hp|exact Hd].
Qed.

Theorem theorem_6_3_USA (n d : nat) (b : R) (m : nat -> R) (x : R -> nat -> vec) :
  (0 < n)%nat -> positive_masses n m -> 0 <= b ->
  solves n d (USA n d b m) x -> on_sphere n d (x 0) -> independent n d (x 0) ->
  exists B, inverse_gram n d (x 0) B /\ 1 <= total n B /\
  exists p : vec, dot d p p = 1 /\ forall i t, (i < n)%nat -> 0 <= t ->
    norm d (sub (x t i) p)
      <= 2 * sqrt (total n B - 1) * exp (- (/ sqrt (total n B) * exp (- b)) * t).
Proof.
  intros Hn Hm Hb Hx Hs Hi. destruct (independent_inverse n d (x 0) Hi) as [B HB]. exists B.
  split; [exact HB|]. destruct (pole n d (x 0) B Hn Hs HB) as [HS [w [Hw Hh]]]. split; [exact HS|].
  rewrite <- (pole_constant _ HS).
  destruct (lemma_6_4_USA n d b (/ sqrt (total n B)) m x w Hn Hm Hb Hx Hs Hw) as [p [Hp [_ Hd]]].
  - apply Rinv_0_lt_compat, sqrt_lt_R0. lra.
  - intros i Hi'. right. symmetry. auto.
  - exists p. split; [exact Hp|exact Hd].
Qed.

Theorem theorem_6_3_QK_SA (n d q : nat) (Q K : nat -> vec) (N b : R) (m : nat -> R)
  (x : R -> nat -> vec) :
  (0 < n)%nat -> positive_masses n m -> bounds_scores d q Q K N ->
  solves n d (QK_SA n d q Q K b m) x -> on_sphere n d (x 0) -> independent n d (x 0) ->
  exists B, inverse_gram n d (x 0) B /\ 1 <= total n B /\
  exists p : vec, dot d p p = 1 /\ forall i t, (i < n)%nat -> 0 <= t ->
    norm d (sub (x t i) p) <= 2 * sqrt (total n B - 1)
      * exp (- (/ sqrt (total n B) * exp (- (2 * (Rabs b * N)))) * t).
Proof.
  intros Hn Hm HN Hx Hs Hi. destruct (independent_inverse n d (x 0) Hi) as [B HB]. exists B.
  split; [exact HB|]. destruct (pole n d (x 0) B Hn Hs HB) as [HS [w [Hw Hh]]]. split; [exact HS|].
  rewrite <- (pole_constant _ HS).
  destruct (lemma_6_4_QK_SA n d q Q K N b (/ sqrt (total n B)) m x w Hn Hm HN Hx Hs Hw)
    as [p [Hp [_ Hd]]].
  - apply Rinv_0_lt_compat, sqrt_lt_R0. lra.
  - intros i Hi'. right. symmetry. auto.
  - exists p. split; [exact Hp|exact Hd].
Qed.

Theorem theorem_6_3_QK_USA (n d q : nat) (Q K : nat -> vec) (N b : R) (m : nat -> R)
  (x : R -> nat -> vec) :
  (0 < n)%nat -> positive_masses n m -> bounds_scores d q Q K N ->
  solves n d (QK_USA n d q Q K b m) x -> on_sphere n d (x 0) -> independent n d (x 0) ->
  exists B, inverse_gram n d (x 0) B /\ 1 <= total n B /\
  exists p : vec, dot d p p = 1 /\ forall i t, (i < n)%nat -> 0 <= t ->
    norm d (sub (x t i) p) <= 2 * sqrt (total n B - 1)
      * exp (- (/ sqrt (total n B) * exp (- (Rabs b * N))) * t).
Proof.
  intros Hn Hm HN Hx Hs Hi. destruct (independent_inverse n d (x 0) Hi) as [B HB]. exists B.
  split; [exact HB|]. destruct (pole n d (x 0) B Hn Hs HB) as [HS [w [Hw Hh]]]. split; [exact HS|].
  rewrite <- (pole_constant _ HS).
  destruct (lemma_6_4_QK_USA n d q Q K N b (/ sqrt (total n B)) m x w Hn Hm HN Hx Hs Hw)
    as [p [Hp [_ Hd]]].
  - apply Rinv_0_lt_compat, sqrt_lt_R0. lra.
  - intros i Hi'. right. symmetry. auto.
  - exists p. split; [exact Hp|exact Hd].
Qed.
