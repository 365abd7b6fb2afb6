(* Problem 3 without loss of generality: the domain of the subdivision trees, Lemma 6.4's half
   circle for equilibria, the cut at a wide gap for large inverse temperatures, and the way back
   from a cut of a list of angles to a direction of ascent of the energy. *)
From Coq Require Import Reals Lra Lia List Permutation Sorted ZArith.
From Coquelicot Require Import Coquelicot.
From attnflow Require Import Circle.
Import ListNotations.
Open Scope R_scope.

(* -- the same statements on lists of angles ------------------------------------------------ *)

Definition balanced (b : R) (l : list R) : Prop :=
  forall x, In x l -> lsum (fun y => s b (x - y)) l = 0.
Definition cut (b : R) (S T : list R) : R := lsum (fun x => lsum (fun y => g b (x - y)) T) S.
Definition has_cut (b : R) (l : list R) : Prop :=
  exists S T, Permutation l (S ++ T) /\ cut b S T < 0.
Definition together (l : list R) : Prop := forall x y, In x l -> In y l -> cos (x - y) = 1.

Lemma cut_square {A} (b : R) (th : A -> R) (v : A -> R) S T :
  (forall i, In i S -> v i = 1) -> (forall i, In i T -> v i = 0) ->
  lsum (fun i => lsum (fun j => (v i - v j) * ((v i - v j) * g b (th i - th j))) (S ++ T)) (S ++ T)
  = 2 * cut b (map th S) (map th T).
Proof.
  intros HS HT. unfold cut. rewrite lsum_map, lsum_app.
  rewrite (lsum_ext _ (fun i => lsum (fun j => g b (th i - th j)) T) S).
  2:{ intros i Hi. rewrite lsum_app, lsum_zero.
      - rewrite Rplus_0_l. apply lsum_ext. intros j Hj. rewrite (HS i Hi), (HT j Hj). ring.
      - intros j Hj. rewrite (HS i Hi), (HS j Hj). ring. }
  rewrite (lsum_ext _ (fun i => lsum (fun j => g b (th j - th i)) S) T).
  2:{ intros i Hi. rewrite lsum_app, Rplus_comm, lsum_zero.
      - rewrite Rplus_0_l. apply lsum_ext. intros j Hj. rewrite (HS j Hj), (HT i Hi), g_even. ring.
      - intros j Hj. rewrite (HT i Hi), (HT j Hj). ring. }
  rewrite (lsum_swap (fun i j => g b (th j - th i))).
  rewrite (lsum_ext (fun a => lsum (fun y => g b (th a - y)) (map th T))
    (fun i => lsum (fun j => g b (th i - th j)) T)).
  2:{ intros i _. now rewrite lsum_map. }
  ring.
Qed.

Lemma cut_saddle n b th : (0 < n)%nat -> has_cut b (map th (seq 0 n)) -> strict_saddle n b th.
Proof.
  intros Hn (S & T & P & C).
  apply Permutation_sym, Permutation_map_inv in P. destruct P as (l3 & E & P).
  symmetry in E. apply map_eq_app in E. destruct E as (IS & IT & -> & <- & <-).
  set (v := fun i => if in_dec Nat.eq_dec i IS then 1 else 0).
  assert (HS : forall i, In i IS -> v i = 1).
  { intros i Hi. unfold v. now destruct (in_dec Nat.eq_dec i IS). }
  assert (HT : forall i, In i IT -> v i = 0).
  { intros i Hi. unfold v. destruct (in_dec Nat.eq_dec i IS) as [H|H]; [|easy].
    pose proof (Permutation_NoDup P (seq_NoDup n 0)) as D. exfalso. clear - D H Hi.
    induction IS as [|a r IH]; [easy|]. simpl in D. apply NoDup_cons_iff in D.
    destruct D as [D1 D2], H as [->|H]; [|now apply IH].
    apply D1, in_or_app. now right. }
  exists v, (bend n b th v 0). split; [|now apply energy_second].
  pose proof (N_pos n Hn) as HN. unfold bend, total.
  rewrite (lsum_ext _ (fun i => lsum (fun j =>
    (v i - v j) * ((v i - v j) * g b (th i - th j))) (IS ++ IT))).
  2:{ intros i _. rewrite <- (lsum_perm _ _ _ P). apply lsum_ext. intros j _.
      now rewrite Rmult_0_l, Rplus_0_r. }
  rewrite (lsum_perm _ _ _ P), cut_square by easy.
  assert (0 < / (2 * INR n ^ 2)) by (apply Rinv_0_lt_compat; nra).
  nra.
