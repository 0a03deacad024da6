# Columns between 0 and 1: both extremes in a first pass, the result in a second.
expression: (x - min(x, axis=0))/(max(x, axis=0) - min(x, axis=0))
input: x f64[10000,30]
---
b0: f64[10000, 30] input x
b1: f64[30] stored
b2: f64[30] stored
b3: f64[10000, 30] result 0
loop 0 over [10000, 30], reduces axes [0]
  v0: f64 = load b0
  min v0 into b1
  max v0 into b2
loop 1 over [10000, 30]
  v0: f64 = load b0
  v1: f64 = load b1  # along [1]
  v2: f64 = subtract v0, v1
  v3: f64 = load b2  # along [1]
  v4: f64 = subtract v3, v1  # along [1]
  v5: f64 = divide v2, v4
  store v5 in b3
loops: 2
stored: 480 bytes
