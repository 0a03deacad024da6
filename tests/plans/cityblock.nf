# Distances of rows from rows: the differences are no array, and one loop makes the sums.
expression: sum(abs(x[:, None] - y[None]), axis=-1)
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
  v3: f64 = absolute v2
  sum v3 into b2
loops: 1
stored: 0 bytes
