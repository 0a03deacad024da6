# Three reductions share the first loop; dividing by the count is dear, and done once a column.
expression: (x - mean(x, axis=0))/(max(x, axis=0) - min(x, axis=0))
input: x f64[1000,50]
---
b0: f64[1000, 50] input x
b1: f64[50] stored
b2: f64[50] stored
b3: f64[50] stored
b4: f64[50] stored
b5: f64[1000, 50] result 0
loop 0 over [1000, 50], reduces axes [0]
  v0: f64 = load b0
  sum v0 into b1
  max v0 into b3
  min v0 into b4
loop 1 over [50], finishes reductions
  v0: f64 = load b1
  v1: f64 = count [1000]  # once
  v2: f64 = divide v0, v1
  store v2 in b2
loop 2 over [1000, 50]
  v0: f64 = load b0
  v1: f64 = load b2  # along [1]
  v2: f64 = subtract v0, v1
  v3: f64 = load b3  # along [1]
  v4: f64 = load b4  # along [1]
  v5: f64 = subtract v3, v4  # along [1]
  v6: f64 = divide v2, v5
  store v6 in b5
loops: 2
stored: 1600 bytes
