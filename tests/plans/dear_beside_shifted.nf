# Each element once, in the loop of its piece: nothing is stored.
expression: exp(y) + shift(x, 1, 'nearest')
input: x f64[1000]
input: y f64[1000]
---
b0: f64[1000] input y
b1: f64[1000] input x
b2: f64[1000] result 0
loop 0 over [1]
  v0: f64 = load b0
  v1: f64 = exp v0
  v2: f64 = load b1
  v3: f64 = add v1, v2
  store v3 in b2
loop 1 over [999]
  v0: f64 = load b0 [i0 + 1]
  v1: f64 = exp v0
  v2: f64 = load b1
  v3: f64 = add v1, v2
  store v3 in b2 from [1]
loops: 1
stored: 0 bytes
