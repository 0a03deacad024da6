# A copy.
expression: x
input: x f64[1000]
---
b0: f64[1000] input x
b1: f64[1000] result 0
loop 0 over [1000]
  v0: f64 = load b0
  store v0 in b1
loops: 1
stored: 0 bytes