Qed.

Lemma critical_balanced n b th : (0 < n)%nat -> critical n b th -> balanced b (map th (seq 0 n)).
Proof.
  intros Hn H x Hx. apply in_map_iff in Hx. destruct Hx as (i & <- & Hi). rewrite lsum_map.
  apply (critical_forces n b Hn th); [easy|]. apply in_seq in Hi. lia.
Qed.

Lemma together_consensus n th : together (map th (seq 0 n)) -> consensus n th.
Proof.
  intros H i j Hi Hj. unfold token.
  assert (E : cos (th i - th j) = 1) by (apply H; apply in_map, in_seq; lia).
  rewrite cos_minus in E. pose proof (circle_unit (th i)). pose proof (circle_unit (th j)).
  assert (S : Rsqr (cos (th i) - cos (th j)) + Rsqr (sin (th i) - sin (th j)) = 0)
    by (unfold Rsqr; lra).
  pose proof (Rplus_sqr_eq_0_l _ _ S). rewrite Rplus_comm in S.
  pose proof (Rplus_sqr_eq_0_l _ _ S). f_equal; lra.
Qed.

Lemma cut_antisymmetric b S : lsum (fun x => lsum (fun y => s b (x - y)) S) S = 0.
Proof.
  assert (H : lsum (fun x => lsum (fun y => s b (x - y)) S) S
    = - lsum (fun x => lsum (fun y => s b (x - y)) S) S); [|lra].
  rewrite lsum_swap at 1.
  replace (- lsum _ S) with (-1 * lsum (fun x => lsum (fun y => s b (x - y)) S) S) by ring.
  rewrite <- lsum_scal. apply lsum_ext. intros x _. rewrite <- lsum_scal. apply lsum_ext.
  intros y _. rewrite s_odd. ring.
Qed.

(* No force crosses a cut of a critical configuration. *)
Lemma balanced_cut b l S T : balanced b l -> Permutation l (S ++ T) ->
  lsum (fun x => lsum (fun y => s b (x - y)) T) S = 0.
Proof.
  intros H P.
  assert (E : lsum (fun x => lsum (fun y => s b (x - y)) (S ++ T)) S = 0).
  { apply lsum_zero. intros x Hx. rewrite <- (lsum_perm _ _ _ P). apply H.
    apply (Permutation_in x (Permutation_sym P)), in_or_app. now left. }
  rewrite (lsum_ext _ (fun x => lsum (fun y => s b (x - y)) S + lsum (fun y => s b (x - y)) T)) in E.
  2:{ intros x _. apply lsum_app. }
  rewrite lsum_plus, cut_antisymmetric in E. lra.
Qed.

(* -- maps of the circle that keep all of it ------------------------------------------------ *)

Definition keeps (f : R -> R) (e : R) : Prop :=
  e * e = 1 /\ forall x y, cos (f x - f y) = cos (x - y) /\ sin (f x - f y) = e * sin (x - y).

Lemma keeps_s f e b x y : keeps f e -> s b (f x - f y) = e * s b (x - y).
Proof. intros [_ H]. destruct (H x y) as [C D]. unfold s. rewrite C, D. ring. Qed.

Lemma keeps_g f e b x y : keeps f e -> g b (f x - f y) = g b (x - y).
Proof.
  intros [E H]. destruct (H x y) as [C D]. unfold g. rewrite C, D.
  replace (e * sin (x - y) * (e * sin (x - y))) with (e * e * (sin (x - y) * sin (x - y))) by ring.
  rewrite E. ring.
Qed.

Lemma keeps_balanced f e b l : keeps f e -> balanced b l -> balanced b (map f l).
Proof.
  intros K H x Hx. apply in_map_iff in Hx. destruct Hx as (a & <- & Ha). rewrite lsum_map.
  rewrite (lsum_ext _ (fun y => e * s b (a - y))) by (intros; now apply keeps_s).
  rewrite lsum_scal, H by easy. ring.
Qed.

Lemma keeps_together f e l : keeps f e -> together (map f l) -> together l.
Proof.
  intros [_ K] H x y Hx Hy. destruct (K x y) as [<- _]. apply H; now apply in_map.
Qed.

