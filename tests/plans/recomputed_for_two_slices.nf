# A cheap one is computed twice instead.
expression: (x*y)[1:] - (x*y)[:-1]
input: x f64[100000]
input: y f64[100000]
---
b0: f64[100000] input x
b1: f64[100000] input y
b2: f64[99999] result 0
loop 0 over [99999]
  v0: f64 = load b0 [i0 + 1]
  v1: f64 = load b1 [i0 + 1]
  v2: f64 = multiply v0, v1
  v3: f64 = load b0
  v4: f64 = load b1
  v5: f64 = multiply v3, v4
  v6: f64 = subtract v2, v5
  store v6 in b2
loops: 1
stored: 0 bytes
