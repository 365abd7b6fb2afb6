(** (3.6) along trajectories: the energy's derivative, and that the energy never falls. Any n, d,
    masses and trajectory; (SA) and (USA). *)
From Coq Require Import Reals Lra Lia Psatz.
From Coquelicot Require Import Coquelicot.
From attnflow Require Import Ode Space Contraction Cone Models.
Open Scope R_scope.

(** E = (1/2β) Σ_ij m_i m_j e^{β<x_i,x_j>}, and Z_i = Σ_k m_k e^{β<x_i,x_k>}. *)
Definition energy (n d : nat) (b : R) (m : nat -> R) (x : nat -> vec) : R :=
  / (2 * b) * rsum n (fun i => rsum n (fun j => m i * m j * exp (b * dot d (x i) (x j)))).
Definition partition (n d : nat) (b : R) (m : nat -> R) (x : nat -> vec) (i : nat) : R :=
  rsum n (fun k => m k * exp (b * dot d (x i) (x k))).

(** The derivative of the energy along any differentiable curve of tokens. *)
Theorem derive_energy n d b m (x : R -> nat -> vec) (v : nat -> vec) t : b <> 0 ->
  (forall i k, (i < n)%nat -> (k < d)%nat -> is_derive (fun s => x s i k) t (v i k)) ->
  is_derive (fun s => energy n d b m (x s)) t
    (rsum n (fun i => m i * dot d (v i) (vsum n (fun j => scal (kernel m (scores d b (x t) i) j) (x t j))))).
Proof.
  intros Hb Hx. unfold energy.
  set (g := fun i j => m i * m j * exp (b * dot d (x t i) (x t j))).
  assert (D : is_derive
    (fun s => rsum n (fun i => rsum n (fun j => m i * m j * exp (b * dot d (x s i) (x s j))))) t
    (rsum n (fun i => rsum n (fun j => b * (g i j * (dot d (v i) (x t j) + dot d (x t i) (v j))))))).
  { apply (derive_rsum n (fun i s => rsum n (fun j => m i * m j * exp (b * dot d (x s i) (x s j))))
      (fun i _ => rsum n (fun j => b * (g i j * (dot d (v i) (x t j) + dot d (x t i) (v j)))))).
    intros i Hi.
    apply (derive_rsum n (fun j s => m i * m j * exp (b * dot d (x s i) (x s j)))
      (fun j _ => b * (g i j * (dot d (v i) (x t j) + dot d (x t i) (v j))))).
    intros j Hj.
    pose proof (derive_dot d (fun s => x s i) (fun s => x s j) (v i) (v j) t
      (fun k Hk => Hx i k Hi Hk) (fun k Hk => Hx j k Hj Hk)) as E. cbv beta in E.
    pose proof (derive_scal (m i * m j) _ t _ (derive_exp _ t _ (derive_scal b _ t _ E))) as G.
    match type of G with is_derive _ _ ?l => replace (b * _) with l; [exact G|] end.
    unfold g. ring. }
  pose proof (derive_scal (/ (2 * b)) _ t _ D) as G.
  match type of G with is_derive _ _ ?l => replace (rsum n _) with l; [exact G|] end.
  clear G D.
  assert (S1 : rsum n (fun i => rsum n (fun j => g i j * dot d (x t i) (v j)))
    = rsum n (fun i => rsum n (fun j => g i j * dot d (v i) (x t j)))).
  { rewrite rsum_swap. apply rsum_ext. intros i _. apply rsum_ext. intros j _. unfold g.
    rewrite (dot_sym d (x t j) (x t i)), (dot_sym d (x t j) (v i)). ring. }
  assert (S2 : rsum n (fun i => rsum n (fun j => b * (g i j * (dot d (v i) (x t j) + dot d (x t i) (v j)))))
    = 2 * b * rsum n (fun i => rsum n (fun j => g i j * dot d (v i) (x t j)))).
  { replace (2 * b * rsum n (fun i => rsum n (fun j => g i j * dot d (v i) (x t j))))
      with (b * (rsum n (fun i => rsum n (fun j => g i j * dot d (v i) (x t j)))
        + rsum n (fun i => rsum n (fun j => g i j * dot d (x t i) (v j))))) by (rewrite S1; ring).
    rewrite <- rsum_plus, <- rsum_scal. apply rsum_ext. intros i _.
    rewrite <- rsum_plus, <- rsum_scal. apply rsum_ext. intros. ring. }
  rewrite S2, <- Rmult_assoc, Rinv_l, Rmult_1_l by lra.
  apply rsum_ext. intros i _. rewrite dot_vsum_r, <- rsum_scal. apply rsum_ext. intros j _.
  rewrite dot_scal_r. unfold g, kernel, scores. ring.
Qed.

Lemma proj_square d x y : dot d x x = 1 -> dot d (proj d x y) y = dot d (proj d x y) (proj d x y).
Proof. intros Hx. rewrite dot_proj_r, 2!dot_proj_l, Hx, (dot_sym d y x). ring. Qed.

