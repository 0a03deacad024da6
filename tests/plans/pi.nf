# The area of a quarter circle: no array at all.
expression: sum(4/(1 + ((arange(100000) + 0.5)/100000)**2))/100000
---
b0: i64[100000] indices
b1: f64 stored
b2: f64 result 0
loop 0 over [100000], reduces axes [0]
  v0: f64 = 4.0  # once
  v1: i64 = load b0
  v2: i64 = 0  # once
  v3: i64 = add v1, v2
  v4: f64 = convert v3
  v5: f64 = 0.5  # once
  v6: f64 = add v4, v5
  v7: f64 = 100000.0  # once
  v8: f64 = divide v6, v7
  v9: f64 = multiply v8, v8
  v10: f64 = 1.0  # once
  v11: f64 = add v9, v10
  v12: f64 = divide v0, v11
  sum v12 into b1
loop 1 over [], finishes reductions
  v0: f64 = load b1
  v1: f64 = 100000.0
  v2: f64 = divide v0, v1
  store v2 in b2
loops: 1
stored: 8 bytes
