# Without a kernel of its own, a matrix product is a reduction over a third axis.
expression: x @ y
input: x f64[100,40]
input: y f64[40,60]
---
b0: f64[100, 40] input x
b1: f64[40, 60] input y
b2: f64[100, 60] result 0
loop 0 over [100, 60, 40], reduces axes [2]
  v0: f64 = load b0 [i0, i2]  # along [0, 2]
  v1: f64 = load b1 [i2, i1]  # along [1, 2]
  v2: f64 = multiply v0, v1
  sum v2 into b2
loops: 1
stored: 0 bytes
