# The parts of a sum go their own ways, those of a product together.
expression: sum(z)*prod(z)
input: z c64[1000]
---
b0: c64[1000] input z
b1: f32 stored
b2: f32 stored
b3: c64 stored
b4: c64 result 0
loop 0 over [1000], reduces axes [0]
  v0: f32 = load b0.real
  v1: f32 = load b0.imag
  sum v0 into b1
  sum v1 into b2
  prod v0 + v1j into b3
loop 1 over [], finishes reductions
  v0: f32 = load b1
  v1: f32 = load b3.real
  v2: f32 = multiply v0, v1
  v3: f32 = load b2
  v4: f32 = load b3.imag
  v5: f32 = multiply v3, v4
  v6: f32 = subtract v2, v5
  v7: f32 = multiply v0, v4
  v8: f32 = multiply v1, v3
  v9: f32 = add v7, v8
  store v6 in b4.real
  store v9 in b4.imag
loops: 1
stored: 16 bytes
