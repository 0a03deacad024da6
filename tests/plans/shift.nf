# One element further: the border is a loop of its own.
expression: x - shift(x, 1)
input: x f64[1000]
---
b0: f64[1000] input x
b1: f64[1000] result 0
loop 0 over [1]
  v0: f64 = load b0
  v1: f64 = 0.0
  v2: f64 = subtract v0, v1
  store v2 in b1
loop 1 over [999]
  v0: f64 = load b0 [i0 + 1]
  v1: f64 = load b0
  v2: f64 = subtract v0, v1
  store v2 in b1 from [1]
loops: 1
stored: 0 bytes
