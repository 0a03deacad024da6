# One pass, whatever the number of operations.
expression: 2*a + sin(b)/3 - a**2
input: a f64[1000,3]
input: b f64[1000,3]
---
b0: f64[1000, 3] input a
b1: f64[1000, 3] input b
b2: f64[1000, 3] result 0
loop 0 over [1000, 3]
  v0: f64 = load b0
  v1: f64 = 2.0  # once
  v2: f64 = multiply v0, v1
  v3: f64 = load b1
  v4: f64 = sin v3
  v5: f64 = 3.0  # once
  v6: f64 = divide v4, v5
  v7: f64 = add v2, v6
  v8: f64 = multiply v0, v0
  v9: f64 = subtract v7, v8
  store v9 in b2
loops: 1
stored: 0 bytes
