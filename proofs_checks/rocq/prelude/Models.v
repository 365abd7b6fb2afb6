(** The models (SA) and (USA), with query and key matrices and masses, as differential equations for
    the coordinates of n tokens in R^d. *)
From Coq Require Import Reals Lra Lia Psatz.
From Coquelicot Require Import Coquelicot.
From attnflow Require Import Ode Space Contraction Cone.
Open Scope R_scope.

(** Weights of the tokens with the scores l_j: softmax with masses, and without the denominator. *)
Definition softmax (n : nat) (m l : nat -> R) (j : nat) : R :=
  m j * exp (l j) / rsum n (fun k => m k * exp (l k)).
Definition kernel (m l : nat -> R) (j : nat) : R := m j * exp (l j).

Definition matvec (d : nat) (Q : nat -> vec) (u : vec) : vec := fun p => dot d (Q p) u.
(** The scores of a row: β <x_i, x_j>, and β <Q x_i, K x_j> with Q and K of q rows. *)
Definition scores (d : nat) (b : R) (x : nat -> vec) (i j : nat) : R := b * dot d (x i) (x j).
Definition QK_scores (d q : nat) (Q K : nat -> vec) (b : R) (x : nat -> vec) (i j : nat) : R :=
  b * dot q (matvec d Q (x i)) (matvec d K (x j)).

Definition SA (n d : nat) (b : R) (m : nat -> R) (x : nat -> vec) (i : nat) : vec :=
  proj d (x i) (vsum n (fun j => scal (softmax n m (scores d b x i) j) (x j))).
Definition USA (n d : nat) (b : R) (m : nat -> R) (x : nat -> vec) (i : nat) : vec :=
  proj d (x i) (vsum n (fun j => scal (kernel m (scores d b x i) j) (x j))).
Definition QK_SA (n d q : nat) (Q K : nat -> vec) (b : R) (m : nat -> R) (x : nat -> vec) (i : nat)
  : vec := proj d (x i) (vsum n (fun j => scal (softmax n m (QK_scores d q Q K b x i) j) (x j))).
Definition QK_USA (n d q : nat) (Q K : nat -> vec) (b : R) (m : nat -> R) (x : nat -> vec) (i : nat)
  : vec := proj d (x i) (vsum n (fun j => scal (kernel m (QK_scores d q Q K b x i) j) (x j))).

