# A u64 and an i64 are compared exactly: what is negative is less.
expression: a < b
input: a u64[1000]
input: b i64[1000]
---
b0: u64[1000] input a
b1: i64[1000] input b
b2: bool[1000] result 0
loop 0 over [1000]
  v0: u64 = load b0
  v1: i64 = load b1
  v2: u64 = convert v1
  v3: bool = less v0, v2
  v4: i64 = 0  # once
  v5: bool = less v1, v4
  v6: bool = invert v5
  v7: bool = bitwise_and v3, v6
  store v7 in b2
loops: 1
stored: 0 bytes
