# Narrow integers are widened as they are loaded, wrap after what may leave their range, and are narrowed as they
# are stored: one pass, no array between.
expression: (a + b)*a & a
input: a u8[1000]
input: b u8[1000]
---
b0: u8[1000] input a
b1: u8[1000] input b
b2: u8[1000] result 0
loop 0 over [1000]
  v0: i32 = load b0
  v1: i32 = load b1
  v2: i32 = add v0, v1
  v3: i32 = multiply v0, v2
  v4: i32 = bitwise_and v0, v3
  store v4 in b2
loops: 1
stored: 0 bytes
