# Two results of one array, in one pass.
expression: mean(x), std(x)
input: x f64[100000]
---
b0: f64[100000] input x
b1: f64 stored
b2: f64 result 0
b3: c128 stored
b4: f64 result 1
loop 0 over [100000], reduces axes [0]
  v0: f64 = load b0
  v1: f64 = load b0  # once
  v2: f64 = subtract v0, v1
  sum v0 into b1
  moments v2 into b3
loop 1 over [], finishes reductions
  v0: f64 = load b1
  v1: f64 = count [100000]
  v2: f64 = divide v0, v1
  v3: f64 = load b3.imag
  v4: f64 = divide v3, v1
  v5: f64 = sqrt v4
  store v2 in b2
  store v5 in b4
loops: 1
stored: 24 bytes
