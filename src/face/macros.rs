//! `eval!` and `inputs!`.

/// Evaluates a literal expression over variables of the scope. The text is compiled once per call site.
///
/// Arrays, views, slices and numbers are borrowed, `name = value` binds another name. Answers a `Result`; the type
/// that it is assigned to is checked against the expression's.
///
/// ```
/// use ndarray::{Array1, array};
/// use numfuse::eval;
///
/// let (x, y) = (array![3.0, 1.0], array![1.0, 0.0]);
/// let difference: Array1<f64> = eval!("2*(x - y)/(x + y)", x, y)?;
/// assert_eq!(difference, array![1.0, 2.0]);
/// let norm: f64 = eval!("sum(v**2)**0.5", v = x)?;
/// assert!((norm - 10f64.sqrt()).abs() < 1e-15);
/// let (low, high): (f64, f64) = eval!("min(x), max(x)", x)?; // several results, in one pass
/// assert_eq!((low, high), (1.0, 3.0));
/// # Ok::<(), numfuse::Error>(())
/// ```
#[macro_export]
macro_rules! eval {
    ($text:literal $(, $name:ident $(= $value:expr)?)* $(,)?) => {{
        static PROGRAM: ::std::sync::OnceLock<$crate::Result<$crate::Program>> = ::std::sync::OnceLock::new();
        match PROGRAM.get_or_init(|| $crate::Program::compile($text)) {
            Ok(program) => program.run($crate::inputs! { $($name $(= $value)?),* }),
            Err(error) => Err(error.clone()),
        }
    }};
}

/// Named inputs for [`Program::run`](crate::Program::run): `inputs! { x, y = other }`.
///
/// ```
/// use numfuse::{Program, inputs};
/// let (x, k) = ([1.0f32, 2.0], 3.0);
/// let total: f32 = Program::compile("sum(k*x)")?.run(inputs! { x, k })?; // a bare number is weak: k is an f32 here
/// assert_eq!(total, 9.0);
/// # Ok::<(), numfuse::Error>(())
/// ```
#[macro_export]
macro_rules! inputs {
    ($($name:ident $(= $value:expr)?),* $(,)?) => {
        [$((stringify!($name), $crate::inputs!(@ $name $($value)?))),*] as [(&str, $crate::Input<'_>); _]
    };
    (@ $name:ident) => { $crate::Input::from(&$name) };
    (@ $name:ident $value:expr) => { $crate::Input::from(&$value) };
}
