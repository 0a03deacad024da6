# Mixed types meet in one loop; conversions are values like any other.
expression: i + x > f32(y)
input: i i32[1000]
input: x f32[1000]
input: y f64[1000]
---
b0: f64[1000] input y
b1: i32[1000] input i
b2: f32[1000] input x
b3: bool[1000] result 0
loop 0 over [1000]
  v0: f64 = load b0
  v1: f32 = convert v0
  v2: f64 = convert v1
  v3: i32 = load b1
  v4: f64 = convert v3
  v5: f32 = load b2
  v6: f64 = convert v5
  v7: f64 = add v4, v6
  v8: bool = less v2, v7
  store v8 in b3
loops: 1
stored: 0 bytes
