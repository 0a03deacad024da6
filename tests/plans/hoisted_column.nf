# A cheap column varies along the outer axis alone, so it is computed once a row.
expression: (col + 7)*x
input: col f64[1000,1]
input: x f64[1000,100]
---
b0: f64[1000, 1] input col
b1: f64[1000, 100] input x
b2: f64[1000, 100] result 0
loop 0 over [1000, 100]
  v0: f64 = load b0  # along [0]
  v1: f64 = 7.0  # once
  v2: f64 = add v0, v1  # along [0]
  v3: f64 = load b1
  v4: f64 = multiply v2, v3
  store v4 in b2
loops: 1
stored: 0 bytes
