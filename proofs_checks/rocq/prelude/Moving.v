(** A moving solution, n = 2 and d = 2, for every β: the hypotheses of the whole theorems can be met.
    The tokens are (1, ±e^{-τ}) on the unit circle, τ' = s(τ); for β = 0 it is τ = t. *)
From Coq Require Import Reals Lra Lia Psatz.
From Coquelicot Require Import Coquelicot.
From attnflow Require Import Ode Space Contraction Cone Models Lemma64 Theorem63 Dissipation Equiangular.
Open Scope R_scope.

Lemma mean_value (f df : R -> R) a c : (forall u, is_derive f u (df u)) ->
  exists z, Rmin a c <= z <= Rmax a c /\ f c - f a = df z * (c - a).
Proof.
  intros H. apply (MVT_gen f a c df); intros; [apply H|].
  apply continuity_pt_filterlim, (derive_continuous f _ (df x)), H.
Qed.

(** An autonomous equation with a continuous speed between two positive bounds has a solution. *)
Theorem quadrature (s : R -> R) lo hi : 0 < lo -> (forall u, continuous s u) ->
  (forall u, lo <= s u <= hi) ->
  exists tau : R -> R, tau 0 = 0 /\ forall t, is_derive tau t (s (tau t)).
Proof.
  intros Hlo Hs Hb.
  set (T := fun u => RInt (fun v => / s v) 0 u).
  assert (Hc : forall u, continuous (fun v => / s v) u).
  { intros u. apply (continuous_comp s Rinv); [apply Hs|]. apply continuous_Rinv.
    specialize (Hb u). lra. }
  assert (HT : forall u, is_derive T u (/ s u)).
  { intros u. apply (is_derive_RInt (fun v => / s v) T 0 u); [|apply Hc].
    exists (mkposreal 1 Rlt_0_1). intros y _. apply (RInt_correct (fun v => / s v) 0 y).
    apply (ex_RInt_continuous (V := R_CompleteNormedModule)). intros z _. apply Hc. }
  assert (HT0 : T 0 = 0) by apply (RInt_point 0 (fun v => / s v)).
  assert (Hhi : 0 < hi) by (specialize (Hb 0); lra).
  assert (Hinv : forall u, 0 < / s u /\ / hi <= / s u).
  { intros u. specialize (Hb u). split; [apply Rinv_0_lt_compat; lra|apply Rinv_le_contravar; lra]. }
  assert (Hex : forall t, {z | T z = t}).
  { intros t. set (Y := hi * (Rabs t + 1)).
    pose proof (Rabs_pos t) as Ha. pose proof (Rle_abs t) as Hu. pose proof (Rabs_maj2 t) as Hl.
    assert (HY : 0 < Y) by (apply Rmult_lt_0_compat; lra).
    assert (HYh : / hi * Y = Rabs t + 1) by (unfold Y; field; lra).
    destruct (IVT (fun z => T z - t) (- Y) Y) as [z [_ Hz]].
    - intros z. apply continuity_pt_filterlim.
      apply (continuous_minus T (fun _ => t)); [apply (derive_continuous T z _ (HT z))|apply continuous_const].
    - lra.
    - destruct (mean_value T (fun u => / s u) (- Y) 0 HT) as [c [_ E]]. specialize (Hinv c). nra.
    - destruct (mean_value T (fun u => / s u) 0 Y HT) as [c [_ E]]. specialize (Hinv c). nra.
    - exists z. lra. }
  set (tau := fun t => proj1_sig (Hex t)).
  assert (Htau : forall t, T (tau t) = t) by (intros t; unfold tau; destruct (Hex t); assumption).
  exists tau. split.
  - destruct (mean_value T (fun u => / s u) 0 (tau 0) HT) as [c [_ E]].
    rewrite Htau, HT0 in E. specialize (Hinv c). nra.
  - intros t. apply is_derive_Reals. intros e He.
    destruct (continuous_near s (tau t) e (Hs _) He) as [dl [Hdl Hn]].
    assert (Hdh : 0 < dl / hi) by (apply Rdiv_lt_0_compat; lra).
    exists (mkposreal _ Hdh). intros h Hh0 Hh. simpl in Hh.
    destruct (mean_value T (fun u => / s u) (tau t) (tau (t + h)) HT) as [c [Hc1 E]].
    rewrite !Htau in E. pose proof (Hb c) as Hbc. pose proof (Hinv c) as Hic.
    assert (E2 : tau (t + h) - tau t = s c * h).
    { replace h with (t + h - t) at 2 by ring. rewrite E. field. lra. }
    replace ((tau (t + h) - tau t) / h - s (tau t)) with (s c - s (tau t)) by (rewrite E2; field; lra).
    apply Hn.
    apply Rle_lt_trans with (Rabs (tau (t + h) - tau t)).
    + unfold Rmin, Rmax in Hc1. destruct (Rle_dec (tau t) (tau (t + h))).
      * rewrite !Rabs_right by lra. lra.
      * rewrite !Rabs_left1 by lra. lra.
    + rewrite E2, Rabs_mult, (Rabs_right (s c)) by lra.
      apply Rle_lt_trans with (hi * Rabs h); [apply Rmult_le_compat_r; [apply Rabs_pos|lra]|].
      apply Rlt_le_trans with (hi * (dl / hi)); [apply Rmult_lt_compat_l; lra|]. right. field. lra.
Qed.

(** The two tokens. *)
Definition radius (tau : R) : R := sqrt (1 + exp (- tau) * exp (- tau)).
Definition tokens (tau : R) (i : nat) : vec := fun k =>
  match k with
  | O => / radius tau
  | _ => match i with O => exp (- tau) / radius tau | _ => - (exp (- tau) / radius tau) end
  end.
Definition cosine (tau : R) : R := (1 - exp (- tau) * exp (- tau)) / (1 + exp (- tau) * exp (- tau)).

Lemma radius_pos tau : 0 < radius tau.
Proof. apply sqrt_lt_R0. pose proof (exp_pos (- tau)). nra. Qed.

Lemma radius_square tau : radius tau * radius tau = 1 + exp (- tau) * exp (- tau).
Proof. apply sqrt_sqrt. pose proof (exp_pos (- tau)). nra. Qed.

Lemma tokens_dot tau i j : (i < 2)%nat -> (j < 2)%nat ->
  dot 2 (tokens tau i) (tokens tau j) = if Nat.eq_dec i j then 1 else cosine tau.
Proof.
  intros Hi Hj. pose proof (radius_pos tau) as Hr. pose proof (radius_square tau) as Hq.
  pose proof (exp_pos (- tau)) as He. unfold dot. simpl rsum. unfold tokens, cosine. rewrite <- Hq.
  replace (1 - exp (- tau) * exp (- tau)) with (2 - radius tau * radius tau) by lra.
  assert (Ee : exp (- tau) * exp (- tau) = radius tau * radius tau - 1) by lra.
  destruct i as [|[|]]; [| |lia]; destruct j as [|[|]]; try lia; simpl.
  - replace (0 + / radius tau * / radius tau + exp (- tau) / radius tau * (exp (- tau) / radius tau))
      with ((1 + exp (- tau) * exp (- tau)) / (radius tau * radius tau)) by (field; lra).
    rewrite Ee. field. lra.
  - replace (0 + / radius tau * / radius tau + exp (- tau) / radius tau * - (exp (- tau) / radius tau))
      with ((1 - exp (- tau) * exp (- tau)) / (radius tau * radius tau)) by (field; lra).
    rewrite Ee. field. lra.
  - replace (0 + / radius tau * / radius tau + - (exp (- tau) / radius tau) * (exp (- tau) / radius tau))
      with ((1 - exp (- tau) * exp (- tau)) / (radius tau * radius tau)) by (field; lra).
    rewrite Ee. field. lra.
  - replace (0 + / radius tau * / radius tau + - (exp (- tau) / radius tau) * - (exp (- tau) / radius tau))
      with ((1 + exp (- tau) * exp (- tau)) / (radius tau * radius tau)) by (field; lra).
    rewrite Ee. field. lra.
Qed.

(** dx_i/dτ = (x_j - <x_i,x_j> x_i) / 2. *)
Lemma derive_tokens tau i k : (i < 2)%nat -> (k < 2)%nat ->
  is_derive (fun s => tokens s i k) tau (/ 2 * (tokens tau (1 - i) k - cosine tau * tokens tau i k)).
Proof.
  intros Hi Hk. pose proof (radius_pos tau) as Hr. pose proof (radius_square tau) as Hq.
  pose proof (exp_pos (- tau)) as He.
  assert (D1 : is_derive (fun s => exp (- s)) tau (- exp (- tau))) by (auto_derive; [auto|ring]).
  assert (D2 : is_derive radius tau (- (exp (- tau) * exp (- tau)) / radius tau)).
  { unfold radius. auto_derive; [nra|]. fold (radius tau). field. lra. }
  assert (D3 : is_derive (fun s => / radius s) tau (exp (- tau) * exp (- tau) / (radius tau ^ 3))).
  { pose proof (is_derive_inv radius tau _ D2 ltac:(lra)) as D.
    match type of D with is_derive _ _ ?l => replace (_ / radius tau ^ 3) with l; [exact D|] end.
    field. lra. }
  assert (D4 : is_derive (fun s => exp (- s) / radius s) tau (- exp (- tau) / (radius tau ^ 3))).
  { pose proof (derive_mult _ _ tau _ _ D1 D3) as D. cbv beta in D.
    match type of D with is_derive _ _ ?l => replace (_ / radius tau ^ 3) with l; [exact D|] end.
    replace (- exp (- tau) * / radius tau + exp (- tau) * (exp (- tau) * exp (- tau) / radius tau ^ 3))
      with (- exp (- tau) * (radius tau * radius tau - exp (- tau) * exp (- tau)) / radius tau ^ 3)
      by (field; lra).
    rewrite Hq. field. lra. }
  assert (Hg : cosine tau = (2 - radius tau * radius tau) / (radius tau * radius tau)).
  { unfold cosine. rewrite <- Hq. f_equal. lra. }
  assert (Ee : exp (- tau) * exp (- tau) = radius tau * radius tau - 1) by lra.
  rewrite Hg. destruct k as [|[|]]; [| |lia].
  - change (fun s => tokens s i 0%nat) with (fun s => / radius s).
    replace (/ 2 * _) with (exp (- tau) * exp (- tau) / radius tau ^ 3); [exact D3|].
    rewrite Ee. unfold tokens. field. lra.
  - destruct i as [|[|]]; [| |lia].
    + replace (/ 2 * _) with (- exp (- tau) / radius tau ^ 3); [exact D4|]. unfold tokens. simpl. field. lra.
    + replace (/ 2 * _) with (- (- exp (- tau) / radius tau ^ 3)).
      * apply (is_derive_opp (fun s => exp (- s) / radius s)). exact D4.
      * unfold tokens. simpl. field. lra.
Qed.

Lemma cosine_bounds tau : -1 <= cosine tau <= 1.
Proof.
  assert (H : cosine tau = dot 2 (tokens tau 0) (tokens tau 1)) by (rewrite tokens_dot by lia; reflexivity).
  rewrite H. apply dot_unit; rewrite tokens_dot by lia; reflexivity.
Qed.

(** With the weight a_01 = a_10 = s/2 of the other token, they are drawn to averages. *)
Lemma tokens_drawn (tau : R -> R) (s : R) (A : nat -> nat -> R) t :
  is_derive tau t s -> A 0%nat 1%nat = s / 2 -> A 1%nat 0%nat = s / 2 ->
  forall i k, (i < 2)%nat -> (k < 2)%nat ->
  is_derive (fun u => tokens (tau u) i k) t
    (proj 2 (tokens (tau t) i) (vsum 2 (fun j => scal (A i j) (tokens (tau t) j))) k).
Proof.
  intros Ht H01 H10 i k Hi Hk.
  pose proof (is_derive_comp (fun u => tokens u i k) tau t _ _ (derive_tokens (tau t) i k Hi Hk) Ht) as D.
  match type of D with is_derive _ _ ?l => replace (proj _ _ _ _) with l; [exact D|] end.
  unfold proj. rewrite dot_vsum_r. unfold vsum. simpl rsum. rewrite !dot_scal_r. unfold scal.
  rewrite !tokens_dot by lia.
  change (Hierarchy.scal s ?x) with (s * x).
  destruct i as [|[|]]; [| |lia]; simpl Nat.eq_dec; simpl Nat.sub; cbv iota; rewrite ?H01, ?H10;
    generalize (tokens (tau t) 0 k), (tokens (tau t) 1 k); intros p q;
    unfold Hierarchy.scal; simpl; unfold mult; simpl; field.
Qed.

Lemma continuous_cosine tau : continuous cosine tau.
Proof.
  apply (continuous_ext (fun s => dot 2 (tokens s 0) (tokens s 1))).
  - intros s. rewrite tokens_dot by lia. reflexivity.
  - apply continuous_dot; intros k Hk; eapply derive_continuous, derive_tokens; lia.
Qed.

Lemma cosine_score b tau : - Rabs b <= b * cosine tau <= Rabs b.
Proof.
  apply Rabs_le_between. rewrite Rabs_mult. pose proof (Rabs_pos b).
  assert (Rabs (cosine tau) <= 1) by (apply Rabs_le, cosine_bounds). nra.
Qed.

(** Twice the weight of the other token: for (SA), and for (USA). *)
Definition speed_SA (b tau : R) : R := 2 * exp (b * cosine tau) / (exp b + exp (b * cosine tau)).
Definition speed_USA (b tau : R) : R := exp (b * cosine tau).

Lemma continuous_speed b tau : continuous (fun s => exp (b * cosine s)) tau.
Proof.
  apply (continuous_comp (fun s => b * cosine s) exp).
  - apply (continuous_scal_r b cosine), continuous_cosine.
  - apply (derive_continuous _ _ _ (is_derive_exp _)).
Qed.

Lemma time_USA b : exists tau, tau 0 = 0 /\ forall t, is_derive tau t (speed_USA b (tau t)).
Proof.
  apply (quadrature (speed_USA b) (exp (- Rabs b)) (exp (Rabs b))); [apply exp_pos| |].
  - intros u. apply continuous_speed.
  - intros u. pose proof (cosine_score b u). split; apply exp_monotone; lra.
Qed.

Lemma time_SA b : exists tau, tau 0 = 0 /\ forall t, is_derive tau t (speed_SA b (tau t)).
Proof.
  assert (Hq : forall u, 0 < exp (b * cosine u) <= exp (Rabs b) /\ 0 < exp b <= exp (Rabs b)
    /\ exp (- Rabs b) <= exp (b * cosine u)).
  { intros u. pose proof (cosine_score b u). pose proof (Rle_abs b).
    repeat split; try apply exp_pos; apply exp_monotone; lra. }
  assert (HB : 0 < exp (Rabs b)) by apply exp_pos. assert (Hb : 0 < exp (- Rabs b)) by apply exp_pos.
  apply (quadrature (speed_SA b) (exp (- Rabs b) / exp (Rabs b)) 2).
  - apply Rdiv_lt_0_compat; assumption.
  - intros u. specialize (Hq u).
    apply (continuous_mult (fun s => 2 * exp (b * cosine s)) (fun s => / (exp b + exp (b * cosine s)))).
    + apply (continuous_scal_r 2 (fun s => exp (b * cosine s))), continuous_speed.
    + apply (continuous_comp (fun s => exp b + exp (b * cosine s)) Rinv).
      * apply (continuous_plus (fun _ => exp b)); [apply continuous_const|apply continuous_speed].
      * apply continuous_Rinv. lra.
  - intros u. specialize (Hq u). unfold speed_SA. split.
    + apply Rmult_le_reg_r with (exp b + exp (b * cosine u)); [lra|].
      replace (2 * exp (b * cosine u) / (exp b + exp (b * cosine u)) * (exp b + exp (b * cosine u)))
        with (2 * exp (b * cosine u)) by (field; lra).
      apply Rle_trans with (exp (- Rabs b) / exp (Rabs b) * (2 * exp (Rabs b))).
      * apply Rmult_le_compat_l; [apply Rlt_le, Rdiv_lt_0_compat; assumption|lra].
      * replace (exp (- Rabs b) / exp (Rabs b) * (2 * exp (Rabs b))) with (2 * exp (- Rabs b)) by (field; lra).
        lra.
    + apply Rmult_le_reg_r with (exp b + exp (b * cosine u)); [lra|].
      replace (2 * exp (b * cosine u) / (exp b + exp (b * cosine u)) * (exp b + exp (b * cosine u)))
        with (2 * exp (b * cosine u)) by (field; lra). lra.
Qed.

Lemma solves_SA b tau : (forall t, 0 <= t -> is_derive tau t (speed_SA b (tau t))) ->
  solves 2 2 (SA 2 2 b (equal_masses 2)) (fun t => tokens (tau t)).
Proof.
  intros Ht i k t Hi Hk H0. pose proof (exp_pos b). pose proof (exp_pos (b * cosine (tau t))).
  apply (tokens_drawn tau (speed_SA b (tau t))
    (fun i j => softmax 2 (equal_masses 2) (scores 2 b (tokens (tau t)) i) j) t (Ht t H0)); auto;
    unfold softmax, scores, equal_masses, speed_SA; simpl rsum; rewrite !tokens_dot by lia; simpl;
    rewrite Rmult_1_r; field; lra.
Qed.

Lemma solves_USA b tau : (forall t, 0 <= t -> is_derive tau t (speed_USA b (tau t))) ->
  solves 2 2 (USA 2 2 b (equal_masses 2)) (fun t => tokens (tau t)).
Proof.
  intros Ht i k t Hi Hk H0.
  apply (tokens_drawn tau (speed_USA b (tau t))
    (fun i j => kernel (equal_masses 2) (scores 2 b (tokens (tau t)) i) j) t (Ht t H0)); auto;
    unfold kernel, scores, equal_masses, speed_USA; rewrite !tokens_dot by lia; simpl; field.
Qed.

(** The query and key matrices of (SA) and (USA) themselves. *)
Definition identity : nat -> vec := fun p k => if Nat.eq_dec p k then 1 else 0.

Lemma identity_dot u v : dot 2 (matvec 2 identity u) (matvec 2 identity v) = dot 2 u v.
Proof. unfold dot, matvec, dot, identity. simpl. ring. Qed.

Lemma identity_bounds : bounds_scores 2 2 identity identity 1.
Proof.
  intros u v Hu Hv. rewrite identity_dot. apply Rabs_le. apply (dot_unit 2 u v Hu Hv).
Qed.

Lemma solves_QK_SA b tau : (forall t, 0 <= t -> is_derive tau t (speed_SA b (tau t))) ->
  solves 2 2 (QK_SA 2 2 2 identity identity b (equal_masses 2)) (fun t => tokens (tau t)).
Proof.
  intros Ht i k t Hi Hk H0. pose proof (exp_pos b). pose proof (exp_pos (b * cosine (tau t))).
  apply (tokens_drawn tau (speed_SA b (tau t))
    (fun i j => softmax 2 (equal_masses 2) (QK_scores 2 2 identity identity b (tokens (tau t)) i) j)
    t (Ht t H0)); auto;
    unfold softmax, QK_scores, equal_masses, speed_SA; simpl rsum; rewrite !identity_dot, !tokens_dot by lia;
    simpl; rewrite Rmult_1_r; field; lra.
Qed.

Lemma solves_QK_USA b tau : (forall t, 0 <= t -> is_derive tau t (speed_USA b (tau t))) ->
  solves 2 2 (QK_USA 2 2 2 identity identity b (equal_masses 2)) (fun t => tokens (tau t)).
Proof.
  intros Ht i k t Hi Hk H0.
  apply (tokens_drawn tau (speed_USA b (tau t))
    (fun i j => kernel (equal_masses 2) (QK_scores 2 2 identity identity b (tokens (tau t)) i) j)
    t (Ht t H0)); auto;
    unfold kernel, QK_scores, equal_masses, speed_USA; rewrite !identity_dot, !tokens_dot by lia; simpl; field.
Qed.

(** What the start is: orthonormal, so independent, and in an open hemisphere. *)
Lemma cosine_start : cosine 0 = 0.
Proof. unfold cosine. rewrite Ropp_0, exp_0. field. Qed.

Lemma start_orthonormal i j : (i < 2)%nat -> (j < 2)%nat ->
  dot 2 (tokens 0 i) (tokens 0 j) = if Nat.eq_dec i j then 1 else 0.
Proof. intros Hi Hj. rewrite tokens_dot, cosine_start by assumption. reflexivity. Qed.

Lemma start_on_sphere : on_sphere 2 2 (tokens 0).
Proof.
  intros i Hi. rewrite start_orthonormal by assumption. destruct (Nat.eq_dec i i); [reflexivity|lia].
Qed.

Lemma start_independent : independent 2 2 (tokens 0).
Proof.
  intros c Hc i Hi.
  assert (E : dot 2 (tokens 0 i) (vsum 2 (fun j => scal (c j) (tokens 0 j))) = c i).
  { rewrite dot_vsum_r. simpl rsum. rewrite !dot_scal_r, !start_orthonormal by lia.
    destruct i as [|[|]]; [| |lia]; simpl; ring. }
  rewrite <- E. unfold dot. rewrite (rsum_ext 2 _ (fun _ => 0)); [apply rsum_zero|].
  intros k Hk. change (vsum 2 (fun j => scal (c j) (tokens 0 j)) k) with (rsum 2 (fun j => c j * tokens 0 j k)).
  rewrite Hc by assumption. ring.
Qed.

Definition first_axis : vec := fun k => match k with O => 1 | _ => 0 end.

Lemma start_hemisphere i : (i < 2)%nat -> / sqrt 2 <= dot 2 (tokens 0 i) first_axis.
Proof.
  intros Hi. unfold dot. simpl. unfold radius. rewrite Ropp_0, exp_0, !Rmult_1_r, Rmult_0_r.
  replace (1 + 1) with 2 by ring. lra.
Qed.

Lemma axis_unit : dot 2 first_axis first_axis = 1.
Proof. unfold dot. simpl. ring. Qed.

(** It moves: no two times have the same tokens. *)
Definition never_rests (n d : nat) (x : R -> nat -> vec) : Prop :=
  forall s t, 0 <= s < t -> exists i k, (i < n)%nat /\ (k < d)%nat /\ x s i k <> x t i k.

Lemma tokens_move (tau v : R -> R) : (forall t, is_derive tau t (v t)) -> (forall t, 0 < v t) ->
  never_rests 2 2 (fun t => tokens (tau t)).
Proof.
  intros Ht Hv s t Hst. exists 0%nat, 0%nat. split; [lia|]. split; [lia|].
  destruct (mean_value tau v s t Ht) as [c [_ E]]. specialize (Hv c).
  assert (Hlt : tau s < tau t) by nra.
  change (/ radius (tau s) <> / radius (tau t)). intros Eq. apply Rinv_eq_reg in Eq.
  pose proof (radius_square (tau s)) as Q1. pose proof (radius_square (tau t)) as Q2. rewrite Eq in Q1.
  assert (Hexp : exp (- tau t) < exp (- tau s)) by (apply exp_increasing; lra).
  pose proof (exp_pos (- tau t)). nra.
Qed.

Lemma speed_SA_pos b tau : 0 < speed_SA b tau.
Proof.
  unfold speed_SA. pose proof (exp_pos b). pose proof (exp_pos (b * cosine tau)).
  apply Rdiv_lt_0_compat; lra.
Qed.

(** For every β there is a moving solution that meets the hypotheses of all the whole theorems. *)
Theorem moving_solution_SA (b : R) : exists x : R -> nat -> vec,
  never_rests 2 2 x /\
  solves 2 2 (SA 2 2 b (equal_masses 2)) x /\
  solves 2 2 (QK_SA 2 2 2 identity identity b (equal_masses 2)) x /\
  bounds_scores 2 2 identity identity 1 /\
  positive_masses 2 (equal_masses 2) /\ on_sphere 2 2 (x 0) /\ independent 2 2 (x 0) /\
  (forall i j, (i < 2)%nat -> (j < 2)%nat ->
    dot 2 (x 0 i) (x 0 j) = if Nat.eq_dec i j then 1 else 0) /\
  dot 2 first_axis first_axis = 1 /\ 0 < / sqrt 2 /\
  (forall i, (i < 2)%nat -> / sqrt 2 <= dot 2 (x 0 i) first_axis).
Proof.
  destruct (time_SA b) as [tau [H0 Ht]]. exists (fun t => tokens (tau t)). rewrite H0.
  split; [apply (tokens_move tau (fun t => speed_SA b (tau t))); [exact Ht|intros; apply speed_SA_pos]|].
  split; [apply solves_SA; intros; apply Ht|]. split; [apply solves_QK_SA; intros; apply Ht|].
  split; [apply identity_bounds|]. split; [apply equal_masses_positive; lia|].
  split; [apply start_on_sphere|]. split; [apply start_independent|]. split; [apply start_orthonormal|].
  split; [apply axis_unit|]. split; [apply Rinv_0_lt_compat, sqrt_lt_R0; lra|apply start_hemisphere].
Qed.

Theorem moving_solution_USA (b : R) : exists x : R -> nat -> vec,
  never_rests 2 2 x /\
  solves 2 2 (USA 2 2 b (equal_masses 2)) x /\
  solves 2 2 (QK_USA 2 2 2 identity identity b (equal_masses 2)) x /\
  bounds_scores 2 2 identity identity 1 /\
  positive_masses 2 (equal_masses 2) /\ on_sphere 2 2 (x 0) /\ independent 2 2 (x 0) /\
  (forall i j, (i < 2)%nat -> (j < 2)%nat ->
    dot 2 (x 0 i) (x 0 j) = if Nat.eq_dec i j then 1 else 0) /\
  dot 2 first_axis first_axis = 1 /\ 0 < / sqrt 2 /\
  (forall i, (i < 2)%nat -> / sqrt 2 <= dot 2 (x 0 i) first_axis).
Proof.
  destruct (time_USA b) as [tau [H0 Ht]]. exists (fun t => tokens (tau t)). rewrite H0.
  split; [apply (tokens_move tau (fun t => speed_USA b (tau t))); [exact Ht|intros; apply exp_pos]|].
  split; [apply solves_USA; intros; apply Ht|]. split; [apply solves_QK_USA; intros; apply Ht|].
  split; [apply identity_bounds|]. split; [apply equal_masses_positive; lia|].
  split; [apply start_on_sphere|]. split; [apply start_independent|]. split; [apply start_orthonormal|].
  split; [apply axis_unit|]. split; [apply Rinv_0_lt_compat, sqrt_lt_R0; lra|apply start_hemisphere].
Qed.

(** For β = 0 it is explicit in t: the tokens are (1, ±e^{-t}), normalised. *)
Theorem moving_solution_at_0 :
  solves 2 2 (SA 2 2 0 (equal_masses 2)) tokens /\ solves 2 2 (USA 2 2 0 (equal_masses 2)) tokens /\
  never_rests 2 2 tokens.
Proof.
  assert (H1 : forall t, is_derive (fun s : R => s) t 1) by (intros; auto_derive; auto).
  split; [|split].
  - apply (solves_SA 0 (fun t => t)). intros t _. unfold speed_SA. rewrite Rmult_0_l, exp_0.
    replace (2 * 1 / (1 + 1)) with 1 by field. apply H1.
  - apply (solves_USA 0 (fun t => t)). intros t _. unfold speed_USA. rewrite Rmult_0_l, exp_0. apply H1.
  - apply (tokens_move (fun t => t) (fun _ => 1)); [exact H1|intros; lra].
Qed.

(** Each whole theorem, applied to such a solution. *)
Theorem lemma_6_4_met (b : R) : 0 <= b ->
  (exists x, never_rests 2 2 x /\ solves 2 2 (SA 2 2 b (equal_masses 2)) x /\
    exists p, dot 2 p p = 1 /\ forall i t, (i < 2)%nat -> 0 <= t ->
    norm 2 (sub (x t i) p)
      <= 2 * sqrt (/ (/ sqrt 2) ^ 2 - 1) * exp (- (/ sqrt 2 * exp (- (2 * b))) * t)) /\
  (exists x, never_rests 2 2 x /\ solves 2 2 (USA 2 2 b (equal_masses 2)) x /\
    exists p, dot 2 p p = 1 /\ forall i t, (i < 2)%nat -> 0 <= t ->
    norm 2 (sub (x t i) p)
      <= 2 * sqrt (/ (/ sqrt 2) ^ 2 - 1) * exp (- (/ sqrt 2 * exp (- b)) * t)).
Proof.
  intros Hb. split.
  - destruct (moving_solution_SA b) as [x [Hmove [Hx [_ [_ [Hm [Hs [_ [_ [Hw [Hr Hh]]]]]]]]]]].
    destruct (lemma_6_4_SA 2 2 b (/ sqrt 2) (equal_masses 2) x first_axis ltac:(lia) Hm Hb Hx Hs Hw Hr Hh)
      as [p [Hp [_ Hd]]].
    exists x. split; [exact Hmove|]. split; [exact Hx|]. exists p. split; [exact Hp|exact Hd].
  - destruct (moving_solution_USA b) as [x [Hmove [Hx [_ [_ [Hm [Hs [_ [_ [Hw [Hr Hh]]]]]]]]]]].
    destruct (lemma_6_4_USA 2 2 b (/ sqrt 2) (equal_masses 2) x first_axis ltac:(lia) Hm Hb Hx Hs Hw Hr Hh)
      as [p [Hp [_ Hd]]].
    exists x. split; [exact Hmove|]. split; [exact Hx|]. exists p. split; [exact Hp|exact Hd].
Qed.

Theorem lemma_6_4_QK_met (b : R) :
  (exists x, never_rests 2 2 x /\ solves 2 2 (QK_SA 2 2 2 identity identity b (equal_masses 2)) x /\
    exists p, dot 2 p p = 1 /\ forall i t, (i < 2)%nat -> 0 <= t ->
    norm 2 (sub (x t i) p)
      <= 2 * sqrt (/ (/ sqrt 2) ^ 2 - 1) * exp (- (/ sqrt 2 * exp (- (2 * (Rabs b * 1)))) * t)) /\
  (exists x, never_rests 2 2 x /\ solves 2 2 (QK_USA 2 2 2 identity identity b (equal_masses 2)) x /\
    exists p, dot 2 p p = 1 /\ forall i t, (i < 2)%nat -> 0 <= t ->
    norm 2 (sub (x t i) p)
      <= 2 * sqrt (/ (/ sqrt 2) ^ 2 - 1) * exp (- (/ sqrt 2 * exp (- (Rabs b * 1))) * t)).
Proof.
  split.
  - destruct (moving_solution_SA b) as [x [Hmove [_ [Hx [HN [Hm [Hs [_ [_ [Hw [Hr Hh]]]]]]]]]]].
    destruct (lemma_6_4_QK_SA 2 2 2 identity identity 1 b (/ sqrt 2) (equal_masses 2) x first_axis
      ltac:(lia) Hm HN Hx Hs Hw Hr Hh) as [p [Hp [_ Hd]]].
    exists x. split; [exact Hmove|]. split; [exact Hx|]. exists p. split; [exact Hp|exact Hd].
  - destruct (moving_solution_USA b) as [x [Hmove [_ [Hx [HN [Hm [Hs [_ [_ [Hw [Hr Hh]]]]]]]]]]].
    destruct (lemma_6_4_QK_USA 2 2 2 identity identity 1 b (/ sqrt 2) (equal_masses 2) x first_axis
      ltac:(lia) Hm HN Hx Hs Hw Hr Hh) as [p [Hp [_ Hd]]].
    exists x. split; [exact Hmove|]. split; [exact Hx|]. exists p. split; [exact Hp|exact Hd].
Qed.

Theorem theorem_6_3_met (b : R) : 0 <= b ->
  (exists x, never_rests 2 2 x /\ solves 2 2 (SA 2 2 b (equal_masses 2)) x /\
    exists B, inverse_gram 2 2 (x 0) B /\ exists p, dot 2 p p = 1 /\ forall i t, (i < 2)%nat -> 0 <= t ->
    norm 2 (sub (x t i) p)
      <= 2 * sqrt (total 2 B - 1) * exp (- (/ sqrt (total 2 B) * exp (- (2 * b))) * t)) /\
  (exists x, never_rests 2 2 x /\ solves 2 2 (USA 2 2 b (equal_masses 2)) x /\
    exists B, inverse_gram 2 2 (x 0) B /\ exists p, dot 2 p p = 1 /\ forall i t, (i < 2)%nat -> 0 <= t ->
    norm 2 (sub (x t i) p)
      <= 2 * sqrt (total 2 B - 1) * exp (- (/ sqrt (total 2 B) * exp (- b)) * t)).
Proof.
  intros Hb. split.
  - destruct (moving_solution_SA b) as [x [Hmove [Hx [_ [_ [Hm [Hs [Hi _]]]]]]]].
    destruct (theorem_6_3_SA 2 2 b _ x ltac:(lia) Hm Hb Hx Hs Hi) as [B [HB [_ H]]].
    exists x. split; [exact Hmove|]. split; [exact Hx|]. exists B. split; [exact HB|exact H].
  - destruct (moving_solution_USA b) as [x [Hmove [Hx [_ [_ [Hm [Hs [Hi _]]]]]]]].
    destruct (theorem_6_3_USA 2 2 b _ x ltac:(lia) Hm Hb Hx Hs Hi) as [B [HB [_ H]]].
    exists x. split; [exact Hmove|]. split; [exact Hx|]. exists B. split; [exact HB|exact H].
Qed.

Theorem theorem_6_3_QK_met (b : R) :
  (exists x, never_rests 2 2 x /\ solves 2 2 (QK_SA 2 2 2 identity identity b (equal_masses 2)) x /\
    exists B, inverse_gram 2 2 (x 0) B /\ exists p, dot 2 p p = 1 /\ forall i t, (i < 2)%nat -> 0 <= t ->
    norm 2 (sub (x t i) p)
      <= 2 * sqrt (total 2 B - 1) * exp (- (/ sqrt (total 2 B) * exp (- (2 * (Rabs b * 1)))) * t)) /\
  (exists x, never_rests 2 2 x /\ solves 2 2 (QK_USA 2 2 2 identity identity b (equal_masses 2)) x /\
    exists B, inverse_gram 2 2 (x 0) B /\ exists p, dot 2 p p = 1 /\ forall i t, (i < 2)%nat -> 0 <= t ->
    norm 2 (sub (x t i) p)
      <= 2 * sqrt (total 2 B - 1) * exp (- (/ sqrt (total 2 B) * exp (- (Rabs b * 1))) * t)).
Proof.
  split.
  - destruct (moving_solution_SA b) as [x [Hmove [_ [Hx [HN [Hm [Hs [Hi _]]]]]]]].
    destruct (theorem_6_3_QK_SA 2 2 2 identity identity 1 b _ x ltac:(lia) Hm HN Hx Hs Hi) as [B [HB [_ H]]].
    exists x. split; [exact Hmove|]. split; [exact Hx|]. exists B. split; [exact HB|exact H].
  - destruct (moving_solution_USA b) as [x [Hmove [_ [Hx [HN [Hm [Hs [Hi _]]]]]]]].
    destruct (theorem_6_3_QK_USA 2 2 2 identity identity 1 b _ x ltac:(lia) Hm HN Hx Hs Hi) as [B [HB [_ H]]].
    exists x. split; [exact Hmove|]. split; [exact Hx|]. exists B. split; [exact HB|exact H].
Qed.

Theorem theorem_6_8_met (b : R) :
  (exists (x : R -> nat -> vec) (g : R -> R), never_rests 2 2 x /\ solves 2 2 (SA 2 2 b (equal_masses 2)) x /\ g 0 = 0 /\
    forall t, 0 <= t -> dot 2 (x t 0%nat) (x t 1%nat) = g t) /\
  (exists (x : R -> nat -> vec) (g : R -> R), never_rests 2 2 x /\ solves 2 2 (USA 2 2 b (equal_masses 2)) x /\ g 0 = 0 /\
    forall t, 0 <= t -> dot 2 (x t 0%nat) (x t 1%nat) = g t).
Proof.
  split.
  - destruct (moving_solution_SA b) as [x [Hmove [Hx [_ [_ [_ [_ [_ [Ho _]]]]]]]]].
    destruct (theorem_6_8_SA 2 2 b x ltac:(lia) Hx Ho) as [g [H0 [_ Hg]]].
    exists x, g. split; [exact Hmove|]. split; [exact Hx|]. split; [exact H0|].
    intros t Ht. apply Hg; lia || exact Ht.
  - destruct (moving_solution_USA b) as [x [Hmove [Hx [_ [_ [_ [_ [_ [Ho _]]]]]]]]].
    destruct (theorem_6_8_USA 2 2 b x ltac:(lia) Hx Ho) as [g [H0 [_ Hg]]].
    exists x, g. split; [exact Hmove|]. split; [exact Hx|]. split; [exact H0|].
    intros t Ht. apply Hg; lia || exact Ht.
Qed.

Theorem eq_3_6_met (b : R) : b <> 0 ->
  (exists x, never_rests 2 2 x /\ forall t, 0 <= t ->
    is_derive (fun s => energy 2 2 b (equal_masses 2) (x s)) t
      (rsum 2 (fun i => equal_masses 2 i * partition 2 2 b (equal_masses 2) (x t) i
        * dot 2 (SA 2 2 b (equal_masses 2) (x t) i) (SA 2 2 b (equal_masses 2) (x t) i)))) /\
  (exists x, never_rests 2 2 x /\ forall t, 0 <= t ->
    is_derive (fun s => energy 2 2 b (equal_masses 2) (x s)) t
      (rsum 2 (fun i => equal_masses 2 i
        * dot 2 (USA 2 2 b (equal_masses 2) (x t) i) (USA 2 2 b (equal_masses 2) (x t) i)))).
Proof.
  intros Hb. split.
  - destruct (moving_solution_SA b) as [x [Hmove [Hx [_ [_ [Hm [Hs _]]]]]]].
    exists x. split; [exact Hmove|]. exact (eq_3_6_SA 2 2 b _ x Hb Hm Hx Hs).
  - destruct (moving_solution_USA b) as [x [Hmove [Hx [_ [_ [_ [Hs _]]]]]]].
    exists x. split; [exact Hmove|]. exact (eq_3_6_USA 2 2 b _ x Hb Hx Hs).
Qed.
