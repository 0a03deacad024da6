# No pass at all.
expression: sqrt(a*a + b*b)
input: a f64
input: b f64
---
b0: f64 input a
b1: f64 input b
b2: f64 result 0
loop 0 over []
  v0: f64 = load b0
  v1: f64 = multiply v0, v0
  v2: f64 = load b1
  v3: f64 = multiply v2, v2
  v4: f64 = add v1, v3
  v5: f64 = sqrt v4
  store v5 in b2
loops: 0
stored: 0 bytes
