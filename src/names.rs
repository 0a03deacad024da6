//! Names in messages: as much of them as one can read, and those a user may have meant.

/// A name or a piece of text, short enough for a message.
pub(crate) fn shortened(text: &str) -> String {
    const LONGEST: usize = 32;
    match text.char_indices().nth(LONGEST) {
        None => text.to_owned(),
        Some((end, _)) => format!("{}…", &text[..end]),
    }
}

/// The known name nearest to `name`, if one is near enough to be a slip: at most a third of its letters are wrong,
/// or only their case.
pub(crate) fn nearest<'a>(name: &str, known: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    const LONGEST: usize = 64; // nobody mistypes more, and a stranger's text must not cost quadratic time
    let letters = name.chars().count();
    if letters > LONGEST {
        return None;
    }
    known
        .filter(|k| k.len() <= LONGEST)
        .map(|k| if name.eq_ignore_ascii_case(k) { (0, k) } else { (distance(name, k), k) })
        .filter(|(d, k)| *d <= letters.max(k.len()).div_ceil(3) && *d < letters)
        .min_by_key(|(d, _)| *d)
        .map(|(_, k)| k)
}

/// How many letters must be added, dropped, changed or swapped with their neighbour
/// (optimal string alignment distance).
fn distance(a: &str, b: &str) -> usize {
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
    let mut rows = vec![vec![0usize; b.len() + 1]; a.len() + 1];
    for (i, row) in rows.iter_mut().enumerate() {
        row[0] = i;
    }
    for (j, first) in rows[0].iter_mut().enumerate() {
        *first = j;
    }
    for i in 1..=a.len() {
        for j in 1..=b.len() {
            let change = usize::from(a[i - 1] != b[j - 1]);
            let mut best = (rows[i - 1][j] + 1).min(rows[i][j - 1] + 1).min(rows[i - 1][j - 1] + change);
            if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                best = best.min(rows[i - 2][j - 2] + 1);
            }
            rows[i][j] = best;
        }
    }
    rows[a.len()][b.len()]
}

#[cfg(test)]
mod tests {
    use super::nearest;

    #[test]
    fn slips_are_found_and_strangers_are_not() {
        let known = ["sin", "cos", "sqrt", "temperature"];
        assert_eq!(nearest("sqr", known.into_iter()), Some("sqrt"));
        assert_eq!(nearest("sni", known.into_iter()), Some("sin"));
        assert_eq!(nearest("temprature", known.into_iter()), Some("temperature"));
        assert_eq!(nearest("SQRT", known.into_iter()), Some("sqrt"));
        assert_eq!(nearest("zebra", known.into_iter()), None);
        assert_eq!(nearest("x", known.into_iter()), None);
        assert_eq!(nearest("b", ["a"].into_iter()), None);
    }
}
