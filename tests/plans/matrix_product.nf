# A product of matrices has a kernel of its own, and is no loop over three axes.
expression: x @ y
input: x f64[100,40]
input: y f64[40,60]
---
b0: f64[100, 40] input x
b1: f64[40, 60] input y
b2: f64[100, 60] result 0
loop 0 over [100, 60, 40], b2 = b0 @ b1
loops: 1
stored: 0 bytes
