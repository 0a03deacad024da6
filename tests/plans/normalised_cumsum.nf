# What is made of a running sum waits for it: the last element of a row is known at its end.
expression: cumsum(x, axis=-1) / sum(x, axis=-1, keepdims=True)
input: x f32[100,40]
---
b0: f32[100, 40] input x
b1: f32[100, 40] stored in the memory of result 0
b2: f32[100, 1] stored
b3: f32[100, 40] result 0
loop 0 over [100, 40], runs along axis [1]
  v0: f32 = load b0
  sum v0 into b1
loop 1 over [100, 40], reduces axes [1]
  v0: f32 = load b0
  sum v0 into b2
loop 2 over [100, 40]
  v0: f32 = load b1
  v1: f32 = load b2  # along [0]
  v2: f32 = divide v0, v1
  store v2 in b3
loops: 3
stored: 400 bytes
