(** R^d by coordinates: sums with a symbolic number of terms, inner products, derivatives. *)
From Coq Require Import Reals Lra Lia Psatz.
From Coquelicot Require Import Coquelicot.
Open Scope R_scope.

Fixpoint rsum (n : nat) (f : nat -> R) : R :=
  match n with O => 0 | S k => rsum k f + f k end.

Lemma rsum_ext n f g : (forall k, (k < n)%nat -> f k = g k) -> rsum n f = rsum n g.
Proof. induction n; intros H; simpl; [reflexivity|]. rewrite IHn, H; auto. Qed.

Lemma rsum_plus n f g : rsum n (fun k => f k + g k) = rsum n f + rsum n g.
Proof. induction n; simpl; lra. Qed.

Lemma rsum_scal n c f : rsum n (fun k => c * f k) = c * rsum n f.
Proof. induction n; simpl; lra. Qed.

Lemma rsum_minus n f g : rsum n (fun k => f k - g k) = rsum n f - rsum n g.
Proof. induction n; simpl; lra. Qed.

Lemma rsum_zero n : rsum n (fun _ => 0) = 0.
Proof. induction n; simpl; lra. Qed.

Lemma rsum_const n c : rsum n (fun _ => c) = INR n * c.
Proof. induction n; [simpl; ring|]. rewrite S_INR. simpl rsum. lra. Qed.

Lemma rsum_le n f g : (forall k, (k < n)%nat -> f k <= g k) -> rsum n f <= rsum n g.
Proof.
  induction n; intros H; simpl; [lra|]. apply Rplus_le_compat; [apply IHn|apply H]; auto.
Qed.

Lemma rsum_nonneg n f : (forall k, (k < n)%nat -> 0 <= f k) -> 0 <= rsum n f.
Proof. intros H. rewrite <- (rsum_zero n). apply rsum_le. exact H. Qed.

Lemma rsum_pos n f : (0 < n)%nat -> (forall k, (k < n)%nat -> 0 < f k) -> 0 < rsum n f.
Proof.
  intros Hn H. destruct n; [lia|]. simpl.
  assert (0 <= rsum n f) by (apply rsum_nonneg; intros; apply Rlt_le, H; lia).
  assert (0 < f n) by (apply H; lia). lra.
Qed.

Lemma rsum_term n f k : (forall j, (j < n)%nat -> 0 <= f j) -> (k < n)%nat -> f k <= rsum n f.
Proof.
  induction n; intros H Hk; [lia|]. simpl.
  assert (0 <= rsum n f) by (apply rsum_nonneg; auto).
  destruct (Nat.eq_dec k n) as [->|]; [lra|].
  assert (f k <= rsum n f) by (apply IHn; auto; lia).
  assert (0 <= f n) by auto. lra.
Qed.

Lemma rsum_swap n p f :
  rsum n (fun j => rsum p (fun k => f j k)) = rsum p (fun k => rsum n (fun j => f j k)).
Proof.
  induction n; simpl; [symmetry; apply rsum_zero|]. rewrite IHn, <- rsum_plus. reflexivity.
Qed.

Lemma rsum_abs n f : Rabs (rsum n f) <= rsum n (fun k => Rabs (f k)).
Proof.
  induction n; simpl; [rewrite Rabs_R0; lra|].
  apply Rle_trans with (1 := Rabs_triang _ _). lra.
Qed.

Lemma derive_rsum n (f df : nat -> R -> R) t :
  (forall k, (k < n)%nat -> is_derive (f k) t (df k t)) ->
  is_derive (fun s => rsum n (fun k => f k s)) t (rsum n (fun k => df k t)).
Proof.
  induction n; intros H; simpl.
  - apply (is_derive_const 0).
  - apply (is_derive_plus (fun s => rsum n (fun k => f k s)) (f n)); auto.
Qed.

Lemma continuous_rsum n (f : nat -> R -> R) t :
  (forall k, (k < n)%nat -> continuous (f k) t) -> continuous (fun s => rsum n (fun k => f k s)) t.
Proof.
  induction n; intros H; simpl.
  - apply continuous_const.
  - apply (continuous_plus (fun s => rsum n (fun k => f k s)) (f n)); auto.
Qed.

Lemma derive_mult (f g : R -> R) t a b : is_derive f t a -> is_derive g t b ->
  is_derive (fun s => f s * g s) t (a * g t + f t * b).
Proof. intros Hf Hg. apply (is_derive_mult f g t a b); auto. intros. apply Rmult_comm. Qed.

Lemma derive_scal c (f : R -> R) t a : is_derive f t a -> is_derive (fun s => c * f s) t (c * a).
Proof.
  intros H. replace (c * a) with (0 * f t + c * a) by ring.
  apply (derive_mult (fun _ => c)); [apply (is_derive_const c)|exact H].
Qed.

Lemma derive_exp (f : R -> R) t a : is_derive f t a ->
  is_derive (fun s => exp (f s)) t (a * exp (f t)).
Proof. intros H. apply (is_derive_comp exp f t); [apply is_derive_exp|exact H]. Qed.

Definition vec := nat -> R.
Definition dot (d : nat) (u v : vec) : R := rsum d (fun k => u k * v k).
Definition norm (d : nat) (u : vec) : R := sqrt (dot d u u).
Definition sub (u v : vec) : vec := fun k => u k - v k.
(** The part of y tangent to the sphere at x. *)
Definition proj (d : nat) (x y : vec) : vec := fun k => y k - dot d x y * x k.
Definition vsum (n : nat) (y : nat -> vec) : vec := fun k => rsum n (fun j => y j k).
Definition scal (c : R) (u : vec) : vec := fun k => c * u k.

