(* Inner product spaces of no particular dimension, sums with a symbolic number of terms, and the
   tactics that reduce identities between rows of tokens.

   Nothing is assumed: a space is a record, R^d is proved to be one (`euclidean`), and equations
   between vectors are stated against a probe, <a, left> = <a, right> for every a. *)
From Coq Require Import Reals Lra Lia Arith Morphisms Setoid FunctionalExtensionality.
Open Scope R_scope.

(* -- sums ------------------------------------------------------------------------------------ *)

Fixpoint rsum (n : nat) (f : nat -> R) : R :=
  match n with O => 0 | S k => rsum k f + f k end.

Lemma rsum_ext n f g : (forall j, f j = g j) -> rsum n f = rsum n g.
Proof. intros H. induction n; simpl; [reflexivity | now rewrite IHn, H]. Qed.

Lemma rsum_ext_lt n f g : (forall j, (j < n)%nat -> f j = g j) -> rsum n f = rsum n g.
Proof.
  intros H. induction n; simpl; [reflexivity |].
  rewrite IHn by (intros; apply H; lia). rewrite H by lia. reflexivity.
Qed.

#[global] Instance rsum_proper : Proper (eq ==> pointwise_relation nat eq ==> eq) rsum.
Proof. intros n m -> f g H. apply rsum_ext. exact H. Qed.

Lemma rsum_plus n f g : rsum n (fun j => f j + g j) = rsum n f + rsum n g.
Proof. induction n; simpl; [ring | rewrite IHn; ring]. Qed.

Lemma rsum_minus n f g : rsum n (fun j => f j - g j) = rsum n f - rsum n g.
Proof. induction n; simpl; [ring | rewrite IHn; ring]. Qed.

Lemma rsum_opp n f : rsum n (fun j => - f j) = - rsum n f.
Proof. induction n; simpl; [ring | rewrite IHn; ring]. Qed.

Lemma rsum_scal n c f : rsum n (fun j => c * f j) = c * rsum n f.
Proof. induction n; simpl; [ring | rewrite IHn; ring]. Qed.

Lemma rsum_scal_r n c f : rsum n (fun j => f j * c) = rsum n f * c.
Proof. induction n; simpl; [ring | rewrite IHn; ring]. Qed.

Lemma rsum_zero n : rsum n (fun _ => 0) = 0.
Proof. induction n; simpl; [ring | rewrite IHn; ring]. Qed.

Lemma rsum_const n c : rsum n (fun _ => c) = INR n * c.
Proof. induction n; [simpl; ring |]. rewrite S_INR. simpl. rewrite IHn. ring. Qed.

Lemma rsum_swap n k (f : nat -> nat -> R) :
  rsum n (fun i => rsum k (fun j => f i j)) = rsum k (fun j => rsum n (fun i => f i j)).
Proof.
  induction n; simpl; [now rewrite rsum_zero |]. now rewrite IHn, <- rsum_plus.
Qed.

Lemma rsum_nonneg n f : (forall j, 0 <= f j) -> 0 <= rsum n f.
Proof. intros H. induction n; simpl; [lra |]. specialize (H n). lra. Qed.

Lemma rsum_pos n f : (0 < n)%nat -> (forall j, 0 < f j) -> 0 < rsum n f.
Proof.
  intros Hn H. destruct n; [lia |]. simpl.
  assert (0 <= rsum n f) by (apply rsum_nonneg; intros; apply Rlt_le, H).
  specialize (H n). lra.
Qed.

(* -- inner product spaces ---------------------------------------------------------------------- *)

Record IPS := mkIPS {
  carrier :> Type;
  vzero : carrier;
  vadd : carrier -> carrier -> carrier;
  vscal : R -> carrier -> carrier;
  inner : carrier -> carrier -> R;
  inner_sym : forall x y, inner x y = inner y x;
  inner_zero_l : forall y, inner vzero y = 0;
  inner_add_l : forall x y z, inner (vadd x y) z = inner x z + inner y z;
  inner_scal_l : forall c x z, inner (vscal c x) z = c * inner x z;
  inner_nonneg : forall x, 0 <= inner x x
}.
Arguments vzero {_}. Arguments vadd {_}. Arguments vscal {_}. Arguments inner {_}.
Arguments inner_sym {_}. Arguments inner_zero_l {_}. Arguments inner_add_l {_}.
Arguments inner_scal_l {_}. Arguments inner_nonneg {_}.

