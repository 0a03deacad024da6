# Divisions by powers of two are products; `x + 0` stays, for -0 + 0 is +0.
expression: x/4 + 0 - (-y)*3 + 1*x
input: x f64[1000]
input: y f64[1000]
---
b0: f64[1000] input x
b1: f64[1000] input y
b2: f64[1000] result 0
loop 0 over [1000]
  v0: f64 = load b0
  v1: f64 = 0.25  # once
  v2: f64 = multiply v0, v1
  v3: f64 = 0.0  # once
  v4: f64 = add v2, v3
  v5: f64 = load b1
  v6: f64 = -3.0  # once
  v7: f64 = multiply v5, v6
  v8: f64 = subtract v4, v7
  v9: f64 = add v0, v8
  store v9 in b2
loops: 1
stored: 0 bytes
