//! What every later stage may rely on.

use super::{Graph, Node, NodeId};
use crate::arena::Id;

impl Graph {
    /// Checks the graph's own promises; an error is a bug in what built it.
    pub fn verify(&self) -> Result<(), String> {
        for (id, node) in self.nodes.iter() {
            for arg in node.args() {
                if arg.index() >= id.index() {
                    return Err(format!("{id} reads {arg}, which comes later"));
                }
            }
            match node {
                Node::Input(input) if input.index() >= self.inputs.len() => {
                    return Err(format!("{id} reads {input}, which does not exist"));
                }
                Node::Param(region, k) => {
                    let carried = self.regions.iter().nth(region.index()).map_or(0, |(_, r)| r.init.len());
                    if *k as usize >= carried {
                        return Err(format!("{id} is a variable that {region} does not carry"));
                    }
                }
                Node::Repeat(region) => self.verify_loop(id, region.index())?,
                Node::Result(of, k) => match &self.nodes[*of] {
                    Node::Repeat(region) if (*k as usize) < self.regions[*region].next.len() => {}
                    _ => return Err(format!("{id} asks {of} for a value that it does not have")),
                },
                _ => {}
            }
        }
        match self.results.iter().find(|r| r.index() >= self.nodes.len()) {
            Some(missing) => Err(format!("result {missing} does not exist")),
            None => Ok(()),
        }
    }

    fn verify_loop(&self, id: NodeId, region: usize) -> Result<(), String> {
        let Some((_, region)) = self.regions.iter().nth(region) else {
            return Err(format!("{id} is a loop without a body"));
        };
        if region.init.len() != region.next.len() {
            return Err(format!(
                "{id} carries {} variables in and {} out",
                region.init.len(),
                region.next.len()
            ));
        }
        let reads = region.init.iter().chain(&region.next).chain([&region.bound, &region.go_on]);
        match reads.into_iter().find(|r| r.index() >= id.index()) {
            Some(late) => Err(format!("{id} reads {late}, which comes later")),
            None => Ok(()),
        }
    }
}
