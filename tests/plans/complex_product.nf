# Complex numbers are two planes of one array: loaded, multiplied and stored in one pass.
expression: z*w + 1j
input: z c128[1000]
input: w c128[1000]
---
b0: c128[1000] input z
b1: c128[1000] input w
b2: c128[1000] result 0
loop 0 over [1000]
  v0: f64 = load b0.real
  v1: f64 = load b1.real
  v2: f64 = multiply v0, v1
  v3: f64 = load b0.imag
  v4: f64 = load b1.imag
  v5: f64 = multiply v3, v4
  v6: f64 = subtract v2, v5
  v7: f64 = 0.0  # once
  v8: f64 = add v6, v7
  v9: f64 = multiply v0, v4
  v10: f64 = multiply v1, v3
  v11: f64 = add v9, v10
  v12: f64 = 1.0  # once
  v13: f64 = add v11, v12
  store v8 in b2.real
  store v13 in b2.imag
loops: 1
stored: 0 bytes
