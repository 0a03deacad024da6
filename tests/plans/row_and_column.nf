# A row and a column, of which the product is made once for each element.
expression: a + b*c[:, None]
input: a f64[300,400]
input: b f64[400]
input: c f64[300]
---
b0: f64[300, 400] input a
b1: f64[400] input b
b2: f64[300] input c
b3: f64[300, 400] result 0
loop 0 over [300, 400]
  v0: f64 = load b0
  v1: f64 = load b1  # along [1]
  v2: f64 = load b2 [i0]  # along [0]
  v3: f64 = multiply v1, v2
  v4: f64 = add v0, v3
  store v4 in b3
loops: 1
stored: 0 bytes
