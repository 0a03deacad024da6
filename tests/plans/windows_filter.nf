# A filter over windows: no window is copied.
expression: sum(windows(x, (3, 3))*k, axis=(2, 3))
input: x f64[300,400]
input: k f64[3,3]
---
b0: f64[300, 400] input x
b1: f64[3, 3] input k
b2: f64[298, 398] result 0
loop 0 over [298, 398, 3, 3], reduces axes [2, 3]
  v0: f64 = load b0 [i0 + i2, i1 + i3]
  v1: f64 = load b1  # along [2, 3]
  v2: f64 = multiply v0, v1
  sum v2 into b2
loops: 1
stored: 0 bytes
