# An integer power whose exponents are known at run time only is checked.
expression: a**n + 1
input: a i64[1000]
input: n i64[1000]
---
b0: i64[1000] input a
b1: i64[1000] input n
b2: i64[1000] result 0
loop 0 over [1000]
  v0: i64 = load b0
  v1: i64 = load b1
  v2: i64 = power v0, v1
  v3: i64 = 0  # once
  v4: bool = less v1, v3
  error `an integer to a negative integer power is not an integer` if v4
  v5: i64 = 1  # once
  v6: i64 = add v2, v5
  store v6 in b2
loops: 1
stored: 0 bytes
