# Both branches are computed in the same pass.
expression: where(x > 0, log(x), -x)
input: x f64[1000]
---
b0: f64[1000] input x
b1: f64[1000] result 0
loop 0 over [1000]
  v0: f64 = 0.0  # once
  v1: f64 = load b0
  v2: bool = less v0, v1
  v3: f64 = log v1
  v4: f64 = negative v1
  v5: f64 = where v2, v3, v4
  store v5 in b1
loops: 1
stored: 0 bytes
