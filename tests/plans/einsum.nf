# A contraction without a matrix product: one loop, no product is an array.
expression: einsum('ij,ij->i', x, y)
input: x f64[1000,30]
input: y f64[1000,30]
---
b0: f64[1000, 30] input x
b1: f64[1000, 30] input y
b2: f64[1000] result 0
loop 0 over [1000, 30], reduces axes [1]
  v0: f64 = load b0
  v1: f64 = load b1
  v2: f64 = multiply v0, v1
  sum v2 into b2
loops: 1
stored: 0 bytes
