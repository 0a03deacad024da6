//! Subscripts, and arrays written out.

use numfuse_kernels::Op;

use super::{Lowering, Value};
use crate::dtype::Literal;
use crate::error::{Error, ErrorKind, Result};
use crate::graph::{Item, NodeId, Source, View};
use crate::syntax::{ExprId, List, Span};

/// An array written out has no more elements than this: each is a choice made for every element.
const LONGEST: usize = 64;

impl Lowering<'_> {
    /// `of[items…]`: NumPy's basic indexing, and one mask or array of places among the items.
    pub(super) fn subscript(&mut self, of: ExprId, items: List<ExprId>) -> Result<NodeId> {
        let of = self.node(of)?;
        let ids = self.ast.items(items);
        let (mut basic, mut places) = (Vec::with_capacity(ids.len()), None);
        for (k, id) in ids.iter().enumerate() {
            basic.push(match self.values[id.index()] {
                Value::None => Item::New,
                Value::Item(item) => item,
                Value::Node(node) => match self.builder.literal_of(node) {
                    Some(Literal::Int(_)) => Item::At(self.integer(*id)?),
                    Some(_) => {
                        let message =
                            "an index is an integer, a slice, `None`, `...`, a mask or an array of integers";
                        return Err(Error::new(ErrorKind::Type, message).at(self.ast.span(*id)));
                    }
                    None => {
                        self.only_array(&mut places, k, node, *id)?;
                        Item::Slice { start: None, stop: None, step: None }
                    }
                },
                Value::List(_) => {
                    let node = self.node(*id)?;
                    self.only_array(&mut places, k, node, *id)?;
                    Item::Slice { start: None, stop: None, step: None }
                }
                Value::Type => {
                    return Err(Error::new(ErrorKind::Type, "a type is no index").at(self.ast.span(*id)));
                }
                Value::Tuple(_) => {
                    let message =
                        "a tuple inside an index; for places along an axis write a list: `x[[0, 2]]`";
                    return Err(Error::new(ErrorKind::Type, message).at(self.ast.span(*id)));
                }
            });
        }
        let Some((at, node)) = places else { return Ok(self.builder.view(View::Index(basic), of)) };
        // the array alone: a mask or places, which only its type tells
        if basic.len() == 1 {
            // what changes from turn to turn is a place: a mask would leave another number of elements each time
            return Ok(match self.varies(node) {
                true => self.builder.take(of, node, Some(0)),
                false => self.builder.select(of, node),
            });
        }
        // where the axis stands once the other items are done: from the front, or from the end behind a `...`
        let leaves = |item: &&Item| !matches!(item, Item::At(_));
        let axis = match basic[..at].contains(&Item::Rest) {
            false => basic[..at].iter().filter(leaves).count() as i32,
            true => -(basic[at + 1..].iter().filter(leaves).count() as i32) - 1,
        };
        let rest = self.builder.view(View::Index(basic), of);
        Ok(self.builder.take(rest, node, Some(axis)))
    }

    fn only_array(
        &self,
        places: &mut Option<(usize, NodeId)>,
        at: usize,
        node: NodeId,
        id: ExprId,
    ) -> Result<()> {
        match places.replace((at, node)) {
            None => Ok(()),
            Some(_) => {
                let message = "an index has one array at most";
                Err(Error::new(ErrorKind::Unsupported, message).at(self.ast.span(id)))
            }
        }
    }

    /// `[a, b, c]`: a choice by index.
    pub(super) fn array(&mut self, place: Span, items: List<ExprId>) -> Result<NodeId> {
        let items = self.ast.items(items);
        if items.is_empty() || items.len() > LONGEST {
            let message = format!("an array written out has 1 to {LONGEST} elements, not {}", items.len());
            let help = "hand a longer one in as an input";
            return Err(Error::new(ErrorKind::Limit, message).at(place).with_help(help));
        }
        let count = self.builder.literal(Literal::Int(items.len() as i128));
        let index = self.builder.source(Source::Arange, vec![count]);
        let mut values = Vec::with_capacity(items.len());
        for item in items {
            if matches!(self.values[item.index()], Value::List(_)) {
                let message = "a list of lists; write the rows as one list and reshape it";
                return Err(Error::new(ErrorKind::Unsupported, message).at(self.ast.span(*item)));
            }
            values.push(self.node(*item)?);
        }
        let mut chosen = values[values.len() - 1];
        for (k, value) in values.iter().enumerate().rev().skip(1) {
            let place = self.builder.literal(Literal::Int(k as i128));
            let here = self.builder.apply(Op::Eq, &[index, place]);
            chosen = self.builder.apply(Op::Where, &[here, *value, chosen]);
        }
        if values.len() == 1 {
            return Ok(self.builder.source(Source::Full, vec![chosen, count]));
        }
        Ok(chosen)
    }
}
