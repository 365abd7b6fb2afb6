(** Theorem 6.8: orthonormal tokens keep equal pairwise angles, and their cosine solves (6.9), (6.10).
    Any n >= 2, d, β and trajectory, masses 1/n. *)
From Coq Require Import Reals Lra Lia Psatz.
From Coquelicot Require Import Coquelicot.
From attnflow Require Import Ode Space Contraction Cone Models.
Open Scope R_scope.

(** The Gram flow (A.2) of tokens that are drawn to averages. *)
Definition gram_rate (n : nat) (A G : nat -> nat -> R) (i j : nat) : R :=
  rsum n (fun k => A i k * (G k j - G i k * G i j)) +
  rsum n (fun k => A j k * (G k i - G j k * G j i)).

Theorem gram_flow n d A x i j t : drawn n d A x -> (i < n)%nat -> (j < n)%nat -> 0 <= t ->
  is_derive (fun s => dot d (x s i) (x s j)) t
    (gram_rate n (A t) (fun k l => dot d (x t k) (x t l)) i j).
Proof.
  intros Hx Hi Hj Ht.
  pose proof (derive_dot d (fun s => x s i) (fun s => x s j) _ _ t
    (fun k Hk => Hx i k t Hi Hk Ht) (fun k Hk => Hx j k t Hj Hk Ht)) as D. cbv beta in D.
  match type of D with is_derive _ _ ?l => replace (gram_rate _ _ _ _ _) with l; [exact D|] end.
  unfold gram_rate. rewrite dot_proj_l, dot_proj_r, dot_vsum_l, !dot_vsum_r.
  rewrite (Rmult_comm (rsum n (fun k => dot d (x t i) (scal (A t i k) (x t k))))).
  rewrite (Rmult_comm (rsum n (fun k => dot d (x t j) (scal (A t j k) (x t k))))).
  rewrite <- !rsum_scal, <- !rsum_minus.
  f_equal; apply rsum_ext; intros k _; rewrite ?dot_scal_l, ?dot_scal_r.
  - ring.
  - rewrite (dot_sym d (x t k) (x t i)), (dot_sym d (x t j) (x t i)). ring.
Qed.

(** Off the diagonal, and on it. *)
Definition equal_angles (g : R) (i j : nat) : R := if Nat.eq_dec i j then 1 else g.

Lemma rsum_one_other n i a c : (i < n)%nat ->
  rsum n (fun k => if Nat.eq_dec k i then a else c) = a + (INR n - 1) * c.
Proof.
  induction n; intros Hi; [lia|]. simpl rsum. rewrite S_INR. destruct (Nat.eq_dec n i) as [->|].
  - rewrite (rsum_ext i _ (fun _ => c)); [rewrite rsum_const; ring|].
    intros k Hk. destruct (Nat.eq_dec k i); [lia|reflexivity].
  - rewrite IHn by lia. ring.
Qed.

Lemma rsum_two_others n i j a e c : (i < n)%nat -> (j < n)%nat -> i <> j ->
  rsum n (fun k => if Nat.eq_dec k i then a else if Nat.eq_dec k j then e else c)
  = a + e + (INR n - 2) * c.
Proof.
  intros Hi Hj Hij.
  rewrite (rsum_ext n _ (fun k => (if Nat.eq_dec k i then a - c else 0)
    + (if Nat.eq_dec k j then e - c else 0) + c)).
  - rewrite !rsum_plus, !rsum_one_other, rsum_const by assumption. ring.
  - intros k _. destruct (Nat.eq_dec k i), (Nat.eq_dec k j); try lia; ring.
Qed.

(** Weights e^{b G_ij} / Z_i, where Z_i is their sum (SA) or n (USA). *)
Definition sum_of_weights (soft : bool) (n : nat) (b : R) (G : nat -> nat -> R) (i : nat) : R :=
  if soft then rsum n (fun k => exp (b * G i k)) else INR n.
Definition weights (soft : bool) (n : nat) (b : R) (G : nat -> nat -> R) (i j : nat) : R :=
  exp (b * G i j) / sum_of_weights soft n b G i.
(** The right-hand sides of (6.9) and (6.10). *)
Definition rate_6_9 (n : nat) (b g : R) : R :=
  2 * exp (b * g) * (1 - g) * ((INR n - 1) * g + 1) / (exp b + (INR n - 1) * exp (b * g)).
Definition rate_6_10 (n : nat) (b g : R) : R :=
  2 / INR n * exp (b * g) * (1 - g) * ((INR n - 1) * g + 1).

