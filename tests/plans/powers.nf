# Small powers are products, sharing the square; the others are not.
expression: x**2 + x**3 + x**4 + x**-1 + x**0.5 + x**7
input: x f64[1000]
---
b0: f64[1000] input x
b1: f64[1000] result 0
loop 0 over [1000]
  v0: f64 = load b0
  v1: f64 = multiply v0, v0
  v2: f64 = multiply v0, v1
  v3: f64 = add v1, v2
  v4: f64 = multiply v1, v1
  v5: f64 = add v3, v4
  v6: f64 = 1.0  # once
  v7: f64 = divide v6, v0
  v8: f64 = add v5, v7
  v9: f64 = sqrt v0
  v10: f64 = add v8, v9
  v11: f64 = 7.0  # once
  v12: f64 = power v0, v11
  v13: f64 = add v10, v12
  store v13 in b1
loops: 1
stored: 0 bytes
