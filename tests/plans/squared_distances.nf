# As cityblock.nf, squared.
expression: sum((x[:, None, :] - y[None, :, :])**2, axis=-1)
input: x f64[500,20]
input: y f64[300,20]
---
b0: f64[500, 20] input x
b1: f64[300, 20] input y
b2: f64[500, 300] result 0
loop 0 over [500, 300, 20], reduces axes [2]
  v0: f64 = load b0 [i0, i2]  # along [0, 2]
  v1: f64 = load b1  # along [1, 2]
  v2: f64 = subtract v0, v1
  v3: f64 = multiply v2, v2
  sum v3 into b2
loops: 1
stored: 0 bytes
