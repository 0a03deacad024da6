# The same along the last axis, with the greatest taken off.
expression: exp(x - max(x, axis=1, keepdims=True))/sum(exp(x - max(x, axis=1, keepdims=True)), axis=1, keepdims=True)
input: x f32[1000,50]
---
b0: f32[1000, 50] input x
b1: f32[1000, 1] stored
b2: f32[1000, 50] stored in the memory of result 0
b3: f32[1000, 1] stored
b4: f32[1000, 50] result 0
loop 0 over [1000, 50], reduces axes [1]
  v0: f32 = load b0
  max v0 into b1
loop 1 over [1000, 50], reduces axes [1]
  v0: f32 = load b0
  v1: f32 = load b1  # along [0]
  v2: f32 = subtract v0, v1
  v3: f32 = exp v2
  store v3 in b2
  sum v3 into b3
loop 2 over [1000, 50]
  v0: f32 = load b2
  v1: f32 = load b3  # along [0]
  v2: f32 = divide v0, v1
  store v2 in b4
loops: 3
stored: 8000 bytes
