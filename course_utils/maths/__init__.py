"""Exact mathematics in numpy, scipy and numba; nothing imports torch or the course's rest.

| module | its mathematics | weeks |
|---|---|---|
| `affine_weyl` | the affine Weyl group of G2 and its Kazhdan–Lusztig polynomials | affine_g2 |
| `alcoves` | alcoves of affine G2, corners exact | affine_g2 |
| `bruhat_cube_kernels` | the compiled loops of `bruhat_cubes` | bruhat_hypercubes |
| `bruhat_cubes` | hypercubes in the Bruhat order, dyadic permutations | bruhat_hypercubes |
| `bruhat_graphs` | Bruhat graphs of intervals, colour refinement, isomorphism classes | 5, 6 |
| `bruhat_orbits` | all intervals of S_n up to symmetry, coloured | 5, 6, bruhat_hypercubes |
| `buchberger_kernels` | Buchberger's algorithm over GF(p), compiled | 11 |
| `buchberger_wide` | Buchberger's algorithm to read, for exponents of any size | 11 |
| `character_networks` | networks of characters of Z/n, their leads proved by integers | grokking |
| `combinatorial_games` | Nim, Kayles and Dawson's Kayles: Grundy values, periods proved | 10 |
| `conjectures` | graph conjectures, decided for one graph in exact arithmetic | 7, gallery |
| `connect_four` | connect-4 on small boards, solved exactly | alphazero |
| `dynamics` | the Lorenz system by Taylor series, in double-double arithmetic | 4 |
| `equitable_partitions` | small matrices that stand for large graphs | 7, gallery |
| `expression_bank` | all small expressions, each function once; two-way look-up | 14 |
| `expressions` | a formula for given numbers by meeting in the middle, or none | 14 |
| `extremal_pairs` | extremal pairs of S_n | 5, 6, bruhat_hypercubes |
| `formulas` | expressions that print and are evaluated on arrays | 14 |
| `graph_invariants` | matching number with certificate, largest eigenvalue | 7, gallery |
| `graph_isomorphism` | isomorphisms of directed graphs, proved by edges | 5 |
| `graph_learning` | Laplace and Poisson learning on weighted graphs | 8 |
| `groebner` | Gröbner bases over GF(p), Buchberger's criterion, counted runs | 11 |
| `hypercube_decompositions` | cubes in Bruhat graphs without labels, and P from them | 6 |
| `kazhdan_lusztig` | Kazhdan–Lusztig and R-polynomials of S_n, to read | 5, 6, bruhat_hypercubes |
| `kazhdan_lusztig_packed` | all Kazhdan–Lusztig polynomials, n ≤ 9 | 5, 6, bruhat_hypercubes |
| `known_sequences` | integer sequences by their definitions, for comparison | 14 |
| `laplacian_bounds` | 68 bounds on the Laplacian spectral radius, exactly | 7, gallery |
| `laplacian_solver` | solving with graph Laplacians by conjugate gradients | 8 |
| `linear_models` | least squares and ridge regression in closed form, and their risk | 1 |
| `mean_field` | mean-field theory of random tanh networks | 3, 4 |
| `modular_forms` | class numbers, traces over newforms of square-free level | murmurations |
| `monomials` | monomials packed into integers, in three orders | 11 |
| `nearest_neighbours` | exact nearest neighbours by blocked matrix products | 8 |
| `number_theory` | arithmetic functions, sieves, Mertens sums | 2, 3, murmurations |
| `parallel` | one numba kernel shared among threads | 5, 6, bruhat_hypercubes |
| `permanents` | permanents of 0–1 matrices without the pattern 312 | gallery |
| `permutations` | one-line notation, length, descents, Bruhat order | 5, 6, bruhat_hypercubes |
| `random_ideals` | random ideals and the names of their laws | 11 |
| `real_arrays` | arrays of finite real numbers, or an error that names them | 13, 14, tomography |
| `real_roots` | real roots of integer polynomials, Sturm chains | 7, gallery |
| `regression_problems` | published problems of symbolic regression, and their judge | 14 |
| `semigroup_certificates` | proofs of minimality checked from associativity | 9 |
| `semigroup_instances` | 0–1 matrices up to row and column permutations, numbered | 9 |
| `semigroup_memo` | positions up to symmetry, proofs by rollouts | 9 |
| `semigroup_minimum` | the least number of nodes of a proof, by AND/OR search | 9 |
| `semigroup_positions` | many positions at once: features, children, merging by symmetry | 9 |
| `semigroup_search` | tables with possible values, propagated; proofs by simple rules | 9 |
| `semigroups` | classification of 4-nilpotent semigroups: what week 9 imports | 9 |
| `sequence_models` | memory kernels: Hankel rank, Ho–Kalman, unfolding ranks | 13 |
| `sequence_programs` | integer sequences as programs with loops, exactly | 14 |
| `shearlets` | a Parseval frame of shearlets, and what a missing wedge hides | tomography |
| `surds` | nested square roots compared exactly | 7, gallery |
| `tomography` | the Radon transform of ellipses, exactly, and of pixels, as a matrix | tomography |
| `walsh` | the Walsh–Hadamard transform: all parities of binary digits at once | 2 |
"""
