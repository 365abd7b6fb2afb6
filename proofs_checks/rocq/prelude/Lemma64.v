(** Lemma 6.4: tokens of an open hemisphere meet at one point, exponentially. Any n, d, masses and
    trajectory; (SA), (USA), and both with query and key matrices. *)
From Coq Require Import Reals Lra Lia Psatz.
From Coquelicot Require Import Coquelicot.
From attnflow Require Import Ode Space Contraction Cone Models.
Open Scope R_scope.

Theorem lemma_6_4_SA (n d : nat) (b r0 : R) (m : nat -> R) (x : R -> nat -> vec) (w : vec) :
  (0 < n)%nat -> positive_masses n m -> 0 <= b ->
  solves n d (SA n d b m) x -> on_sphere n d (x 0) ->
  dot d w w = 1 -> 0 < r0 -> (forall i, (i < n)%nat -> r0 <= dot d (x 0 i) w) ->
  exists p : vec, dot d p p = 1 /\ 0 < dot d p w /\
    forall i t, (i < n)%nat -> 0 <= t ->
    norm d (sub (x t i) p) <= 2 * sqrt (/ r0 ^ 2 - 1) * exp (- (r0 * exp (- (2 * b))) * t).
Proof.
  intros Hn Hm Hb Hx H0 Hw Hr Hh. pose proof (SA_sphere n d b m x Hm Hx H0) as Hs.
  apply (cone_collapse n d _ x w m r0 _ Hn (SA_drawn _ _ _ _ _ Hx) Hs); auto.
  - intros j Hj. apply Rlt_le, Hm, Hj.
  - apply Hm.
  - apply exp_pos.
  - intros i j t Hi Hj Ht. apply least_softmax; auto. intros k Hk.
    rewrite <- (Rabs_pos_eq b Hb) at 2. apply scores_bound; apply Hs; auto.
Qed.

Theorem lemma_6_4_USA (n d : nat) (b r0 : R) (m : nat -> R) (x : R -> nat -> vec) (w : vec) :
  (0 < n)%nat -> positive_masses n m -> 0 <= b ->
  solves n d (USA n d b m) x -> on_sphere n d (x 0) ->
  dot d w w = 1 -> 0 < r0 -> (forall i, (i < n)%nat -> r0 <= dot d (x 0 i) w) ->
  exists p : vec, dot d p p = 1 /\ 0 < dot d p w /\
    forall i t, (i < n)%nat -> 0 <= t ->
    norm d (sub (x t i) p) <= 2 * sqrt (/ r0 ^ 2 - 1) * exp (- (r0 * exp (- b)) * t).
Proof.
  intros Hn Hm Hb Hx H0 Hw Hr Hh. pose proof (USA_sphere n d b m x Hx H0) as Hs.
  apply (cone_collapse n d _ x w m r0 _ Hn (USA_drawn _ _ _ _ _ Hx) Hs); auto.
  - intros j Hj. apply Rlt_le, Hm, Hj.
  - apply Hm.
  - apply exp_pos.
  - intros i j t Hi Hj Ht. apply (least_kernel n); auto.
    rewrite <- (Rabs_pos_eq b Hb) at 2. apply scores_bound; apply Hs; auto.
Qed.

(** N is any bound of |<Q u, K v>| over unit vectors; the least one is the operator norm of Q^T K. *)
Definition bounds_scores (d q : nat) (Q K : nat -> vec) (N : R) : Prop :=
  forall u v : vec, dot d u u = 1 -> dot d v v = 1 ->
  Rabs (dot q (matvec d Q u) (matvec d K v)) <= N.

Lemma QK_scores_bound d q Q K N b x i j : bounds_scores d q Q K N ->
  dot d (x i) (x i) = 1 -> dot d (x j) (x j) = 1 ->
  Rabs (QK_scores d q Q K b x i j) <= Rabs b * N.
Proof.
  intros HN Hi Hj. unfold QK_scores. rewrite Rabs_mult. apply Rmult_le_compat_l; [apply Rabs_pos|].
  apply HN; auto.
Qed.

Theorem lemma_6_4_QK_SA (n d q : nat) (Q K : nat -> vec) (N b r0 : R) (m : nat -> R)
  (x : R -> nat -> vec) (w : vec) :
  (0 < n)%nat -> positive_masses n m -> bounds_scores d q Q K N ->
  solves n d (QK_SA n d q Q K b m) x -> on_sphere n d (x 0) ->
  dot d w w = 1 -> 0 < r0 -> (forall i, (i < n)%nat -> r0 <= dot d (x 0 i) w) ->
  exists p : vec, dot d p p = 1 /\ 0 < dot d p w /\
    forall i t, (i < n)%nat -> 0 <= t ->
    norm d (sub (x t i) p) <=
      2 * sqrt (/ r0 ^ 2 - 1) * exp (- (r0 * exp (- (2 * (Rabs b * N)))) * t).
Proof.
  intros Hn Hm HN Hx H0 Hw Hr Hh. pose proof (QK_SA_sphere n d q Q K b m x Hm Hx H0) as Hs.
  apply (cone_collapse n d (fun t i j => softmax n m (QK_scores d q Q K b (x t) i) j)
    x w m r0 _ Hn Hx Hs); auto.
  - intros j Hj. apply Rlt_le, Hm, Hj.
  - apply Hm.
  - apply exp_pos.
  - intros i j t Hi Hj Ht. apply least_softmax; auto. intros k Hk.
    apply QK_scores_bound; auto; apply Hs; auto.
Qed.

Theorem lemma_6_4_QK_USA (n d q : nat) (Q K : nat -> vec) (N b r0 : R) (m : nat -> R)
  (x : R -> nat -> vec) (w : vec) :
  (0 < n)%nat -> positive_masses n m -> bounds_scores d q Q K N ->
  solves n d (QK_USA n d q Q K b m) x -> on_sphere n d (x 0) ->
  dot d w w = 1 -> 0 < r0 -> (forall i, (i < n)%nat -> r0 <= dot d (x 0 i) w) ->
  exists p : vec, dot d p p = 1 /\ 0 < dot d p w /\
    forall i t, (i < n)%nat -> 0 <= t ->
    norm d (sub (x t i) p) <=
      2 * sqrt (/ r0 ^ 2 - 1) * exp (- (r0 * exp (- (Rabs b * N))) * t).
Proof.
  intros Hn Hm HN Hx H0 Hw Hr Hh. pose proof (QK_USA_sphere n d q Q K b m x Hx H0) as Hs.
  apply (cone_collapse n d (fun t i j => kernel m (QK_scores d q Q K b (x t) i) j)
    x w m r0 _ Hn Hx Hs); auto.
  - intros j Hj. apply Rlt_le, Hm, Hj.
  - apply Hm.
  - apply exp_pos.
  - intros i j t Hi Hj Ht. apply (least_kernel n); auto.
    apply QK_scores_bound; auto; apply Hs; auto.
Qed.
