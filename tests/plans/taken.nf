# Elements at places: the array is not copied, and a place out of range is found.
expression: take(x, i, axis=0)*2
input: x f64[1000,30]
input: i i64[500]
---
b0: f64[1000, 30] input x
b1: i64[500] input i
b2: i64[500] stored
b3: f64[500, 30] result 0
loop 0 over [500]
  v0: i64 = load b1
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
  store v10 in b2
loop 1 over [500, 30]
  v0: i64 = load b2 [i0]  # along [0]
  v1: f64 = take b0 at v0
  v2: f64 = 2.0  # once
  v3: f64 = multiply v1, v2
  store v3 in b3
loops: 2
stored: 4000 bytes
