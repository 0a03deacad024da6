# Two reductions of one array, in one pass.
expression: min(x), max(x)
input: x f64[100000]
---
b0: f64[100000] input x
b1: f64 result 0
b2: f64 result 1
loop 0 over [100000], reduces axes [0]
  v0: f64 = load b0
  min v0 into b1
  max v0 into b2
loops: 1
stored: 0 bytes