(** (3.6) for (SA): E' = Σ_i m_i Z_i |x_i'|². *)
Theorem eq_3_6_SA (n d : nat) (b : R) (m : nat -> R) (x : R -> nat -> vec) :
  b <> 0 -> positive_masses n m -> solves n d (SA n d b m) x -> on_sphere n d (x 0) ->
  forall t, 0 <= t ->
  is_derive (fun s => energy n d b m (x s)) t
    (rsum n (fun i => m i * partition n d b m (x t) i
       * dot d (SA n d b m (x t) i) (SA n d b m (x t) i))).
Proof.
  intros Hb Hm Hx H0 t Ht. pose proof (SA_sphere n d b m x Hm Hx H0 t Ht) as Hs.
  pose proof (derive_energy n d b m x (SA n d b m (x t)) t Hb (fun i k Hi Hk => Hx i k t Hi Hk Ht)) as D.
  match type of D with is_derive _ _ ?l => replace (rsum n _) with l; [exact D|] end.
  apply rsum_ext. intros i Hi. rewrite Rmult_assoc. f_equal.
  pose proof (kernel_sum_pos n m (scores d b (x t) i) Hm) as HZ.
  set (Z := rsum n (kernel m (scores d b (x t) i))) in *.
  change (partition n d b m (x t) i) with Z. unfold SA.
  set (mean := vsum n (fun j => scal (softmax n m (scores d b (x t) i) j) (x t j))).
  rewrite <- proj_square by (apply Hs; exact Hi). rewrite <- dot_scal_r.
  apply dot_ext; [reflexivity|]. intros k _. unfold mean, vsum, scal. rewrite <- rsum_scal.
  apply rsum_ext. intros j _. unfold softmax.
  change (rsum n (fun k0 => m k0 * exp (scores d b (x t) i k0))) with Z. unfold kernel. field. lra.
Qed.

(** (3.6) for (USA): E' = Σ_i m_i |x_i'|². *)
Theorem eq_3_6_USA (n d : nat) (b : R) (m : nat -> R) (x : R -> nat -> vec) :
  b <> 0 -> solves n d (USA n d b m) x -> on_sphere n d (x 0) ->
  forall t, 0 <= t ->
  is_derive (fun s => energy n d b m (x s)) t
    (rsum n (fun i => m i * dot d (USA n d b m (x t) i) (USA n d b m (x t) i))).
Proof.
  intros Hb Hx H0 t Ht. pose proof (USA_sphere n d b m x Hx H0 t Ht) as Hs.
  pose proof (derive_energy n d b m x (USA n d b m (x t)) t Hb (fun i k Hi Hk => Hx i k t Hi Hk Ht)) as D.
  match type of D with is_derive _ _ ?l => replace (rsum n _) with l; [exact D|] end.
  apply rsum_ext. intros i Hi. f_equal. unfold USA. apply proj_square. apply Hs; exact Hi.
Qed.

(** A function whose derivative is >= 0 never falls. *)
Lemma rises (f df : R -> R) s t : 0 <= s <= t ->
  (forall u, 0 <= u -> is_derive f u (df u)) -> (forall u, 0 <= u -> 0 <= df u) -> f s <= f t.
Proof.
  intros Hst Hf Hdf.
  replace t with (s + (t - s)) by ring.
  refine (least_never_falls 1 (fun _ u => f (s + u)) (fun _ u => df (s + u)) (f s) (t - s)
    _ _ _ 0%nat (t - s) _ _); [| | |lia|lra].
  - intros _ _. right. f_equal. ring.
  - intros _ u _ Hu. replace (df (s + u)) with (1 * df (s + u)) by ring.
    apply (is_derive_comp f (fun v => s + v)); [apply Hf; lra|auto_derive; [auto|ring]].
  - intros _ u _ Hu _. apply Hdf. lra.
Qed.

Theorem energy_rises_SA (n d : nat) (b : R) (m : nat -> R) (x : R -> nat -> vec) :
  b <> 0 -> positive_masses n m -> solves n d (SA n d b m) x -> on_sphere n d (x 0) ->
  forall s t, 0 <= s <= t -> energy n d b m (x s) <= energy n d b m (x t).
Proof.
  intros Hb Hm Hx H0 s t Hst.
  apply (rises _ _ s t Hst (fun u Hu => eq_3_6_SA n d b m x Hb Hm Hx H0 u Hu)).
  intros u Hu. apply rsum_nonneg. intros i Hi. apply Rmult_le_pos; [|apply dot_nonneg].
  apply Rmult_le_pos; apply Rlt_le; [apply Hm, Hi|]. apply (kernel_sum_pos n m (scores d b (x u) i) Hm).
Qed.

Theorem energy_rises_USA (n d : nat) (b : R) (m : nat -> R) (x : R -> nat -> vec) :
  b <> 0 -> positive_masses n m -> solves n d (USA n d b m) x -> on_sphere n d (x 0) ->
  forall s t, 0 <= s <= t -> energy n d b m (x s) <= energy n d b m (x t).
Proof.
  intros Hb Hm Hx H0 s t Hst.
  apply (rises _ _ s t Hst (fun u Hu => eq_3_6_USA n d b m x Hb Hx H0 u Hu)).
  intros u Hu. apply rsum_nonneg. intros i Hi. apply Rmult_le_pos; [|apply dot_nonneg].
  apply Rlt_le, Hm, Hi.
Qed.
