# The difference of two groups' means: one pass, and nothing is selected into an array.
expression: mean(x[m]) - mean(x[~m])
input: x f64[100000]
input: m bool[100000]
---
b0: f64[100000] input x
b1: bool[100000] input m
b2: f64 stored
b3: i64 stored
b4: f64 stored
b5: i64 stored
b6: f64 result 0
loop 0 over [100000], reduces axes [0]
  v0: bool = load b1
  v1: f64 = load b0
  v2: f64 = -0.0  # once
  v3: f64 = where v0, v1, v2
  v4: i64 = convert v0
  v5: bool = invert v0
  v6: f64 = where v5, v1, v2
  v7: i64 = convert v5
  sum v3 into b2
  sum v4 into b3
  sum v6 into b4
  sum v7 into b5
loop 1 over [], finishes reductions
  v0: f64 = load b2
  v1: i64 = load b3
  v2: f64 = convert v1
  v3: f64 = divide v0, v2
  v4: f64 = load b4
  v5: i64 = load b5
  v6: f64 = convert v5
  v7: f64 = divide v4, v6
  v8: f64 = subtract v3, v7
  store v8 in b6
loops: 1
stored: 32 bytes
