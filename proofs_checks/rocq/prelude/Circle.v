(* Tokens on the circle: the interaction energy with its two derivatives, the half circle of
   Lemma 6.4, the symmetry reduction of Problem 3 and its large inverse temperatures.

   What a certificate on strict saddles states is `only_strict_saddles` below. Nothing here is
   computed: Saddles.v checks the subdivision trees. *)
From Coq Require Import Reals Lra Lia List Permutation Sorted.
From Coquelicot Require Import Coquelicot.
Import ListNotations.
Open Scope R_scope.

(* -- sums over a list ---------------------------------------------------------------------- *)

Fixpoint lsum {A} (f : A -> R) (l : list A) : R :=
  match l with [] => 0 | a :: r => f a + lsum f r end.

Lemma lsum_ext {A} (f h : A -> R) l : (forall a, In a l -> f a = h a) -> lsum f l = lsum h l.
Proof.
  induction l as [|a r IH]; simpl; intros H; [reflexivity|].
  rewrite (H a) by now left. rewrite IH; auto.
Qed.

Lemma lsum_app {A} (f : A -> R) l r : lsum f (l ++ r) = lsum f l + lsum f r.
Proof. induction l; simpl; [lra|rewrite IHl; lra]. Qed.

Lemma lsum_map {A B} (f : B -> R) (h : A -> B) l : lsum f (map h l) = lsum (fun a => f (h a)) l.
Proof. induction l; simpl; [reflexivity|now rewrite IHl]. Qed.

Lemma lsum_perm {A} (f : A -> R) l r : Permutation l r -> lsum f l = lsum f r.
Proof. induction 1; simpl; lra. Qed.

Lemma lsum_plus {A} (f h : A -> R) l : lsum (fun a => f a + h a) l = lsum f l + lsum h l.
Proof. induction l; simpl; [lra|rewrite IHl; lra]. Qed.

Lemma lsum_scal {A} c (f : A -> R) l : lsum (fun a => c * f a) l = c * lsum f l.
Proof. induction l; simpl; [lra|rewrite IHl; lra]. Qed.

Lemma lsum_zero {A} (f : A -> R) l : (forall a, In a l -> f a = 0) -> lsum f l = 0.
Proof.
  induction l as [|a r IH]; simpl; intros H; [reflexivity|].
  rewrite (H a) by now left. rewrite IH; auto; lra.
Qed.

Lemma lsum_le {A} (f h : A -> R) l : (forall a, In a l -> f a <= h a) -> lsum f l <= lsum h l.
Proof.
  induction l as [|a r IH]; simpl; intros H; [lra|].
  assert (f a <= h a) by (apply H; now left).
  assert (lsum f r <= lsum h r) by (apply IH; auto). lra.
Qed.

Lemma lsum_swap {A B} (f : A -> B -> R) l r :
  lsum (fun a => lsum (f a) r) l = lsum (fun b => lsum (fun a => f a b) l) r.
Proof.
  induction l; simpl.
  - symmetry. now apply lsum_zero.
  - rewrite IHl, <- lsum_plus. reflexivity.
Qed.

Lemma lsum_neg_strict {A} (f : A -> R) l :
  l <> [] -> (forall a, In a l -> f a < 0) -> lsum f l < 0.
Proof.
  destruct l as [|a r]; [congruence|]. intros _ H. simpl.
  assert (f a < 0) by (apply H; now left).
  assert (lsum f r <= lsum (fun _ => 0) r).
  { apply lsum_le. intros x Hx. apply Rlt_le, H. now right. }
  rewrite (lsum_zero (fun _ => 0)) in H1; auto. lra.
Qed.

Lemma lsum_nonpos_zero {A} (f : A -> R) l :
  (forall a, In a l -> f a <= 0) -> lsum f l = 0 -> forall a, In a l -> f a = 0.
Proof.
  induction l as [|x r IH]; simpl; intros H E a Ha; [easy|].
  assert (Hx : f x <= 0) by (apply H; now left).
  assert (Hr : lsum f r <= lsum (fun _ => 0) r) by (apply lsum_le; intros; apply H; now right).
  rewrite (lsum_zero (fun _ => 0)) in Hr; auto.
  destruct Ha as [<-|Ha]; [lra|]. apply IH; auto. lra.
