# A window sees each element again: what is dear is stored before.
expression: sum(windows(exp(x), 5), axis=-1)
input: x f64[100000]
---
b0: f64[100000] input x
b1: f64[100000] stored
b2: f64[99996] result 0
loop 0 over [100000]
  v0: f64 = load b0
  v1: f64 = exp v0
  store v1 in b1
loop 1 over [99996, 5], reduces axes [1]
  v0: f64 = load b1 [i0 + i1]
  sum v0 into b2
loops: 2
stored: 800000 bytes
