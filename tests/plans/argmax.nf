# Two passes: the greatest element, and where it stands first.
expression: argmax(x, axis=1)
input: x f64[1000,50]
---
b0: f64[1000, 50] input x
b1: f64[1000, 1] stored
b2: i64[50] indices
b3: i64[1000] result 0
loop 0 over [1000, 50], reduces axes [1]
  v0: f64 = load b0
  max v0 into b1
loop 1 over [1000, 50], reduces axes [1]
  v0: f64 = load b0
  v1: f64 = load b1  # along [0]
  v2: bool = equal v0, v1
  v3: bool = isnan v0
  v4: bool = bitwise_or v2, v3
  v5: i64 = load b2  # along [1]
  v6: i64 = 9223372036854775807  # once
  v7: i64 = where v4, v5, v6
  min v7 into b3
loops: 2
stored: 8000 bytes
