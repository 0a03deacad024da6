# Two passes: the mean must be there before the differences are.
expression: mean((x - mean(x))**2)
input: x f64[100000]
---
b0: f64[100000] input x
b1: f64 stored
b2: f64 stored
b3: f64 result 0
loop 0 over [100000], reduces axes [0]
  v0: f64 = load b0
  sum v0 into b1
loop 1 over [100000], reduces axes [0]
  v0: f64 = load b0
  v1: f64 = load b1  # once
  v2: f64 = count [100000]  # once
  v3: f64 = divide v1, v2  # once
  v4: f64 = subtract v0, v3
  v5: f64 = multiply v4, v4
  sum v5 into b2
loop 2 over [], finishes reductions
  v0: f64 = load b2
  v1: f64 = count [100000]
  v2: f64 = divide v0, v1
  store v2 in b3
loops: 2
stored: 16 bytes
