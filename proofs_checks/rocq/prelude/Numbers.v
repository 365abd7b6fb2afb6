(* Equations and inequalities between numbers. Derivatives are carried out by rule; exponentials of
   sums become products of named ones, and what is left is an identity of rational functions in
   them, with roots that square to what is under them and sines that square to 1 - cos^2. Every
   search has a time limit, so that what it can't prove is refused soon. *)
From Coq Require Import Reals Lra Psatz Lia.
From Coquelicot Require Import Coquelicot.
From attnflow Require Export Space Signs Coefficients.
Open Scope R_scope.

(* -- lemmas --------------------------------------------------------------------------------- *)

Lemma INR_pos n : (0 < n)%nat -> 0 < INR n.
Proof. apply lt_0_INR. Qed.

Lemma INR_ge_1 n : (0 < n)%nat -> 1 <= INR n.
Proof. intros H. apply (le_INR 1 n). lia. Qed.

Lemma exp_pow x k : exp x ^ k = exp (INR k * x).
Proof.
  induction k; [simpl; now rewrite Rmult_0_l, exp_0|].
  rewrite S_INR. simpl pow. rewrite IHk, <- exp_plus. f_equal. ring.
Qed.

Lemma exp_rises x y : x <= y -> exp x <= exp y.
Proof. intros [H | ->]; [apply Rlt_le, exp_increasing, H|apply Rle_refl]. Qed.

Lemma exp_above x : 1 + x <= exp x.
Proof. apply exp_ineq1_le. Qed.

Lemma sin_squared x : sin x ^ 2 = 1 - cos x ^ 2.
Proof. pose proof (sin2_cos2 x) as H. unfold Rsqr in H. simpl. lra. Qed.

Lemma square_of_root x : 0 <= x -> sqrt x ^ 2 = x.
Proof. intros. simpl. rewrite Rmult_1_r. now apply sqrt_sqrt. Qed.

Lemma Derive_ext_above f g c a :
  c < a -> (forall t, c < t -> f t = g t) -> Derive f a = Derive g a.
Proof.
  intros H He. apply Derive_ext_loc. assert (0 < a - c) as Hp by lra.
  exists (mkposreal _ Hp). intros y Hy. apply He.
  change (Rabs (y - a) < a - c) in Hy.
  apply Rabs_def2 in Hy. lra.
Qed.

Lemma Derive_ext_between f g c e a :
  c < a < e -> (forall t, c < t < e -> f t = g t) -> Derive f a = Derive g a.
Proof.
  intros [H1 H2] He. apply Derive_ext_loc.
  assert (0 < Rmin (a - c) (e - a)) as Hp by (apply Rmin_glb_lt; lra).
  exists (mkposreal _ Hp). intros y Hy. apply He.
  change (Rabs (y - a) < Rmin (a - c) (e - a)) in Hy.
  pose proof (Rmin_l (a - c) (e - a)). pose proof (Rmin_r (a - c) (e - a)).
  apply Rabs_def2 in Hy. lra.
Qed.

(* An integral is the difference of an antiderivative at its ends. *)
Lemma RInt_by (F f : R -> R) a b :
  (forall x, Rmin a b <= x <= Rmax a b -> is_derive F x (f x)) ->
  (forall x, Rmin a b <= x <= Rmax a b -> ex_derive f x) ->
  RInt f a b = F b - F a.
Proof.
  intros HF Hf. apply is_RInt_unique, (is_RInt_derive F f); [exact HF|].
  intros x Hx. apply (ex_derive_continuous f), Hf, Hx.
Qed.

Lemma below_by_quotient a b p q : b - a = p / q -> 0 <= p -> 0 < q -> a <= b.
Proof.
  intros H Hp Hq. assert (0 <= p / q); [|lra].
  apply Rmult_le_pos; [exact Hp|]. now apply Rlt_le, Rinv_0_lt_compat.
Qed.

Lemma under_by_quotient a b p q : b - a = p / q -> 0 < p -> 0 < q -> a < b.
Proof. intros H Hp Hq. assert (0 < p / q) by now apply Rdiv_lt_0_compat. lra. Qed.

Lemma ln_below x : 0 < x -> ln x <= x - 1.
Proof.
  intros H. pose proof (exp_ineq1_le (ln x)) as E. rewrite exp_ln in E by exact H. lra.
Qed.

Lemma ln_above x : 0 < x -> 1 - / x <= ln x.
Proof.
  intros H. assert (0 < / x) as P by now apply Rinv_0_lt_compat.
  pose proof (ln_below (/ x) P) as E. rewrite ln_Rinv in E by exact H. lra.
Qed.

Lemma exp_below_inverse c x : 0 < x -> c <= - ln x -> exp c * x <= 1.
Proof.
  intros P H. apply exp_rises in H. rewrite exp_Ropp, exp_ln in H by exact P.
  apply (Rmult_le_compat_r x) in H; [|lra]. rewrite Rinv_l in H; lra.
Qed.

(* What is kept aside by its name, so that no search looks into it. *)
Definition named (P : Prop) : Prop := P.

(* -- what is known of the terms in sight ---------------------------------------------------- *)

Ltac know_numbers :=
  repeat match goal with
  | H : (0 < ?n)%nat |- _ => lazymatch goal with
      | _ : 1 <= INR n |- _ => fail | _ => pose proof (INR_ge_1 n H); pose proof (INR_pos n H) end
  end;
  repeat match goal with
  | |- context [INR ?n] => lazymatch goal with
      | _ : 0 <= INR n |- _ => fail | _ => pose proof (pos_INR n) end
  | |- context [sqrt ?x] => lazymatch goal with
      | _ : 0 <= sqrt x |- _ => fail | _ => pose proof (sqrt_pos x) end
  | |- context [exp ?x] => lazymatch goal with
      | _ : 0 < exp x |- _ => fail | _ => pose proof (exp_pos x); pose proof (exp_above x) end
  | |- context [ln ?x] => lazymatch goal with
      | _ : ln x <= x - 1 |- _ => fail
      | _ =>
          let P := fresh in
          assert (0 < x) as P by (first [ assumption | lra ]);
          pose proof (ln_below x P); pose proof (ln_above x P) end
  end.

Ltac parts_positive :=
  first
    [ assumption | lra
    | match goal with
      | |- 0 < _ + _ =>
          first
            [ apply Rplus_lt_0_compat; parts_positive | apply Rplus_lt_le_0_compat; parts_positive
            | apply Rplus_le_lt_0_compat; parts_positive ]
      | |- 0 <= _ + _ => apply Rplus_le_le_0_compat; parts_positive
      | |- 0 < _ * _ => apply Rmult_lt_0_compat; parts_positive
      | |- 0 <= _ * _ => apply Rmult_le_pos; parts_positive
      | |- 0 < _ / _ => apply Rdiv_lt_0_compat; parts_positive
      | |- 0 <= _ / _ => apply Rdiv_le_0_compat; parts_positive
      | |- 0 < / _ => apply Rinv_0_lt_compat; parts_positive
      | |- 0 <= / _ => apply Rlt_le, Rinv_0_lt_compat; parts_positive
      | |- 0 < _ ^ _ => apply pow_lt; parts_positive
      | |- 0 <= _ ^ _ => apply pow_le; parts_positive
      | |- 0 < sqrt _ => apply sqrt_lt_R0; parts_positive
      end ].

Ltac positive :=
  know_numbers;
  first
    [ assumption | lra | timeout 5 by_coefficients | solve [timeout 3 parts_positive]
    | solve [timeout 5 signs] | timeout 5 nra ].

Ltac not_zero :=
  repeat match goal with |- _ /\ _ => split | |- True => exact I end;
  know_numbers;
  first [ assumption | lra | apply exp_neq_0 | apply Rgt_not_eq, PI_RGT_0
        | apply pow_nonzero; not_zero_atom | apply Rmult_integral_contrapositive_currified; not_zero_atom
        | not_zero_atom ]
with not_zero_atom :=
  know_numbers;
  first [ assumption | lra | apply exp_neq_0
        | apply pow_nonzero; not_zero_atom
        | apply Rmult_integral_contrapositive_currified; not_zero_atom
        | apply Rgt_not_eq; solve [positive]
        | let H := fresh in intro H; first [ lra | timeout 5 nra ]
        | apply Rlt_not_eq; let H := fresh in
            match goal with |- ?x < 0 => assert (0 < - x) as H by positive; lra end ].

Ltac conditions :=
  repeat match goal with |- _ /\ _ => split | |- True => exact I end; intros;
  first
    [ assumption
    | match goal with H : forall t, ex_derive ?f t |- ex_derive _ _ => apply H end
    | match goal with |- _ <> 0 => not_zero | |- 0 < _ => positive | |- 0 <= _ => positive end
    | not_zero | positive ].

(* -- derivatives and integrals -------------------------------------------------------------- *)

(* A function that isn't written out has its derivative under a name. *)
Ltac name_derivatives :=
  repeat match goal with
  | H : forall t, ex_derive ?f t |- _ =>
      is_var f;
      lazymatch goal with
      | _ : Derive f = _ |- _ => fail
      | _ =>
          try change (fun x => f x) with f in *;
          let df := fresh f "'" in let Hd := fresh "H" df in
          assert (exists df, Derive f = df) as [df Hd] by (now exists (Derive f));
          try rewrite Hd in *
      end
  end.

Ltac use_names :=
  repeat match goal with
  | H : Derive ?f = _ |- context [Derive ?g ?a] =>
      change (Derive g a) with (Derive f a); rewrite H
  end; cbv beta.

Ltac derive_at f a :=
  erewrite (is_derive_unique f a) by (auto_derive; [ conditions | use_names; reflexivity ]).

Ltac all_derived :=
  lazymatch goal with |- ?l = _ =>
    lazymatch l with context [Derive] => fail | _ => reflexivity end
  end.

Ltac derive_once :=
  match goal with
  | |- context [Derive ?f ?a] =>
      lazymatch f with
      | context [Derive] =>
          first
            [ erewrite (Derive_ext f _ a)
                by (let y := fresh "y" in intro y; inner_derivatives; all_derived)
            | match goal with
              | H1 : ?c < a, H2 : a < ?e |- _ =>
                  erewrite (Derive_ext_between f _ c e a (conj H1 H2))
                    by (let y := fresh "y" in intros y [? ?]; inner_derivatives; all_derived)
              | H1 : ?c < a |- _ =>
                  erewrite (Derive_ext_above f _ c a H1)
                    by (let y := fresh "y" in intros y ?; inner_derivatives; all_derived)
              end ]
      | _ => derive_at f a
      end
  end
with inner_derivatives := cbv beta; use_names; repeat (derive_once; cbv beta; use_names).

Ltac derivatives :=
  repeat match goal with H : _ < _ < _ |- _ => destruct H | H : _ <= _ <= _ |- _ => destruct H end;
  name_derivatives; use_names; repeat (derive_once; cbv beta; use_names).

(* -- exponentials, sines -------------------------------------------------------------------- *)

Ltac soon :=
  know_numbers;
  first
    [ assumption | lra | solve [timeout 2 signs]
    | match goal with |- ?x <= 0 => let H := fresh in assert (0 <= - x) as H by (solve [timeout 2 signs]); lra end ].

(* e is put for exp a; what it stands for is kept aside. *)
Ltac name_exp e a :=
  let H := fresh "named_" e in let P := fresh "pos_" e in
  pose (e := exp a);
  assert (named (e = exp a)) as H by reflexivity;
  assert (0 < e) as P by apply exp_pos;
  assert (1 + a <= e) by apply exp_above;
  try assert (1 <= e) by (unfold e; rewrite <- exp_0; apply exp_rises; soon);
  try assert (e <= 1) by (unfold e; rewrite <- exp_0; apply exp_rises; soon);
  try change (exp a) with e in * |-; try change (exp a) with e; clearbody e.

Ltac as_exp :=
  repeat match goal with H : named (?e = exp _) |- context [?e] => unfold named in H; rewrite H; clear H end;
  rewrite ?exp_pow, <- ?exp_Ropp, <- ?exp_plus;
  first
    [ reflexivity
    | match goal with |- 1 = exp ?a =>
        replace a with 0 by (first [ ring | field; not_zero ]); symmetry; apply exp_0 end
    | apply (f_equal exp); simpl INR; first [ ring | field; not_zero ] ].

(* Every exponential that is p, a product of powers of named ones, is written so. *)
Ltac exp_is p :=
  repeat match goal with
  | |- context [exp ?a] => replace (exp a) with p by (timeout 10 as_exp)
  | H : context [exp ?a] |- _ =>
      lazymatch type of H with named _ => fail | _ => idtac end;
      replace (exp a) with p in H by (timeout 10 as_exp)
  end.

(* An exponential of a logarithm is what that is of. *)
Ltac exp_of_log b :=
  repeat match goal with
  | |- context [exp ?a] =>
      replace (exp a) with b
        by (transitivity (exp (ln b));
            [ symmetry; apply exp_ln; positive
            | apply (f_equal exp); first [ reflexivity | ring | field; not_zero ] ])
  end.

(* A base is a power of the exponential of its logarithm. *)
Ltac base_is e b k :=
  try (match goal with
       | H : named (e = exp _) |- _ =>
           let B := fresh in
           assert (b = e ^ k) as B
             by (unfold named in H; rewrite H, exp_pow; rewrite <- (exp_ln b) at 1 by positive;
                 f_equal; simpl INR; first [ ring | field ]);
           rewrite B
       end).

(* Every sine and cosine of an angle that is a, a sum of others, is written so. *)
Ltac angle_is a :=
  repeat match goal with
  | |- context [sin ?x] =>
      lazymatch x with a => fail | _ => idtac end;
      replace (sin x) with (sin a) by (apply (f_equal sin); first [ ring | field ])
  | |- context [cos ?x] =>
      lazymatch x with a => fail | _ => idtac end;
      replace (cos x) with (cos a) by (apply (f_equal cos); first [ ring | field ])
  end.

Ltac open_functions :=
  unfold Rpower, tan, tanh, sinh, cosh in *;
  repeat match goal with
  | |- context [exp (ln ?x)] => rewrite (exp_ln x) by positive
  | H : ?c <= ?k * ln ?x |- _ =>
      let P := fresh in let L := fresh in
      assert (0 < x) as P by positive; assert (c <= - ln x) as L by lra; clear H;
      apply (exp_below_inverse c x P) in L
  end.

Ltac open_angles :=
  repeat rewrite ?sin_plus, ?cos_plus, ?sin_minus, ?cos_minus, ?sin_neg, ?cos_neg, ?sin_0, ?cos_0,
    ?sin_PI, ?cos_PI, ?sin_PI2, ?cos_PI2.

(* What is given of derivatives that have names. *)
Ltac use_equations :=
  repeat match goal with
  | H : ?df ?x = _ |- context [?df ?x] => is_var df; rewrite H
  end.

Ltac plain_numbers :=
  repeat rewrite ?exp_plus, ?exp_Ropp, ?exp_0, ?ln_exp, ?ln_1, ?sqrt_0, ?sqrt_1; cbv beta.

(* Roots by names that square to what is under them; sines that square to 1 - cos^2. *)
Ltac roots :=
  repeat match goal with
  | |- context [sqrt (?x / ?y)] => rewrite (sqrt_div_alt x y) by positive
  | |- context [sqrt ?x] =>
      let r := fresh "r" in let H := fresh "square_" r in let P := fresh "pos_" r in
      assert (sqrt x ^ 2 = x) as H by (apply square_of_root; positive);
      first [ assert (0 < sqrt x) as P by (apply sqrt_lt_R0; positive) | pose proof (sqrt_pos x) as P ];
      set (r := sqrt x) in *; clearbody r
  end.

Ltac sines :=
  repeat match goal with
  | |- context [sin ?x] => lazymatch goal with
      | _ : sin x ^ 2 = _ |- _ => fail | _ => pose proof (sin_squared x) end
  end;
  repeat match goal with
  | H : sin ?x ^ 2 = _ |- _ =>
      let s := fresh "s" in let c := fresh "c" in
      set (s := sin x) in *; set (c := cos x) in *; clearbody s c
  end.

Ltac logarithms :=
  repeat match goal with
  | |- context [ln (?x * ?y)] => rewrite (ln_mult x y) by positive
  | |- context [ln (?x / ?y)] => rewrite (ln_div x y) by positive
  | |- context [ln (/ ?x)] => rewrite (ln_Rinv x) by positive
  | |- context [ln (?x ^ ?k)] => rewrite (ln_pow x) by positive
  end.

Ltac sums :=
  repeat first
    [ rewrite rsum_const | rewrite rsum_plus | rewrite rsum_minus | rewrite rsum_scal ].

Ltac powers := repeat first [ rewrite pow_add | rewrite pow_mult | rewrite pow_1 ].

(* An identity of rational functions, up to squares that are known. *)
Ltac identity :=
  first
    [ ring | field; not_zero
    | match goal with
      | H1 : _ ^ 2 = _, H2 : _ ^ 2 = _, H3 : _ ^ 2 = _ |- _ =>
          first [ ring [H1 H2 H3] | field [H1 H2 H3]; not_zero ]
      | H1 : _ ^ 2 = _, H2 : _ ^ 2 = _ |- _ => first [ ring [H1 H2] | field [H1 H2]; not_zero ]
      | H1 : _ ^ 2 = _ |- _ => first [ ring [H1] | field [H1]; not_zero ]
      end
    | lra | nra | field_simplify_eq; [ nra | not_zero ] ].

Ltac integral_by F :=
  match goal with
  | |- context [RInt ?f ?a ?b] =>
      rewrite (RInt_by F f a b);
      [ cbv beta
      | let x := fresh "x" in intros x ?; auto_derive;
        [ conditions | cbv beta; first [ ring | field; not_zero | sines; identity ] ]
      | let x := fresh "x" in intros x ?; auto_derive; conditions ]
  end.

Ltac open_cases :=
  unfold Rmax, Rmin in *;
  repeat match goal with
  | |- context [if Rle_dec ?a ?b then _ else _] => destruct (Rle_dec a b)
  | |- context [if Rlt_dec ?a ?b then _ else _] => destruct (Rlt_dec a b)
  | H : context [if Rle_dec ?a ?b then _ else _] |- _ => destruct (Rle_dec a b)
  | |- context [Rabs ?a] => first [ rewrite (Rabs_pos_eq a) by positive | destruct (Rcase_abs a); [rewrite (Rabs_left a) by assumption | rewrite (Rabs_right a) by assumption] ]
  end.

Ltac numbers_equal :=
  know_numbers;
  first
    [ solve [timeout 10 ring] | solve [timeout 20 (field; not_zero)]
    | solve [plain_numbers; sums; powers; open_angles; logarithms; roots; sines; timeout 20 identity]
    | solve [f_equal; timeout 10 identity]
    | solve [progress subst; timeout 10 (field; not_zero)] ].

(* -- inequalities --------------------------------------------------------------------------- *)

Lemma over_below a b c : a / b <= c -> 0 < b -> a <= c * b.
Proof.
  intros H P. replace a with (a / b * b) by (field; lra). apply Rmult_le_compat_r; lra.
Qed.

(* An assumption on a quotient is one on what is divided. *)
Ltac over_quotients :=
  repeat match goal with
  | H : ?a / ?b <= ?c |- _ =>
      apply over_below in H; [ | first [ solve [positive] | roots; timeout 10 nra ] ]
  end.

Ltac search :=
  first
    [ lra | by_coefficients | solve [timeout 5 signs] | timeout 10 nra
    | apply Rminus_lt_0; solve [timeout 5 signs] | apply Rminus_le_0; solve [timeout 5 signs] ].

Ltac monotone :=
  first
    [ assumption | lra
    | match goal with
      | |- exp _ < exp _ => apply exp_increasing
      | |- exp _ <= exp _ => apply exp_rises
      | |- sqrt _ <= sqrt _ => apply sqrt_le_1_alt
      | |- sqrt _ < sqrt _ => apply sqrt_lt_1_alt; split
      | |- ln _ < ln _ => apply ln_increasing
      | |- ln _ <= ln _ => apply ln_le
      | |- / _ <= / _ => apply Rinv_le_contravar
      | |- / _ < / _ => apply Rinv_lt_contravar
      | |- _ ^ _ <= _ ^ _ => apply pow_incr; split
      | |- _ * _ <= _ * _ => apply Rmult_le_compat
      | |- 1 <= exp _ => rewrite <- exp_0
      | |- 1 < exp _ => rewrite <- exp_0
      | |- exp _ <= 1 => rewrite <- exp_0
      | |- exp _ < 1 => rewrite <- exp_0
      | |- 1 + ?x <= exp ?x => apply exp_above
      | |- Rabs _ <= _ => apply Rabs_le; split
      | |- _ + _ <= _ + _ => apply Rplus_le_compat
      end
    | positive ].

(* Named exponentials are in the order of what they are of. *)
Ltac compare_exps :=
  repeat match goal with
  | H1 : named (?e = exp _), H2 : named (?f = exp _) |- _ =>
      lazymatch e with f => fail | _ => idtac end;
      first
        [ lazymatch goal with
          | _ : e <= f |- _ => fail | _ : e < f |- _ => fail
          | _ =>
              first
                [ assert (e < f)
                    by (unfold named in H1, H2; rewrite H1, H2; apply exp_increasing; timeout 3 nra)
                | assert (e <= f)
                    by (unfold named in H1, H2; rewrite H1, H2; apply exp_rises; timeout 3 nra) ]
          end
        | lazymatch goal with
          | _ : 1 <= e * f |- _ => fail | _ : 1 <= f * e |- _ => fail
          | _ =>
              assert (1 <= e * f)
                by (unfold named in H1, H2; rewrite H1, H2, <- exp_plus, <- exp_0; apply exp_rises; timeout 3 nra)
          end ]
  end;
  repeat match goal with
  | H1 : named (?e = exp _) |- _ =>
      first
        [ lazymatch goal with
          | _ : 1 <= e |- _ => fail
          | _ => assert (1 <= e) by (unfold named in H1; rewrite H1, <- exp_0; apply exp_rises; timeout 3 nra)
          end
        | lazymatch goal with
          | _ : e <= 1 |- _ => fail
          | _ => assert (e <= 1) by (unfold named in H1; rewrite H1, <- exp_0; apply exp_rises; timeout 3 nra)
          end ]
  end.

Ltac split_at_zero :=
  match goal with
  | _ : ?c <= ?z, _ : ?z <= 1 |- _ => is_var z; destruct (Rle_dec 0 z)
  end.

Ltac numbers_below :=
  know_numbers;
  first
    [ search
    | solve [timeout 15 (repeat monotone)]
    | solve [plain_numbers; roots; search]
    | solve [compare_exps; search]
    | solve [split_at_zero; compare_exps; search]
    | solve [open_cases; plain_numbers; roots; first [ search | timeout 15 (repeat monotone) ]]
    | solve [over_quotients; search] ].

(* As it stands: derivatives by rule, exponentials by their exponents. *)
Ltac written_below :=
  open_functions; derivatives; cbv beta; know_numbers; repeat rewrite <- exp_plus;
  repeat match goal with
  | |- exp _ < exp _ => apply exp_increasing
  | |- exp _ <= exp _ => apply exp_rises
  end;
  solve [ lra | nra | repeat monotone ].

(* The difference is a quotient of what the signs of are easier. *)
Ltac below_quotient p q :=
  know_numbers;
  first
    [ apply (below_by_quotient _ _ p q) | apply (under_by_quotient _ _ p q) ];
  [ know_numbers; first [ ring | field; not_zero | plain_numbers; roots; sines; identity ]
  | first
      [ search | solve [know_numbers; timeout 10 (repeat monotone)]
      | solve [roots; timeout 10 nra] | solve [compare_exps; search] ]
  | first [ search | solve [roots; timeout 10 nra] ] ].
