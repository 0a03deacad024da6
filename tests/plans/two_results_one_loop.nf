# Two results over the same space share a loop and what they have in common.
expression: exp(x) + y, exp(x)*y
input: x f64[100000]
input: y f64[100000]
---
b0: f64[100000] input x
b1: f64[100000] input y
b2: f64[100000] result 0
b3: f64[100000] result 1
loop 0 over [100000]
  v0: f64 = load b0
  v1: f64 = exp v0
  v2: f64 = load b1
  v3: f64 = add v1, v2
  v4: f64 = multiply v1, v2
  store v3 in b2
  store v4 in b3
loops: 1
stored: 0 bytes
