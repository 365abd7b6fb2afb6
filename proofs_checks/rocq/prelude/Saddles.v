(* The reflected checker of subdivision trees for Problem 3, any n, with its soundness theorem.

   It replays a certificate's trees in the interval arithmetic of coq-interval: the same leaves,
   cuts and slices of b as the toolkit's own checker, whose integer tables it doesn't use. *)
From Coq Require Import Bool Reals Lra Lia List Permutation ZArith FMapPositive PrimInt63.
From Coq Require Uint63.
From Coquelicot Require Import Coquelicot.
From Interval.Float Require Import Basic Sig Primitive_ops.
From Interval.Real Require Import Xreal.
From Interval.Interval Require Import Interval Float_full_primfloat.
From Interval.Missing Require Import Stdlib.
From attnflow Require Import Circle Symmetry Pair.
Import ListNotations.
Open Scope R_scope.
Notation int := PrimInt63.int.

Inductive tree :=
| Out                        (* no point of the domain *)
| Cut (first size : nat)     (* the tokens first, first + 1, ... against the others: sum g < 0 *)
| Force (first size : nat)   (* the force across that cut has one sign *)
| Split (axis : nat) (low high : tree).

(* How a file writes trees and lists of places: three numbers of 20 bits in a machine integer.
   A tree is its symbols in reverse preorder, 4096 kind + 64 first + size with kind 1 for Out,
   2 for Cut, 3 for Force, 4 for Split at `first`; 0 fills up. What is read needs no proof: any
   tree that passes the check proves the theorem. *)
Definition mask20 : int := 1048575%uint63.
Definition unpack (words : list int) : list Z :=
  flat_map (fun w => [Uint63.to_Z (PrimInt63.land w mask20);
    Uint63.to_Z (PrimInt63.land (PrimInt63.lsr w 20%uint63) mask20);
    Uint63.to_Z (PrimInt63.lsr w 40%uint63)]) words.
Definition push (stack : list tree) (symbol : Z) : list tree :=
  let kind := Z.shiftr symbol 12 in
  let first := Z.to_nat (Z.land (Z.shiftr symbol 6) 63) in
  let size := Z.to_nat (Z.land symbol 63) in
  match kind with
  | 1%Z => Out :: stack
  | 2%Z => Cut first size :: stack
  | 3%Z => Force first size :: stack
  | 4%Z => match stack with l :: r :: rest => Split first l r :: rest | _ => [] end
  | _ => stack
  end.
(* A cut with no tokens on one side holds nowhere. *)
Definition read (words : list int) : tree :=
  match fold_left push (unpack words) [] with [t] => t | _ => Cut 0 0 end.

Definition boxes := list (Z * Z).

Fixpoint replace (k : nat) (p : Z * Z) (B : boxes) : boxes :=
  match B, k with
  | [], _ => []
  | _ :: r, O => p :: r
  | q :: r, S k' => q :: replace k' p r
  end.

(* -- angles, boxes, the domain ------------------------------------------------------------- *)

Section Grid.
Variable grid : Z.
Hypothesis grid_pos : (0 <= grid)%Z.

Definition full : Z := (2 ^ grid)%Z.
Definition ang (k : Z) : R := 2 * PI * IZR k / IZR full.
Definition within (p : Z * Z) (x : R) : Prop := ang (fst p) <= x <= ang (snd p).
Definition in_box (B : boxes) (l : list R) : Prop := Forall2 within B l.

Lemma full_pos : 0 < IZR full.
Proof. apply IZR_lt. unfold full. now apply Z.pow_pos_nonneg. Qed.

Lemma unit_pos : 0 < 2 * PI / IZR full.
Proof. pose proof full_pos. pose proof PI_RGT_0. apply Rdiv_lt_0_compat; lra. Qed.

Lemma ang_unit k : ang k = 2 * PI / IZR full * IZR k.
Proof. unfold ang. pose proof full_pos. field. lra. Qed.

Lemma ang_le j k : (j <= k)%Z -> ang j <= ang k.
Proof.
  intros H. rewrite !ang_unit. pose proof unit_pos. apply Rmult_le_compat_l; [lra|now apply IZR_le].
Qed.

Lemma ang_lt j k : (j < k)%Z -> ang j < ang k.
Proof.
  intros H. rewrite !ang_unit. pose proof unit_pos. apply Rmult_lt_compat_l; [lra|now apply IZR_lt].
Qed.

Lemma ang_minus j k : ang (j - k) = ang j - ang k.
Proof. rewrite !ang_unit, minus_IZR. ring. Qed.

Lemma ang_opp k : ang (- k) = - ang k.
Proof. rewrite !ang_unit, opp_IZR. ring. Qed.

Lemma ang_zero : ang 0 = 0.
Proof. rewrite ang_unit. simpl. ring. Qed.

Lemma ang_full : ang full = 2 * PI.
Proof. rewrite ang_unit. pose proof full_pos. field. lra. Qed.

Lemma half_angle : (1 <= grid)%Z -> ang (full / 2) = PI.
Proof.
  intros H. assert (E : IZR full = 2 * IZR (full / 2)).
  { rewrite <- mult_IZR. f_equal. unfold full. replace grid with (1 + (grid - 1))%Z by lia.
    rewrite Z.pow_add_r, Z.pow_1_r by lia. now rewrite (Z.mul_comm 2), Z.div_mul, Z.mul_comm. }
  pose proof full_pos. rewrite ang_unit, E in *. field. lra.
Qed.

Lemma in_box_nth B l k : in_box B l -> (k < length l)%nat ->
  within (nth k B (0, 0)%Z) (nth k l 0).
Proof.
  intros H. revert k. induction H as [|p x B l Hp H IH]; intros k Hk; [simpl in Hk; lia|].
  destruct k as [|k]; simpl; [easy|]. apply IH. simpl in Hk. lia.
Qed.

Lemma nth_in_box B l : length B = length l ->
  (forall k, (k < length l)%nat -> within (nth k B (0, 0)%Z) (nth k l 0)) -> in_box B l.
Proof.
  revert l. induction B as [|p B IH]; intros [|x l] E H; simpl in E; try discriminate;
    constructor.
  - apply (H 0%nat). simpl. lia.
  - apply IH; [lia|]. intros k Hk. apply (H (S k)). simpl. lia.
Qed.

Lemma in_box_length B l : in_box B l -> length B = length l.
Proof. apply Forall2_length. Qed.

Lemma in_box_app A B l : in_box (A ++ B) l -> exists a b, l = a ++ b /\ in_box A a /\ in_box B b.
Proof.
  intros H. apply Forall2_app_inv_l in H. destruct H as (a & b & HA & HB & ->). now exists a, b.
Qed.

Definition outside (B : boxes) : bool :=
  let n := length B in
  let lo k := fst (nth k B (0, 0)%Z) in
  let hi k := snd (nth k B (0, 0)%Z) in
  (existsb (fun k => Z.ltb (hi (S k)) (lo k)) (seq 0 (n - 1)) ||
   existsb (fun k => Z.ltb (full - lo (n - 1)%nat) (lo (S k) - hi k)) (seq 0 (n - 1)) ||
   Z.ltb (hi (n - 1)%nat - lo (n - 2)%nat) (lo 1%nat - hi 0%nat))%bool%Z.

