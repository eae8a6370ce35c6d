"""Compiled machinery that a week teaches in short and then uses fast.

| module | its mathematics | weeks |
|---|---|---|
| `board_games` | connect-4 and Nim on integers, many games at once | alphazero |
| `buchberger_episodes` | the compiled loop of `buchberger_game` | 11 |
| `buchberger_game` | Buchberger's algorithm on binomial ideals as a game | 11 |
| `cross_entropy` | the cross-entropy method on words, compiled and with restarts | 7, gallery |
| `genetic_programming` | genetic programming: formulas selected, mutated and crossed | 14 |
| `program_machine` | a compiled stack machine for `maths.sequence_programs` | 14 |
| `program_search` | random programs for integer sequences, many at once | 14 |
| `tree_search` | tree search by PUCT for many games at once | alphazero |
"""
