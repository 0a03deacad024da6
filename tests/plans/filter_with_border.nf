# Every pixel has its window: the interior is the filter without borders, edges read a few stored rows.
expression: sum(windows(x, (3, 3), border='reflect')*k, axis=(2, 3))
input: x f64[300,400]
input: k f64[3,3]
---
b0: f64[300, 400] input x
b1: f64[3, 400] stored
b2: f64[3, 400] stored
b3: f64[3, 3] stored
b4: f64[300, 3] stored
b5: f64[3, 3] stored
b6: f64[3, 3] stored
b7: f64[300, 3] stored
b8: f64[3, 3] stored
b9: f64[3, 3] input k
b10: f64[300, 400] result 0
loop 0 over [298, 398, 3, 3], reduces axes [2, 3]
  v0: f64 = load b0 [i0 + i2, i1 + i3]
  v1: f64 = load b9  # along [2, 3]
  v2: f64 = multiply v0, v1
  sum v2 into b10 from [1, 1]
loop 1 over [1, 1]
  v0: f64 = load b0 [299, 399]
  v1: f64 = load b0 [299]
  v2: f64 = load b0 [0, 399]
  v3: f64 = load b0
  store v0 in b8 from [2, 2]
  store v1 in b5 from [2, 0]
  store v2 in b6 from [0, 2]
  store v3 in b3
loop 2 over [1, 2]
  v0: f64 = load b0 [299, i1]
  v1: f64 = load b0 [299, i1 + 398]
  v2: f64 = load b0
  v3: f64 = load b0 [0, i1 + 398]
  store v0 in b5 from [2, 1]
  store v1 in b8 from [2, 0]
  store v2 in b3 from [0, 1]
  store v3 in b6
loop 3 over [1, 400]
  v0: f64 = load b0 [299, i1]
  v1: f64 = load b0
  store v0 in b2 from [2, 0]
  store v1 in b1
loop 4 over [2, 1]
  v0: f64 = load b0 [i0, 399]
  v1: f64 = load b0 [i0 + 298, 399]
  v2: f64 = load b0
  v3: f64 = load b0 [i0 + 298]
  store v0 in b6 from [1, 2]
  store v1 in b8 from [0, 2]
  store v2 in b3 from [1, 0]
  store v3 in b5
loop 5 over [300, 1]
  v0: f64 = load b0 [i0, 399]
  v1: f64 = load b0
  store v0 in b7 from [0, 2]
  store v1 in b4
loop 6 over [2, 2]
  v0: f64 = load b0
  v1: f64 = load b0 [i0, i1 + 398]
  v2: f64 = load b0 [i0 + 298, i1]
  v3: f64 = load b0 [i0 + 298, i1 + 398]
  store v0 in b3 from [1, 1]
  store v1 in b6 from [1, 0]
  store v2 in b5 from [0, 1]
  store v3 in b8
loop 7 over [2, 400]
  v0: f64 = load b0
  v1: f64 = load b0 [i0 + 298, i1]
  store v0 in b1 from [1, 0]
  store v1 in b2
loop 8 over [300, 2]
  v0: f64 = load b0
  v1: f64 = load b0 [i0, i1 + 398]
  store v0 in b4 from [0, 1]
  store v1 in b7
loop 9 over [1, 1, 3, 3], reduces axes [2, 3]
  v0: f64 = load b3
  v1: f64 = load b9
  v2: f64 = multiply v0, v1
  v3: f64 = load b6
  v4: f64 = multiply v3, v1
  v5: f64 = load b5
  v6: f64 = multiply v5, v1
  v7: f64 = load b8
  v8: f64 = multiply v7, v1
  sum v2 into b10
  sum v4 into b10 from [0, 399]
  sum v6 into b10 from [299, 0]
  sum v8 into b10 from [299, 399]
loop 10 over [1, 398, 3, 3], reduces axes [2, 3]
  v0: f64 = load b1 [i2, i1 + i3]
  v1: f64 = load b9  # along [2, 3]
  v2: f64 = multiply v0, v1
  v3: f64 = load b2 [i2, i1 + i3]
  v4: f64 = multiply v3, v1
  sum v2 into b10 from [0, 1]
  sum v4 into b10 from [299, 1]
loop 11 over [298, 1, 3, 3], reduces axes [2, 3]
  v0: f64 = load b4 [i0 + i2, i3]
  v1: f64 = load b9  # along [2, 3]
  v2: f64 = multiply v0, v1
  v3: f64 = load b7 [i0 + i2, i3]
  v4: f64 = multiply v3, v1
  sum v2 into b10 from [1, 0]
  sum v4 into b10 from [1, 399]
loops: 11
stored: 33888 bytes