Notation "⟨ x , y ⟩" := (inner x y) (at level 0, x at level 99, y at level 99,
  format "'⟨' x ,  y '⟩'").
Notation "x ⊕ y" := (vadd x y) (at level 50, left associativity).
Notation "c ⊙ x" := (vscal c x) (at level 40, left associativity).

Section Space.
Context {E : IPS}.
Implicit Types x y z : E.

Lemma inner_zero_r y : ⟨y, (vzero : E)⟩ = 0.
Proof. now rewrite inner_sym, inner_zero_l. Qed.

Lemma inner_add_r x y z : ⟨z, x ⊕ y⟩ = ⟨z, x⟩ + ⟨z, y⟩.
Proof. now rewrite inner_sym, inner_add_l, !(inner_sym z). Qed.

Lemma inner_scal_r c x z : ⟨z, c ⊙ x⟩ = c * ⟨z, x⟩.
Proof. now rewrite inner_sym, inner_scal_l, (inner_sym z). Qed.

Fixpoint vsum (n : nat) (f : nat -> E) : E :=
  match n with O => vzero | S k => vsum k f ⊕ f k end.

Lemma inner_vsum_l n f y : ⟨vsum n f, y⟩ = rsum n (fun j => ⟨f j, y⟩).
Proof. induction n; simpl; [apply inner_zero_l | now rewrite inner_add_l, IHn]. Qed.

Lemma inner_vsum_r n f y : ⟨y, vsum n f⟩ = rsum n (fun j => ⟨f j, y⟩).
Proof. now rewrite inner_sym, inner_vsum_l. Qed.

(* P_x v, the tangential part of v at a unit vector x. *)
Definition proj (x v : E) : E := v ⊕ (- ⟨x, v⟩) ⊙ x.

(* x divided by its length. *)
Definition unit_of (x : E) : E := / sqrt ⟨x, x⟩ ⊙ x.

End Space.

(* Maps of which the transpose is known; they are linear against every probe. *)
Record Map (E F : IPS) := mkMap {
  app : E -> F;
  tra : F -> E;
  adjoint : forall x y, ⟨app x, y⟩ = ⟨x, tra y⟩
}.
Arguments app {E F}. Arguments tra {E F}. Arguments adjoint {E F}.

Section Maps.
Context {E F : IPS} (A : Map E F).

Lemma app_add x y z : ⟨app A (x ⊕ y), z⟩ = ⟨app A x, z⟩ + ⟨app A y, z⟩.
Proof. now rewrite !adjoint, inner_add_l. Qed.
Lemma app_scal c x z : ⟨app A (c ⊙ x), z⟩ = c * ⟨app A x, z⟩.
Proof. now rewrite !adjoint, inner_scal_l. Qed.
Lemma app_vsum n f z : ⟨app A (vsum n f), z⟩ = rsum n (fun j => ⟨app A (f j), z⟩).
Proof.
  rewrite adjoint, inner_vsum_l. apply rsum_ext. intros. now rewrite adjoint.
Qed.
Lemma tra_is x y : ⟨tra A y, x⟩ = ⟨y, app A x⟩.
Proof. now rewrite inner_sym, <- adjoint, inner_sym. Qed.
Lemma tra_add x y z : ⟨tra A (x ⊕ y), z⟩ = ⟨tra A x, z⟩ + ⟨tra A y, z⟩.
Proof. now rewrite !tra_is, inner_add_l. Qed.
Lemma tra_scal c x z : ⟨tra A (c ⊙ x), z⟩ = c * ⟨tra A x, z⟩.
Proof. now rewrite !tra_is, inner_scal_l. Qed.
Lemma tra_vsum n f z : ⟨tra A (vsum n f), z⟩ = rsum n (fun j => ⟨tra A (f j), z⟩).
Proof.
  rewrite tra_is, inner_vsum_l. apply rsum_ext. intros. now rewrite tra_is.
