//! What names mean where the program is being read: values that statements gave them.

use std::collections::{HashMap, HashSet};

use super::Value;
use crate::graph::NodeId;

/// What a name stands for.
#[derive(Clone, Copy)]
pub(super) enum Bound {
    Value(Value),
    /// The variable of a `for`, which counts by itself.
    Counter(NodeId),
    /// Nothing here, though an input's name would be a surprise: it has been set where not every element comes by.
    Gone(Gone),
}

#[derive(Clone, Copy)]
pub(super) enum Gone {
    /// Set inside of a loop, and not before it.
    Loop,
    /// The variable of a `for`, behind it.
    Counter,
    /// Set in one branch of an `if`, and neither before it nor in the other.
    Branch,
}

/// The names that have been set, with a record of what they were before.
#[derive(Default)]
pub(super) struct Scope<'a> {
    names: HashMap<&'a str, Bound>,
    /// What has been set in this order, and what it was.
    log: Vec<(&'a str, Option<Bound>)>,
}

/// What names became in a branch.
pub(super) type Changes<'a> = Vec<(&'a str, Bound)>;

impl<'a> Scope<'a> {
    pub(super) fn get(&self, name: &str) -> Option<Bound> {
        // most texts set no name
        if self.names.is_empty() { None } else { self.names.get(name).copied() }
    }

    pub(super) fn set(&mut self, name: &'a str, bound: Bound) {
        let before = self.names.insert(name, bound);
        self.log.push((name, before));
    }

    /// Where the record stands.
    pub(super) fn mark(&self) -> usize {
        self.log.len()
    }

    /// Takes back what has been set since a mark; answers what the names had become, in the order of their first
    /// change.
    pub(super) fn take_back(&mut self, mark: usize) -> Changes<'a> {
        let mut seen = HashSet::new();
        let mut changes = Vec::new();
        for (name, _) in &self.log[mark..] {
            if seen.insert(*name)
                && let Some(bound) = self.names.get(name)
            {
                changes.push((*name, *bound));
            }
        }
        for (name, before) in self.log.drain(mark..).rev() {
            match before {
                Some(bound) => self.names.insert(name, bound),
                None => self.names.remove(name),
            };
        }
        changes
    }
}
