# An array and its transpose: one loop reads both.
expression: x + x.T
input: x f64[500,500]
---
b0: f64[500, 500] input x
b1: f64[500, 500] result 0
loop 0 over [500, 500]
  v0: f64 = load b0
  v1: f64 = load b0 [i1, i0]
  v2: f64 = add v0, v1
  store v2 in b1
loops: 1
stored: 0 bytes