Lemma sum_pos soft n b G i : (0 < n)%nat -> 0 < sum_of_weights soft n b G i.
Proof.
  intros Hn. destruct soft; simpl; [|apply lt_0_INR; exact Hn].
  apply rsum_pos; [exact Hn|]. intros. apply exp_pos.
Qed.

Definition pull (n : nat) (b : R) (G : nat -> nat -> R) (i j : nat) : R :=
  rsum n (fun k => exp (b * G i k) * (G k j - G i k * G i j)).

Lemma rate_as_quotient soft n b G i j :
  gram_rate n (weights soft n b G) G i j =
  pull n b G i j / sum_of_weights soft n b G i + pull n b G j i / sum_of_weights soft n b G j.
Proof.
  unfold gram_rate, pull, Rdiv. rewrite (Rmult_comm (rsum n _) (/ _)), (Rmult_comm (rsum n _) (/ _)).
  rewrite <- !rsum_scal. f_equal; apply rsum_ext; intros k _; unfold weights, Rdiv; ring.
Qed.

(** At equal angles the Gram flow is (6.9), (6.10). *)
Lemma pull_equal n b g i j : (i < n)%nat -> (j < n)%nat -> i <> j ->
  pull n b (equal_angles g) i j = exp (b * g) * (1 - g) * ((INR n - 1) * g + 1).
Proof.
  intros Hi Hj Hij. unfold pull.
  rewrite (rsum_ext n _ (fun k => if Nat.eq_dec k i then 0 else
    if Nat.eq_dec k j then exp (b * g) * (1 - g * g) else exp (b * g) * (g - g * g))).
  - rewrite rsum_two_others by assumption. ring.
  - intros k _. unfold equal_angles.
    destruct (Nat.eq_dec k i), (Nat.eq_dec k j), (Nat.eq_dec i k), (Nat.eq_dec i j); try lia; ring.
Qed.

Lemma sum_equal n b g i : (i < n)%nat ->
  sum_of_weights true n b (equal_angles g) i = exp b + (INR n - 1) * exp (b * g).
Proof.
  intros Hi. simpl.
  rewrite (rsum_ext n _ (fun k => if Nat.eq_dec k i then exp b else exp (b * g))).
  - apply rsum_one_other. exact Hi.
  - intros k _. unfold equal_angles. destruct (Nat.eq_dec i k), (Nat.eq_dec k i); try lia; [|reflexivity].
    f_equal. ring.
Qed.

Theorem rate_equal_SA n b g i j : (i < n)%nat -> (j < n)%nat -> i <> j ->
  gram_rate n (weights true n b (equal_angles g)) (equal_angles g) i j = rate_6_9 n b g.
Proof.
  intros Hi Hj Hij. rewrite rate_as_quotient, !pull_equal, !sum_equal by auto.
  unfold rate_6_9, Rdiv. ring.
Qed.

Theorem rate_equal_USA n b g i j : (i < n)%nat -> (j < n)%nat -> i <> j ->
  gram_rate n (weights false n b (equal_angles g)) (equal_angles g) i j = rate_6_10 n b g.
Proof.
  intros Hi Hj Hij. rewrite rate_as_quotient, !pull_equal by auto. simpl. unfold rate_6_10, Rdiv. ring.
Qed.

(** The Gram flow near equal angles: a Lipschitz bound. *)
Lemma exp_below u v B : u <= B -> exp u - exp v <= exp B * Rabs (u - v).
Proof.
  intros Hu. pose proof (exp_monotone u B Hu). pose proof (exp_pos u). pose proof (Rabs_pos (u - v)).
  assert (H3 : 1 + (v - u) <= exp (v - u)) by apply exp_ineq1_le.
  assert (exp v = exp u * exp (v - u)) by (rewrite <- exp_plus; f_equal; ring).
  pose proof (Rle_abs (u - v)). nra.
Qed.

Lemma exp_lipschitz u v B : u <= B -> v <= B -> Rabs (exp u - exp v) <= exp B * Rabs (u - v).
Proof.
  intros Hu Hv. apply Rabs_le. pose proof (exp_below u v B Hu). pose proof (exp_below v u B Hv).
  rewrite (Rabs_minus_sym v u) in *. lra.
Qed.

Lemma mult_near a a' c c' K L M : Rabs (a - a') <= M -> Rabs (c - c') <= L ->
  Rabs a <= K -> forall K', Rabs c' <= K' -> Rabs (a * c - a' * c') <= K * L + K' * M.
