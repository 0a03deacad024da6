# 16-bit floats are f32 from the load on; the conversion rounds once and stores.
expression: f16(2*x + y)
input: x f16[1000]
input: y bf16[1000]
---
b0: f16[1000] input x
b1: bf16[1000] input y
b2: f16[1000] result 0
loop 0 over [1000]
  v0: f32 = load b0
  v1: f32 = 2.0  # once
  v2: f32 = multiply v0, v1
  v3: f32 = load b1
  v4: f32 = add v2, v3
  v5: f32 = RoundF16 v4
  store v5 in b2
loops: 1
stored: 0 bytes
