(** Differential inequalities, for functions differentiable on [0, T] or on [0, oo). *)
From Coq Require Import Reals Lra Lia Psatz.
From Coquelicot Require Import Coquelicot.
Open Scope R_scope.

Lemma exp_monotone a b : a <= b -> exp a <= exp b.
Proof. intros [H| ->]; [left; apply exp_increasing; exact H|right; reflexivity]. Qed.

(** A derivative, as an inequality on a neighbourhood. *)
Lemma derive_below f t l e : is_derive f t l -> 0 < e ->
  exists delta, 0 < delta /\ forall s, t <= s < t + delta -> f s <= f t + (l + e) * (s - t).
Proof.
  intros H He. apply is_derive_Reals in H. destruct (H e He) as [delta Hd].
  exists delta. split; [apply cond_pos|]. intros s Hs.
  destruct (Req_dec s t) as [->|Hst]; [lra|].
  assert (Hh : s - t <> 0) by lra.
  assert (Hr : Rabs (s - t) < delta) by (rewrite Rabs_right; lra).
  specialize (Hd (s - t) Hh Hr). replace (t + (s - t)) with s in Hd by ring.
  apply Rabs_def2 in Hd. destruct Hd as [Hd _].
  assert (0 < s - t) by lra.
  assert (E : f s - f t = (f s - f t) / (s - t) * (s - t)) by (field; lra).
  assert ((f s - f t) / (s - t) < l + e) by lra.
  assert ((f s - f t) / (s - t) * (s - t) <= (l + e) * (s - t)) by (apply Rmult_le_compat_r; lra).
  lra.
Qed.

Lemma continuous_near f t e : continuous f t -> 0 < e ->
  exists delta, 0 < delta /\ forall s, Rabs (s - t) < delta -> Rabs (f s - f t) < e.
Proof.
  intros H He. apply continuity_pt_filterlim in H.
  destruct (H e He) as [delta [Hd Hs]]. exists delta. split; [exact Hd|].
  intros s Hr. destruct (Req_dec s t) as [->|Hst].
  - rewrite Rminus_diag, Rabs_R0. exact He.
  - apply Hs. split; [|exact Hr]. split; [exact I|]. intros E. apply Hst. symmetry. exact E.
Qed.

Lemma derive_continuous (f : R -> R) t l : is_derive f t l -> continuous f t.
Proof. intros H. apply (ex_derive_continuous f t). exists l. exact H. Qed.

(** A common radius for finitely many. *)
Lemma common_radius (P : nat -> R -> Prop) N :
  (forall k, (k < N)%nat -> exists delta, 0 < delta /\ forall s, 0 <= s < delta -> P k s) ->
  exists delta, 0 < delta /\ forall k, (k < N)%nat -> forall s, 0 <= s < delta -> P k s.
Proof.
  induction N as [|N IH]; intros H.
  - exists 1. split; [lra|]. intros k Hk. lia.
  - destruct IH as [d1 [Hd1 H1]]; [intros k Hk; apply H; lia|].
    destruct (H N) as [d2 [Hd2 H2]]; [lia|].
    exists (Rmin d1 d2). split; [apply Rmin_glb_lt; lra|].
    intros k Hk s Hs. pose proof (Rmin_l d1 d2). pose proof (Rmin_r d1 d2).
    destruct (Nat.eq_dec k N) as [->|]; [apply H2; lra|apply H1; [lia|lra]].
Qed.

(** First exit: finitely many functions that each fall where they reach the level c. *)
Theorem barrier N (h dh : nat -> R -> R) c T :
  (forall k, (k < N)%nat -> h k 0 <= c) ->
  (forall k t, (k < N)%nat -> 0 <= t <= T -> is_derive (h k) t (dh k t)) ->
  (forall k t, (k < N)%nat -> 0 <= t <= T -> (forall j, (j < N)%nat -> h j t <= c) ->
     h k t = c -> dh k t < 0) ->
  forall k t, (k < N)%nat -> 0 <= t <= T -> h k t <= c.
