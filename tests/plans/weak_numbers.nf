# A number beside an f32 array is an f32.
expression: 0.5*x + 2
input: x f32[1000]
---
b0: f32[1000] input x
b1: f32[1000] result 0
loop 0 over [1000]
  v0: f32 = load b0
  v1: f32 = 0.5  # once
  v2: f32 = multiply v0, v1
  v3: f32 = 2.0  # once
  v4: f32 = add v2, v3
  store v4 in b1
loops: 1
stored: 0 bytes
