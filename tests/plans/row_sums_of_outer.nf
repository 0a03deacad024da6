# A reduction over a space that neither input has alone.
expression: sum(a*b, axis=0)
input: a f64[1000,1]
input: b f64[300]
---
b0: f64[1000, 1] input a
b1: f64[300] input b
b2: f64[300] result 0
loop 0 over [1000, 300], reduces axes [0]
  v0: f64 = load b0  # along [0]
  v1: f64 = load b1  # along [1]
  v2: f64 = multiply v0, v1
  sum v2 into b2
loops: 1
stored: 0 bytes