Proof.
  intros H1 H2 H3 K' H4.
  replace (a * c - a' * c') with (a * (c - c') + c' * (a - a')) by ring.
  apply Rle_trans with (1 := Rabs_triang _ _). rewrite !Rabs_mult.
  pose proof (Rabs_pos a). pose proof (Rabs_pos c'). pose proof (Rabs_pos (c - c')).
  pose proof (Rabs_pos (a - a')). nra.
Qed.

Lemma quotient_near a a' c c' K z : 0 < z -> z <= c -> z <= c' -> Rabs a' <= K ->
  Rabs (a / c - a' / c') <= Rabs (a - a') / z + K / (z * z) * Rabs (c - c').
Proof.
  intros Hz Hc Hc' Ha.
  replace (a / c - a' / c') with ((a - a') * / c + a' * (c' - c) * / (c * c')) by (field; lra).
  apply Rle_trans with (1 := Rabs_triang _ _). rewrite !Rabs_mult.
  rewrite (Rabs_pos_eq (/ c)) by (apply Rlt_le, Rinv_0_lt_compat; lra).
  rewrite (Rabs_pos_eq (/ (c * c'))) by (apply Rlt_le, Rinv_0_lt_compat; nra).
  assert (/ c <= / z) by (apply Rinv_le_contravar; lra).
  assert (/ (c * c') <= / (z * z)) by (apply Rinv_le_contravar; nra).
  assert (0 < / (c * c')) by (apply Rinv_0_lt_compat; nra).
  pose proof (Rabs_pos (a - a')). pose proof (Rabs_pos a'). pose proof (Rabs_pos (c' - c)).
  rewrite (Rabs_minus_sym c c'). unfold Rdiv.
  apply Rplus_le_compat; [apply Rmult_le_compat_l; lra|].
  replace (K * / (z * z) * Rabs (c' - c)) with (K * Rabs (c' - c) * / (z * z)) by ring.
  apply Rmult_le_compat; [nra|lra|nra|lra].
Qed.

(** Sizes of inner products. *)
Definition unit_gram (n : nat) (G : nat -> nat -> R) : Prop :=
  forall i j, (i < n)%nat -> (j < n)%nat -> -1 <= G i j <= 1.

Lemma rsum_near n f g c : (forall k, (k < n)%nat -> Rabs (f k - g k) <= c) ->
  Rabs (rsum n f - rsum n g) <= INR n * c.
Proof.
  intros H. rewrite <- rsum_minus, <- rsum_const. apply Rle_trans with (1 := rsum_abs n _).
  apply rsum_le. exact H.
Qed.

Lemma pull_near n b G H M i j : unit_gram n G -> unit_gram n H -> 0 <= M ->
  (forall k l, (k < n)%nat -> (l < n)%nat -> Rabs (G k l - H k l) <= M) ->
  (i < n)%nat -> (j < n)%nat ->
  Rabs (pull n b G i j - pull n b H i j)
    <= INR n * (exp (Rabs b) * (3 * M) + 2 * (exp (Rabs b) * (Rabs b * M))).
Proof.
  intros HG HH HM Hn Hi Hj. apply rsum_near. intros k Hk.
  assert (Hb : forall J, unit_gram n J -> b * J i k <= Rabs b).
  { intros J HJ. apply Rle_trans with (1 := Rle_abs _). rewrite Rabs_mult.
    assert (Rabs (J i k) <= 1) by (apply Rabs_le, HJ; auto). pose proof (Rabs_pos b). nra. }
  apply mult_near with (K := exp (Rabs b)).
  - apply Rle_trans with (1 := exp_lipschitz _ _ (Rabs b) (Hb G HG) (Hb H HH)).
    apply Rmult_le_compat_l; [apply Rlt_le, exp_pos|].
    rewrite <- Rmult_minus_distr_l, Rabs_mult. apply Rmult_le_compat_l; [apply Rabs_pos|auto].
  - replace (G k j - G i k * G i j - (H k j - H i k * H i j))
      with ((G k j - H k j) + - (G i k * G i j - H i k * H i j)) by ring.
    apply Rle_trans with (1 := Rabs_triang _ _). rewrite Rabs_Ropp.
    assert (Rabs (G i k * G i j - H i k * H i j) <= 1 * M + 1 * M).
    { apply mult_near; auto; apply Rabs_le; [apply HG|apply HH]; auto. }
    pose proof (Hn k j Hk Hj). lra.
  - rewrite Rabs_pos_eq by (apply Rlt_le, exp_pos). apply exp_monotone. auto.
  - pose proof (HH k j Hk Hj). pose proof (HH i k Hi Hk). pose proof (HH i j Hi Hj).
    apply Rabs_le. nra.
Qed.

Lemma pull_size n b H i j : unit_gram n H -> (i < n)%nat -> (j < n)%nat ->
  Rabs (pull n b H i j) <= INR n * (exp (Rabs b) * 2).
Proof.
  intros HH Hi Hj. rewrite <- (Rminus_0_r (pull n b H i j)), <- (rsum_zero n). unfold pull.
  apply rsum_near. intros k Hk. rewrite Rminus_0_r, Rabs_mult.
  rewrite (Rabs_pos_eq (exp _)) by (apply Rlt_le, exp_pos).
  apply Rmult_le_compat; [apply Rlt_le, exp_pos|apply Rabs_pos| |].
  - apply exp_monotone. apply Rle_trans with (1 := Rle_abs _). rewrite Rabs_mult.
    assert (Rabs (H i k) <= 1) by (apply Rabs_le, HH; auto). pose proof (Rabs_pos b). nra.
  - pose proof (HH k j Hk Hj). pose proof (HH i k Hi Hk). pose proof (HH i j Hi Hj).
    apply Rabs_le. nra.
Qed.

Lemma sum_least soft n b G i : (0 < n)%nat -> unit_gram n G -> (i < n)%nat ->
  INR n * exp (- Rabs b) <= sum_of_weights soft n b G i.
Proof.
  intros Hn HG Hi. destruct soft; simpl.
  - rewrite <- rsum_const. apply rsum_le. intros k Hk. apply exp_monotone.
    assert (Rabs (b * G i k) <= Rabs b).
    { rewrite Rabs_mult. assert (Rabs (G i k) <= 1) by (apply Rabs_le, HG; auto).
      pose proof (Rabs_pos b). nra. }
    apply Rabs_le_between in H. lra.
  - assert (exp (- Rabs b) <= 1).
    { rewrite <- exp_0. apply exp_monotone. pose proof (Rabs_pos b). lra. }
    pose proof (lt_0_INR n Hn). nra.
Qed.

Lemma sum_near soft n b G H M i : unit_gram n G -> unit_gram n H -> 0 <= M ->
  (forall k l, (k < n)%nat -> (l < n)%nat -> Rabs (G k l - H k l) <= M) -> (i < n)%nat ->
  Rabs (sum_of_weights soft n b G i - sum_of_weights soft n b H i)
    <= INR n * (exp (Rabs b) * (Rabs b * M)).
Proof.
  intros HG HH HM Hn Hi. destruct soft; simpl.
  - apply rsum_near. intros k Hk.
    assert (Hb : forall J, unit_gram n J -> b * J i k <= Rabs b).
    { intros J HJ. apply Rle_trans with (1 := Rle_abs _). rewrite Rabs_mult.
      assert (Rabs (J i k) <= 1) by (apply Rabs_le, HJ; auto). pose proof (Rabs_pos b). nra. }
    apply Rle_trans with (1 := exp_lipschitz _ _ (Rabs b) (Hb G HG) (Hb H HH)).
    apply Rmult_le_compat_l; [apply Rlt_le, exp_pos|].
    rewrite <- Rmult_minus_distr_l, Rabs_mult. apply Rmult_le_compat_l; [apply Rabs_pos|auto].
  - rewrite Rminus_diag, Rabs_R0. pose proof (pos_INR n). pose proof (exp_pos (Rabs b)).
    pose proof (Rabs_pos b). apply Rmult_le_pos; [assumption|]. apply Rmult_le_pos; [lra|]. nra.
Qed.

Theorem rate_near soft n b : (0 < n)%nat -> exists C, 0 <= C /\ forall G H M i j,
  unit_gram n G -> unit_gram n H -> 0 <= M ->
  (forall k l, (k < n)%nat -> (l < n)%nat -> Rabs (G k l - H k l) <= M) ->
  (i < n)%nat -> (j < n)%nat ->
  Rabs (gram_rate n (weights soft n b G) G i j - gram_rate n (weights soft n b H) H i j) <= C * M.
Proof.
  intros Hn. set (N := INR n). set (B := exp (Rabs b)). set (z := N * exp (- Rabs b)).
  set (c := (N * (B * 3 + 2 * (B * Rabs b))) / z + N * (B * 2) / (z * z) * (N * (B * Rabs b))).
  assert (HN : 0 < N) by (apply lt_0_INR; exact Hn).
  assert (HB : 0 < B) by apply exp_pos.
  assert (Hz : 0 < z) by (apply Rmult_lt_0_compat; [exact HN|apply exp_pos]).
  assert (Hb : 0 <= Rabs b) by apply Rabs_pos.
  assert (Hiz : 0 < / z) by (apply Rinv_0_lt_compat; exact Hz).
  assert (Hizz : 0 < / (z * z)) by (apply Rinv_0_lt_compat; nra).
  assert (HBb : 0 <= B * Rabs b) by nra.
  assert (Hc : 0 <= c).
  { unfold c, Rdiv. apply Rplus_le_le_0_compat.
    - apply Rmult_le_pos; [|lra]. apply Rmult_le_pos; lra.
    - apply Rmult_le_pos; [|apply Rmult_le_pos; lra]. apply Rmult_le_pos; [|lra]. nra. }
  exists (2 * c). split; [lra|]. intros G H M i j HG HH HM HGH Hi Hj.
  assert (Hone : forall p q, (p < n)%nat -> (q < n)%nat ->
    Rabs (pull n b G p q / sum_of_weights soft n b G p - pull n b H p q / sum_of_weights soft n b H p) <= c * M).
  { intros p q Hp Hq.
    apply Rle_trans with (1 := quotient_near _ _ _ _ (N * (B * 2)) z Hz
      (sum_least soft n b G p Hn HG Hp) (sum_least soft n b H p Hn HH Hp) (pull_size n b H p q HH Hp Hq)).
    pose proof (pull_near n b G H M p q HG HH HM HGH Hp Hq) as P.
    pose proof (sum_near soft n b G H M p HG HH HM HGH Hp) as Q. fold N B in P, Q.
    unfold c. rewrite Rmult_plus_distr_r. apply Rplus_le_compat.
    - unfold Rdiv. replace (N * (B * 3 + 2 * (B * Rabs b)) * / z * M)
        with (N * (B * (3 * M) + 2 * (B * (Rabs b * M))) * / z) by ring.
      apply Rmult_le_compat_r; [lra|exact P].
    - replace (N * (B * 2) / (z * z) * (N * (B * Rabs b)) * M)
        with (N * (B * 2) / (z * z) * (N * (B * (Rabs b * M)))) by ring.
      apply Rmult_le_compat_l; [|exact Q]. unfold Rdiv. apply Rmult_le_pos; [|lra]. nra. }
  rewrite !rate_as_quotient.
  match goal with |- Rabs (?a + ?e - (?a' + ?e')) <= _ =>
    replace (a + e - (a' + e')) with ((a - a') + (e - e')) by ring end.
  apply Rle_trans with (1 := Rabs_triang _ _).
  pose proof (Hone i j Hi Hj). pose proof (Hone j i Hj Hi). lra.
Qed.

Definition gram (d : nat) (x : nat -> vec) (i j : nat) : R := dot d (x i) (x j).
(** The right-hand side of (6.9), or of (6.10). *)
Definition equal_rate (soft : bool) (n : nat) (b g : R) : R :=
  if soft then rate_6_9 n b g else rate_6_10 n b g.

Lemma rate_equal soft n b g i j : (i < n)%nat -> (j < n)%nat -> i <> j ->
  gram_rate n (weights soft n b (equal_angles g)) (equal_angles g) i j = equal_rate soft n b g.
Proof. destruct soft; [apply rate_equal_SA|apply rate_equal_USA]. Qed.

Lemma square_bound u v : u * u <= v * v -> Rabs u <= Rabs v.
Proof. intros H. apply Rsqr_le_abs_0. exact H. Qed.

Lemma gram_rate_ext n A G H i j : (forall k l, (k < n)%nat -> (l < n)%nat -> G k l = H k l) ->
  (i < n)%nat -> (j < n)%nat -> gram_rate n A G i j = gram_rate n A H i j.
Proof. intros E Hi Hj. unfold gram_rate. f_equal; apply rsum_ext; intros k Hk; rewrite !E; auto. Qed.

(** All pairwise angles stay equal, by Grönwall for the largest (G_ij - G_01)². *)
Theorem angles_stay_equal soft n d b x : (2 <= n)%nat ->
  drawn n d (fun t => weights soft n b (gram d (x t))) x ->
  (forall t, 0 <= t -> on_sphere n d (x t)) ->
  (forall i j, (i < n)%nat -> (j < n)%nat -> i <> j -> gram d (x 0) i j = gram d (x 0) 0 1) ->
  forall i j t, (i < n)%nat -> (j < n)%nat -> i <> j -> 0 <= t ->
  gram d (x t) i j = gram d (x t) 0 1.
Proof.
  intros Hn Hx Hs H0 i j t Hi Hj Hij Ht.
  destruct (rate_near soft n b ltac:(lia)) as [C [HC Hnear]].
  set (F := fun t i j => gram_rate n (weights soft n b (gram d (x t))) (gram d (x t)) i j).
  set (dev := fun t i j => gram d (x t) i j - gram d (x t) 0 1).
  set (f := fun q t => if Nat.eq_dec (q / n)%nat (q mod n) then 0
    else dev t (q / n)%nat (q mod n) * dev t (q / n)%nat (q mod n)).
  set (df := fun q t => if Nat.eq_dec (q / n)%nat (q mod n) then 0
    else (F t (q / n)%nat (q mod n) - F t 0%nat 1%nat) * dev t (q / n)%nat (q mod n)
      + dev t (q / n)%nat (q mod n) * (F t (q / n)%nat (q mod n) - F t 0%nat 1%nat)).
  assert (Hlt : forall q, (q < n * n)%nat -> (q / n < n)%nat /\ (q mod n < n)%nat).
  { intros q Hq'. split; [apply Nat.Div0.div_lt_upper_bound; lia|apply Nat.mod_upper_bound; lia]. }
  assert (Hdev : forall p r s, (p < n)%nat -> (r < n)%nat -> 0 <= s ->
    is_derive (fun s => dev s p r) s (F s p r - F s 0%nat 1%nat)).
  { intros p r s Hp Hr Hs'.
    apply (is_derive_minus (fun s => gram d (x s) p r) (fun s => gram d (x s) 0 1));
      apply (gram_flow n d (fun t => weights soft n b (gram d (x t)))); auto; lia. }
  assert (Hall : forall q, (q < n * n)%nat -> f q t <= 0).
  { intros q Hq. replace 0 with (0 * exp (- (- (4 * C)) * t)) by ring.
    apply (largest_decays (n * n) f df (- (4 * C)) 0 t); [| | |exact Hq|lra].
    - intros p Hp. destruct (Hlt p Hp). unfold f, dev. destruct (Nat.eq_dec _ _) as [|Hne]; [lra|].
      rewrite (H0 _ _ H H1 Hne). lra.
    - intros p s Hp Hs'. destruct (Hlt p Hp). unfold f, df.
      destruct (Nat.eq_dec (p / n)%nat (p mod n)); [apply (is_derive_const 0)|].
      apply (derive_mult (fun s => dev s (p / n)%nat (p mod n)) (fun s => dev s (p / n)%nat (p mod n)));
        apply Hdev; auto; lra.
    - intros p s Hp Hs' Hmax. destruct (Hlt p Hp) as [Hp1 Hp2]. revert Hmax. unfold f at 2 3. unfold df.
      destruct (Nat.eq_dec (p / n)%nat (p mod n)) as [|Hne]; [intros; lra|].
      generalize dependent (p mod n). generalize dependent (p / n)%nat. intros k Hk l Hl Hne Hmax.
      set (M := Rabs (dev s k l)).
      assert (HM : 0 <= M) by apply Rabs_pos.
      assert (HMM : M * M = dev s k l * dev s k l) by (unfold M; rewrite <- Rabs_mult; apply Rabs_pos_eq; nra).
      set (H := equal_angles (gram d (x s) 0 1)).
      assert (Hu : unit_gram n (gram d (x s))).
      { intros a e Ha He. apply dot_unit; apply (Hs s); auto; lra. }
      assert (HuH : unit_gram n H).
      { intros a e Ha He. unfold H, equal_angles. destruct (Nat.eq_dec a e); [lra|].
        apply Hu; lia. }
      assert (Hc : forall a e, (a < n)%nat -> (e < n)%nat -> Rabs (gram d (x s) a e - H a e) <= M).
      { intros a e Ha He. unfold H, equal_angles. destruct (Nat.eq_dec a e) as [->|Hae].
        - unfold gram. rewrite (Hs s ltac:(lra) e He), Rminus_diag, Rabs_R0. exact HM.
        - apply square_bound. destruct (pair_index n a e Ha He) as [Q [Q1 Q2]].
          specialize (Hmax _ Q). unfold f in Hmax. rewrite Q1, Q2 in Hmax.
          destruct (Nat.eq_dec a e); [lia|]. exact Hmax. }
      pose proof (Hnear (gram d (x s)) H M k l Hu HuH HM Hc Hk Hl) as N1.
      pose proof (Hnear (gram d (x s)) H M 0%nat 1%nat Hu HuH HM Hc ltac:(lia) ltac:(lia)) as N2.
      unfold H in N1, N2. rewrite rate_equal in N1, N2 by (auto; lia). fold (F s k l) in N1. fold (F s 0%nat 1%nat) in N2.
      assert (N3 : Rabs (F s k l - F s 0%nat 1%nat) <= 2 * C * M).
      { apply Rabs_le_between in N1, N2. apply Rabs_le. lra. }
      assert (N4 : dev s k l * (F s k l - F s 0%nat 1%nat) <= M * (2 * C * M)).
      { apply Rle_trans with (1 := Rle_abs _). rewrite Rabs_mult. fold M. nra. }
      nra. }
  destruct (pair_index n i j Hi Hj) as [Q [Q1 Q2]]. specialize (Hall _ Q).
  unfold f in Hall. rewrite Q1, Q2 in Hall. destruct (Nat.eq_dec i j); [lia|].
  assert (dev t i j = 0) by nra. unfold dev in H. lra.
Qed.

Theorem equal_angles_solve soft n d b x : (2 <= n)%nat ->
  drawn n d (fun t => weights soft n b (gram d (x t))) x ->
  (forall t, 0 <= t -> on_sphere n d (x t)) ->
  (forall i j, (i < n)%nat -> (j < n)%nat -> i <> j -> gram d (x 0) i j = 0) ->
  exists g : R -> R, g 0 = 0 /\
    (forall t, 0 <= t -> is_derive g t (equal_rate soft n b (g t))) /\
    forall i j t, (i < n)%nat -> (j < n)%nat -> i <> j -> 0 <= t -> gram d (x t) i j = g t.
Proof.
  intros Hn Hx Hs H0. exists (fun t => gram d (x t) 0 1).
  assert (Heq : forall i j t, (i < n)%nat -> (j < n)%nat -> i <> j -> 0 <= t ->
    gram d (x t) i j = gram d (x t) 0 1).
  { intros i j t. apply (angles_stay_equal soft n d b x Hn Hx Hs). intros p q Hp Hq Hpq.
    rewrite !H0 by (auto; lia). reflexivity. }
  split; [apply H0; lia|]. split; [|exact Heq]. intros t Ht.
  pose proof (gram_flow n d (fun t => weights soft n b (gram d (x t))) x 0 1 t Hx ltac:(lia) ltac:(lia) Ht) as D.
  match type of D with is_derive _ _ ?l => replace (equal_rate _ _ _ _) with l; [exact D|] end.
  rewrite <- (rate_equal soft n b (gram d (x t) 0 1) 0 1) by lia.
  assert (E : forall k l, (k < n)%nat -> (l < n)%nat ->
    gram d (x t) k l = equal_angles (gram d (x t) 0 1) k l).
  { intros k l Hk Hl. unfold equal_angles. destruct (Nat.eq_dec k l) as [->|]; [apply Hs; auto|auto]. }
  rewrite 2!rate_as_quotient. change (fun k l => dot d (x t k) (x t l)) with (gram d (x t)).
  assert (E1 : forall k, (k < n)%nat -> sum_of_weights soft n b (gram d (x t)) k
    = sum_of_weights soft n b (equal_angles (gram d (x t) 0 1)) k).
  { intros k Hk. destruct soft; [|reflexivity]. simpl. apply rsum_ext. intros l Hl.
    rewrite (E k l) by auto. reflexivity. }
  assert (E2 : forall k l, (k < n)%nat -> (l < n)%nat -> pull n b (gram d (x t)) k l
    = pull n b (equal_angles (gram d (x t) 0 1)) k l).
  { intros k l Hk Hl. apply rsum_ext. intros p Hp. rewrite (E k p), (E p l), (E k l) by auto. reflexivity. }
  rewrite !E1, !E2 by lia. reflexivity.
Qed.

Lemma drawn_ext n d A B x : drawn n d A x ->
  (forall t i j, 0 <= t -> (i < n)%nat -> (j < n)%nat -> A t i j = B t i j) -> drawn n d B x.
Proof.
  intros H E i k t Hi Hk Ht. specialize (H i k t Hi Hk Ht).
  match type of H with is_derive _ _ ?l => replace (proj d _ _ k) with l; [exact H|] end.
  unfold proj. apply (f_equal2 Rminus).
  - apply rsum_ext. intros j Hj. unfold scal. rewrite E by auto. reflexivity.
  - apply (f_equal2 Rmult); [|reflexivity]. apply dot_ext; [reflexivity|]. intros q _. apply rsum_ext. intros j Hj.
    unfold scal. rewrite E by auto. reflexivity.
Qed.

Definition equal_masses (n : nat) : nat -> R := fun _ => / INR n.

Lemma equal_masses_positive n : (0 < n)%nat -> positive_masses n (equal_masses n).
Proof.
  intros Hn. pose proof (lt_0_INR n Hn). split; [intros; apply Rinv_0_lt_compat; assumption|].
  unfold equal_masses. rewrite rsum_const. field. lra.
Qed.

Theorem theorem_6_8_SA (n d : nat) (b : R) (x : R -> nat -> vec) :
  (2 <= n)%nat -> solves n d (SA n d b (equal_masses n)) x ->
  (forall i j, (i < n)%nat -> (j < n)%nat -> dot d (x 0 i) (x 0 j) = if Nat.eq_dec i j then 1 else 0) ->
  exists g : R -> R, g 0 = 0 /\
    (forall t, 0 <= t -> is_derive g t
      (2 * exp (b * g t) * (1 - g t) * ((INR n - 1) * g t + 1) / (exp b + (INR n - 1) * exp (b * g t)))) /\
    forall i j t, (i < n)%nat -> (j < n)%nat -> i <> j -> 0 <= t -> dot d (x t i) (x t j) = g t.
Proof.
  intros Hn Hx H0.
  assert (Hm : positive_masses n (equal_masses n)) by (apply equal_masses_positive; lia).
  assert (H1 : on_sphere n d (x 0)).
  { intros i Hi. rewrite H0 by auto. destruct (Nat.eq_dec i i); [reflexivity|lia]. }
  apply (equal_angles_solve true n d b x Hn); [|exact (SA_sphere n d b _ x Hm Hx H1)|].
  - apply (drawn_ext n d _ _ x (SA_drawn _ _ _ _ _ Hx)). intros t i j Ht Hi Hj.
    unfold softmax, weights, sum_of_weights, equal_masses, scores, gram. rewrite rsum_scal.
    pose proof (lt_0_INR n ltac:(lia)).
    assert (0 < rsum n (fun k => exp (b * dot d (x t i) (x t k)))).
    { apply rsum_pos; [lia|]. intros. apply exp_pos. }
    field. lra.
  - intros i j Hi Hj Hij. unfold gram. rewrite H0 by auto. destruct (Nat.eq_dec i j); [lia|reflexivity].
Qed.

Theorem theorem_6_8_USA (n d : nat) (b : R) (x : R -> nat -> vec) :
  (2 <= n)%nat -> solves n d (USA n d b (equal_masses n)) x ->
  (forall i j, (i < n)%nat -> (j < n)%nat -> dot d (x 0 i) (x 0 j) = if Nat.eq_dec i j then 1 else 0) ->
  exists g : R -> R, g 0 = 0 /\
    (forall t, 0 <= t -> is_derive g t
      (2 / INR n * exp (b * g t) * (1 - g t) * ((INR n - 1) * g t + 1))) /\
    forall i j t, (i < n)%nat -> (j < n)%nat -> i <> j -> 0 <= t -> dot d (x t i) (x t j) = g t.
Proof.
  intros Hn Hx H0.
  assert (H1 : on_sphere n d (x 0)).
  { intros i Hi. rewrite H0 by auto. destruct (Nat.eq_dec i i); [reflexivity|lia]. }
  apply (equal_angles_solve false n d b x Hn); [|exact (USA_sphere n d b _ x Hx H1)|].
  - apply (drawn_ext n d _ _ x (USA_drawn _ _ _ _ _ Hx)). intros t i j Ht Hi Hj.
    unfold kernel, weights, sum_of_weights, equal_masses, scores, gram. pose proof (lt_0_INR n ltac:(lia)).
    field. lra.
  - intros i j Hi Hj Hij. unfold gram. rewrite H0 by auto. destruct (Nat.eq_dec i j); [lia|reflexivity].
Qed.
