# `exp(row)` is stored: 100 calls instead of 100,000.
expression: exp(row)*x
input: row f64[100]
input: x f64[1000,100]
---
b0: f64[100] input row
b1: f64[100] stored
b2: f64[1000, 100] input x
b3: f64[1000, 100] result 0
loop 0 over [100]
  v0: f64 = load b0
  v1: f64 = exp v0
  store v1 in b1
loop 1 over [1000, 100]
  v0: f64 = load b1  # along [1]
  v1: f64 = load b2
  v2: f64 = multiply v0, v1
  store v2 in b3
loops: 2
stored: 800 bytes