Qed.
Lemma app_add_r x y z : ⟨z, app A (x ⊕ y)⟩ = ⟨z, app A x⟩ + ⟨z, app A y⟩.
Proof. now rewrite inner_sym, app_add, !(inner_sym z). Qed.
Lemma app_scal_r c x z : ⟨z, app A (c ⊙ x)⟩ = c * ⟨z, app A x⟩.
Proof. now rewrite inner_sym, app_scal, (inner_sym z). Qed.
Lemma app_vsum_r n f z : ⟨z, app A (vsum n f)⟩ = rsum n (fun j => ⟨app A (f j), z⟩).
Proof. now rewrite inner_sym, app_vsum. Qed.
Lemma tra_add_r x y z : ⟨z, tra A (x ⊕ y)⟩ = ⟨z, tra A x⟩ + ⟨z, tra A y⟩.
Proof. now rewrite inner_sym, tra_add, !(inner_sym z). Qed.
Lemma tra_scal_r c x z : ⟨z, tra A (c ⊙ x)⟩ = c * ⟨z, tra A x⟩.
Proof. now rewrite inner_sym, tra_scal, (inner_sym z). Qed.
Lemma tra_vsum_r n f z : ⟨z, tra A (vsum n f)⟩ = rsum n (fun j => ⟨tra A (f j), z⟩).
Proof. now rewrite inner_sym, tra_vsum. Qed.
End Maps.

(* -- attention ----------------------------------------------------------------------------------- *)

(* The row A_ij = e^{s_j} m_j / Σ_k e^{s_k} m_k, (2.5). *)
Definition softmax (n : nat) (m s : nat -> R) (j : nat) : R :=
  exp (s j) * m j / rsum n (fun k => exp (s k) * m k).

(* Softmax over the tokens that are seen: w_j is 1 of those and 0 of the others. *)
Definition masked (n : nat) (m s w : nat -> R) (j : nat) : R :=
  w j * (exp (s j) * m j) / rsum n (fun k => w k * (exp (s k) * m k)).

Lemma softmax_eq n m s j :
  softmax n m s j = / rsum n (fun k => exp (s k) * m k) * (exp (s j) * m j).
Proof. unfold softmax, Rdiv. ring. Qed.

Lemma partition_pos n m s :
  (0 < n)%nat -> (forall j, 0 < m j) -> 0 < rsum n (fun k => exp (s k) * m k).
Proof.
  intros Hn Hm. apply rsum_pos; [exact Hn |]. intros. apply Rmult_lt_0_compat; [apply exp_pos | apply Hm].
Qed.

Lemma softmax_sum n m s :
  (0 < n)%nat -> (forall j, 0 < m j) -> rsum n (softmax n m s) = 1.
Proof.
  intros Hn Hm. assert (H := partition_pos n m s Hn Hm).
  rewrite (rsum_ext _ _ _ (softmax_eq n m s)), rsum_scal. field. lra.
Qed.

(* -- an orthonormal basis, known by what sums over it are ------------------------------------------ *)

Record Basis (E : IPS) (d : nat) := mkBasis {
  e :> nat -> E;
  parseval : forall x y, rsum d (fun k => ⟨x, e k⟩ * ⟨y, e k⟩) = ⟨x, y⟩;
  lengths : rsum d (fun k => ⟨e k, e k⟩) = INR d
}.
Arguments parseval {E d}. Arguments lengths {E d}.

(* -- R^d is such a space, with such a basis --------------------------------------------------------- *)

