# One pass over the data for all of them.
expression: sum(x) + max(x)*min(x) - mean(x*x)
input: x f64[100000]
---
b0: f64[100000] input x
b1: f64 stored
b2: f64 stored
b3: f64 stored
b4: f64 stored
b5: f64 result 0
loop 0 over [100000], reduces axes [0]
  v0: f64 = load b0
  v1: f64 = multiply v0, v0
  sum v0 into b1
  max v0 into b2
  min v0 into b3
  sum v1 into b4
loop 1 over [], finishes reductions
  v0: f64 = load b1
  v1: f64 = load b2
  v2: f64 = load b3
  v3: f64 = multiply v1, v2
  v4: f64 = add v0, v3
  v5: f64 = load b4
  v6: f64 = count [100000]
  v7: f64 = divide v5, v6
  v8: f64 = subtract v4, v7
  store v8 in b5
loops: 1
stored: 32 bytes