Lemma outside_sound B l : (2 <= length l)%nat -> in_box B l -> domain l -> outside B = false.
Proof.
  intros Hn HB (Z0 & Mono & Gaps & Span & Mirror). cbv zeta in *.
  pose proof (in_box_length B l HB) as LB.
  assert (I : forall k, (k < length l)%nat -> within (nth k B (0, 0)%Z) (nth k l 0))
    by (intros; now apply in_box_nth).
  unfold outside. rewrite LB. unfold within in I.
  assert (Lt : forall a b c d, ang a <= c -> d <= ang b -> d <= c -> Z.ltb b a = false -> True)
    by easy. clear Lt.
  apply orb_false_iff. split; [apply orb_false_iff; split|].
  - destruct (existsb _ _) eqn:E; [|easy]. exfalso.
    apply existsb_exists in E. destruct E as (k & Hk & E). apply in_seq in Hk. apply Z.ltb_lt in E.
    apply ang_lt in E. pose proof (I k ltac:(lia)). pose proof (I (S k) ltac:(lia)).
    specialize (Mono k ltac:(lia)). lra.
  - destruct (existsb _ _) eqn:E; [|easy]. exfalso.
    apply existsb_exists in E. destruct E as (k & Hk & E). apply in_seq in Hk. apply Z.ltb_lt in E.
    apply ang_lt in E. rewrite !ang_minus, ang_full in E.
    pose proof (I k ltac:(lia)). pose proof (I (S k) ltac:(lia)).
    pose proof (I (length l - 1)%nat ltac:(lia)). specialize (Gaps k ltac:(lia)). lra.
  - destruct (Z.ltb _ _) eqn:E; [|easy]. exfalso. apply Z.ltb_lt in E.
    apply ang_lt in E. rewrite !ang_minus in E.
    pose proof (I 0%nat ltac:(lia)). pose proof (I 1%nat ltac:(lia)).
    pose proof (I (length l - 1)%nat ltac:(lia)). pose proof (I (length l - 2)%nat ltac:(lia)). lra.
Qed.

Definition start (n : nat) : boxes :=
  (0, 0)%Z :: repeat (0, full)%Z (n - 2) ++ [(Z.div full 2, full)].

Lemma start_sound n l : (2 <= n)%nat -> (1 <= grid)%Z -> length l = n -> domain l ->
  in_box (start n) l.
Proof.
  intros Hn Hg Hl (Z0 & Mono & _ & Span & _). cbv zeta in *. rewrite Hl in *.
  assert (Up : forall i j, (i <= j)%nat -> (j < n)%nat -> nth i l 0 <= nth j l 0).
  { intros i j Hij. induction Hij as [|m Hm IH]; intros; [lra|].
    apply Rle_trans with (nth m l 0); [apply IH; lia|apply Mono; lia]. }
  pose proof (half_angle Hg) as Half.
  apply nth_in_box.
  - unfold start. simpl. rewrite length_app, repeat_length. simpl. lia.
  - intros k Hk. rewrite Hl in Hk. unfold within.
    destruct k as [|k].
    + cbn [start nth]. cbn [fst snd]. rewrite ang_zero, Z0. lra.
    + assert (A : nth 0 l 0 <= nth (S k) l 0) by (apply Up; lia).
      assert (B : nth (S k) l 0 <= nth (n - 1) l 0) by (apply Up; lia).
      cbn [start nth]. destruct (Nat.ltb_spec k (n - 2)) as [C|C].
      * rewrite app_nth1 by (now rewrite repeat_length).
        rewrite (nth_indep _ _ (0, full)%Z), nth_repeat by (now rewrite repeat_length). cbn [fst snd]. rewrite ang_zero, ang_full. lra.
      * assert (k = (n - 2)%nat) as -> by lia.
        rewrite app_nth2 by (rewrite repeat_length; lia).
        rewrite repeat_length, Nat.sub_diag. cbn [nth fst snd]. rewrite ang_full, Half.
        replace (S (n - 2)) with (n - 1)%nat by lia. lra.
Qed.

Lemma split_sound B l k m : in_box B l ->
  in_box (replace k (fst (nth k B (0, 0)%Z), m) B) l \/
  in_box (replace k (m, snd (nth k B (0, 0)%Z)) B) l.
Proof.
  intros H. revert k. induction H as [|p x B l Hp H IH]; intros k.
  - left. destruct k; constructor.
  - destruct k as [|k]; simpl.
    + destruct (Rle_dec x (ang m)) as [Q|Q]; [left|right]; constructor; try easy; destruct Hp;
        split; simpl; lra.
    + destruct (IH k); [left|right]; now constructor.
Qed.

End Grid.

(* -- interval arithmetic ------------------------------------------------------------------- *)

Module I := PrimFloatIntervalFull.
Definition prec := PrimitiveFloat.PtoP 53.
Definition holds (i : I.type) (x : R) : Prop := contains (I.convert i) (Xreal x).

Lemma holds_Z z : holds (I.fromZ prec z) (IZR z).
Proof. apply I.fromZ_correct. Qed.
Lemma holds_add i j x y : holds i x -> holds j y -> holds (I.add prec i j) (x + y).
Proof. apply I.add_correct. Qed.
Lemma holds_sub i j x y : holds i x -> holds j y -> holds (I.sub prec i j) (x - y).
Proof. apply I.sub_correct. Qed.
Lemma holds_mul i j x y : holds i x -> holds j y -> holds (I.mul prec i j) (x * y).
Proof. apply I.mul_correct. Qed.
Lemma holds_neg i x : holds i x -> holds (I.neg i) (- x).
Proof. apply I.neg_correct. Qed.
Lemma holds_cos i x : holds i x -> holds (I.cos prec i) (cos x).
Proof. apply I.cos_correct. Qed.
Lemma holds_sin i x : holds i x -> holds (I.sin prec i) (sin x).
Proof. apply I.sin_correct. Qed.
Lemma holds_exp i x : holds i x -> holds (I.exp prec i) (exp x).
Proof. apply I.exp_correct. Qed.
Lemma holds_sqrt i x : holds i x -> holds (I.sqrt prec i) (sqrt x).
Proof. apply I.sqrt_correct. Qed.
Lemma holds_pi : holds (I.pi prec) PI.
Proof. apply I.pi_correct. Qed.
Lemma holds_div i j x y : y <> 0 -> holds i x -> holds j y -> holds (I.div prec i j) (x / y).
Proof.
  intros N Hi Hj. pose proof (I.div_correct prec i j _ _ Hi Hj) as H.
  simpl in H. unfold Xdiv' in H. destruct (is_zero_spec y); [easy|exact H].
Qed.
Lemma holds_zero : holds I.zero 0.
Proof. unfold holds. rewrite I.zero_correct. simpl. lra. Qed.
Lemma holds_nai x : holds I.nai x.
Proof. unfold holds. now rewrite I.nai_correct. Qed.
Lemma holds_left i j x : holds i x -> holds (I.join i j) x.
Proof. intros H. apply I.join_correct. now left. Qed.
Lemma holds_right i j x : holds j x -> holds (I.join i j) x.
Proof. intros H. apply I.join_correct. now right. Qed.
Lemma holds_between i x y z : holds i x -> holds i y -> x <= z <= y -> holds i z.
Proof. intros Hx Hy Hz. exact (contains_connected (I.convert i) x y Hx Hy z Hz). Qed.

Definition below_zero (i : I.type) : bool :=
  match I.sign_strict i with Xlt => true | _ => false end.
Definition above_zero (i : I.type) : bool :=
  match I.sign_strict i with Xgt => true | _ => false end.

Lemma below_zero_sound i x : below_zero i = true -> holds i x -> x < 0.
Proof.
  unfold below_zero. intros E H. pose proof (I.sign_strict_correct i) as S.
  destruct (I.sign_strict i); try discriminate. now destruct (S _ H) as [_ P].
Qed.
Lemma above_zero_sound i x : above_zero i = true -> holds i x -> 0 < x.
Proof.
  unfold above_zero. intros E H. pose proof (I.sign_strict_correct i) as S.
  destruct (I.sign_strict i); try discriminate. now destruct (S _ H) as [_ P].
Qed.

Definition about_zero : I.type := I.join (I.fromZ prec (-1)) (I.fromZ prec 1).

Lemma holds_about i m e : holds i m -> Rabs e <= m -> holds (I.mul prec about_zero i) e.
Proof.
  intros H He.
  assert (A : holds (I.mul prec about_zero i) (-1 * m))
    by (apply holds_mul; [apply holds_left, (holds_Z (-1))|easy]).
  assert (B : holds (I.mul prec about_zero i) (1 * m))
    by (apply holds_mul; [apply holds_right, (holds_Z 1)|easy]).
  apply Rabs_le_between in He. apply (holds_between _ _ _ e A B). lra.
Qed.