Definition euclidean (d : nat) : IPS.
Proof.
  refine (mkIPS (nat -> R) (fun _ => 0) (fun x y k => x k + y k) (fun c x k => c * x k)
    (fun x y => rsum d (fun k => x k * y k)) _ _ _ _ _).
  - intros. apply rsum_ext. intros. ring.
  - intros y. etransitivity; [| apply (rsum_zero d)]. apply rsum_ext. intros k. ring.
  - intros. rewrite <- rsum_plus. apply rsum_ext. intros. ring.
  - intros. rewrite <- rsum_scal. apply rsum_ext. intros. ring.
  - intros. apply rsum_nonneg. intros. apply Rle_0_sqr.
Defined.

Definition delta (k l : nat) : R := if Nat.eqb k l then 1 else 0.

Lemma rsum_delta d (x : nat -> R) k : (k < d)%nat -> rsum d (fun l => x l * delta k l) = x k.
Proof.
  induction d; intros H; [lia |]. simpl. unfold delta at 2.
  destruct (Nat.eqb_spec k d) as [-> | N].
  - assert (Z : rsum d (fun l => x l * delta d l) = 0).
    { etransitivity; [| apply (rsum_zero d)]. apply rsum_ext_lt. intros j Hj. unfold delta.
      destruct (Nat.eqb_spec d j); [lia | ring]. }
    rewrite Z. ring.
  - rewrite IHd by lia. ring.
Qed.

Definition standard (d : nat) : Basis (euclidean d) d.
Proof.
  refine (mkBasis (euclidean d) d (fun k => (delta k : carrier (euclidean d))) _ _).
  - intros x y. simpl. apply rsum_ext_lt. intros k H. now rewrite !rsum_delta.
  - simpl. transitivity (rsum d (fun _ => 1)).
    + apply rsum_ext_lt. intros k H. rewrite rsum_delta by exact H. unfold delta.
      now rewrite Nat.eqb_refl.
    + rewrite rsum_const. ring.
Defined.

(* A matrix, by its entries, is a map with a transpose. *)
Definition matrix (k d : nat) (a : nat -> nat -> R) : Map (euclidean d) (euclidean k).
Proof.
  refine (mkMap (euclidean d) (euclidean k)
    (fun x => (fun i => rsum d (fun j => a i j * x j)) : carrier (euclidean k))
    (fun y => (fun j => rsum k (fun i => a i j * y i)) : carrier (euclidean d)) _).
  intros x y. simpl.
  transitivity (rsum k (fun i => rsum d (fun j => a i j * x j * y i))).
  - apply rsum_ext. intros. now rewrite <- rsum_scal_r.
  - rewrite rsum_swap. apply rsum_ext. intros. rewrite <- rsum_scal. apply rsum_ext.
    intros. ring.
Defined.

(* -- tactics ------------------------------------------------------------------------------------------

   Sums of tokens stay closed: constant factors (1/Z of a softmax among them) are pulled out of them,
   and then each is one vector, or one number, about which nothing is known. Where that isn't enough
   they are opened once, against what they are paired with. *)

Lemma vsum_pull {E : IPS} n c (g : nat -> R) (f : nat -> E) (a : nat -> R) :
  (forall j, a j = c * g j) ->
  forall y, ⟨vsum n (fun j => a j ⊙ f j), y⟩ = c * ⟨vsum n (fun j => g j ⊙ f j), y⟩.
Proof.
  intros H y. rewrite !inner_vsum_l, <- rsum_scal. apply rsum_ext. intros j.
  rewrite !inner_scal_l, H. ring.
Qed.

Lemma vsum_pull_r {E : IPS} n c (g : nat -> R) (f : nat -> E) (a : nat -> R) :
  (forall j, a j = c * g j) ->
  forall y, ⟨y, vsum n (fun j => a j ⊙ f j)⟩ = c * ⟨y, vsum n (fun j => g j ⊙ f j)⟩.
Proof. intros H y. rewrite !(inner_sym y). now apply vsum_pull. Qed.

