# Different axes, different loops.
expression: sum(x, axis=0) + sum(x, axis=1)
input: x f64[100,100]
---
b0: f64[100, 100] input x
b1: f64[100] stored in the memory of result 0
b2: f64[100] stored
b3: f64[100] result 0
loop 0 over [100, 100], reduces axes [0]
  v0: f64 = load b0
  sum v0 into b1
loop 1 over [100, 100], reduces axes [1]
  v0: f64 = load b0
  sum v0 into b2
loop 2 over [100], finishes reductions
  v0: f64 = load b1
  v1: f64 = load b2
  v2: f64 = add v0, v1
  store v2 in b3
loops: 2
stored: 800 bytes
