# Shifted four ways, computed and stored once.
expression: shift(exp(x), 1, 'wrap') + shift(exp(x), -1, 'wrap') + shift(exp(x), 2, 'wrap') + shift(exp(x), -2, 'wrap')
input: x f64[1000]
---
b0: f64[1000] input x
b1: f64[1000] stored
b2: f64[1000] result 0
loop 0 over [1000]
  v0: f64 = load b0
  v1: f64 = exp v0
  store v1 in b1
loop 1 over [1]
  v0: f64 = load b1 [999]
  v1: f64 = load b1 [1]
  v2: f64 = add v0, v1
  v3: f64 = load b1 [998]
  v4: f64 = add v2, v3
  v5: f64 = load b1 [2]
  v6: f64 = add v4, v5
  v7: f64 = load b1
  v8: f64 = add v7, v5
  v9: f64 = add v8, v0
  v10: f64 = load b1 [3]
  v11: f64 = add v9, v10
  v12: f64 = load b1 [997]
  v13: f64 = add v12, v0
  v14: f64 = load b1 [996]
  v15: f64 = add v13, v14
  v16: f64 = add v15, v7
  v17: f64 = add v3, v7
  v18: f64 = add v17, v12
  v19: f64 = add v18, v1
  store v6 in b2
  store v11 in b2 from [1]
  store v16 in b2 from [998]
  store v19 in b2 from [999]
loop 2 over [996]
  v0: f64 = load b1 [i0 + 1]
  v1: f64 = load b1 [i0 + 3]
  v2: f64 = add v0, v1
  v3: f64 = load b1
  v4: f64 = add v2, v3
  v5: f64 = load b1 [i0 + 4]
  v6: f64 = add v4, v5
  store v6 in b2 from [2]
loops: 2
stored: 8000 bytes
