# `exp(x)` is stored in the result's memory, and read from there.
expression: exp(x)/sum(exp(x))
input: x f64[100000]
---
b0: f64[100000] input x
b1: f64[100000] stored in the memory of result 0
b2: f64 stored
b3: f64[100000] result 0
loop 0 over [100000], reduces axes [0]
  v0: f64 = load b0
  v1: f64 = exp v0
  store v1 in b1
  sum v1 into b2
loop 1 over [100000]
  v0: f64 = load b1
  v1: f64 = load b2  # once
  v2: f64 = divide v0, v1
  store v2 in b3
loops: 2
stored: 8 bytes