Lemma app_pull {E F : IPS} (A : Map E F) n c (g : nat -> R) (f : nat -> E) (a : nat -> R) :
  (forall j, a j = c * g j) ->
  forall y, ⟨app A (vsum n (fun j => a j ⊙ f j)), y⟩
            = c * ⟨app A (vsum n (fun j => g j ⊙ f j)), y⟩.
Proof. intros H y. rewrite !adjoint. now apply vsum_pull. Qed.

Lemma app_pull_r {E F : IPS} (A : Map E F) n c (g : nat -> R) (f : nat -> E) (a : nat -> R) :
  (forall j, a j = c * g j) ->
  forall y, ⟨y, app A (vsum n (fun j => a j ⊙ f j))⟩
            = c * ⟨y, app A (vsum n (fun j => g j ⊙ f j))⟩.
Proof. intros H y. rewrite !(inner_sym y). now apply app_pull. Qed.

Lemma tra_pull {E F : IPS} (A : Map E F) n c (g : nat -> R) (f : nat -> F) (a : nat -> R) :
  (forall j, a j = c * g j) ->
  forall y, ⟨tra A (vsum n (fun j => a j ⊙ f j)), y⟩
            = c * ⟨tra A (vsum n (fun j => g j ⊙ f j)), y⟩.
Proof. intros H y. rewrite !tra_is. now apply vsum_pull. Qed.

Lemma tra_pull_r {E F : IPS} (A : Map E F) n c (g : nat -> R) (f : nat -> F) (a : nat -> R) :
  (forall j, a j = c * g j) ->
  forall y, ⟨y, tra A (vsum n (fun j => a j ⊙ f j))⟩
            = c * ⟨y, tra A (vsum n (fun j => g j ⊙ f j))⟩.
Proof. intros H y. rewrite !(inner_sym y). now apply tra_pull. Qed.

Ltac linear :=
  repeat first
    [ rewrite inner_zero_l | rewrite inner_zero_r | rewrite inner_add_l | rewrite inner_add_r
    | rewrite inner_scal_l | rewrite inner_scal_r
    | rewrite app_add | rewrite app_scal | rewrite tra_add | rewrite tra_scal
    | rewrite app_add_r | rewrite app_scal_r | rewrite tra_add_r | rewrite tra_scal_r ].

(* Constant factors of a summand: f j = c * g j, read off the product. *)
Ltac times a b := match a with 1 => b | _ => match b with 1 => a | _ => constr:(a * b) end end.