Qed.

Lemma is_derive_lsum {A} (f f' : A -> R -> R) l t :
  (forall a, In a l -> is_derive (f a) t (f' a t)) ->
  is_derive (fun u => lsum (fun a => f a u) l) t (lsum (fun a => f' a t) l).
Proof.
  induction l as [|a r IH]; simpl; intros H.
  - apply @is_derive_const.
  - apply (is_derive_plus (f a) (fun u => lsum (fun b => f b u) r)); auto.
Qed.

(* -- what a certificate speaks of ---------------------------------------------------------- *)

Definition inner (p q : R * R) : R := fst p * fst q + snd p * snd q.
Definition token (a : R) : R * R := (cos a, sin a).
Definition total (n : nat) (f : nat -> R) : R := lsum f (seq 0 n).

(* The interaction energy E = (1/(2 b n^2)) sum_ij e^(b <x_i, x_j>); at b = 0, where it is
   infinite, the limit of E - 1/(2 b): `energy_limit` below. *)
Definition energy (n : nat) (b : R) (th : nat -> R) : R :=
  if Req_EM_T b 0
  then / (2 * INR n ^ 2) *
    total n (fun i => total n (fun j => inner (token (th i)) (token (th j))))
  else / (2 * b * INR n ^ 2) *
    total n (fun i => total n (fun j => exp (b * inner (token (th i)) (token (th j))))).

Definition line (th v : nat -> R) (t : R) (i : nat) : R := th i + t * v i.

(* The derivative vanishes in every direction. *)
Definition critical (n : nat) (b : R) (th : nat -> R) : Prop :=
  forall v, is_derive (fun t => energy n b (line th v t)) 0 0.

Definition consensus (n : nat) (th : nat -> R) : Prop :=
  forall i j, (i < n)%nat -> (j < n)%nat -> token (th i) = token (th j).

(* v'Hv > 0 for some v: the Hessian, symmetric, has a positive eigenvalue. *)
Definition strict_saddle (n : nat) (b : R) (th : nat -> R) : Prop :=
  exists v h, 0 < h /\ is_derive_n (fun t => energy n b (line th v t)) 2 0 h.

(* The velocities: x_i' = P_i sum_j w_j x_j. *)
Definition project (x v : R * R) : R * R :=
  (fst v - inner x v * fst x, snd v - inner x v * snd x).
Definition kernel (b : R) (th : nat -> R) (i j : nat) : R :=
  exp (b * inner (token (th i)) (token (th j))).
Definition pulled (n : nat) (w : nat -> R) (th : nat -> R) : R * R :=
  (total n (fun j => w j * fst (token (th j))), total n (fun j => w j * snd (token (th j)))).
Definition USA (n : nat) (b : R) (th : nat -> R) (i : nat) : R * R :=
  project (token (th i)) (pulled n (fun j => kernel b th i j / INR n) th).
Definition SA (n : nat) (b : R) (th : nat -> R) (i : nat) : R * R :=
  project (token (th i))
    (pulled n (fun j => kernel b th i j / total n (fun k => kernel b th i k)) th).
Definition stationary (n : nat) (velocity : nat -> R * R) : Prop :=
  forall i, (i < n)%nat -> velocity i = (0, 0).

Definition only_strict_saddles (n : nat) (b : R) : Prop :=
  forall th,
    (critical n b th -> ~ consensus n th -> strict_saddle n b th) /\
    (critical n b th <-> stationary n (SA n b th)) /\
    (critical n b th <-> stationary n (USA n b th)).

(* -- force and curvature of a pair --------------------------------------------------------- *)

Definition s (b x : R) : R := sin x * exp (b * cos x).
Definition g (b x : R) : R := (cos x - b * (sin x * sin x)) * exp (b * cos x).

Lemma s_derive b x : is_derive (s b) x (g b x).
Proof. unfold s, g. auto_derive; [easy|ring]. Qed.

Lemma s_odd b x y : s b (x - y) = - s b (y - x).
Proof.
  unfold s. replace (x - y) with (- (y - x)) by ring. rewrite sin_neg, cos_neg. ring.
Qed.

Lemma g_even b x y : g b (x - y) = g b (y - x).
Proof.
  unfold g. replace (x - y) with (- (y - x)) by ring. rewrite sin_neg, cos_neg. ring.
Qed.

Lemma inner_token a c : inner (token a) (token c) = cos (a - c).
Proof. unfold inner, token. simpl. rewrite cos_minus. reflexivity. Qed.

Lemma half_square (f : nat -> nat -> R) (v : nat -> R) l :
  (forall i j, f i j = - f j i) ->
  lsum (fun i => lsum (fun j => (v i - v j) * f i j) l) l
  = 2 * lsum (fun i => v i * lsum (f i) l) l.
Proof.
  intros odd.
  rewrite (lsum_ext _ (fun i => v i * lsum (f i) l + lsum (fun j => v j * f j i) l)).
  2:{ intros i _. rewrite <- lsum_scal, <- lsum_plus. apply lsum_ext. intros j _.
      rewrite (odd j i). ring. }
  rewrite lsum_plus.
  rewrite (lsum_swap (fun i j => v j * f j i)).
  rewrite (lsum_ext (fun b => lsum (fun a => v b * f b a) l) (fun i => v i * lsum (f i) l)).
  2:{ intros i _. now rewrite lsum_scal. }
  ring.
Qed.

Section Energy.
Variables (n : nat) (b : R).
Hypothesis n_pos : (0 < n)%nat.

Let N : R := INR n.
Lemma N_pos : 0 < N. Proof. now apply lt_0_INR. Qed.

Definition slope (th v : nat -> R) (t : R) : R :=
  - / (2 * N ^ 2) * total n (fun i => total n (fun j =>
      (v i - v j) * s b (th i - th j + t * (v i - v j)))).
Definition bend (th v : nat -> R) (t : R) : R :=
  - / (2 * N ^ 2) * total n (fun i => total n (fun j =>
      (v i - v j) * ((v i - v j) * g b (th i - th j + t * (v i - v j))))).

Lemma energy_derive th v t : is_derive (fun u => energy n b (line th v u)) t (slope th v t).
Proof.
  pose proof N_pos as HN. unfold slope, energy, line, total.
  destruct (Req_EM_T b 0) as [Hb|Hb].
  - apply (is_derive_ext (fun u => / (2 * N ^ 2) *
      lsum (fun i => lsum (fun j => cos (th i - th j + u * (v i - v j))) (seq 0 n)) (seq 0 n))).
    { intros u. f_equal. apply lsum_ext. intros i _. apply lsum_ext. intros j _.
      rewrite inner_token. f_equal. ring. }
    replace (- / (2 * N ^ 2) * _) with (/ (2 * N ^ 2) * lsum (fun i => lsum (fun j =>
      - (v i - v j) * sin (th i - th j + t * (v i - v j))) (seq 0 n)) (seq 0 n)).
    2:{ rewrite Ropp_mult_distr_l_reverse, Ropp_mult_distr_r, <- (Rmult_1_l (lsum _ _)) at 1.
        f_equal. replace (1 * lsum _ _) with (- (-1 * lsum (fun i => lsum (fun j =>
          - (v i - v j) * sin (th i - th j + t * (v i - v j))) (seq 0 n)) (seq 0 n))) by ring.
        f_equal. rewrite <- lsum_scal. apply lsum_ext. intros i _. rewrite <- lsum_scal.
        apply lsum_ext. intros j _. unfold s. rewrite Hb, Rmult_0_l, exp_0. ring. }
    apply is_derive_scal.
    apply (is_derive_lsum (fun i u => lsum (fun j => cos (th i - th j + u * (v i - v j))) _)
      (fun i u => lsum (fun j => - (v i - v j) * sin (th i - th j + u * (v i - v j))) _)).
    intros i _.
    apply (is_derive_lsum (fun j u => cos (th i - th j + u * (v i - v j)))
      (fun j u => - (v i - v j) * sin (th i - th j + u * (v i - v j)))).
    intros j _. auto_derive; [easy|ring].
  - apply (is_derive_ext (fun u => / (2 * b * N ^ 2) *
      lsum (fun i => lsum (fun j => exp (b * cos (th i - th j + u * (v i - v j)))) (seq 0 n))
        (seq 0 n))).
    { intros u. f_equal. apply lsum_ext. intros i _. apply lsum_ext. intros j _.
      rewrite inner_token. do 3 f_equal. ring. }
    replace (- / (2 * N ^ 2) * _) with (/ (2 * b * N ^ 2) * lsum (fun i => lsum (fun j =>
      - b * ((v i - v j) * s b (th i - th j + t * (v i - v j)))) (seq 0 n)) (seq 0 n)).
    2:{ rewrite (lsum_ext _ (fun i => - b * lsum (fun j =>
          (v i - v j) * s b (th i - th j + t * (v i - v j))) (seq 0 n))).
        2:{ intros i _. now rewrite lsum_scal. }
        rewrite lsum_scal. field. split; [lra|easy]. }
    apply is_derive_scal.
    apply (is_derive_lsum (fun i u => lsum (fun j => exp (b * cos (th i - th j + u * (v i - v j)))) _)
      (fun i u => lsum (fun j => - b * ((v i - v j) * s b (th i - th j + u * (v i - v j)))) _)).
    intros i _.
    apply (is_derive_lsum (fun j u => exp (b * cos (th i - th j + u * (v i - v j))))
      (fun j u => - b * ((v i - v j) * s b (th i - th j + u * (v i - v j))))).
    intros j _. unfold s. auto_derive; [easy|ring].
Qed.

Lemma slope_derive th v t : is_derive (slope th v) t (bend th v t).
Proof.
  unfold slope, bend, total. apply is_derive_scal.
  apply (is_derive_lsum
    (fun i u => lsum (fun j => (v i - v j) * s b (th i - th j + u * (v i - v j))) (seq 0 n))
    (fun i u => lsum (fun j =>
      (v i - v j) * ((v i - v j) * g b (th i - th j + u * (v i - v j)))) (seq 0 n))).
  intros i _.
  apply (is_derive_lsum (fun j u => (v i - v j) * s b (th i - th j + u * (v i - v j)))
    (fun j u => (v i - v j) * ((v i - v j) * g b (th i - th j + u * (v i - v j))))).
  intros j _. apply is_derive_scal.
  apply (is_derive_comp (s b) (fun u => th i - th j + u * (v i - v j))).
  - apply s_derive.
  - auto_derive; [easy|ring].
Qed.

Lemma energy_second th v : is_derive_n (fun u => energy n b (line th v u)) 2 0 (bend th v 0).
Proof.
  simpl. apply (is_derive_ext (slope th v)).
  - intros t. symmetry. apply is_derive_unique, energy_derive.
  - apply slope_derive.
Qed.

Lemma slope_zero th v :
  slope th v 0 = - / N ^ 2 * lsum (fun i => v i * lsum (fun j => s b (th i - th j)) (seq 0 n))
                               (seq 0 n).
Proof.
  pose proof N_pos as HN. unfold slope, total.
  rewrite (lsum_ext _ (fun i => lsum (fun j => (v i - v j) * s b (th i - th j)) (seq 0 n))).
  2:{ intros i _. apply lsum_ext. intros j _. now rewrite Rmult_0_l, Rplus_0_r. }
  rewrite (half_square (fun i j => s b (th i - th j))).
  2:{ intros i j. apply s_odd. }
  field. lra.
Qed.

Lemma pick (f : nat -> R) i : (i < n)%nat ->
  lsum (fun k => (if Nat.eqb k i then 1 else 0) * f k) (seq 0 n) = f i.
Proof.
  intros Hi.
  assert (H : forall m k, lsum (fun j => (if Nat.eqb j i then 1 else 0) * f j) (seq k m)
    = if andb (Nat.leb k i) (Nat.ltb i (k + m)) then f i else 0).
  { induction m; intros k; cbn [seq lsum].
    - destruct (Nat.leb_spec k i), (Nat.ltb_spec i (k + 0)); cbn [andb]; try lia; reflexivity.
    - rewrite IHm.
      destruct (Nat.eqb_spec k i), (Nat.leb_spec (S k) i), (Nat.leb_spec k i),
        (Nat.ltb_spec i (S k + m)), (Nat.ltb_spec i (k + S m)); cbn [andb]; try lia; subst; ring. }
  rewrite H. simpl. now rewrite (proj2 (Nat.ltb_lt i n)).
Qed.

Lemma critical_forces th : critical n b th <->
  (forall i, (i < n)%nat -> lsum (fun j => s b (th i - th j)) (seq 0 n) = 0).
Proof.
  pose proof N_pos as HN. split.
  - intros H i Hi. specialize (H (fun k => if Nat.eqb k i then 1 else 0)).
    pose proof (is_derive_unique _ _ _ H) as E.
    rewrite (is_derive_unique _ _ _ (energy_derive th _ 0)), slope_zero, pick in E by easy.
    apply Rmult_integral in E. destruct E as [E|E]; [|easy].
    assert (0 < / N ^ 2) by (apply Rinv_0_lt_compat; nra). lra.
  - intros H v. replace 0 with (slope th v 0) at 2; [apply energy_derive|].
    rewrite slope_zero, lsum_zero; [ring|].
    intros i Hi. rewrite H; [ring|]. apply in_seq in Hi. lia.
Qed.

Lemma circle_unit a : cos a * cos a + sin a * sin a = 1.
Proof. pose proof (sin2_cos2 a) as H. unfold Rsqr in H. lra. Qed.

(* A row of weights c e^(b <x_i, x_j>) with c > 0 moves token i by -c sum_j s. *)
Lemma row_zero th i c : c <> 0 ->
  project (token (th i)) (pulled n (fun j => kernel b th i j * c) th) = (0, 0) <->
  lsum (fun j => s b (th i - th j)) (seq 0 n) = 0.
Proof.
  intros Hc.
  set (A := lsum (fun j => kernel b th i j * cos (th j)) (seq 0 n)).
  set (B := lsum (fun j => kernel b th i j * sin (th j)) (seq 0 n)).
  assert (HF : lsum (fun j => s b (th i - th j)) (seq 0 n) = sin (th i) * A - cos (th i) * B).
  { unfold A, B. rewrite <- !lsum_scal.
    replace (lsum (fun a => sin (th i) * _) _ - _) with
      (lsum (fun a => sin (th i) * (kernel b th i a * cos (th a))) (seq 0 n)
       + -1 * lsum (fun a => cos (th i) * (kernel b th i a * sin (th a))) (seq 0 n)) by ring.
    rewrite <- lsum_scal, <- lsum_plus. apply lsum_ext. intros j _.
    unfold s, kernel. rewrite inner_token, sin_minus. ring. }
  assert (HP : pulled n (fun j => kernel b th i j * c) th = (c * A, c * B)).
  { unfold pulled, total, A, B. simpl. f_equal; rewrite <- lsum_scal; apply lsum_ext; intros; ring. }
  rewrite HF, HP. unfold project, inner, token. simpl.
  pose proof (circle_unit (th i)) as E. set (C := cos (th i)) in *. set (D := sin (th i)) in *.
  replace (c * A - (C * (c * A) + D * (c * B)) * C) with (c * D * (D * A - C * B)).
  2:{ transitivity (c * A * (1 - C * C) - c * D * B * C); [|ring].
      replace (1 - C * C) with (D * D) by lra. ring. }
  replace (c * B - (C * (c * A) + D * (c * B)) * D) with (- (c * C * (D * A - C * B))).
  2:{ transitivity (c * B * (1 - D * D) - c * C * A * D); [|ring].
      replace (1 - D * D) with (C * C) by lra. ring. }
  split.
  - intros H. injection H as H1 H2.
    assert (c * (D * A - C * B) = 0).
    { transitivity (D * (c * D * (D * A - C * B)) + - (C * - (c * C * (D * A - C * B)))).
      - transitivity ((C * C + D * D) * (c * (D * A - C * B))); [rewrite E; ring|ring].
      - rewrite H1, H2. ring. }
    apply Rmult_integral in H. destruct H; [easy|easy].
  - intros ->. f_equal; ring.
Qed.

Lemma critical_USA th : critical n b th <-> stationary n (USA n b th).
Proof.
  pose proof N_pos as HN. rewrite critical_forces. unfold stationary, USA, Rdiv.
  split; intros H i Hi; specialize (H i Hi).
  - apply row_zero; [apply Rinv_neq_0_compat; unfold N in HN; lra|easy].
  - apply row_zero in H; [easy|apply Rinv_neq_0_compat; unfold N in HN; lra].
Qed.

Lemma critical_SA th : critical n b th <-> stationary n (SA n b th).
Proof.
  rewrite critical_forces. unfold stationary, SA, Rdiv.
  assert (Z : forall i, / total n (fun k => kernel b th i k) <> 0).
  { intros i. apply Rinv_neq_0_compat.
    assert (- total n (fun k => kernel b th i k) < 0); [|lra].
    unfold total. rewrite <- (Rmult_1_l (lsum _ _)), <- Ropp_mult_distr_l_reverse, <- lsum_scal.
    apply lsum_neg_strict.
    - destruct n; [lia|easy].
    - intros k _. unfold kernel. pose proof (exp_pos (b * inner (token (th i)) (token (th k)))).
      lra. }
  split; intros H i Hi; specialize (H i Hi).
  - now apply row_zero.
  - now apply row_zero in H.
Qed.

End Energy.

(* What the energy at b = 0 is the limit of. *)
Lemma energy_limit n th : (0 < n)%nat ->
  is_lim (fun b => energy n b th - / (2 * b)) 0 (energy n 0 th).
Proof.
  intros Hn. pose proof (N_pos n Hn) as HN.
  set (c := fun i j => inner (token (th i)) (token (th j))).
  set (phi := fun b => lsum (fun i => lsum (fun j => exp (b * c i j)) (seq 0 n)) (seq 0 n)).
  set (L := lsum (fun i => lsum (fun j => c i j) (seq 0 n)) (seq 0 n)).
  assert (D : is_derive phi 0 L).
  { unfold phi, L.
    apply (is_derive_lsum (fun i u => lsum (fun j => exp (u * c i j)) (seq 0 n))
      (fun i u => lsum (fun j => c i j) (seq 0 n))).
    intros i _.
    apply (is_derive_lsum (fun j u => exp (u * c i j)) (fun j u => c i j)).
    intros j _. auto_derive; [easy|]. rewrite Rmult_0_l, exp_0. ring. }
  assert (P0 : phi 0 = INR n ^ 2).
  { unfold phi.
    assert (One : forall l, lsum (fun _ : nat => 1) l = INR (length l)).
    { induction l as [|a l IH]; [reflexivity|]. cbn [lsum length]. rewrite IH, S_INR. ring. }
    rewrite (lsum_ext _ (fun _ => INR n * 1)).
    - rewrite lsum_scal, One, length_seq. ring.
    - intros i _. rewrite (lsum_ext _ (fun _ => 1)).
      + rewrite One, length_seq. ring.
      + intros j _. rewrite Rmult_0_l. apply exp_0. }
  apply is_derive_Reals in D.
  apply is_lim_spec. intros eps.
  assert (E0 : 0 < eps * (2 * INR n ^ 2)).
  { apply Rmult_lt_0_compat; [apply cond_pos|nra]. }
  destruct (D _ E0) as [del Hdel]. exists del. intros b Hb Nb.
  assert (Hb' : Rabs b < del).
  { unfold ball in Hb. simpl in Hb. unfold AbsRing_ball, abs, minus, plus, opp in Hb. simpl in Hb.
    now rewrite Ropp_0, Rplus_0_r in Hb. }
  specialize (Hdel b Nb Hb'). rewrite Rplus_0_l, P0 in Hdel.
  assert (V : energy n b th - / (2 * b) - energy n 0 th
    = ((phi b - INR n ^ 2) / b - L) / (2 * INR n ^ 2)).
  { unfold energy, total. destruct (Req_EM_T b 0) as [|_]; [easy|].
    destruct (Req_EM_T 0 0) as [_|]; [|easy].
    change (/ (2 * b * INR n ^ 2) * phi b - / (2 * b) - / (2 * INR n ^ 2) * L
      = ((phi b - INR n ^ 2) / b - L) / (2 * INR n ^ 2)).
    assert (Nb0 : b <> 0) by exact Nb. clearbody phi L. field.
    repeat split; solve [exact Nb0 | lra]. }
  rewrite V. unfold Rdiv at 1. rewrite Rabs_mult, (Rabs_pos_eq (/ (2 * INR n ^ 2))).
  2:{ apply Rlt_le, Rinv_0_lt_compat. nra. }
  apply Rmult_lt_reg_r with (2 * INR n ^ 2); [nra|].
  rewrite Rmult_assoc, Rinv_l, Rmult_1_r by nra. exact Hdel.
Qed.
