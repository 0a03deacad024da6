# A division is dear enough to be done once an element of the column, and stored.
expression: col/7 + x
input: col f64[1000,1]
input: x f64[1000,100]
---
b0: f64[1000, 1] input col
b1: f64[1000, 1] stored
b2: f64[1000, 100] input x
b3: f64[1000, 100] result 0
loop 0 over [1000, 1]
  v0: f64 = load b0
  v1: f64 = 7.0  # once
  v2: f64 = divide v0, v1
  store v2 in b1
loop 1 over [1000, 100]
  v0: f64 = load b1  # along [0]
  v1: f64 = load b2
  v2: f64 = add v0, v1
  store v2 in b3
loops: 2
stored: 8000 bytes