(** x is a trajectory: its coordinates solve x_i' = F_i(x) at every t >= 0. *)
Definition solves (n d : nat) (F : (nat -> vec) -> nat -> vec) (x : R -> nat -> vec) : Prop :=
  forall i k t, (i < n)%nat -> (k < d)%nat -> 0 <= t ->
  is_derive (fun s => x s i k) t (F (x t) i k).

Definition positive_masses (n : nat) (m : nat -> R) : Prop :=
  (forall j, (j < n)%nat -> 0 < m j) /\ rsum n m = 1.

Lemma solves_continuous n d F x i k t : solves n d F x -> (i < n)%nat -> (k < d)%nat -> 0 <= t ->
  continuous (fun s => x s i k) t.
Proof. intros H Hi Hk Ht. eapply derive_continuous, H; auto. Qed.

Lemma continuous_kernel m (l : R -> nat -> R) j t : continuous (fun s => l s j) t ->
  continuous (fun s => kernel m (l s) j) t.
Proof.
  intros H. apply (continuous_scal_r (m j) (fun s => exp (l s j))).
  apply (continuous_comp (fun s => l s j) exp); [exact H|].
  apply (derive_continuous _ _ _ (is_derive_exp _)).
Qed.

Lemma kernel_pos n m l j : positive_masses n m -> (j < n)%nat -> 0 < kernel m l j.
Proof. intros [Hm _] Hj. apply Rmult_lt_0_compat; [auto|apply exp_pos]. Qed.

Lemma kernel_sum_pos n m l : positive_masses n m -> 0 < rsum n (kernel m l).
Proof.
  intros Hm. apply rsum_pos; [|intros; apply (kernel_pos n); auto].
  destruct n; [|lia]. destruct Hm as [_ H]. simpl in H. lra.
Qed.

Lemma continuous_softmax n m (l : R -> nat -> R) j t : positive_masses n m -> (j < n)%nat ->
  (forall k, (k < n)%nat -> continuous (fun s => l s k) t) ->
  continuous (fun s => softmax n m (l s) j) t.
Proof.
  intros Hm Hj H. apply (continuous_mult (fun s => kernel m (l s) j)).
  - apply continuous_kernel. auto.
  - apply (continuous_comp (fun s => rsum n (kernel m (l s))) Rinv).
    + apply (continuous_rsum n (fun k s => kernel m (l s) k)). intros. apply continuous_kernel. auto.
    + apply continuous_Rinv. pose proof (kernel_sum_pos n m (l t) Hm). lra.
Qed.

Lemma continuous_matvec d Q (u : R -> vec) p t :
  (forall k, (k < d)%nat -> continuous (fun s => u s k) t) ->
  continuous (fun s => matvec d Q (u s) p) t.
Proof.
  intros H. apply (continuous_dot d (fun _ => Q p)); [|exact H]. intros. apply continuous_const.
Qed.

Lemma continuous_QK_scores d q Q K b (x : R -> nat -> vec) i j t :
  (forall k, (k < d)%nat -> continuous (fun s => x s i k) t) ->
  (forall k, (k < d)%nat -> continuous (fun s => x s j k) t) ->
  continuous (fun s => QK_scores d q Q K b (x s) i j) t.
Proof.
  intros Hi Hj.
  apply (continuous_scal_r b (fun s => dot q (matvec d Q (x s i)) (matvec d K (x s j)))).
  apply continuous_dot; intros; apply (continuous_matvec d _ (fun s => x s _)); auto.
Qed.

Lemma continuous_scores d b (x : R -> nat -> vec) i j t :
  (forall k, (k < d)%nat -> continuous (fun s => x s i k) t) ->
  (forall k, (k < d)%nat -> continuous (fun s => x s j k) t) ->
  continuous (fun s => scores d b (x s) i j) t.
Proof.
  intros Hi Hj. apply (continuous_scal_r b (fun s => dot d (x s i) (x s j))).
  apply (continuous_dot d (fun s => x s i)); auto.
Qed.

(** Rule "least weight of exponentials": |l_k| <= L, masses of sum 1. *)
Theorem least_kernel n m l j L : positive_masses n m -> (j < n)%nat -> Rabs (l j) <= L ->
  exp (- L) * m j <= kernel m l j.
Proof.
  intros [Hm _] Hj HL. unfold kernel. rewrite Rmult_comm. apply Rmult_le_compat_l; [apply Rlt_le; auto|].
  apply exp_monotone. apply Rabs_le_between in HL. lra.
Qed.

Theorem least_softmax n m l j L : positive_masses n m -> (j < n)%nat ->
  (forall k, (k < n)%nat -> Rabs (l k) <= L) -> exp (- (2 * L)) * m j <= softmax n m l j.
Proof.
  intros Hm Hj HL.
  assert (HZ : rsum n (kernel m l) <= exp L).
  { destruct Hm as [Hp Hs]. rewrite <- (Rmult_1_r (exp L)), <- Hs, <- rsum_scal. apply rsum_le.
    intros k Hk. unfold kernel. rewrite Rmult_comm. apply Rmult_le_compat_r; [apply Rlt_le; auto|].
    apply exp_monotone. specialize (HL k Hk). apply Rabs_le_between in HL. lra. }
  pose proof (least_kernel n m l j L Hm Hj (HL j Hj)) as Hk.
  pose proof (kernel_sum_pos n m l Hm) as Hz.
  unfold softmax. fold (kernel m l j). change (fun k => m k * exp (l k)) with (kernel m l).
  replace (- (2 * L)) with (- L + - L) by ring. rewrite exp_plus.
  apply Rmult_le_reg_r with (rsum n (kernel m l)); [assumption|].
  unfold Rdiv. rewrite (Rmult_assoc (kernel m l j)), Rinv_l, Rmult_1_r by lra.
  apply Rle_trans with (2 := Hk).
  replace (exp (- L) * exp (- L) * m j * rsum n (kernel m l))
    with (exp (- L) * m j * (exp (- L) * rsum n (kernel m l))) by ring.
  assert (0 < exp (- L) * m j) by (apply Rmult_lt_0_compat; [apply exp_pos|apply Hm; auto]).
  assert (exp (- L) * rsum n (kernel m l) <= 1).
  { apply Rle_trans with (exp (- L) * exp L); [apply Rmult_le_compat_l; [apply Rlt_le, exp_pos|auto]|].
    rewrite <- exp_plus, Rplus_opp_l, exp_0. lra. }
  nra.
Qed.

(** Every one of the four models draws its tokens to averages. *)
Lemma SA_drawn n d b m x : solves n d (SA n d b m) x ->
  drawn n d (fun t i j => softmax n m (scores d b (x t) i) j) x.
Proof. intros H i k t. apply H. Qed.

Lemma USA_drawn n d b m x : solves n d (USA n d b m) x ->
  drawn n d (fun t i j => kernel m (scores d b (x t) i) j) x.
Proof. intros H i k t. apply H. Qed.

Theorem SA_sphere n d b m x : positive_masses n m -> solves n d (SA n d b m) x ->
  on_sphere n d (x 0) -> forall t, 0 <= t -> on_sphere n d (x t).
Proof.
  intros Hm Hx. apply (sphere_kept n d _ x (SA_drawn _ _ _ _ _ Hx)). intros i j t Hi Hj Ht.
  apply (continuous_softmax n m (fun s => scores d b (x s) i)); auto.
  intros k Hk. apply continuous_scores; intros; eapply solves_continuous; eauto.
Qed.

Theorem USA_sphere n d b m x : solves n d (USA n d b m) x ->
  on_sphere n d (x 0) -> forall t, 0 <= t -> on_sphere n d (x t).
Proof.
  intros Hx. apply (sphere_kept n d _ x (USA_drawn _ _ _ _ _ Hx)). intros i j t Hi Hj Ht.
  apply (continuous_kernel m (fun s => scores d b (x s) i)).
  apply continuous_scores; intros; eapply solves_continuous; eauto.
Qed.

Theorem QK_SA_sphere n d q Q K b m x : positive_masses n m -> solves n d (QK_SA n d q Q K b m) x ->
  on_sphere n d (x 0) -> forall t, 0 <= t -> on_sphere n d (x t).
Proof.
  intros Hm Hx. apply (sphere_kept n d (fun t i j => softmax n m (QK_scores d q Q K b (x t) i) j) x Hx).
  intros i j t Hi Hj Ht. apply (continuous_softmax n m (fun s => QK_scores d q Q K b (x s) i)); auto.
  intros k Hk. apply continuous_QK_scores; intros; eapply solves_continuous; eauto.
Qed.

Theorem QK_USA_sphere n d q Q K b m x : solves n d (QK_USA n d q Q K b m) x ->
  on_sphere n d (x 0) -> forall t, 0 <= t -> on_sphere n d (x t).
Proof.
  intros Hx. apply (sphere_kept n d (fun t i j => kernel m (QK_scores d q Q K b (x t) i) j) x Hx).
  intros i j t Hi Hj Ht. apply (continuous_kernel m (fun s => QK_scores d q Q K b (x s) i)).
  apply continuous_QK_scores; intros; eapply solves_continuous; eauto.
Qed.

Lemma scores_bound d b x i j : dot d (x i) (x i) = 1 -> dot d (x j) (x j) = 1 ->
  Rabs (scores d b x i j) <= Rabs b.
Proof.
  intros Hi Hj. unfold scores. rewrite Rabs_mult. pose proof (Rabs_pos b).
  pose proof (dot_unit d (x i) (x j) Hi Hj).
  assert (Rabs (dot d (x i) (x j)) <= 1) by (apply Rabs_le; lra). nra.
Qed.
