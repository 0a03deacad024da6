# The least of narrow integers is stored as narrow as they are.
expression: min(a, axis=0) + 1
input: a i8[100,1000]
---
b0: i8[100, 1000] input a
b1: i8[1000] stored in the memory of result 0
b2: i8[1000] result 0
loop 0 over [100, 1000], reduces axes [0]
  v0: i32 = load b0
  min v0 into b1
loop 1 over [1000], finishes reductions
  v0: i32 = load b1
  v1: i32 = 1  # once
  v2: i32 = add v0, v1
  store v2 in b2
loops: 1
stored: 0 bytes
