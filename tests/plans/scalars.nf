# Operations on scalars alone are no pass, and are done once a call.
expression: x*(k/3 + sqrt(k))
input: x f64[1000]
input: k f64
---
b0: f64[1000] input x
b1: f64 input k
b2: f64[1000] result 0
loop 0 over [1000]
  v0: f64 = load b0
  v1: f64 = load b1  # once
  v2: f64 = 3.0  # once
  v3: f64 = divide v1, v2  # once
  v4: f64 = sqrt v1  # once
  v5: f64 = add v3, v4  # once
  v6: f64 = multiply v0, v5
  store v6 in b2
loops: 1
stored: 0 bytes
