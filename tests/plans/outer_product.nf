# Of a row and a column each `exp` is computed once an element, not once a result.
expression: exp(row)*exp(col)
input: row f64[1000]
input: col f64[1000,1]
---
b0: f64[1000] input row
b1: f64[1000] stored
b2: f64[1000, 1] input col
b3: f64[1000, 1] stored
b4: f64[1000, 1000] result 0
loop 0 over [1000]
  v0: f64 = load b0
  v1: f64 = exp v0
  store v1 in b1
loop 1 over [1000, 1]
  v0: f64 = load b2
  v1: f64 = exp v0
  store v1 in b3
loop 2 over [1000, 1000]
  v0: f64 = load b1  # along [1]
  v1: f64 = load b3  # along [0]
  v2: f64 = multiply v0, v1
  store v2 in b4
loops: 3
stored: 16000 bytes
