# A sum along the pieces reads them as one array.
expression: sum(shift(x, 1, 'wrap') * x)
input: x f64[1000]
---
b0: f64[1000] input x
b1: f64[1000] stored
b2: f64 result 0
loop 0 over [1]
  v0: f64 = load b0
  v1: f64 = load b0 [999]
  v2: f64 = multiply v0, v1
  store v2 in b1
loop 1 over [999]
  v0: f64 = load b0 [i0 + 1]
  v1: f64 = load b0
  v2: f64 = multiply v0, v1
  store v2 in b1 from [1]
loop 2 over [1000], reduces axes [0]
  v0: f64 = load b1
  sum v0 into b2
loops: 2
stored: 8000 bytes
