# exp is computed once for each element, although it is seen in two orders.
expression: exp(x) + exp(x).T
input: x f64[300,300]
---
b0: f64[300, 300] input x
b1: f64[300, 300] stored
b2: f64[300, 300] result 0
loop 0 over [300, 300]
  v0: f64 = load b0
  v1: f64 = exp v0
  store v1 in b1
loop 1 over [300, 300]
  v0: f64 = load b1
  v1: f64 = load b1 [i1, i0]
  v2: f64 = add v0, v1
  store v2 in b2
loops: 2
stored: 720000 bytes
