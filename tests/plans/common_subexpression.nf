# `a*b` and `b*a` are one value, and `exp` of it is computed once.
expression: exp(a*b) + exp(b*a)*2
input: a f64[1000]
input: b f64[1000]
---
b0: f64[1000] input a
b1: f64[1000] input b
b2: f64[1000] result 0
loop 0 over [1000]
  v0: f64 = load b0
  v1: f64 = load b1
  v2: f64 = multiply v0, v1
  v3: f64 = exp v2
  v4: f64 = 2.0  # once
  v5: f64 = multiply v3, v4
  v6: f64 = add v3, v5
  store v6 in b2
loops: 1
stored: 0 bytes
