//! Several operations as one step of a tape: a store and a load of a tile less, and the same bits.

use std::collections::{HashMap, HashSet};

use numfuse_kernels::Op;

use crate::plan::ValueId;

/// x + y or x - y, of elements of a tile.
pub(super) struct Sum {
    /// The value that it is.
    pub(super) value: ValueId,
    pub(super) op: Op,
    pub(super) operands: [ValueId; 2],
}

/// What one step computes.
#[derive(Clone, Copy)]
pub(super) struct Combined {
    pub(super) op: Op,
    pub(super) operands: [ValueId; 3],
    pub(super) arity: usize,
}

/// Sums with products in them, each as one step by the value that it is; and the products that need no step. `product`
/// gives the factors of a value that may be left out, `readers` says how many operands it is, and `exists` whether there
/// is a kernel for a sum.
pub(super) fn combine(
    sums: &[Sum],
    product: impl Fn(ValueId) -> Option<[ValueId; 2]>,
    readers: impl Fn(ValueId) -> u32,
    exists: impl Fn(Op, ValueId) -> bool,
) -> (HashMap<ValueId, Combined>, HashSet<ValueId>) {
    let (mut steps, mut absorbed) = (HashMap::new(), HashSet::new());
    let root = |v: ValueId| product(v).filter(|[a, b]| a == b).map(|[a, _]| a);
    let mut of_squares: Vec<(&Sum, Op, [ValueId; 2])> = Vec::new();
    for sum in sums {
        let op = if sum.op == Op::Add { Op::AddSquares } else { Op::SubSquares };
        if let [Some(a), Some(b)] = sum.operands.map(root)
            && exists(op, sum.value)
        {
            of_squares.push((sum, op, [a, b]));
        }
    }
    // squares that others read as well have their step: then the sum is one of two values
    loop {
        let mut read: HashMap<ValueId, u32> = HashMap::new();
        for (sum, ..) in &of_squares {
            sum.operands.iter().for_each(|v| *read.entry(*v).or_insert(0) += 1);
        }
        let before = of_squares.len();
        of_squares.retain(|(sum, ..)| sum.operands.iter().all(|v| read[v] == readers(*v)));
        if of_squares.len() == before {
            break;
        }
    }
    for (sum, op, [a, b]) in of_squares {
        absorbed.extend(sum.operands);
        steps.insert(sum.value, Combined { op, operands: [a, b, a], arity: 2 });
    }
    for sum in sums {
        let own = |v: ValueId| product(v).filter(|_| readers(v) == 1);
        if let Some((op, operands, product)) = with_product(sum.op, sum.operands, own)
            && !steps.contains_key(&sum.value)
            && exists(op, sum.value)
        {
            absorbed.insert(product);
            steps.insert(sum.value, Combined { op, operands, arity: 3 });
        }
    }
    (steps, absorbed)
}

/// a·b + c, a·b - c or c - a·b: which operation, its operands, and the product.
fn with_product(
    op: Op,
    [x, y]: [ValueId; 2],
    product: impl Fn(ValueId) -> Option<[ValueId; 2]>,
) -> Option<(Op, [ValueId; 3], ValueId)> {
    match (product(x), product(y)) {
        (Some([a, b]), _) => Some((if op == Op::Add { Op::MulAdd } else { Op::MulSub }, [a, b, y], x)),
        (None, Some([a, b])) => Some((if op == Op::Add { Op::MulAdd } else { Op::NegMulAdd }, [a, b, x], y)),
        (None, None) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::arena::Id;

    /// x·x, y·y and x·y are values 2, 3 and 4 of x and y; sums follow.
    fn product(v: ValueId) -> Option<[ValueId; 2]> {
        let factors = match v.index() {
            2 => [0, 0],
            3 => [1, 1],
            4 => [0, 1],
            _ => return None,
        };
        Some(factors.map(ValueId::new))
    }

    fn combined(sums: &[(Op, [usize; 2])], others: &[usize]) -> (Vec<(usize, Op)>, Vec<usize>) {
        let sums = sums.iter().enumerate().map(|(k, (op, operands))| Sum {
            value: ValueId::new(5 + k),
            op: *op,
            operands: operands.map(ValueId::new),
        });
        let sums: Vec<Sum> = sums.collect();
        let readers = |v: ValueId| {
            let by_sums = sums.iter().flat_map(|sum| sum.operands).filter(|operand| *operand == v).count();
            by_sums as u32 + others.iter().filter(|other| **other == v.index()).count() as u32
        };
        let (steps, absorbed) = combine(&sums, product, readers, |_, _| true);
        let mut steps: Vec<_> = steps.into_iter().map(|(value, step)| (value.index(), step.op)).collect();
        let mut absorbed: Vec<_> = absorbed.into_iter().map(ValueId::index).collect();
        steps.sort_unstable();
        absorbed.sort_unstable();
        (steps, absorbed)
    }

    #[test]
    fn squares_that_only_sums_of_squares_read_need_no_step() {
        let of_complex = [(Op::Add, [2, 3]), (Op::Sub, [2, 3])];
        let expected = (vec![(5, Op::AddSquares), (6, Op::SubSquares)], vec![2, 3]);
        assert_eq!(combined(&of_complex, &[]), expected);
    }

    #[test]
    fn a_square_that_is_read_elsewhere_is_one_value_of_each_sum() {
        // y·y has its step, and then no sum of squares saves one: x·x goes into neither, for both read it
        assert_eq!(combined(&[(Op::Add, [2, 3]), (Op::Sub, [2, 3])], &[3]), (vec![], vec![]));
        assert_eq!(combined(&[(Op::Add, [2, 3])], &[3]), (vec![(5, Op::MulAdd)], vec![2]));
    }

    #[test]
    fn a_product_goes_into_the_sum_that_alone_reads_it() {
        assert_eq!(combined(&[(Op::Sub, [0, 4])], &[]), (vec![(5, Op::NegMulAdd)], vec![4]));
        assert_eq!(combined(&[(Op::Sub, [4, 0])], &[]), (vec![(5, Op::MulSub)], vec![4]));
        assert_eq!(combined(&[(Op::Add, [4, 4])], &[]), (vec![], vec![]));
        assert_eq!(combined(&[(Op::Add, [4, 0]), (Op::Add, [4, 1])], &[]), (vec![], vec![]));
    }
}
