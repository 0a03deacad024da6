# Neighbours at a border: corners, two pairs of edges, and an interior that asks nothing.
expression: u + 0.1*(shift(u, (0, 1), 'nearest') + shift(u, (0, -1), 'nearest') + shift(u, (1, 0), 'nearest') + shift(u, (-1, 0), 'nearest') - 4*u)
input: u f64[300,400]
---
b0: f64[300, 400] input u
b1: f64[300, 400] result 0
loop 0 over [1, 1]
  v0: f64 = load b0
  v1: f64 = load b0 [0, 1]
  v2: f64 = add v0, v1
  v3: f64 = add v2, v0
  v4: f64 = load b0 [1]
  v5: f64 = add v3, v4
  v6: f64 = 4.0
  v7: f64 = multiply v0, v6
  v8: f64 = subtract v5, v7
  v9: f64 = 0.1
  v10: f64 = multiply v8, v9
  v11: f64 = add v0, v10
  v12: f64 = load b0 [0, 399]
  v13: f64 = load b0 [0, 398]
  v14: f64 = add v13, v12
  v15: f64 = add v14, v12
  v16: f64 = load b0 [1, 399]
  v17: f64 = add v15, v16
  v18: f64 = multiply v12, v6
  v19: f64 = subtract v17, v18
  v20: f64 = multiply v19, v9
  v21: f64 = add v12, v20
  v22: f64 = load b0 [299]
  v23: f64 = load b0 [299, 1]
  v24: f64 = add v22, v23
  v25: f64 = load b0 [298]
  v26: f64 = add v24, v25
  v27: f64 = add v26, v22
  v28: f64 = multiply v22, v6
  v29: f64 = subtract v27, v28
  v30: f64 = multiply v29, v9
  v31: f64 = add v22, v30
  v32: f64 = load b0 [299, 399]
  v33: f64 = load b0 [299, 398]
  v34: f64 = add v33, v32
  v35: f64 = load b0 [298, 399]
  v36: f64 = add v34, v35
  v37: f64 = add v36, v32
  v38: f64 = multiply v32, v6
  v39: f64 = subtract v37, v38
  v40: f64 = multiply v39, v9
  v41: f64 = add v32, v40
  store v11 in b1
  store v21 in b1 from [0, 399]
  store v31 in b1 from [299, 0]
  store v41 in b1 from [299, 399]
loop 1 over [1, 398]
  v0: f64 = load b0 [0, i1 + 1]
  v1: f64 = load b0
  v2: f64 = load b0 [0, i1 + 2]
  v3: f64 = add v1, v2
  v4: f64 = add v3, v0
  v5: f64 = load b0 [1, i1 + 1]
  v6: f64 = add v4, v5
  v7: f64 = 4.0  # once
  v8: f64 = multiply v0, v7
  v9: f64 = subtract v6, v8
  v10: f64 = 0.1  # once
  v11: f64 = multiply v9, v10
  v12: f64 = add v0, v11
  v13: f64 = load b0 [299, i1 + 1]
  v14: f64 = load b0 [299, i1]
  v15: f64 = load b0 [299, i1 + 2]
  v16: f64 = add v14, v15
  v17: f64 = load b0 [298, i1 + 1]
  v18: f64 = add v16, v17
  v19: f64 = add v18, v13
  v20: f64 = multiply v13, v7
  v21: f64 = subtract v19, v20
  v22: f64 = multiply v21, v10
  v23: f64 = add v13, v22
  store v12 in b1 from [0, 1]
  store v23 in b1 from [299, 1]
loop 2 over [298, 1]
  v0: f64 = load b0 [i0 + 1]
  v1: f64 = load b0 [i0 + 1, 1]
  v2: f64 = add v0, v1
  v3: f64 = load b0
  v4: f64 = add v2, v3
  v5: f64 = load b0 [i0 + 2]
  v6: f64 = add v4, v5
  v7: f64 = 4.0  # once
  v8: f64 = multiply v0, v7
  v9: f64 = subtract v6, v8
  v10: f64 = 0.1  # once
  v11: f64 = multiply v9, v10
  v12: f64 = add v0, v11
  v13: f64 = load b0 [i0 + 1, 399]
  v14: f64 = load b0 [i0 + 1, 398]
  v15: f64 = add v14, v13
  v16: f64 = load b0 [i0, 399]
  v17: f64 = add v15, v16
  v18: f64 = load b0 [i0 + 2, 399]
  v19: f64 = add v17, v18
  v20: f64 = multiply v13, v7
  v21: f64 = subtract v19, v20
  v22: f64 = multiply v21, v10
  v23: f64 = add v13, v22
  store v12 in b1 from [1, 0]
  store v23 in b1 from [1, 399]
loop 3 over [298, 398]
  v0: f64 = load b0 [i0 + 1, i1 + 1]
  v1: f64 = load b0 [i0 + 1, i1]
  v2: f64 = load b0 [i0 + 1, i1 + 2]
  v3: f64 = add v1, v2
  v4: f64 = load b0 [i0, i1 + 1]
  v5: f64 = add v3, v4
  v6: f64 = load b0 [i0 + 2, i1 + 1]
  v7: f64 = add v5, v6
  v8: f64 = 4.0  # once
  v9: f64 = multiply v0, v8
  v10: f64 = subtract v7, v9
  v11: f64 = 0.1  # once
  v12: f64 = multiply v10, v11
  v13: f64 = add v0, v12
  store v13 in b1 from [1, 1]
loops: 3
stored: 0 bytes
