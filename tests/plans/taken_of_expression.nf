# What is gathered from lies in memory, so the expression is stored.
expression: exp(x)[i]
input: x f64[1000]
input: i i64[500]
---
b0: f64[1000] input x
b1: f64[1000] stored
b2: i64[500] input i
b3: f64[500] result 0
loop 0 over [1000]
  v0: f64 = load b0
  v1: f64 = exp v0
  store v1 in b1
loop 1 over [500]
  v0: i64 = load b2
  v1: i64 = -1000  # once
  v2: bool = less v0, v1
  v3: i64 = 1000  # once
  v4: bool = less_equal v3, v0
  v5: bool = bitwise_or v2, v4
  v6: i64 = 0  # once
  v7: bool = less v0, v6
  v8: i64 = add v0, v3
  v9: i64 = where v7, v8, v0
  v10: i64 = where v5, v6, v9
  error `a place is not within the 1000 elements along axis 0` if v5
  v11: f64 = take b1 at v10
  store v11 in b3
loops: 2
stored: 8000 bytes
