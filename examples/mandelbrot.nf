# The Mandelbrot set: how many turns each of n by n points takes, `most` at most.
#   numfuse eval --file examples/mandelbrot.nf n=1024 most=200 -o turns.npy
x = linspace(-2, 1, n)
y = linspace(-1.5, 1.5, n)[:, None]
c = x + 1j*y
z = 0j; turns = 0
repeat most while abs2(z) <= 4 {
    z = z*z + c
    turns += 1
}
turns