Lemma dot_ext d u u' v v' : (forall k, (k < d)%nat -> u k = u' k) ->
  (forall k, (k < d)%nat -> v k = v' k) -> dot d u v = dot d u' v'.
Proof. intros Hu Hv. apply rsum_ext. intros k Hk. rewrite Hu, Hv; auto. Qed.

Lemma dot_sym d u v : dot d u v = dot d v u.
Proof. apply rsum_ext. intros. ring. Qed.

Lemma dot_sub_l d u v w : dot d (sub u v) w = dot d u w - dot d v w.
Proof. unfold dot, sub. rewrite <- rsum_minus. apply rsum_ext. intros. ring. Qed.

Lemma dot_sub_r d u v w : dot d w (sub u v) = dot d w u - dot d w v.
Proof. rewrite 3!(dot_sym d w). apply dot_sub_l. Qed.

Lemma dot_scal_l d c u w : dot d (scal c u) w = c * dot d u w.
Proof. unfold dot, scal. rewrite <- rsum_scal. apply rsum_ext. intros. ring. Qed.

Lemma dot_scal_r d c u w : dot d w (scal c u) = c * dot d w u.
Proof. rewrite 2!(dot_sym d w). apply dot_scal_l. Qed.

Lemma dot_vsum_l d n y w : dot d (vsum n y) w = rsum n (fun j => dot d (y j) w).
Proof.
  unfold dot, vsum. rewrite rsum_swap. apply rsum_ext. intros k _.
  rewrite Rmult_comm, <- rsum_scal. apply rsum_ext. intros. ring.
Qed.

Lemma dot_vsum_r d n y w : dot d w (vsum n y) = rsum n (fun j => dot d w (y j)).
Proof. rewrite dot_sym, dot_vsum_l. apply rsum_ext. intros. apply dot_sym. Qed.

Lemma dot_proj_l d x y w : dot d (proj d x y) w = dot d y w - dot d x y * dot d x w.
Proof. change (proj d x y) with (sub y (scal (dot d x y) x)). rewrite dot_sub_l, dot_scal_l. ring. Qed.

Lemma dot_proj_r d x y w : dot d w (proj d x y) = dot d w y - dot d x y * dot d w x.
Proof. rewrite dot_sym, dot_proj_l, (dot_sym d y), (dot_sym d x w). ring. Qed.

Lemma dot_nonneg d u : 0 <= dot d u u.
Proof. apply rsum_nonneg. intros. nra. Qed.

Lemma dot_zero d u k : dot d u u = 0 -> (k < d)%nat -> u k = 0.
Proof.
  intros H Hk. assert (u k * u k <= dot d u u); [|nra].
  apply (rsum_term d (fun k => u k * u k)); auto. intros. nra.
Qed.

Theorem cauchy_schwarz d u v : dot d u v ^ 2 <= dot d u u * dot d v v.
Proof.
  set (a := dot d u u). set (b := dot d u v).
  pose proof (dot_nonneg d (sub (scal a v) (scal b u))) as H.
  repeat (rewrite dot_sub_l in H || rewrite dot_sub_r in H || rewrite dot_scal_l in H || rewrite dot_scal_r in H).
  rewrite (dot_sym d v u) in H. fold a b in H.
  assert (Ha : 0 <= a) by apply dot_nonneg.
  destruct (Req_dec a 0) as [E|E].
  - assert (b = 0).
    { unfold b. rewrite (dot_ext d u (fun _ => 0) v v); [|intros; apply (dot_zero d u); auto|auto].
      unfold dot. rewrite (rsum_ext d _ (fun _ => 0)); [apply rsum_zero|intros; ring]. }
    rewrite E, H0. lra.
  - assert (0 < a) by lra. assert (0 <= a * (a * dot d v v - b ^ 2)) by lra. nra.
Qed.

Lemma dot_unit d u v : dot d u u = 1 -> dot d v v = 1 -> -1 <= dot d u v <= 1.
Proof. intros Hu Hv. pose proof (cauchy_schwarz d u v) as H. rewrite Hu, Hv in H. nra. Qed.

Lemma derive_dot d (u v : R -> vec) (du dv : vec) t :
  (forall k, (k < d)%nat -> is_derive (fun s => u s k) t (du k)) ->
  (forall k, (k < d)%nat -> is_derive (fun s => v s k) t (dv k)) ->
  is_derive (fun s => dot d (u s) (v s)) t (dot d du (v t) + dot d (u t) dv).
Proof.
  intros Hu Hv. unfold dot. rewrite <- rsum_plus.
  apply (derive_rsum d (fun k s => u s k * v s k) (fun k s => du k * v s k + u s k * dv k)).
  intros k Hk. apply derive_mult; auto.
Qed.

Lemma derive_dot_r d (u : R -> vec) (du w : vec) t :
  (forall k, (k < d)%nat -> is_derive (fun s => u s k) t (du k)) ->
  is_derive (fun s => dot d (u s) w) t (dot d du w).
Proof.
  intros Hu. unfold dot.
  apply (derive_rsum d (fun k s => u s k * w k) (fun k s => du k * w k)).
  intros k Hk. replace (du k * w k) with (du k * w k + u t k * 0) by ring.
  apply (derive_mult (fun s => u s k) (fun _ => w k)); [auto|apply (is_derive_const (w k))].
Qed.