Lemma keeps_cut f e b l : keeps f e -> has_cut b (map f l) -> has_cut b l.
Proof.
  intros K (S & T & P & C).
  apply Permutation_sym, Permutation_map_inv in P. destruct P as (l3 & E & P).
  symmetry in E. apply map_eq_app in E. destruct E as (S' & T' & -> & <- & <-).
  exists S', T'. split; [easy|]. unfold cut in *. rewrite lsum_map in C.
  rewrite (lsum_ext _ (fun x => lsum (fun y => g b (f x - y)) (map f T'))); [easy|].
  intros x _. rewrite lsum_map. apply lsum_ext. intros y _. symmetry. now apply (keeps_g f e).
Qed.

Lemma perm_balanced b l r : Permutation l r -> balanced b l -> balanced b r.
Proof.
  intros P H x Hx. rewrite <- (lsum_perm _ _ _ P). apply H.
  now apply (Permutation_in x (Permutation_sym P)).
Qed.

Lemma perm_together l r : Permutation l r -> together r -> together l.
Proof. intros P H x y Hx Hy. apply H; now apply (Permutation_in _ P). Qed.

Lemma perm_cut b l r : Permutation l r -> has_cut b r -> has_cut b l.
Proof. intros P (S & T & Q & C). exists S, T. split; [|easy]. now rewrite P. Qed.

(* -- turns --------------------------------------------------------------------------------- *)

Lemma turns (k : Z) x : cos (x + 2 * PI * IZR k) = cos x /\ sin (x + 2 * PI * IZR k) = sin x.
Proof.
  assert (P : forall p y, cos (y + 2 * PI * IZR (Zpos p)) = cos y /\
                          sin (y + 2 * PI * IZR (Zpos p)) = sin y).
  { intros p y. replace (2 * PI * IZR (Zpos p)) with (2 * INR (Pos.to_nat p) * PI).
    - split; [apply cos_period|apply sin_period].
    - rewrite INR_IZR_INZ, positive_nat_Z. ring. }
  destruct k as [|p|p].
  - now rewrite Rmult_0_r, Rplus_0_r.
  - apply P.
  - destruct (P p (x + 2 * PI * IZR (Zneg p))) as [C D].
    rewrite Rplus_assoc in C, D. change (Zneg p) with (- Zpos p)%Z in *. rewrite opp_IZR in *.
    replace (2 * PI * - IZR (Zpos p) + 2 * PI * IZR (Zpos p)) with 0 in C, D by ring.
    rewrite Rplus_0_r in C, D. now split.
Qed.

Definition reduce (z : R) : R := z + 2 * PI * IZR (- Int_part (z / (2 * PI))).

Lemma reduce_range z : 0 <= reduce z < 2 * PI.
Proof.
  pose proof PI_RGT_0 as HP. unfold reduce. rewrite opp_IZR.
  destruct (base_Int_part (z / (2 * PI))) as [A B].
  assert (E : z = 2 * PI * (z / (2 * PI))) by (field; lra).
  set (q := z / (2 * PI)) in *. set (k := IZR (Int_part q)) in *. rewrite E. nra.
Qed.

Lemma reduce_unique z r (k : Z) : 0 <= r < 2 * PI -> z = r + 2 * PI * IZR k -> reduce z = r.
Proof.
  intros Hr Hz. pose proof PI_RGT_0 as HP. pose proof (reduce_range z) as H. unfold reduce in *.
  set (m := (- Int_part (z / (2 * PI)))%Z) in *. rewrite Hz in *.
  assert (E : r + 2 * PI * IZR k + 2 * PI * IZR m = r + 2 * PI * IZR (k + m))
    by (rewrite plus_IZR; ring).
  rewrite E in *.
  assert (k + m = 0)%Z as ->; [|simpl; ring].
  assert (-1 < k + m < 1)%Z; [|lia].
  split; apply lt_IZR; nra.
Qed.

Definition from (x y : R) : R := reduce (y - x).

Lemma keeps_from x : keeps (from x) 1.
Proof.
  split; [ring|]. intros y z. unfold from, reduce.
  set (k := (- Int_part ((y - x) / (2 * PI)))%Z). set (m := (- Int_part ((z - x) / (2 * PI)))%Z).
  replace (y - x + 2 * PI * IZR k - (z - x + 2 * PI * IZR m))
    with (y - z + 2 * PI * IZR (k - m)) by (rewrite minus_IZR; ring).
  rewrite Rmult_1_l. apply turns.
Qed.

Lemma keeps_mirror c : keeps (fun x => c - x) (-1).
Proof.
  split; [ring|]. intros x y. replace (c - x - (c - y)) with (- (x - y)) by ring.
  rewrite cos_neg, sin_neg. split; ring.
Qed.

(* -- sorting ------------------------------------------------------------------------------- *)

Fixpoint insert (x : R) (l : list R) : list R :=
  match l with
  | [] => [x]
  | y :: r => if Rle_dec x y then x :: l else y :: insert x r
  end.
Definition sort : list R -> list R := fold_right insert [].

Lemma insert_perm x l : Permutation (x :: l) (insert x l).
Proof.
  induction l as [|y r IH]; simpl; [easy|]. destruct (Rle_dec x y); [easy|].
  rewrite <- IH. apply perm_swap.
Qed.

Lemma sort_perm l : Permutation l (sort l).
Proof. induction l; simpl; [easy|]. now rewrite <- insert_perm, <- IHl. Qed.

Lemma insert_sorted x l : StronglySorted Rle l -> StronglySorted Rle (insert x l).
Proof.
  induction l as [|y r IH]; simpl; intros H; [repeat constructor|].
  apply StronglySorted_inv in H. destruct H as [H F].
  destruct (Rle_dec x y) as [L|L].
  - constructor; [now constructor|]. constructor; [easy|].
    rewrite Forall_forall in *. intros z Hz. specialize (F z Hz). lra.
  - constructor; [now apply IH|]. rewrite Forall_forall in *. intros z Hz.
    apply (Permutation_in z (Permutation_sym (insert_perm x r))) in Hz.
    destruct Hz as [<-|Hz]; [lra|now apply F].
Qed.

Lemma sort_sorted l : StronglySorted Rle (sort l).
Proof. induction l; simpl; [constructor|now apply insert_sorted]. Qed.

Lemma sorted_nth l i j : StronglySorted Rle l -> (i <= j)%nat -> (j < length l)%nat ->
  nth i l 0 <= nth j l 0.
Proof.
  revert i j. induction l as [|x r IH]; intros i j H Hij Hj; [simpl in Hj; lia|].
  apply StronglySorted_inv in H. destruct H as [H F]. simpl in Hj.
  destruct i as [|i], j as [|j]; simpl; try lia; try lra.
  - rewrite Forall_forall in F. apply F, nth_In. lia.
  - apply IH; [easy|lia|lia].
Qed.

Lemma least (M : R -> R) l : l <> [] -> exists x, In x l /\ forall y, In y l -> M x <= M y.
Proof.
  induction l as [|a r IH]; [easy|]. intros _.
  destruct r as [|c r].
  - exists a. split; [now left|]. intros y [<-|[]]. lra.
  - destruct IH as (x & Hx & H); [easy|].
    destruct (Rle_dec (M a) (M x)) as [L|L].
    + exists a. split; [now left|]. intros y [<-|Hy]; [lra|]. specialize (H y Hy). lra.
    + exists x. split; [now right|]. intros y [<-|Hy]; [lra|now apply H].
Qed.

Lemma farthest (f : R -> R) l : l <> [] ->
  exists y, In y l /\ forall z, In z l -> f z <= f y.
Proof.
  intros H. destruct (least (fun x => - f x) l H) as (y & Hy & L). exists y. split; [easy|].
  intros z Hz. specialize (L z Hz). lra.
Qed.

(* -- the domain of the trees --------------------------------------------------------------- *)

(* Sorted angles from 0, the last gap the largest and at most pi, the first at most the last but
   one. *)
Definition domain (l : list R) : Prop :=
  let n := length l in let a k := nth k l 0 in
  a 0%nat = 0 /\
  (forall k, (S k < n)%nat -> a k <= a (S k)) /\
  (forall k, (S k < n)%nat -> a (S k) - a k <= 2 * PI - a (n - 1)%nat) /\
  PI <= a (n - 1)%nat <= 2 * PI /\
  a 1%nat - a 0%nat <= a (n - 1)%nat - a (n - 2)%nat.

(* The domain but for the half circle and the mirror. *)
Definition turned (l : list R) : Prop :=
  let n := length l in
  nth 0 l 0 = 0 /\ StronglySorted Rle l /\ nth (n - 1) l 0 < 2 * PI /\
  forall k, (S k < n)%nat -> nth (S k) l 0 - nth k l 0 <= 2 * PI - nth (n - 1) l 0.

Lemma turn l : l <> [] -> exists x, turned (sort (map (from x) l)).
Proof.
  intros Hl.
  assert (HM : exists M : R -> R, forall x,
    (exists y, In y l /\ from x y = M x) /\ forall z, In z l -> from x z <= M x).
  { exists (fun x => nth (length l - 1) (sort (map (from x) l)) 0). intros x.
    set (r := sort (map (from x) l)).
    assert (P : Permutation (map (from x) l) r) by apply sort_perm.
    assert (L : length r = length l) by (rewrite <- (Permutation_length P); apply length_map).
    assert (L0 : (0 < length l)%nat) by (destruct l; [easy|simpl; lia]).
    split.
    - assert (I : In (nth (length l - 1) r 0) r) by (apply nth_In; lia).
      apply (Permutation_in _ (Permutation_sym P)), in_map_iff in I.
      destruct I as (z & E & Hz). now exists z.
    - intros z Hz. assert (I : In (from x z) r) by now apply (Permutation_in _ P), in_map.
      apply (In_nth _ _ 0) in I. destruct I as (j & Hj & <-).
      apply sorted_nth; [apply sort_sorted|lia|lia]. }
  destruct HM as [M HM].
  destruct (least M l Hl) as (x & Hx & Least). exists x.
  set (r := sort (map (from x) l)).
  assert (P : Permutation (map (from x) l) r) by apply sort_perm.
  assert (L : length r = length l) by (rewrite <- (Permutation_length P); apply length_map).
  assert (L0 : (0 < length l)%nat) by (destruct l; [easy|simpl; lia]).
  assert (Sr : StronglySorted Rle r) by apply sort_sorted.
  assert (Range : forall d, In d r -> exists y, In y l /\ d = from x y).
  { intros d Hd. apply (Permutation_in _ (Permutation_sym P)), in_map_iff in Hd.
    destruct Hd as (z & <- & Hz). now exists z. }
  assert (Last : nth (length r - 1) r 0 = M x).
  { destruct (HM x) as [(y & Hy & E) U].
    apply Rle_antisym.
    - destruct (Range (nth (length r - 1) r 0)) as (z & Hz & ->); [apply nth_In; lia|now apply U].
    - assert (I : In (M x) r) by (rewrite <- E; now apply (Permutation_in _ P), in_map).
      apply (In_nth _ _ 0) in I. destruct I as (j & Hj & <-). apply sorted_nth; [easy|lia|lia]. }
  pose proof PI_RGT_0 as HP.
  repeat split.
  - assert (Z : from x x = 0) by (apply (reduce_unique _ _ 0); simpl; lra).
    assert (I : In 0 r) by (rewrite <- Z; now apply (Permutation_in _ P), in_map).
    apply (In_nth _ _ 0) in I. destruct I as (j & Hj & E).
    apply Rle_antisym; [rewrite <- E at 2; apply sorted_nth; [easy|lia|lia]|].
    destruct (Range (nth 0 r 0)) as (z & Hz & ->); [apply nth_In; lia|]. apply reduce_range.
  - easy.
  - destruct (Range (nth (length r - 1) r 0)) as (z & Hz & ->); [apply nth_In; lia|].
    apply reduce_range.
  - intros k Hk. rewrite Last.
    set (a := nth k r 0). set (c := nth (S k) r 0).
    assert (Ha : 0 <= a < 2 * PI).
    { destruct (Range a) as (z & Hz & ->); [apply nth_In; lia|]. apply reduce_range. }
    destruct (Range c) as (x' & Hx' & Ec); [apply nth_In; lia|].
    assert (Hc : 0 <= c < 2 * PI) by (rewrite Ec; apply reduce_range).
    assert (Hac : a <= c) by (apply sorted_nth; [easy|lia|lia]).
    specialize (Least x' Hx'). destruct (HM x') as [(y & Hy & E) _]. rewrite <- E in Least.
    enough (from x' y <= 2 * PI - (c - a)) by lra.
    set (d := from x y).
    assert (Hd : 0 <= d < 2 * PI) by apply reduce_range.
    assert (Id : In d r) by now apply (Permutation_in _ P), in_map.
    assert (Dif : exists m, y - x' = d - c + 2 * PI * IZR m).
    { rewrite Ec. unfold d, from, reduce.
      exists (- Int_part ((x' - x) / (2 * PI)) + Int_part ((y - x) / (2 * PI)))%Z.
      rewrite plus_IZR, !opp_IZR. ring. }
    destruct Dif as [m Dif].
    destruct (Rle_dec c d) as [Q|Q].
    + unfold from. rewrite (reduce_unique _ (d - c) m); [lra|lra|easy].
    + assert (d <= a).
      { apply (In_nth _ _ 0) in Id. destruct Id as (j & Hj & <-).
        destruct (Nat.le_gt_cases j k) as [J|J].
        - apply sorted_nth; [easy|lia|lia].
        - exfalso. apply Q. apply sorted_nth; [easy|lia|lia]. }
      unfold from. rewrite (reduce_unique _ (d - c + 2 * PI) (m - 1)); [lra|lra|].
      rewrite Dif, minus_IZR. ring.
Qed.

(* Lemma 6.4 for equilibria: seen from the first token all others pull one way. *)
Lemma half_circle b l : l <> [] -> balanced b l -> nth 0 l 0 = 0 ->
  (forall x, In x l -> 0 <= x < PI) -> together l.
Proof.
  intros Hl H H0 R.
  assert (I : In 0 l) by (rewrite <- H0; apply nth_In; destruct l; [easy|simpl; lia]).
  assert (Z : forall x, In x l -> x = 0).
  { assert (F : forall y, In y l -> s b (0 - y) = 0).
    { apply lsum_nonpos_zero; [|now apply H].
      intros y Hy. rewrite s_odd, Rminus_0_r. unfold s. specialize (R y Hy).
      assert (0 <= sin y) by (apply sin_ge_0; lra).
      pose proof (exp_pos (b * cos y)). nra. }
    intros x Hx. specialize (F x Hx). rewrite s_odd, Rminus_0_r in F. unfold s in F.
    specialize (R x Hx). destruct (Req_dec x 0) as [|N]; [easy|].
    assert (0 < sin x) by (apply sin_gt_0; lra). pose proof (exp_pos (b * cos x)). nra. }
  intros x y Hx Hy. rewrite (Z x Hx), (Z y Hy), Rminus_0_r. apply cos_0.
Qed.

(* The three points where 1 + k and n are told apart by lia alone. *)
Lemma nth_mirror l c k : (k < length l)%nat ->
  nth k (rev (map (fun x => c - x) l)) 0 = c - nth (length l - 1 - k) l 0.
Proof.
  intros Hk. rewrite rev_nth, length_map by now rewrite length_map.
  replace (length l - S k)%nat with (length l - 1 - k)%nat by lia.
  rewrite (nth_indep _ 0 (c - 0)) by (rewrite length_map; lia).
  apply (map_nth (fun x => c - x)).
Qed.

Theorem without_loss b l : (2 <= length l)%nat -> balanced b l -> ~ together l ->
  (forall r, length r = length l -> domain r -> balanced b r -> has_cut b r) -> has_cut b l.
Proof.
  intros Hn H NT D.
  destruct (turn l) as [x T]; [now destruct l|].
  set (r := sort (map (from x) l)) in *.
  assert (P : Permutation (map (from x) l) r) by apply sort_perm.
  assert (L : length r = length l) by (rewrite <- (Permutation_length P); apply length_map).
  assert (Br : balanced b r).
  { apply (perm_balanced b _ _ P), (keeps_balanced _ 1); [apply keeps_from|easy]. }
  assert (Nr : ~ together r).
  { intros Q. apply NT, (keeps_together (from x) 1); [apply keeps_from|].
    now apply (perm_together _ _ P). }
  apply (keeps_cut (from x) 1); [apply keeps_from|]. apply (perm_cut b _ _ P).
  destruct T as (Z & Sr & Top & Gaps).
  set (m := nth (length r - 1) r 0) in *.
  assert (Hm : PI <= m).
  { destruct (Rle_dec PI m) as [|Q]; [easy|]. exfalso. apply Nr.
    apply (half_circle b); [intros E; rewrite E in L; simpl in L; lia|easy|easy|]. intros y Hy.
    apply (In_nth _ _ 0) in Hy. destruct Hy as (j & Hj & <-).
    assert (nth 0 r 0 <= nth j r 0) by (apply sorted_nth; [easy|lia|lia]).
    assert (nth j r 0 <= m) by (apply sorted_nth; [easy|lia|lia]). lra. }
  assert (Mono : forall k, (S k < length r)%nat -> nth k r 0 <= nth (S k) r 0)
    by (intros; apply sorted_nth; [easy|lia|lia]).
  destruct (Rle_dec (nth 1 r 0 - nth 0 r 0) (m - nth (length r - 2) r 0)) as [Q|Q].
  - apply D; [easy| |easy]. unfold domain. cbv zeta. fold m. repeat split; try easy; lra.
  - set (q := rev (map (fun x => m - x) r)).
    assert (Lq : length q = length r) by (unfold q; now rewrite length_rev, length_map).
    assert (Nq : forall k, (k < length r)%nat -> nth k q 0 = m - nth (length r - 1 - k) r 0)
      by (intros; now apply nth_mirror).
    assert (Pq : Permutation (map (fun x => m - x) r) q) by apply Permutation_rev.
    apply (keeps_cut (fun x => m - x) (-1)); [apply keeps_mirror|]. apply (perm_cut b _ _ Pq).
    apply D; [congruence| |].
    + unfold domain. cbv zeta. rewrite Lq.
      rewrite (Nq 0%nat), (Nq (length r - 1)%nat), (Nq 1%nat), (Nq (length r - 2)%nat) by lia.
      rewrite Nat.sub_0_r, Nat.sub_diag.
      replace (length r - 1 - 1)%nat with (length r - 2)%nat by lia.
      replace (length r - 1 - (length r - 2))%nat with 1%nat by lia.
      fold m. rewrite Z in *. repeat split; try lra.
      * intros k Hk. rewrite !Nq by lia. specialize (Mono (length r - 1 - S k)%nat).
        replace (S (length r - 1 - S k)) with (length r - 1 - k)%nat in Mono by lia.
        assert (nth (length r - 1 - S k) r 0 <= nth (length r - 1 - k) r 0)
          by (apply Mono; lia). lra.
      * intros k Hk. rewrite !Nq by lia. specialize (Gaps (length r - 1 - S k)%nat).
        replace (S (length r - 1 - S k)) with (length r - 1 - k)%nat in Gaps by lia.
        assert (nth (length r - 1 - k) r 0 - nth (length r - 1 - S k) r 0 <= 2 * PI - m)
          by (apply Gaps; lia). lra.
    + apply (perm_balanced b _ _ Pq), (keeps_balanced _ (-1)); [apply keeps_mirror|easy].
Qed.

(* -- large inverse temperatures ------------------------------------------------------------ *)

Lemma far_pair b al x : 0 <= b -> 0 <= al <= PI -> cos al < b * (sin al * sin al) ->
  al <= x <= 2 * PI - al -> g b x < 0.
Proof.
  intros Hb0 Hal Hb Hx.
  assert (C : cos x <= cos al).
  { destruct (Rle_dec x PI) as [Q|Q].
    - apply cos_decr_1; lra.
    - replace (cos x) with (cos (2 * PI - x)).
      + apply cos_decr_1; lra.
      + replace (2 * PI - x) with (- x + 2 * PI * IZR 1) by (simpl; ring).
        destruct (turns 1 (- x)) as [-> _]. apply cos_neg. }
  unfold g. pose proof (exp_pos (b * cos x)) as E.
  assert (cos x - b * (sin x * sin x) < 0); [|nra].
  pose proof (circle_unit x) as E1. pose proof (circle_unit al) as E2.
  pose proof (COS_bound x) as B1. pose proof (COS_bound al) as B2.
  replace (sin x * sin x) with (1 - cos x * cos x) by lra.
  replace (sin al * sin al) with (1 - cos al * cos al) in Hb by lra.
  set (c := cos x) in *. set (d := cos al) in *. clearbody c d.
  (* c - b (1 - c^2) is convex, -1 at c = -1 and negative at c = d. *)
  assert (I : (1 + d) * (c - b * (1 - c * c))
    = - (d - c) + (1 + c) * (d - b * (1 - d * d)) - b * ((1 + c) * (d - c)) * (1 + d)) by ring.
  assert (0 <= (1 + c) * (d - c)) by (apply Rmult_le_pos; lra).
  assert (0 <= b * ((1 + c) * (d - c)) * (1 + d))
    by (apply Rmult_le_pos; [now apply Rmult_le_pos|lra]).
  destruct (Req_dec c (-1)) as [->|N]; [lra|].
  assert ((1 + c) * (d - b * (1 - d * d)) < 0) by nra.
  nra.
Qed.

Lemma gap_cut b l : 0 <= b -> (2 <= length l)%nat -> domain l ->
  (forall al, al = PI / INR (length l - 1) -> cos al < b * (sin al * sin al)) -> has_cut b l.
Proof.
  intros Hb0 Hn (Z & Mono & Gaps & Span & _) Hb.
  set (n := length l) in *. set (al := PI / INR (n - 1)). specialize (Hb al eq_refl).
  set (a := fun k => nth k l 0) in *. fold (a 0%nat) (a (n - 1)%nat) in *.
  pose proof PI_RGT_0 as HP.
  assert (HN : 1 <= INR (n - 1)) by (apply (le_INR 1); lia).
  assert (Hal : 0 <= al <= PI).
  { unfold al. split; [apply Rlt_le, Rdiv_lt_0_compat; lra|].
    apply Rmult_le_reg_r with (INR (n - 1)); [lra|]. field_simplify; [|lra]. nra. }
  assert (Ex : exists k, (S k < n)%nat /\ al <= a (S k) - a k).
  { assert (W : (exists k, (S k < n)%nat /\ al <= a (S k) - a k) \/
      forall k, (k < n)%nat -> (k = 0)%nat \/ a k < INR k * al).
    { assert (Q : forall m, (m <= n)%nat -> (exists k, (S k < n)%nat /\ al <= a (S k) - a k) \/
        forall k, (k < m)%nat -> (k = 0)%nat \/ a k < INR k * al).
      { induction m as [|m IH]; intros Hm; [right; lia|].
        destruct IH as [IH|IH]; [lia|now left|].
        destruct m as [|m]; [right; intros k Hk; left; lia|].
        destruct (Rle_dec al (a (S m) - a m)) as [Q|Q]; [left; exists m; split; [lia|easy]|].
        right. intros k Hk. destruct (Nat.eq_dec k (S m)) as [->|]; [|apply IH; lia].
        right. rewrite S_INR. destruct (IH m) as [->|]; [lia| |lra].
        change (INR 0) with 0. lra. }
      now apply Q. }
    destruct W as [W|W]; [easy|]. exfalso.
    destruct (W (n - 1)%nat) as [Q|Q]; [lia|lia|].
    assert (INR (n - 1) * al = PI) by (unfold al; field; lra). lra. }
  destruct Ex as (k & Hk & Gap).
  assert (Far : forall i j, (i <= k)%nat -> (k < j)%nat -> (j < n)%nat ->
    al <= a j - a i <= 2 * PI - al).
  { assert (Up : forall i j, (i <= j)%nat -> (j < n)%nat -> a i <= a j).
    { intros i j Hij. induction Hij; intros; [lra|].
      apply Rle_trans with (a m); [apply IHHij; lia|apply Mono; lia]. }
    intros i j Hi Hj Hjn.
    assert (a i <= a k) by (apply Up; lia). assert (a (S k) <= a j) by (apply Up; lia).
    assert (a j <= a (n - 1)%nat) by (apply Up; lia). assert (a 0%nat <= a i) by (apply Up; lia).
    assert (a (S k) - a k <= 2 * PI - a (n - 1)%nat) by now apply Gaps.
    assert (a 0%nat = 0) by exact Z. lra. }
  exists (firstn (S k) l), (skipn (S k) l). split; [now rewrite firstn_skipn|].
  unfold cut. apply lsum_neg_strict.
  { intros E. apply (f_equal (@length R)) in E. rewrite length_firstn in E.
    cbn [length] in E. lia. }
  intros x Hx. apply lsum_neg_strict.
  { intros E. apply (f_equal (@length R)) in E. rewrite length_skipn in E.
    cbn [length] in E. lia. }
  intros y Hy. rewrite g_even. apply (far_pair b al); [easy|easy|easy|].
  apply (In_nth _ _ 0) in Hx. destruct Hx as (i & Hi & <-).
  apply (In_nth _ _ 0) in Hy. destruct Hy as (j & Hj & <-).
  rewrite length_firstn in Hi. rewrite length_skipn in Hj.
  rewrite nth_skipn, nth_firstn. destruct (Nat.ltb_spec i (S k)); [|lia].
  apply Far; lia.
Qed.

(* -- all together -------------------------------------------------------------------------- *)

Theorem saddles_from_cuts n b : (2 <= n)%nat ->
  (forall r, length r = n -> domain r -> balanced b r -> has_cut b r) -> only_strict_saddles n b.
Proof.
  intros Hn D th. split; [|split].
  - intros C NC. apply cut_saddle; [lia|]. apply without_loss.
    + rewrite length_map, length_seq. easy.
    + apply critical_balanced; [lia|easy].
    + intros T. now apply NC, together_consensus.
    + rewrite length_map, length_seq. easy.
  - apply critical_SA. lia.
  - apply critical_USA. lia.
Qed.

Theorem saddles_large n b : (2 <= n)%nat -> 0 <= b ->
  cos (PI / INR (n - 1)) < b * (sin (PI / INR (n - 1)) * sin (PI / INR (n - 1))) ->
  only_strict_saddles n b.
Proof.
  intros Hn Hb0 Hb. apply saddles_from_cuts; [easy|]. intros r Lr Dr _.
  apply gap_cut; [easy|now rewrite Lr|easy|]. rewrite Lr. now intros al ->.
Qed.
