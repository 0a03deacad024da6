# A view of a reduction reads what the reduction stored.
expression: sum(x, axis=1)[::-1] + x[0]
input: x f64[300,300]
---
b0: f64[300, 300] input x
b1: f64[300] stored
b2: f64[300] result 0
loop 0 over [300, 300], reduces axes [1]
  v0: f64 = load b0
  sum v0 into b1
loop 1 over [300]
  v0: f64 = load b1 [-1·i0 + 299]
  v1: f64 = load b0 [0, i0]
  v2: f64 = add v0, v1
  store v2 in b2
loops: 2
stored: 2400 bytes