Proof.
  intros H0 Hd Hf k t1 Hk Ht1.
  destruct (Rle_dec (h k t1) c) as [|Hno]; [assumption|exfalso].
  set (S := fun s => 0 <= s <= t1 /\ forall u, 0 <= u <= s -> forall j, (j < N)%nat -> h j u <= c).
  assert (S0 : S 0).
  { split; [lra|]. intros u Hu j Hj. replace u with 0 by lra. auto. }
  destruct (completeness S) as [s [Hub Hlub]].
  - exists t1. intros u [Hu _]. lra.
  - exists 0. exact S0.
  - assert (Hs0 : 0 <= s) by (apply Hub; exact S0).
    assert (Hs1 : s <= t1) by (apply Hlub; intros u [Hu _]; lra).
    assert (Hbelow : forall u, 0 <= u < s -> forall j, (j < N)%nat -> h j u <= c).
    { intros u Hu j Hj. destruct (Rle_dec (h j u) c) as [|Hc]; [assumption|exfalso].
      assert (Hu' : is_upper_bound S u).
      { intros v [Hv Hv']. destruct (Rle_dec v u); [assumption|]. exfalso. apply Hc, Hv'; lra || auto. }
      specialize (Hlub u Hu'). lra. }
    assert (Hat : forall j, (j < N)%nat -> h j s <= c).
    { intros j Hj. destruct (Rle_dec (h j s) c) as [|Hc]; [assumption|exfalso].
      destruct (Req_dec s 0) as [E|E]; [rewrite E in Hc; apply Hc; auto|].
      destruct (continuous_near (h j) s (h j s - c)) as [dl [Hdl Hn]]; [|lra|].
      { apply derive_continuous with (dh j s). apply Hd; [assumption|lra]. }
      set (u := Rmax 0 (s - dl / 2)).
      assert (Hu : 0 <= u < s).
      { unfold u. split; [apply Rmax_l|apply Rmax_lub_lt; lra]. }
      assert (Hu2 : s - dl / 2 <= u) by apply Rmax_r.
      specialize (Hn u). rewrite Rabs_left1 in Hn by lra.
      specialize (Hn ltac:(lra)). apply Rabs_def2 in Hn.
      specialize (Hbelow u Hu j Hj). lra. }
    assert (Hst : s < t1).
    { destruct (Req_dec s t1) as [E|]; [|lra]. rewrite E in Hat. specialize (Hat k Hk). lra. }
    destruct (common_radius (fun j v => h j (s + v) <= c) N) as [dl [Hdl Hafter]].
    { intros j Hj. destruct (Req_dec (h j s) c) as [E|E].
      - assert (Hneg : dh j s < 0) by (apply Hf; auto; lra).
        destruct (derive_below (h j) s (dh j s) (- dh j s)) as [dl [Hdl Hb]]; [apply Hd; auto; lra|lra|].
        exists dl. split; [assumption|]. intros v Hv. specialize (Hb (s + v) ltac:(lra)). nra.
      - destruct (continuous_near (h j) s (c - h j s)) as [dl [Hdl Hn]].
        + apply derive_continuous with (dh j s). apply Hd; [assumption|lra].
        + specialize (Hat j Hj). lra.
        + exists dl. split; [assumption|]. intros v Hv. specialize (Hn (s + v)).
          replace (s + v - s) with v in Hn by ring. rewrite Rabs_right in Hn by lra.
          specialize (Hn ltac:(lra)). apply Rabs_def2 in Hn. lra. }
    set (v := Rmin (dl / 2) (t1 - s)).
    assert (Hv : 0 < v) by (apply Rmin_glb_lt; lra).
    assert (Hv1 : v <= dl / 2) by apply Rmin_l.
    assert (Hv2 : v <= t1 - s) by apply Rmin_r.
    assert (S (s + v)).
    { split; [lra|]. intros u Hu j Hj. destruct (Rlt_dec u s) as [|]; [apply Hbelow; auto; lra|].
      replace u with (s + (u - s)) by ring. apply Hafter; auto; lra. }
    specialize (Hub (s + v) H). lra.
Qed.

(** The largest of finitely many: each that is the largest at t doesn't rise there. *)
Theorem largest_never_rises N (f df : nat -> R -> R) c T :
  (forall k, (k < N)%nat -> f k 0 <= c) ->
  (forall k t, (k < N)%nat -> 0 <= t <= T -> is_derive (f k) t (df k t)) ->
  (forall k t, (k < N)%nat -> 0 <= t <= T -> (forall j, (j < N)%nat -> f j t <= f k t) ->
     df k t <= 0) ->
  forall k t, (k < N)%nat -> 0 <= t <= T -> f k t <= c.
Proof.
  intros H0 Hd Hf k t Hk Ht.
  apply Rnot_gt_le. intros Hgt.
  set (e := (f k t - c) / (t + 1)).
  assert (He : 0 < e) by (unfold e; apply Rdiv_lt_0_compat; lra).
  assert (Hb : f k t - e * t <= c).
  { apply (barrier N (fun j s => f j s - e * s) (fun j s => df j s - e) c T); auto.
    - intros j Hj. specialize (H0 j Hj). lra.
    - intros j s Hj Hs. auto_derive.
      + exists (df j s). auto.
      + rewrite (is_derive_unique (fun x : R => f j x) _ _ (Hd j s Hj Hs)). ring.
    - intros j s Hj Hs Hall Hjs. specialize (Hf j s Hj Hs).
      assert (df j s <= 0); [|lra]. apply Hf. intros i Hi. specialize (Hall i Hi). lra. }
  assert (e * (t + 1) = f k t - c) by (unfold e; field; lra).
  nra.
Qed.

(** Grönwall for the largest of finitely many, with a rate a(t), A' = a. *)
Theorem largest_gronwall N (f df : nat -> R -> R) (A a : R -> R) c T :
  (forall k, (k < N)%nat -> f k 0 <= c) ->
  (forall k t, (k < N)%nat -> 0 <= t <= T -> is_derive (f k) t (df k t)) ->
  (forall t, 0 <= t <= T -> is_derive A t (a t)) ->
  (forall k t, (k < N)%nat -> 0 <= t <= T -> (forall j, (j < N)%nat -> f j t <= f k t) ->
     df k t <= a t * f k t) ->
  forall k t, (k < N)%nat -> 0 <= t <= T -> f k t <= c * exp (A t - A 0).
Proof.
  intros H0 Hd HA Hf k t Hk Ht.
  assert (Hb : f k t * exp (- (A t - A 0)) <= c).
  { apply (largest_never_rises N (fun j s => f j s * exp (- (A s - A 0)))
      (fun j s => (df j s - a s * f j s) * exp (- (A s - A 0))) c T); auto.
    - intros j Hj. specialize (H0 j Hj). rewrite Rminus_diag, Ropp_0, exp_0. lra.
    - intros j s Hj Hs. auto_derive.
      + repeat split; [exists (df j s)|exists (a s)]; auto.
      + rewrite (is_derive_unique (fun x : R => f j x) _ _ (Hd j s Hj Hs)), (is_derive_unique (fun x : R => A x) _ _ (HA s Hs)).
        unfold Rminus. ring.
    - intros j s Hj Hs Hall. pose proof (exp_pos (- (A s - A 0))) as Hp.
      assert (df j s <= a s * f j s); [|nra]. apply Hf; auto.
      intros i Hi. specialize (Hall i Hi). cbv beta in Hall. nra. }
  pose proof (exp_pos (A t - A 0)) as Hp.
  replace (f k t) with (f k t * exp (- (A t - A 0)) * exp (A t - A 0)).
  - apply Rmult_le_compat_r; lra.
  - rewrite Rmult_assoc, <- exp_plus, Rplus_opp_l, exp_0. ring.
Qed.

(** D' <= -l D at the largest: D(t) <= D(0) e^{-lt}. *)
Theorem largest_decays N (f df : nat -> R -> R) l c T :
  (forall k, (k < N)%nat -> f k 0 <= c) ->
  (forall k t, (k < N)%nat -> 0 <= t <= T -> is_derive (f k) t (df k t)) ->
  (forall k t, (k < N)%nat -> 0 <= t <= T -> (forall j, (j < N)%nat -> f j t <= f k t) ->
     df k t <= - l * f k t) ->
  forall k t, (k < N)%nat -> 0 <= t <= T -> f k t <= c * exp (- l * t).
Proof.
  intros H0 Hd Hf k t Hk Ht.
  replace (- l * t) with (- l * t - - l * 0) by ring.
  apply (largest_gronwall N f df (fun s => - l * s) (fun _ => - l) c T); auto.
  intros s _. auto_derive; [auto|ring].
Qed.

Theorem least_never_falls N (f df : nat -> R -> R) c T :
  (forall k, (k < N)%nat -> c <= f k 0) ->
  (forall k t, (k < N)%nat -> 0 <= t <= T -> is_derive (f k) t (df k t)) ->
  (forall k t, (k < N)%nat -> 0 <= t <= T -> (forall j, (j < N)%nat -> f k t <= f j t) ->
     0 <= df k t) ->
  forall k t, (k < N)%nat -> 0 <= t <= T -> c <= f k t.
Proof.
  intros H0 Hd Hf k t Hk Ht.
  apply Ropp_le_cancel.
  apply (largest_never_rises N (fun j s => - f j s) (fun j s => - df j s) (- c) T); auto.
  - intros j Hj. specialize (H0 j Hj). lra.
  - intros j s Hj Hs. apply (is_derive_opp (f j)). auto.
  - intros j s Hj Hs Hall. assert (0 <= df j s); [|lra]. apply Hf; auto.
    intros i Hi. specialize (Hall i Hi). lra.
Qed.

(** The same where the sign is known only while the least is positive. *)
Theorem least_stays N (f df : nat -> R -> R) c T :
  0 < c ->
  (forall k, (k < N)%nat -> c <= f k 0) ->
  (forall k t, (k < N)%nat -> 0 <= t <= T -> is_derive (f k) t (df k t)) ->
  (forall k t, (k < N)%nat -> 0 <= t <= T -> 0 < f k t ->
     (forall j, (j < N)%nat -> f k t <= f j t) -> 0 <= df k t) ->
  forall k t, (k < N)%nat -> 0 <= t <= T -> c <= f k t.
Proof.
  intros Hc H0 Hd Hf k t Hk Ht.
  apply Rnot_gt_le. intros Hgt.
  set (e := Rmin (c - f k t) c / (2 * (T + 1))).
  assert (Hm : 0 < Rmin (c - f k t) c) by (apply Rmin_glb_lt; lra).
  assert (He : 0 < e) by (unfold e; apply Rdiv_lt_0_compat; lra).
  assert (Ee : e * (T + 1) = Rmin (c - f k t) c / 2) by (unfold e; field; lra).
  pose proof (Rmin_l (c - f k t) c) as M1. pose proof (Rmin_r (c - f k t) c) as M2.
  assert (Hs : forall s, 0 <= s <= T -> e * s <= e * (T + 1)) by (intros; nra).
  assert (Hb : - f k t - e * t <= - c).
  { apply (barrier N (fun j s => - f j s - e * s) (fun j s => - df j s - e) (- c) T); auto.
    - intros j Hj. specialize (H0 j Hj). lra.
    - intros j s Hj Hs'. auto_derive.
      + exists (df j s). auto.
      + rewrite (is_derive_unique (fun x : R => f j x) _ _ (Hd j s Hj Hs')). ring.
    - intros j s Hj Hs' Hall Hjs. specialize (Hs s Hs').
      assert (0 <= df j s); [|lra]. apply Hf; auto; [lra|].
      intros i Hi. specialize (Hall i Hi). lra. }
  specialize (Hs t Ht). lra.
Qed.
