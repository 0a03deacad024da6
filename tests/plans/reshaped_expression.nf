# A computed expression in another shape: seen through its own strides where these do, else laid out once.
expression: reshape(x.T*2, (-1,)) + y
input: x f64[300,400]
input: y f64[120000]
---
b0: f64[300, 400] input x
b1: f64[400, 300] stored
b2: f64[120000] b1 reshaped
b3: f64[120000] input y
b4: f64[120000] result 0
loop 0 over [400, 300]
  v0: f64 = load b0 [i1, i0]
  store v0 in b1
loop 1 over [120000]
  v0: f64 = load b2
  v1: f64 = 2.0  # once
  v2: f64 = multiply v0, v1
  v3: f64 = load b3
  v4: f64 = add v2, v3
  store v4 in b4
loops: 2
stored: 960000 bytes
