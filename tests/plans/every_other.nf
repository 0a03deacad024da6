# Of an expression only what is looked at is computed.
expression: exp(x)[::2]
input: x f64[100000]
---
b0: f64[100000] input x
b1: f64[50000] result 0
loop 0 over [50000]
  v0: f64 = load b0 [2·i0]
  v1: f64 = exp v0
  store v1 in b1
loops: 1
stored: 0 bytes
