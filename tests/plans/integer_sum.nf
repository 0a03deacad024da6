# Narrow integers are widened before they are summed.
expression: sum(i) + sum(m)
input: i i32[100000]
input: m bool[100000]
---
b0: i32[100000] input i
b1: i64 stored
b2: bool[100000] input m
b3: i64 stored
b4: i64 result 0
loop 0 over [100000], reduces axes [0]
  v0: i32 = load b0
  v1: i64 = convert v0
  v2: bool = load b2
  v3: i64 = convert v2
  sum v1 into b1
  sum v3 into b3
loop 1 over [], finishes reductions
  v0: i64 = load b1
  v1: i64 = load b3
  v2: i64 = add v0, v1
  store v2 in b4
loops: 1
stored: 16 bytes
