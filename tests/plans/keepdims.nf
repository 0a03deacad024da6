# The reduced axis stays with extent 1, and broadcasts.
expression: x - sum(x, axis=-1, keepdims=True)
input: x f64[100,50]
---
b0: f64[100, 50] input x
b1: f64[100, 1] stored
b2: f64[100, 50] result 0
loop 0 over [100, 50], reduces axes [1]
  v0: f64 = load b0
  sum v0 into b1
loop 1 over [100, 50]
  v0: f64 = load b0
  v1: f64 = load b1  # along [0]
  v2: f64 = subtract v0, v1
  store v2 in b2
loops: 2
stored: 800 bytes