Definition isum {A} (f : A -> I.type) (l : list A) : I.type :=
  fold_right (fun a i => I.add prec (f a) i) I.zero l.

Lemma holds_sum {A} (f : A -> I.type) (h : A -> R) l :
  (forall a, In a l -> holds (f a) (h a)) -> holds (isum f l) (lsum h l).
Proof.
  induction l as [|a l IH]; simpl; intros H; [apply holds_zero|].
  apply holds_add; [apply H; now left|apply IH; intros; apply H; now right].
Qed.

Lemma isum_map {A B} (f : B -> I.type) (h : A -> B) l :
  isum f (map h l) = isum (fun a => f (h a)) l.
Proof. induction l; simpl; [easy|now f_equal]. Qed.

(* Three sums at once: a value at both ends of a slice of b, and a weight. *)
Definition three := (I.type * I.type * I.type)%type.
Definition holds3 (i : three) (x y z : R) : Prop :=
  holds (fst (fst i)) x /\ holds (snd (fst i)) y /\ holds (snd i) z.
Definition isum3 {A} (f : A -> three) (l : list A) : three :=
  fold_right (fun a i => let '(p, q, r) := f a in let '(p', q', r') := i in
    (I.add prec p p', I.add prec q q', I.add prec r r')) (I.zero, I.zero, I.zero) l.

Lemma holds_sum3 {A} (f : A -> three) (h0 h1 h2 : A -> R) l :
  (forall a, In a l -> holds3 (f a) (h0 a) (h1 a) (h2 a)) ->
  holds3 (isum3 f l) (lsum h0 l) (lsum h1 l) (lsum h2 l).
Proof.
  induction l as [|a l IH]; simpl; intros H.
  - repeat split; apply holds_zero.
  - specialize (IH (fun a Ha => H a (or_intror Ha))). specialize (H a (or_introl eq_refl)).
    destruct (f a) as [[p q] r], (isum3 f l) as [[p' q'] r'].
    destruct H as (H0 & H1 & H2), IH as (K0 & K1 & K2). repeat split; now apply holds_add.
Qed.

Lemma isum3_map {A B} (f : B -> three) (h : A -> B) l :
  isum3 f (map h l) = isum3 (fun a => f (h a)) l.
Proof. induction l as [|a l IH]; simpl; [easy|]. now rewrite IH. Qed.

(* -- tables: a pair at an angle of the grid, at one b -------------------------------------- *)

Record entry := Entry { force : I.type; curvature : I.type; weight : I.type; slope_sign : Z }.
Definition unknown : entry := Entry I.nai I.nai I.nai 0.
Definition table := PositiveMap.t entry.

Definition rational (p : Z * positive) : R := IZR (fst p) / IZR (Zpos (snd p)).
Definition irational (p : Z * positive) : I.type :=
  I.div prec (I.fromZ prec (fst p)) (I.fromZ prec (Zpos (snd p))).

Lemma holds_rational p : holds (irational p) (rational p).
Proof. apply holds_div; [now apply IZR_neq|apply holds_Z|apply holds_Z]. Qed.

Section Slice.
Variable grid : Z.
Hypothesis grid_pos : (1 <= grid)%Z.
Let grid_nonneg : (0 <= grid)%Z. Proof. lia. Qed.
Notation FULL := (full grid).
Notation ANG := (ang grid).

Definition iang (k : Z) : I.type :=
  I.div prec (I.mul prec (I.mul prec (I.fromZ prec 2) (I.pi prec)) (I.fromZ prec k))
    (I.fromZ prec FULL).

Lemma holds_ang k : holds (iang k) (ANG k).
Proof.
  pose proof (full_pos grid grid_nonneg).
  apply holds_div; [lra| |apply holds_Z].
  apply holds_mul; [apply holds_mul; [apply (holds_Z 2)|apply holds_pi]|apply holds_Z].
Qed.

Definition iside (b c : I.type) : I.type :=
  let bb := I.mul prec b b in
  I.sub prec (I.add prec (I.add prec (I.mul prec bb (I.mul prec c c))
    (I.mul prec (I.mul prec (I.fromZ prec 3) b) c)) (I.fromZ prec 1)) bb.

Lemma holds_side i j b c : holds i b -> holds j c -> holds (iside i j) (side b c).
Proof.
  intros Hb Hc. unfold side, iside. apply holds_sub; [|now apply holds_mul].
  apply holds_add; [|apply (holds_Z 1)]. apply holds_add.
  - apply holds_mul; now apply holds_mul.
  - apply holds_mul; [|easy]. apply holds_mul; [apply (holds_Z 3)|easy].
Qed.

Definition compute (b : I.type) (k : Z) : entry :=
  let x := iang k in
  let c := I.cos prec x in
  let w := I.exp prec (I.mul prec b c) in
  let one := I.fromZ prec 1 in
  let q := iside b c in
  Entry (I.mul prec (I.sin prec x) w)
    (I.mul prec (I.sub prec c (I.mul prec b (I.sub prec one (I.mul prec c c)))) w) w
    (if above_zero q then 1 else if below_zero q then -1 else 0).

Definition good (b : R) (k : Z) (e : entry) : Prop :=
  holds (force e) (s b (ANG k)) /\ holds (curvature e) (curve b (cos (ANG k))) /\
  holds (weight e) (exp (b * cos (ANG k))) /\
  (slope_sign e = 1%Z -> 0 < side b (cos (ANG k))) /\
  (slope_sign e = (-1)%Z -> side b (cos (ANG k)) <= 0).

Lemma compute_good i b k : holds i b -> good b k (compute i k).
Proof.
  intros Hb. pose proof (holds_ang k) as Hx. pose proof (holds_cos _ _ Hx) as Hc.
  pose proof (holds_exp _ _ (holds_mul _ _ _ _ Hb Hc)) as Hw.
  unfold good, compute. cbn [force curvature weight slope_sign].
  set (q := iside i (I.cos prec (iang k))).
  assert (Hq : holds q (side b (cos (ANG k)))) by now apply holds_side.
  split; [|split; [|split; [|split]]].
  - apply holds_mul; [now apply holds_sin|easy].
  - apply holds_mul; [|easy]. apply holds_sub; [easy|]. apply holds_mul; [easy|].
    apply holds_sub; [apply (holds_Z 1)|now apply holds_mul].
  - easy.
  - destruct (above_zero q) eqn:E; [intros _; exact (above_zero_sound q _ E Hq)|].
    destruct (below_zero q); discriminate.
  - destruct (above_zero q) eqn:E; [discriminate|].
    destruct (below_zero q) eqn:E'; [intros _; exact (Rlt_le _ _ (below_zero_sound q _ E' Hq))|discriminate].
Qed.

Lemma unknown_good b k : good b k unknown.
Proof. repeat split; try apply holds_nai; discriminate. Qed.

Definition key (k : Z) : positive := Z.to_pos (k + 1).
Definition fill (b : Z * positive) (places : list Z) : table :=
  let i := irational b in
  fold_left (fun t k => if Z.leb 0 k then PositiveMap.add (key k) (compute i k) t else t) places
    (PositiveMap.empty entry).
Definition get (t : table) (k : Z) : entry :=
  if Z.leb 0 k then match PositiveMap.find (key k) t with Some e => e | None => unknown end
  else unknown.
Definition sound (b : R) (t : table) : Prop := forall k, good b k (get t k).

Lemma fill_sound b places : sound (rational b) (fill b places).
Proof.
  unfold fill.
  assert (H : forall l t, sound (rational b) t -> sound (rational b) (fold_left (fun t k =>
    if Z.leb 0 k then PositiveMap.add (key k) (compute (irational b) k) t else t) l t)).
  { induction l as [|k l IH]; simpl; intros t Ht; [easy|]. apply IH.
    destruct (Z.leb_spec 0 k) as [Hk|]; [|easy]. intros j. unfold get.
    destruct (Z.leb_spec 0 j) as [Hj|]; [|apply unknown_good].
    destruct (Pos.eq_dec (key j) (key k)) as [E|E].
    - rewrite E, PositiveMap.gss.
      assert (j = k) as ->. { unfold key in E. apply Z2Pos.inj in E; lia. }
      apply compute_good, holds_rational.
    - rewrite PositiveMap.gso by easy. specialize (Ht j). unfold get in Ht.
      now rewrite (proj2 (Z.leb_le 0 j) Hj) in Ht. }
  apply H. intros k. unfold get. destruct (Z.leb 0 k); [|apply unknown_good].
  rewrite PositiveMap.gempty. apply unknown_good.
Qed.

(* Bounds of the curvature and of e^(b cos) on an interval of angles, from entries at its ends
   and at pi; `floor` holds the lowest curvature of all, where sides differ. *)
Definition spread (floor : I.type) (es : list entry) (e : entry) : I.type * I.type :=
  let g := fold_right (fun a i => I.join (curvature a) i) (curvature e) es in
  let w := fold_right (fun a i => I.join (weight a) i) (weight e) es in
  let all z := forallb (fun a => Z.eqb (slope_sign a) z) (e :: es) in
  ((if (all 1%Z || all (-1)%Z)%bool then g else I.join floor g), w).

Lemma join_in (f : entry -> I.type) es e a x : In a (e :: es) -> holds (f a) x ->
  holds (fold_right (fun a i => I.join (f a) i) (f e) es) x.
Proof.
  intros [<-|H] Hx.
  - induction es; simpl; [easy|now apply holds_right].
  - induction es as [|y es IH]; simpl; [easy|]. destruct H as [->|H].
    + now apply holds_left.
    + now apply holds_right, IH.
Qed.


(* No curvature is below m. *)
Definition lowest (b : R) (floor : I.type) : Prop :=
  exists m, holds floor m /\ forall c, -1 <= c -> m <= curve b c.

Definition floor_of (b : Z * positive) : I.type :=
  if Z.ltb 0 (fst b) then
    let i := irational b in
    let two := I.fromZ prec 2 in
    let one := I.fromZ prec 1 in
    let c := I.div prec (I.sub prec (I.sqrt prec (I.add prec (I.fromZ prec 5)
      (I.mul prec (I.mul prec (I.fromZ prec 4) i) i))) (I.fromZ prec 3)) (I.mul prec two i) in
    I.mul prec (I.sub prec c (I.mul prec i (I.sub prec one (I.mul prec c c))))
      (I.exp prec (I.mul prec i c))
  else I.nai.

Lemma rational_pos p : (0 < fst p)%Z -> 0 < rational p.
Proof. intros H. unfold rational. apply Rdiv_lt_0_compat; now apply IZR_lt. Qed.

Lemma floor_lowest b : 0 <= rational b -> lowest (rational b) (floor_of b).
Proof.
  intros H0. unfold floor_of. destruct (Z.ltb_spec 0 (fst b)) as [H|H].
  - pose proof (rational_pos b H) as P. pose proof (holds_rational b) as Hb.
    exists (curve (rational b) (dip (rational b))). split.
    2:{ intros c Hc. now apply dip_lowest. }
    assert (D : holds (I.div prec (I.sub prec (I.sqrt prec (I.add prec (I.fromZ prec 5)
      (I.mul prec (I.mul prec (I.fromZ prec 4) (irational b)) (irational b)))) (I.fromZ prec 3))
      (I.mul prec (I.fromZ prec 2) (irational b))) (dip (rational b))).
    { unfold dip. apply holds_div; [lra| |].
      - apply holds_sub; [|apply (holds_Z 3)]. apply holds_sqrt. apply holds_add; [apply (holds_Z 5)|].
        apply holds_mul; [|easy]. apply holds_mul; [apply (holds_Z 4)|easy].
      - apply holds_mul; [apply (holds_Z 2)|easy]. }
    unfold curve. apply holds_mul.
    + apply holds_sub; [easy|]. apply holds_mul; [easy|]. apply holds_sub; [apply (holds_Z 1)|].
      now apply holds_mul.
    + apply holds_exp. now apply holds_mul.
  - exists (- rational b - 1). split; [apply holds_nai|]. intros c Hc.
    assert (E : rational b = 0).
    { unfold rational in *. assert (IZR (fst b) <= 0) by now apply IZR_le.
      assert (0 < / IZR (Zpos (snd b))) by (apply Rinv_0_lt_compat; now apply IZR_lt).
      unfold Rdiv in *. nra. }
    rewrite E. unfold curve. rewrite !Rmult_0_l, exp_0. lra.
Qed.

Lemma spread_sound b floor es e ap aq p q c : 0 <= b -> lowest b floor ->
  In ap (e :: es) -> In aq (e :: es) -> good b p ap -> good b q aq ->
  cos (ANG p) <= c <= cos (ANG q) ->
  holds (fst (spread floor es e)) (curve b c) /\ holds (snd (spread floor es e)) (exp (b * c)).
Proof.
  intros Hb (m & Hm & Low) Ip Iq (_ & Gp & Wp & Up & Dp) (_ & Gq & Wq & Uq & Dq) Hc.
  pose proof (COS_bound (ANG p)) as Bp.
  unfold spread. cbn [fst snd]. split.
  - set (gs := fold_right _ _ _).
    assert (Jp : holds gs (curve b (cos (ANG p)))) by now apply (join_in curvature es e ap).
    assert (Jq : holds gs (curve b (cos (ANG q)))) by now apply (join_in curvature es e aq).
    destruct (forallb (fun a => Z.eqb (slope_sign a) 1) (e :: es)) eqn:E1.
    { rewrite forallb_forall in E1. simpl orb. cbv iota.
      assert (P : 0 < side b (cos (ANG p))) by (apply Up, Z.eqb_eq, E1, Ip).
      apply (holds_between _ _ _ _ Jp Jq). split; apply rising; try lra.
      apply Rlt_le_trans with (side b (cos (ANG p))); [easy|]. apply side_rises; lra. }
    destruct (forallb (fun a => Z.eqb (slope_sign a) (-1)) (e :: es)) eqn:E2.
    { rewrite forallb_forall in E2. simpl orb. cbv iota.
      assert (P : side b (cos (ANG q)) <= 0) by (apply Dq, Z.eqb_eq, E2, Iq).
      apply (holds_between _ _ _ _ Jq Jp). split; apply falling; try lra.
      destruct (Rle_dec (side b c) 0) as [|N]; [easy|].
      assert (side b c <= side b (cos (ANG q))) by (apply side_rises; lra). lra. }
    simpl orb. cbv iota.
    apply (holds_between _ m (Rmax (curve b (cos (ANG p))) (curve b (cos (ANG q))))).
    + now apply holds_left.
    + apply holds_right. unfold Rmax. now destruct (Rle_dec _ _).
    + split; [apply Low; lra|apply top_at_end; lra].
  - apply (holds_between _ (exp (b * cos (ANG p))) (exp (b * cos (ANG q)))).
    + now apply (join_in weight es e ap).
    + now apply (join_in weight es e aq).
    + assert (Ex : forall y z, y <= z -> exp y <= exp z).
      { intros y z [L| ->]; [now apply Rlt_le, exp_increasing|lra]. }
      split; apply Ex, Rmult_le_compat_l; lra.
Qed.

Definition range (floor : I.type) (t : table) (A B : Z) : I.type * I.type :=
  let '(A, B) := if Z.ltb (A + B) 0 then (- B, - A)%Z else (A, B) in
  if Z.ltb FULL B then (I.nai, I.nai) else
  let A := Z.max A 0 in
  let h := Z.div FULL 2 in
  if (Z.leb A h && Z.leb h B)%bool then spread floor [get t h; get t B] (get t A)
  else spread floor [get t B] (get t A).

Lemma range_sound b floor t A B x : 0 <= b -> lowest b floor -> sound b t ->
  ANG A <= x <= ANG B ->
  holds (fst (range floor t A B)) (g b x) /\ holds (snd (range floor t A B)) (exp (b * cos x)).
Proof.
  intros Hb Hf Ht Hx. rewrite <- (g_abs b x), <- (cos_abs x), g_curve.
  unfold range.
  assert (W : exists C D, (if Z.ltb (A + B) 0 then (- B, - A)%Z else (A, B)) = (C, D) /\
    ANG (Z.max C 0) <= Rabs x <= ANG D).
  { destruct (Z.ltb_spec (A + B) 0) as [N|N].
    - exists (- B)%Z, (- A)%Z. split; [easy|].
      assert (ANG B <= - ANG A) by (rewrite <- ang_opp by easy; apply ang_le; [easy|lia]).
      rewrite ang_opp by easy. split.
      + destruct (Z.max_spec (- B) 0) as [[_ ->]|[_ ->]].
        * rewrite ang_zero by easy. apply Rabs_pos.
        * rewrite ang_opp by easy. unfold Rabs. destruct (Rcase_abs x); lra.
      + unfold Rabs. destruct (Rcase_abs x); lra.
    - exists A, B. split; [easy|].
      assert (- ANG A <= ANG B) by (rewrite <- ang_opp by easy; apply ang_le; [easy|lia]). split.
      + destruct (Z.max_spec A 0) as [[_ ->]|[_ ->]].
        * rewrite ang_zero by easy. apply Rabs_pos.
        * unfold Rabs. destruct (Rcase_abs x); lra.
      + unfold Rabs. destruct (Rcase_abs x); lra. }
  destruct W as (C & D & -> & Hy). set (y := Rabs x) in *. clearbody y. clear Hx A B x.
  destruct (Z.ltb_spec FULL D) as [|HD]; [split; apply holds_nai|].
  assert (ANG D <= 2 * PI) by (rewrite <- (ang_full grid) by easy; now apply ang_le).
  set (E := Z.max C 0) in *.
  assert (0 <= ANG E) by (rewrite <- (ang_zero grid) by easy; apply ang_le; [easy|lia]).
  pose proof (half_angle grid grid_nonneg grid_pos) as Half.
  destruct (Z.leb_spec E (FULL / 2)) as [L|L]; destruct (Z.leb_spec (FULL / 2) D) as [M|M];
    cbn [andb].
  - assert (ANG E <= PI) by (rewrite <- Half; now apply ang_le).
    assert (PI <= ANG D) by (rewrite <- Half; now apply ang_le).
    destruct (Rle_dec y PI) as [Q|Q].
    + apply (spread_sound b floor _ _ (get t (FULL / 2)) (get t E) (FULL / 2) E);
        try easy; simpl; try tauto.
      rewrite Half. split; apply cos_falls; lra.
    + apply (spread_sound b floor _ _ (get t (FULL / 2)) (get t D) (FULL / 2) D);
        try easy; simpl; try tauto.
      rewrite Half. split; apply cos_rises; lra.
  - assert (ANG D <= PI) by (rewrite <- Half; apply ang_le; [easy|lia]).
    apply (spread_sound b floor _ _ (get t D) (get t E) D E); try easy; simpl; try tauto.
    split; apply cos_falls; lra.
  - assert (PI <= ANG E) by (rewrite <- Half; apply ang_le; [easy|lia]).
    apply (spread_sound b floor _ _ (get t E) (get t D) E D); try easy; simpl; try tauto.
    split; apply cos_rises; lra.
  - assert (PI <= ANG E) by (rewrite <- Half; apply ang_le; [easy|lia]).
    apply (spread_sound b floor _ _ (get t E) (get t D) E D); try easy; simpl; try tauto.
    split; apply cos_rises; lra.
Qed.

(* -- one slice of b ------------------------------------------------------------------------ *)

Variables (low high : Z * positive) (t0 t1 : table).
Notation b0 := (rational low).
Notation b1 := (rational high).
Hypothesis sound0 : sound b0 t0.
Hypothesis sound1 : sound b1 t1.
Hypothesis from_zero : 0 <= b0.
Hypothesis rises : b0 < b1.

(* Half the square of the width over 4, times bounds of the second derivatives in b. *)
Definition force_pad : I.type :=
  let width := I.sub prec (irational high) (irational low) in
  I.div prec (I.mul prec width width) (I.fromZ prec 8).
Definition curvature_pad : I.type :=
  I.mul prec force_pad (I.add prec (I.div prec (I.fromZ prec 109) (I.fromZ prec 100))
    (I.div prec (irational high) (I.fromZ prec 4))).

Notation KS := ((b1 - b0) * (b1 - b0) / 8).
Notation KG := ((b1 - b0) * (b1 - b0) / 8 * (109 / 100 + b1 / 4)).

Lemma force_pad_holds : holds force_pad KS.
Proof.
  apply holds_div; [lra| |apply (holds_Z 8)].
  apply holds_mul; apply holds_sub; apply holds_rational.
Qed.

Lemma curvature_pad_holds : holds curvature_pad KG.
Proof.
  apply holds_mul; [apply force_pad_holds|]. apply holds_add.
  - apply holds_div; [lra|apply (holds_Z 109)|apply (holds_Z 100)].
  - apply holds_div; [lra|apply holds_rational|apply (holds_Z 4)].
Qed.

Variables (floor0 floor1 force_bend curvature_bend : I.type).
Hypothesis low0 : lowest b0 floor0.
Hypothesis low1 : lowest b1 floor1.
Hypothesis force_bend_holds : holds force_bend KS.
Hypothesis curvature_bend_holds : holds curvature_bend KG.

Definition both (p q : Z * Z) : three :=
  let A := (fst p - snd q)%Z in
  let B := (snd p - fst q)%Z in
  let '(c0, w0) := range floor0 t0 A B in
  let '(c1, w1) := range floor1 t1 A B in
  (c0, c1, I.join w0 w1).

Lemma both_sound p q x y : within grid p x -> within grid q y ->
  holds3 (both p q) (g b0 (x - y)) (g b1 (x - y)) (growth b0 b1 (x - y)).
Proof.
  intros Hx Hy. unfold both. unfold within in *.
  assert (H : ANG (fst p - snd q) <= x - y <= ANG (snd p - fst q))
    by (rewrite !ang_minus by easy; lra).
  destruct (range_sound b0 floor0 t0 _ _ _ from_zero low0 sound0 H) as [G0 W0].
  assert (P1 : 0 <= b1) by lra.
  destruct (range_sound b1 floor1 t1 _ _ _ P1 low1 sound1 H) as [G1 W1].
  destruct (range floor0 t0 _ _) as [c0 w0], (range floor1 t1 _ _) as [c1 w1].
  split; [easy|split; [easy|]]. simpl in *. unfold growth, Rmax.
  destruct (Rle_dec _ _); [now apply holds_right|now apply holds_left].
Qed.

Definition blend (pad : I.type) (i : three) : I.type :=
  let '(p, q, w) := i in I.add prec (I.join p q) (I.mul prec about_zero (I.mul prec pad w)).

Lemma blend_sound pad K i x y w t z e : holds pad K -> holds3 i x y w -> 0 <= t <= 1 ->
  Rabs e <= K * w -> z = (1 - t) * x + t * y + e -> holds (blend pad i) z.
Proof.
  intros HK H Ht He ->. destruct i as [[p q] r]. destruct H as (H0 & H1 & H2). simpl in *.
  apply holds_add.
  - destruct (Rle_dec x y).
    + apply (holds_between _ x y); [now apply holds_left|now apply holds_right|nra].
    + apply (holds_between _ y x); [now apply holds_right|now apply holds_left|nra].
  - apply (holds_about _ (K * w)); [now apply holds_mul|easy].
Qed.

(* Sums keep their distance from the chord. *)
Lemma chord_sum {A} (f f0 f1 w : A -> R) K t l :
  (forall a, In a l -> exists e, Rabs e <= K * w a /\ f a = (1 - t) * f0 a + t * f1 a + e) ->
  exists e, Rabs e <= K * lsum w l /\ lsum f l = (1 - t) * lsum f0 l + t * lsum f1 l + e.
Proof.
  induction l as [|a l IH]; simpl; intros H.
  - exists 0. rewrite Rabs_R0. lra.
  - destruct IH as (e & He & E); [intros; apply H; now right|].
    destruct (H a (or_introl eq_refl)) as (e' & He' & E').
    exists (e + e'). split; [|lra]. pose proof (Rabs_triang e e'). lra.
Qed.

Variable b : R.
Hypothesis b_in : b0 <= b <= b1.
Notation T := (share b0 b1 b).
Let T_range : 0 <= T <= 1. Proof. now apply share_range. Qed.

Definition hull (p q : Z * Z) : I.type := blend curvature_bend (both p q).

Lemma hull_sound p q x y : within grid p x -> within grid q y -> holds (hull p q) (g b (x - y)).
Proof.
  intros Hx Hy. destruct (g_chord b0 b1 b (x - y) from_zero rises b_in) as (e & He & E).
  apply (blend_sound _ KG _ (g b0 (x - y)) (g b1 (x - y)) (growth b0 b1 (x - y)) T _ e);
    try easy; [now apply both_sound|lra].
Qed.

(* Tokens with their boxes. *)
Notation pairs := (list (Z * Z * R)).
Definition fits (P : pairs) : Prop := forall a, In a P -> within grid (fst a) (snd a).

Lemma in_box_pairs B l : in_box grid B l -> exists P, B = map fst P /\ l = map snd P /\ fits P.
Proof.
  intros H. induction H as [|p x B l Hp H (P & -> & -> & F)].
  - exists []. split; [easy|split; [easy|]]. now intros a [].
  - exists ((p, x) :: P). split; [easy|split; [easy|]]. intros a [<-|Ha]; [easy|now apply F].
Qed.

Definition cut_sum (S U : boxes) : I.type :=
  blend curvature_bend (isum3 (fun p => isum3 (both p) U) S).

Lemma cut_sum_sound P Q : fits P -> fits Q ->
  holds (cut_sum (map fst P) (map fst Q)) (cut b (map snd P) (map snd Q)).
Proof.
  intros FP FQ. unfold cut_sum, cut. rewrite isum3_map, lsum_map.
  set (W c := lsum (fun a => lsum (fun d => c (snd a - snd d)) Q) P).
  destruct (chord_sum (fun a => lsum (fun d => g b (snd a - snd d)) Q)
    (fun a => lsum (fun d => g b0 (snd a - snd d)) Q)
    (fun a => lsum (fun d => g b1 (snd a - snd d)) Q)
    (fun a => lsum (fun d => growth b0 b1 (snd a - snd d)) Q) KG T P) as (e & He & E).
  { intros a Ha. apply chord_sum. intros d Hd.
    destruct (g_chord b0 b1 b (snd a - snd d) from_zero rises b_in) as (e & He & E).
    exists e. split; [lra|easy]. }
  apply (blend_sound _ KG _ (W (g b0)) (W (g b1)) (W (growth b0 b1)) T _ e); try easy.
  - apply holds_sum3. intros a Ha. rewrite isum3_map. apply holds_sum3. intros d Hd.
    apply both_sound; [now apply FP|now apply FQ].
  - etransitivity; [|exact E]. apply lsum_ext. intros a _. now rewrite lsum_map.
Qed.

Definition center (p : Z * Z) : Z := Z.div (fst p + snd p) 2.
Definition reach (p : Z * Z) : Z := Z.max (snd p - center p) (center p - fst p).

Definition at_center (p q : Z * Z) : three :=
  let d := (center p - center q)%Z in
  let e0 := get t0 (Z.abs d) in
  let e1 := get t1 (Z.abs d) in
  let w := I.join (weight e0) (weight e1) in
  if Z.ltb d 0 then (I.neg (force e0), I.neg (force e1), w) else (force e0, force e1, w).

Lemma at_center_sound p q :
  let x := ANG (center p) - ANG (center q) in
  holds3 (at_center p q) (s b0 x) (s b1 x) (growth b0 b1 x).
Proof.
  cbv zeta. rewrite <- ang_minus by easy. unfold at_center. set (d := (center p - center q)%Z).
  destruct (sound0 (Z.abs d)) as (F0 & _ & W0 & _). destruct (sound1 (Z.abs d)) as (F1 & _ & W1 & _).
  assert (W : holds (I.join (weight (get t0 (Z.abs d))) (weight (get t1 (Z.abs d))))
    (growth b0 b1 (ANG (Z.abs d)))).
  { unfold growth, Rmax. destruct (Rle_dec _ _); [now apply holds_right|now apply holds_left]. }
  destruct (Z.ltb_spec d 0) as [N|N].
  - rewrite Z.abs_neq in * by lia. rewrite ang_opp in * by easy.
    assert (O : forall c, s c (ANG d) = - s c (- ANG d)).
    { intros c. unfold s. rewrite sin_neg, cos_neg. ring. }
    unfold growth in *. rewrite cos_neg in W. rewrite !O.
    repeat split; try easy; now apply holds_neg.
  - rewrite Z.abs_eq in * by lia. now repeat split.
Qed.

Definition force_sum (S U : boxes) : I.type :=
  let swing f p others := I.mul prec (I.mul prec about_zero (iang (reach p))) (isum (f p) others) in
  I.add prec (blend force_bend (isum3 (fun p => isum3 (at_center p) U) S))
    (I.add prec (isum (fun p => swing hull p U) S) (isum (fun q => swing (fun q p => hull p q) q S) U)).

Lemma reach_sound p x : within grid p x -> Rabs (x - ANG (center p)) <= ANG (reach p).
Proof.
  intros [H1 H2]. unfold reach.
  assert (A : ANG (snd p - center p) <= ANG (Z.max (snd p - center p) (center p - fst p)))
    by (apply ang_le; [easy|lia]).
  assert (B : ANG (center p - fst p) <= ANG (Z.max (snd p - center p) (center p - fst p)))
    by (apply ang_le; [easy|lia]).
  rewrite !ang_minus in A, B by easy. apply Rabs_le. lra.
Qed.

Lemma swing_sound p x i y : within grid p x -> holds i y ->
  holds (I.mul prec (I.mul prec about_zero (iang (reach p))) i) ((x - ANG (center p)) * y).
Proof.
  intros Hx Hy. apply holds_mul; [|easy].
  apply (holds_about _ (ANG (reach p))); [apply holds_ang|now apply reach_sound].
Qed.

Lemma force_sum_sound P Q : fits P -> fits Q ->
  holds (force_sum (map fst P) (map fst Q))
    (lsum (fun x => lsum (fun y => s b (x - y)) (map snd Q)) (map snd P)).
Proof.
  intros FP FQ.
  set (m := fun a : Z * Z * R => ANG (center (fst a))).
  set (D := fun a : Z * Z * R => snd a - m a).
  set (at_t := fun t (a : Z * Z * R) => m a + t * D a).
  set (phi := fun t => lsum (fun a => lsum (fun d => s b (m a - m d + t * (D a - D d))) Q) P).
  set (phi' := fun t => lsum (fun a => lsum (fun d =>
    (D a - D d) * g b (m a - m d + t * (D a - D d))) Q) P).
  assert (Dphi : forall t, is_derive phi t (phi' t)).
  { intros t. unfold phi, phi'.
    apply (is_derive_lsum (fun a u => lsum (fun d => s b (m a - m d + u * (D a - D d))) Q)
      (fun a u => lsum (fun d => (D a - D d) * g b (m a - m d + u * (D a - D d))) Q)).
    intros a _.
    apply (is_derive_lsum (fun d u => s b (m a - m d + u * (D a - D d)))
      (fun d u => (D a - D d) * g b (m a - m d + u * (D a - D d)))).
    intros d _. apply (is_derive_comp (s b) (fun u => m a - m d + u * (D a - D d))).
    - apply s_derive.
    - auto_derive; [easy|ring]. }
  destruct (mean_value phi phi' 0 1 Dphi) as (t & Ht & E); [lra|].
  assert (Inside : forall R, fits R -> forall a, In a R -> within grid (fst a) (at_t t a)).
  { intros R FR a Ha. specialize (FR a Ha). unfold within, at_t, D, m in *.
    assert (L1 : ANG (fst (fst a)) <= ANG (center (fst a)) \/ snd a = ANG (fst (fst a))).
    { destruct (Z.le_gt_cases (fst (fst a)) (snd (fst a))) as [H|H].
      - left. apply ang_le; [easy|]. unfold center. apply Z.div_le_lower_bound; lia.
      - apply (ang_lt grid) in H; [lra|easy]. }
    destruct L1 as [L1|L1].
    - assert (L2 : ANG (center (fst a)) <= ANG (snd (fst a))).
      { destruct (Z.le_gt_cases (fst (fst a)) (snd (fst a))) as [H|H].
        - apply ang_le; [easy|]. unfold center. apply Z.div_le_upper_bound; lia.
        - apply (ang_lt grid) in H; [lra|easy]. }
      nra.
    - destruct (Z.le_gt_cases (fst (fst a)) (snd (fst a))) as [H|H].
      + assert (ANG (fst (fst a)) <= ANG (center (fst a)))
          by (apply ang_le; [easy|]; unfold center; apply Z.div_le_lower_bound; lia).
        assert (ANG (center (fst a)) <= ANG (snd (fst a)))
          by (apply ang_le; [easy|]; unfold center; apply Z.div_le_upper_bound; lia).
        nra.
      + apply (ang_lt grid) in H; [lra|easy]. }
  set (G := fun a d => g b (at_t t a - at_t t d)).
  assert (Sum : lsum (fun x => lsum (fun y => s b (x - y)) (map snd Q)) (map snd P)
    = phi 0 + (lsum (fun a => D a * lsum (G a) Q) P + lsum (fun d => D d * - lsum (fun a => G a d) P) Q)).
  { rewrite lsum_map.
    assert (E1 : lsum (fun a => lsum (fun y => s b (snd a - y)) (map snd Q)) P = phi 1).
    { unfold phi. apply lsum_ext. intros a _. rewrite lsum_map. apply lsum_ext. intros d _.
      f_equal. unfold D. ring. }
    rewrite E1. replace (phi 1) with (phi 0 + phi' t) by lra. f_equal. unfold phi'.
    rewrite (lsum_ext _ (fun a => D a * lsum (G a) Q + lsum (fun d => - D d * G a d) Q)).
    2:{ intros a _. rewrite <- lsum_scal, <- lsum_plus. apply lsum_ext. intros d _.
        unfold G, at_t. replace (m a + t * D a - (m d + t * D d))
          with (m a - m d + t * (D a - D d)) by ring. ring. }
    rewrite lsum_plus. f_equal. rewrite lsum_swap. apply lsum_ext. intros d _.
    rewrite lsum_scal. ring. }
  rewrite Sum. unfold force_sum. cbv zeta. apply holds_add; [|apply holds_add].
  - set (W c := lsum (fun a => lsum (fun d => c (m a - m d)) Q) P).
    destruct (chord_sum (fun a => lsum (fun d => s b (m a - m d)) Q)
      (fun a => lsum (fun d => s b0 (m a - m d)) Q) (fun a => lsum (fun d => s b1 (m a - m d)) Q)
      (fun a => lsum (fun d => growth b0 b1 (m a - m d)) Q) KS T P) as (e & He & Ee).
    { intros a Ha. apply chord_sum. intros d Hd.
      destruct (s_chord b0 b1 b (m a - m d) rises b_in) as (e & He & Ee). now exists e. }
    apply (blend_sound _ KS _ (W (s b0)) (W (s b1)) (W (growth b0 b1)) T _ e); try easy.
    + rewrite isum3_map. apply holds_sum3. intros a Ha. rewrite isum3_map.
      apply holds_sum3. intros d Hd. apply at_center_sound.
    + etransitivity; [|exact Ee]. unfold phi. apply lsum_ext. intros a _. apply lsum_ext. intros d _.
      f_equal. ring.
  - rewrite isum_map. apply holds_sum. intros a Ha. apply swing_sound; [now apply FP|].
    rewrite isum_map. apply holds_sum. intros d Hd.
    apply hull_sound; [now apply (Inside P)|now apply (Inside Q)].
  - rewrite isum_map. apply holds_sum. intros d Hd.
    replace (D d * - lsum (fun a => G a d) P) with (- (D d * lsum (fun a => G a d) P)) by ring.
    assert (H : holds (I.mul prec (I.mul prec about_zero (iang (reach (fst d))))
      (isum (fun p => hull p (fst d)) (map fst P))) (- (D d) * lsum (fun a => G a d) P)).
    { apply holds_mul.
      - apply (holds_about _ (ANG (reach (fst d)))); [apply holds_ang|]. rewrite Rabs_Ropp.
        apply reach_sound. now apply FQ.
      - rewrite isum_map. apply holds_sum. intros a Ha.
        apply hull_sound; [now apply (Inside P)|now apply (Inside Q)]. }
    now rewrite Ropp_mult_distr_l.
Qed.

(* -- leaves and trees ---------------------------------------------------------------------- *)

Definition arc (first size : nat) (B : boxes) : boxes * boxes :=
  let rest := skipn first B in (firstn size rest, firstn first B ++ skipn size rest).

Fixpoint replay (t : tree) (B : boxes) : bool :=
  match t with
  | Out => outside grid B
  | Cut first size => let '(V, U) := arc first size B in below_zero (cut_sum V U)
  | Force first size =>
      let '(V, U) := arc first size B in
      let f := force_sum V U in (below_zero f || above_zero f)%bool
  | Split k l r =>
      let '(lo, hi) := nth k B (0, 0)%Z in
      let m := Z.div (lo + hi) 2 in
      if replay l (replace k (lo, m) B) then replay r (replace k (m, hi) B) else false
  end.

Lemma arc_sound first size B l : in_box grid B l -> exists P Q,
  arc first size B = (map fst P, map fst Q) /\ fits P /\ fits Q /\
  Permutation l (map snd P ++ map snd Q).
Proof.
  intros H. apply in_box_pairs in H. destruct H as (R & -> & -> & F).
  exists (firstn size (skipn first R)), (firstn first R ++ skipn size (skipn first R)).
  split; [|split; [|split]].
  - unfold arc. now rewrite map_app, <- !firstn_map, <- !skipn_map.
  - intros a Ha. apply F. rewrite <- (firstn_skipn first R). apply in_or_app. right.
    rewrite <- (firstn_skipn size (skipn first R)). apply in_or_app. now left.
  - intros a Ha. apply F. rewrite <- (firstn_skipn first R). apply in_or_app.
    apply in_app_or in Ha. destruct Ha as [Ha|Ha]; [now left|]. right.
    rewrite <- (firstn_skipn size (skipn first R)). apply in_or_app. now right.
  - rewrite <- map_app. apply Permutation_map.
    rewrite <- (firstn_skipn first R) at 1. rewrite <- (firstn_skipn size (skipn first R)) at 1.
    rewrite !app_assoc. apply Permutation_app_tail, Permutation_app_comm.
Qed.

Theorem replay_sound t B l : (2 <= length l)%nat -> replay t B = true -> in_box grid B l ->
  domain l -> balanced b l -> has_cut b l.
Proof.
  intros Hn. revert B. induction t as [|first size|first size|k t1' IH1 t2' IH2];
    intros B H HB HD HC; cbn [replay] in H.
  - rewrite (outside_sound grid grid_nonneg B l Hn HB HD) in H. discriminate.
  - destruct (arc_sound first size B l HB) as (P & Q & E & FP & FQ & Pl). rewrite E in H.
    exists (map snd P), (map snd Q). split; [easy|].
    now apply (below_zero_sound _ _ H), cut_sum_sound.
  - destruct (arc_sound first size B l HB) as (P & Q & E & FP & FQ & Pl). rewrite E in H.
    exfalso. pose proof (force_sum_sound P Q FP FQ) as F.
    rewrite (balanced_cut b l _ _ HC Pl) in F. apply orb_true_iff in H. destruct H as [H|H].
    + pose proof (below_zero_sound _ _ H F). lra.
    + pose proof (above_zero_sound _ _ H F). lra.
  - destruct (nth k B (0, 0)%Z) as [lo hi] eqn:E.
    destruct (replay t1' (replace k (lo, ((lo + hi) / 2)%Z) B)) eqn:E1; [|discriminate].
    destruct (split_sound grid B l k ((lo + hi) / 2)%Z HB) as [HL|HR]; rewrite E in *.
    + now apply (IH1 _ E1).
    + now apply (IH2 _ H).
Qed.

End Slice.

(* -- the whole range of b ------------------------------------------------------------------ *)

Record knot := Knot { beta : Z * positive; places : list Z }.

Definition check_slice (grid : Z) (n : nat) (k0 k1 : knot) (t0 t1 : table) (tr : tree) : bool :=
  let low := beta k0 in
  let high := beta k1 in
  (Z.leb 0 (fst low) && Z.ltb (fst low * Zpos (snd high)) (fst high * Zpos (snd low)) &&
   let floor0 := floor_of low in
   let floor1 := floor_of high in
   let force_bend := force_pad low high in
   let curvature_bend := curvature_pad low high in
   replay grid t0 t1 floor0 floor1 force_bend curvature_bend tr (start grid n))%bool.

Fixpoint check_slices (grid : Z) (n : nat) (k0 : knot) (t0 : table) (rest : list (knot * tree))
  : bool :=
  match rest with
  | [] => true
  | (k1, tr) :: more =>
      let t1 := fill grid (beta k1) (places k1) in
      if check_slice grid n k0 k1 t0 t1 tr then check_slices grid n k1 t1 more else false
  end.

Definition last_beta (k0 : knot) (rest : list (knot * tree)) : Z * positive :=
  fold_left (fun _ kt => beta (fst kt)) rest (beta k0).

Definition check_tail (n : nat) (last : Z * positive) : bool :=
  let x := I.div prec (I.pi prec) (I.fromZ prec (Z.of_nat n - 1)) in
  let sine := I.sin prec x in
  (Z.leb 0 (fst last) &&
   below_zero (I.sub prec (I.cos prec x) (I.mul prec (irational last) (I.mul prec sine sine))))%bool.

Definition check (grid : Z) (n : nat) (first : knot) (rest : list (knot * tree)) : bool :=
  (Z.leb 1 grid && Nat.leb 2 n &&
   check_slices grid n first (fill grid (beta first) (places first)) rest)%bool.

Lemma slice_sound grid n k0 k1 t0 t1 tr b : (1 <= grid)%Z -> (2 <= n)%nat ->
  sound grid (rational (beta k0)) t0 -> sound grid (rational (beta k1)) t1 ->
  check_slice grid n k0 k1 t0 t1 tr = true ->
  rational (beta k0) <= b <= rational (beta k1) -> only_strict_saddles n b.
Proof.
  intros Hg Hn S0 S1 H Hb. unfold check_slice in H. cbv zeta in H.
  rewrite !andb_true_iff in H. destruct H as [[Z0 Lt] H].
  apply Z.leb_le in Z0. apply Z.ltb_lt in Lt.
  assert (P0 : 0 <= rational (beta k0)).
  { unfold rational. apply Rmult_le_pos; [now apply IZR_le|].
    apply Rlt_le, Rinv_0_lt_compat. now apply IZR_lt. }
  assert (L : rational (beta k0) < rational (beta k1)).
  { unfold rational. apply IZR_lt in Lt. rewrite !mult_IZR in Lt.
    assert (Q0 : 0 < IZR (Zpos (snd (beta k0)))) by now apply IZR_lt.
    assert (Q1 : 0 < IZR (Zpos (snd (beta k1)))) by now apply IZR_lt.
    apply Rmult_lt_reg_r with (IZR (Zpos (snd (beta k0))) * IZR (Zpos (snd (beta k1)))); [nra|].
    field_simplify; lra. }
  apply saddles_from_cuts; [easy|]. intros l Hl HD HB.
  assert (P1 : 0 <= rational (beta k1)) by lra.
  refine (replay_sound grid Hg (beta k0) (beta k1) t0 t1 S0 S1 P0 L _ _ _ _
    (floor_lowest _ P0) (floor_lowest _ P1) (force_pad_holds _ _) (curvature_pad_holds _ _)
    b Hb tr (start grid n) l _ H _ HD HB).
  - now rewrite Hl.
  - apply start_sound; try easy. lia.
Qed.

Lemma slices_sound grid n b rest : (1 <= grid)%Z -> (2 <= n)%nat -> forall k0 t0,
  sound grid (rational (beta k0)) t0 -> check_slices grid n k0 t0 rest = true -> rest <> [] ->
  rational (beta k0) <= b <= rational (last_beta k0 rest) -> only_strict_saddles n b.
Proof.
  intros Hg Hn. induction rest as [|[k1 tr] more IH]; intros k0 t0 S0 H NE Hb; [easy|].
  simpl in H. destruct (check_slice _ _ _ _ _ _ _) eqn:E; [|discriminate].
  pose proof (fill_sound grid Hg (beta k1) (places k1)) as S1.
  destruct (Rle_dec b (rational (beta k1))) as [Q|Q].
  - apply (slice_sound grid n k0 k1 _ _ tr b Hg Hn S0 S1 E). lra.
  - destruct more as [|m more].
    + unfold last_beta in Hb. simpl in Hb. lra.
    + apply (IH k1 _ S1 H); [easy|]. unfold last_beta in *. simpl in *. lra.
Qed.

(* A certificate for b in [first knot, last knot]. *)
Theorem strict_saddles_between grid n first rest : check grid n first rest = true -> rest <> [] ->
  forall b, rational (beta first) <= b <= rational (last_beta first rest) ->
  only_strict_saddles n b.
Proof.
  intros H NE b Hb. unfold check in H. rewrite !andb_true_iff in H. destruct H as [[Hg Hn] H].
  apply Z.leb_le in Hg. apply Nat.leb_le in Hn.
  exact (slices_sound grid n b rest Hg Hn first _ (fill_sound grid Hg _ _) H NE Hb).
Qed.

(* A certificate for b from the first knot on: the large-b argument takes over at the last one. *)
Theorem strict_saddles_from grid n first rest :
  (check grid n first rest && check_tail n (last_beta first rest))%bool = true ->
  forall b, rational (beta first) <= b -> only_strict_saddles n b.
Proof.
  intros H b Hb. apply andb_true_iff in H. destruct H as [H HT].
  assert (Hn : (2 <= n)%nat).
  { unfold check in H. rewrite !andb_true_iff in H. now apply Nat.leb_le. }
  destruct (Rle_dec (rational (last_beta first rest)) b) as [Q|Q].
  - unfold check_tail in HT. cbv zeta in HT. apply andb_true_iff in HT. destruct HT as [HZ HT].
    apply Z.leb_le in HZ.
    assert (Z0 : 0 <= rational (last_beta first rest)).
    { unfold rational. apply Rmult_le_pos; [now apply IZR_le|].
      apply Rlt_le, Rinv_0_lt_compat. now apply IZR_lt. }
    assert (N : INR (n - 1) = IZR (Z.of_nat n - 1)) by (rewrite INR_IZR_INZ; f_equal; lia).
    apply saddles_large; [easy|lra|]. rewrite N. set (x := PI / IZR (Z.of_nat n - 1)).
    assert (Hx : holds (I.div prec (I.pi prec) (I.fromZ prec (Z.of_nat n - 1))) x).
    { apply holds_div; [|apply holds_pi|apply holds_Z].
      assert (0 < IZR (Z.of_nat n - 1)) by (apply IZR_lt; lia). lra. }
    assert (K : cos x - rational (last_beta first rest) * (sin x * sin x) < 0).
    { apply (below_zero_sound _ _ HT). apply holds_sub; [now apply holds_cos|].
      apply holds_mul; [apply holds_rational|]. apply holds_mul; now apply holds_sin. }
    assert (0 <= sin x * sin x) by nra. nra.
  - destruct rest as [|kt rest].
    + unfold last_beta in Q. simpl in Q. lra.
    + apply (strict_saddles_between grid n first (kt :: rest) H); [easy|lra].
Qed.
