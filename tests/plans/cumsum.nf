# A running sum is a loop along its axis, with what it sums computed on the way.
expression: cumsum(x*y, axis=1)
input: x f64[100,40]
input: y f64[40]
---
b0: f64[100, 40] input x
b1: f64[40] input y
b2: f64[100, 40] result 0
loop 0 over [100, 40], runs along axis [1]
  v0: f64 = load b0
  v1: f64 = load b1  # along [1]
  v2: f64 = multiply v0, v1
  sum v2 into b2
loops: 1
stored: 0 bytes
