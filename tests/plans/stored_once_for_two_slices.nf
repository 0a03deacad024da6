# A dear expression seen through two slices is stored once.
expression: exp(x)[1:] - exp(x)[:-1]
input: x f64[100000]
---
b0: f64[100000] input x
b1: f64[100000] stored
b2: f64[99999] result 0
loop 0 over [100000]
  v0: f64 = load b0
  v1: f64 = exp v0
  store v1 in b1
loop 1 over [99999]
  v0: f64 = load b1 [i0 + 1]
  v1: f64 = load b1
  v2: f64 = subtract v0, v1
  store v2 in b2
loops: 2
stored: 800000 bytes
