# Two results made of pieces.
expression: padded = pad(x, 2, 'edge'), rolled = roll(x, 3)
input: x f64[1000]
---
b0: f64[1000] input x
b1: f64[1004] result 0
b2: f64[1000] result 1
loop 0 over [997]
  v0: f64 = load b0
  store v0 in b2 from [3]
loop 1 over [3]
  v0: f64 = load b0 [i0 + 997]
  store v0 in b2
loop 2 over [2]
  v0: f64 = load b0  # once
  v1: f64 = load b0 [999]  # once
  store v0 in b1
  store v1 in b1 from [1002]
loop 3 over [1000]
  v0: f64 = load b0
  store v0 in b1 from [2]
loops: 4
stored: 0 bytes
