# A reduction reads its operands in the pass that sums.
expression: sum(a*b)
input: a f32[100000]
input: b f32[100000]
---
b0: f32[100000] input a
b1: f32[100000] input b
b2: f32 result 0
loop 0 over [100000], reduces axes [0]
  v0: f32 = load b0
  v1: f32 = load b1
  v2: f32 = multiply v0, v1
  sum v2 into b2
loops: 1
stored: 0 bytes
