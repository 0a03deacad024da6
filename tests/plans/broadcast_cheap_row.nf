# A cheap row is computed again for every row of the result: nothing is stored.
expression: (row + 1)*x
input: row f64[100]
input: x f64[1000,100]
---
b0: f64[100] input row
b1: f64[1000, 100] input x
b2: f64[1000, 100] result 0
loop 0 over [1000, 100]
  v0: f64 = load b0  # along [1]
  v1: f64 = 1.0  # once
  v2: f64 = add v0, v1  # along [1]
  v3: f64 = load b1
  v4: f64 = multiply v2, v3
  store v4 in b2
loops: 1
stored: 0 bytes
