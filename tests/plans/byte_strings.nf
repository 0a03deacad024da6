# Byte strings are read by what compares them.
expression: (s == t) | contains(s, 'ab')
input: s S6[1000]
input: t S3[1000]
---
b0: S6[1000] input s
b1: S3[1000] input t
b2: bool[1000] result 0
loop 0 over [1000]
  v0: bool = equal b0, b1
  v1: bool = contains b0, b'ab'
  v2: bool = bitwise_or v0, v1
  store v2 in b2
loops: 1
stored: 0 bytes
