# NaNs are left out by a mask that is no array.
expression: nanmean(x, axis=0)
input: x f64[1000,50]
---
b0: f64[1000, 50] input x
b1: f64[50] stored in the memory of result 0
b2: i64[50] stored
b3: f64[50] result 0
loop 0 over [1000, 50], reduces axes [0]
  v0: f64 = load b0
  v1: bool = isnan v0
  v2: bool = invert v1
  v3: f64 = -0.0  # once
  v4: f64 = where v2, v0, v3
  v5: i64 = convert v2
  sum v4 into b1
  sum v5 into b2
loop 1 over [50], finishes reductions
  v0: f64 = load b1
  v1: i64 = load b2
  v2: f64 = convert v1
  v3: f64 = divide v0, v2
  store v3 in b3
loops: 1
stored: 400 bytes