Ltac parts f :=
  match f with
  | (fun _ => ?c) => constr:((c, fun _ : nat => 1))
  | (fun j => @?a j * @?b j) =>
      let p := parts a in
      let q := parts b in
      match p with
      | (?c, ?g) =>
          match q with
          | (?c', ?g') =>
              let k := times c c' in
              match g with
              | (fun _ => 1) => constr:((k, g'))
              | _ =>
                  match g' with
                  | (fun _ => 1) => constr:((k, g))
                  | _ => let h := eval cbv beta in (fun j : nat => g j * g' j) in constr:((k, h))
                  end
              end
          end
      end
  | (fun j => - @?a j) =>
      let p := parts a in
      match p with (?c, ?g) => constr:((- c, g)) end
  | (fun j => @?a j / ?b) =>
      let p := parts a in
      match p with (?c, ?g) => constr:((c / b, g)) end
  | (fun j => softmax ?n ?m ?s j) =>
      let z := eval cbv beta in (/ rsum n (fun k => exp (s k) * m k)) in
      let h := eval cbv beta in (fun j : nat => exp (s j) * m j) in
      constr:((z, h))
  | softmax ?n ?m ?s =>
      let z := eval cbv beta in (/ rsum n (fun k => exp (s k) * m k)) in
      let h := eval cbv beta in (fun j : nat => exp (s j) * m j) in
      constr:((z, h))
  | _ => constr:((1, f))
  end.

Ltac same_part := intros; cbv beta; unfold softmax, Rdiv; ring.

Ltac pull_vectors :=
  repeat match goal with
  | |- context [vsum ?n (fun j => @?a j ⊙ @?f j)] =>
      let p := parts a in
      match p with
      | (?c, ?g) =>
          assert_fails (constr_eq c 1);
          let H := fresh in
          assert (H : forall j, a j = c * g j) by same_part;
          progress (rewrite ?(vsum_pull n c g f a H), ?(vsum_pull_r n c g f a H);
            repeat match goal with
            | |- context [app ?A (vsum n (fun j => a j ⊙ f j))] =>
                rewrite ?(app_pull A n c g f a H), ?(app_pull_r A n c g f a H)
            | |- context [tra ?A (vsum n (fun j => a j ⊙ f j))] =>
                rewrite ?(tra_pull A n c g f a H), ?(tra_pull_r A n c g f a H)
            end);
          clear H; cbv beta
      end
  end.

Ltac split_sums :=
  repeat match goal with
  | |- context [rsum ?n (fun j => @?a j + @?b j)] => rewrite (rsum_plus n a b)
  | |- context [rsum ?n (fun j => @?a j - @?b j)] => rewrite (rsum_minus n a b)
  | |- context [rsum ?n (fun j => - @?a j)] => rewrite (rsum_opp n a)
  | |- context [rsum ?n (fun _ => ?c)] => rewrite (rsum_const n c)
  end; cbv beta.

Ltac pull_numbers :=
  repeat (split_sums; match goal with
  | |- context [rsum ?n ?f] =>
      let p := parts f in
      match p with
      | (?c, ?g) =>
          assert_fails (constr_eq c 1);
          replace (rsum n f) with (c * rsum n g)
            by (rewrite <- rsum_scal; apply rsum_ext; same_part)
      end
  end); cbv beta.

Ltac orient :=
  repeat match goal with
  | |- context [inner ?a ?b] =>
      match goal with
      | |- context [inner b a] => assert_fails (constr_eq a b); rewrite (inner_sym a b)
      end
  end.

(* What is assumed of inner products: lengths, right angles, other values. *)
Ltac units :=
  repeat match goal with
  | H : forall j, inner (?x j) (?x j) = 1 |- context [inner (?x ?j) (?x ?j)] =>
      progress rewrite !H
  | H : inner ?x ?y = _ |- context [inner ?x ?y] => progress rewrite !H
  | H : inner ?x ?y = _ |- context [inner ?y ?x] =>
      assert_fails (constr_eq x y); progress (rewrite !(inner_sym y x), !H)
  end.

(* A symmetric map stands on the left, applied to the vector that comes first. *)
Lemma symmetric_r {E : IPS} (A : Map E E) :
  (forall v w, ⟨tra A v, w⟩ = ⟨app A v, w⟩) -> forall v w, ⟨v, app A w⟩ = ⟨app A v, w⟩.
Proof. intros H v w. now rewrite <- H, tra_is. Qed.

Ltac symmetric :=
  repeat match goal with
  | H : forall v w, inner (tra ?A v) w = inner (app ?A v) w |- context [inner (tra ?A _) _] =>
      progress rewrite !H
  | H : forall v w, inner (tra ?A v) w = inner (app ?A v) w |- context [inner ?v (tra ?A ?w)] =>
      progress (rewrite !(inner_sym v (tra A w)), !H)
  | H : forall v w, inner (tra ?A v) w = inner (app ?A v) w |- context [inner ?v (app ?A ?w)] =>
      progress rewrite (symmetric_r A H v w)
  end;
  repeat match goal with
  | H : forall v w, inner (tra ?A v) w = inner (app ?A v) w |- context [inner (app ?A ?v) ?w] =>
      match goal with
      | |- context [inner (app A w) v] =>
          assert_fails (constr_eq v w); rewrite <- (symmetric_r A H v w), (inner_sym v (app A w))
      end
  end.

Ltac positive :=
  repeat first
    [ apply Rmult_lt_0_compat | apply exp_pos | apply Rinv_0_lt_compat | assumption
    | match goal with H : forall j : nat, 0 < _ |- _ => apply H end
    | apply rsum_pos; [assumption | intros] | lra ].

Ltac nonzero :=
  repeat match goal with |- _ /\ _ => split end;
  try solve [ assumption | lra | apply Rgt_not_eq; unfold Rgt; positive
            | apply not_0_INR; lia
            | match goal with
              | H : inner ?x ?y <> 0 |- context [inner ?y ?x] => rewrite (inner_sym y x); exact H
              | H : inner ?x ?y <> 0 |- _ =>
                  apply pow_nonzero; first [ exact H | rewrite (inner_sym y x); exact H ]
              end
            | match goal with H : forall j : nat, _ <> 0 |- _ => apply H end ].

(* Name what is closed; of a sum of positive numbers keep that it is positive. *)
Ltac close_sums :=
  repeat match goal with
  | |- context [vsum ?n ?f] => generalize (vsum n f); intro
  end;
  repeat match goal with
  | |- context [rsum ?n ?f] =>
      first
        [ let P := fresh "P" in
          assert (P : 0 < rsum n f) by (solve [positive]);
          revert P; generalize (rsum n f); intros ? P
        | generalize (rsum n f); intro ]
  end.

Ltac finish := symmetric; orient; units; first [ ring | field; nonzero ].

Ltac same_sums :=
  repeat match goal with
  | |- context [rsum ?n ?f] =>
      match goal with
      | |- context [rsum n ?g] =>
          assert_fails (constr_eq f g);
          replace (rsum n f) with (rsum n g)
            by (apply rsum_ext; intros; cbv beta; linear; finish)
      end
  end.

(* Open the sums of vectors against what they are paired with. *)
Ltac open_sums :=
  repeat first
    [ rewrite inner_vsum_l | rewrite inner_vsum_r | rewrite app_vsum | rewrite app_vsum_r
    | rewrite tra_vsum | rewrite tra_vsum_r ];
  cbv beta;
  repeat (progress first
    [ setoid_rewrite inner_scal_l | setoid_rewrite inner_scal_r | setoid_rewrite inner_add_l
    | setoid_rewrite inner_add_r | setoid_rewrite app_scal | setoid_rewrite tra_scal ]);
  units;
  repeat setoid_rewrite Rmult_plus_distr_l; repeat setoid_rewrite Rmult_plus_distr_r.

Ltac gram_closed := pull_vectors; linear; units; pull_vectors; pull_numbers; close_sums; finish.

Ltac gram_open := pull_vectors; linear; units; open_sums; pull_numbers; same_sums; close_sums; finish.

Ltac gram :=
  intros; unfold proj, unit_of in *; linear; first [ gram_closed | timeout 40 gram_open ].

(* Sums over an orthonormal basis: two factors make an inner product, one length counts. *)
Ltac trace_sums :=
  repeat first
    [ rewrite parseval | rewrite lengths
    | match goal with
      | |- context [rsum ?d (fun k => inner (?b k) ?x * @?g k)] =>
          replace (rsum d (fun k => inner (b k) x * g k)) with (rsum d (fun k => inner x (b k) * g k))
            by (apply rsum_ext; intros; now rewrite (inner_sym x))
      | |- context [rsum ?d (fun k => @?g k * inner (?b k) ?x)] =>
          replace (rsum d (fun k => g k * inner (b k) x)) with (rsum d (fun k => g k * inner x (b k)))
            by (apply rsum_ext; intros; now rewrite (inner_sym x))
      end ].

Ltac gram_traced :=
  intros; unfold proj, unit_of in *; linear; units;
  repeat (progress first
    [ setoid_rewrite inner_scal_l | setoid_rewrite inner_scal_r | setoid_rewrite inner_add_l
    | setoid_rewrite inner_add_r ]);
  units;
  repeat match goal with |- context [rsum ?d ?f] =>
    progress (erewrite (rsum_ext d f) by (intro; cbv beta; simpl pow; ring_simplify; simpl pow; reflexivity))
  end;
  pull_numbers; trace_sums; finish.
