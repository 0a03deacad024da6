//! A plan bound to extents and strides on a device: which shaders run in which order, over how much of a loop at a time,
//! and which partial results lie between them.

use std::sync::Arc;

use super::abilities::Abilities;
use super::nest::{Nest, NestKind, Source, blocks, is_written};
use super::runtime::{Bindings, Gpu, Pipeline};
use super::spirv::{self, Argument, Counting, Group, Merging, Reaching, Shader, Turns};
use crate::error::{Error, ErrorKind, Result};
use crate::plan::{Def, Inst, Loop};

/// A loop as dispatches.
pub(super) struct Schedule {
    pub(super) nest: Nest,
    /// Parts of the space, one after the other: none is more than the device counts, or may do at once.
    pub(super) boxes: Vec<Part>,
    pub(super) stages: Vec<Stage>,
    /// Set where the body has elementwise loops.
    pub(super) counting: Option<Counting>,
}

/// A shader, compiled for the device.
pub(super) struct Stage {
    pub(super) shader: Shader,
    pub(super) pipeline: Arc<Pipeline>,
    pub(super) work: Work,
    /// Elements that an invocation may go through one after the other.
    turns: u64,
}

/// Turns of its loops that an invocation takes in one dispatch: Mesa's software ends loops after 65,535 turns, those of
/// all loops together, without a word.
const MOST_TURNS: u64 = 1 << 14;
/// The same where the loop's operations have loops of their own.
const FEW_TURNS: u64 = 1 << 7;
/// All that software does, one loop within another: what would take more is refused.
const SOFTWARE_TURNS: u64 = 65_535;
/// Turns that the loops around the elements of a block take: its stretches, and what the workgroup does one by one.
const BLOCK_TURNS: u64 = 16;
/// Items that a card does side by side, whatever their turns.
const SIDE_BY_SIDE: u64 = 1 << 15;
/// Terms of a product's sum that take so few.
const MOST_TERMS: u64 = 1 << 18;

/// What a stage does.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Work {
    /// An item is a position of the kept axes.
    Positions,
    /// An item is some positions, whose elements are read and written together.
    Wide { count: u32 },
    /// An item is a block of a row: 32 invocations.
    Blocks { whole: bool },
    /// An item is a run of rows at a position.
    Runs { run: u32, whole: bool },
    /// An item is some leaves of a tree of partial results.
    Tree { merging: Merging, whole: bool },
    /// An item is a position; the axis is cut.
    Running,
    /// Each position gets what a reduction of nothing is.
    Nothing,
}

/// A part of the kept axes.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Part {
    pub(super) start: Vec<usize>,
    pub(super) extent: Vec<usize>,
}

impl Part {
    pub(super) fn positions(&self) -> u64 {
        self.extent.iter().map(|extent| *extent as u64).product()
    }
}

/// Bytes of the widest accumulator: the moments of doubles.
const WIDEST: u64 = 24;
/// Indices are 32 bits, and some sums of them are a block beyond.
const MOST: u64 = (1 << 32) - (1 << 16);
/// The parts of an accumulator lie as far apart as there are accumulators: its last part has an index, too.
const MOST_PARTIALS: u64 = MOST / 3;

impl Schedule {
    /// Binds a loop; `None` where it has nothing to do.
    pub(super) fn new(gpu: &Arc<Gpu>, body: &Loop, nest: Nest, largest: u64) -> Result<Option<Schedule>> {
        let [kept, rows, elements] = nest.counts()?;
        let reduced = rows.saturating_mul(elements);
        let running = nest.kind == NestKind::Running;
        if kept == 0 || (running && rows == 0) || (nest.kind == NestKind::Map && reduced == 0) {
            return Ok(None);
        }
        if rows > MOST || elements > MOST {
            let message =
                format!("a row of {} elements is longer than the device counts", rows.max(elements));
            return Err(Error::new(ErrorKind::Limit, message));
        }
        if nest.kind == NestKind::Product && elements > MOST_TERMS {
            let message =
                format!("a product of matrices that sums {elements} terms: {MOST_TERMS} are the most");
            return Err(Error::new(ErrorKind::Limit, message));
        }
        let works = match nest.kind {
            NestKind::Map => match wide(gpu.abilities(), body, &nest) {
                Some(count) => vec![Work::Wide { count }],
                None => vec![Work::Positions],
            },
            NestKind::Product => vec![Work::Positions],
            NestKind::Running => vec![Work::Running],
            NestKind::Rows | NestKind::Columns { .. } if reduced == 0 => {
                nothing_is_reduced(body)?;
                vec![Work::Nothing]
            }
            NestKind::Rows => of_rows(rows, blocks(elements)),
            NestKind::Columns { run } => of_columns(rows, run),
        };
        let counting = Counting::of(body);
        let extents: Vec<usize> = nest.kept.iter().map(|axis| axis.extent).collect();
        let per_position = if running { 1 } else { reduced.max(1) };
        let most = (gpu.abilities().elements / per_position).clamp(1, MOST / blocks(elements).max(1));
        // parts begin with a whole item
        let most = match works[..] {
            [Work::Wide { count }] => (most / u64::from(count)).max(1) * u64::from(count),
            _ => most,
        };
        let mut boxes = Vec::new();
        cut(&extents, most, &mut boxes);
        let mut largest = largest;
        for part in &boxes {
            let extents = extents_of(&nest, &works, part, gpu.abilities().group_size, counting.is_some())?;
            let partials = extents.iter().map(|extent| extent.partials * WIDEST).max();
            largest = largest.max(partials.unwrap_or(0));
        }
        let stages = works.into_iter().map(|work| Stage::new(gpu, body, &nest, work, largest));
        let stages = stages.collect::<Result<Vec<Stage>>>()?;
        Ok(Some(Schedule { nest, boxes, stages, counting }))
    }
}

/// How many elements go together into a piece of 16 bytes of the widest array, where all that a loop reaches lies side
/// by side, from where a piece begins. (What fills up the last piece must not raise an error, nor be an element of
/// another part of the array. Elementwise loops spend their time on turns, not on memory.)
fn wide(abilities: &Abilities, body: &Loop, nest: &Nest) -> Option<u32> {
    let [axis] = nest.kept.as_slice() else { return None };
    let in_memory =
        nest.reaches.iter().enumerate().filter(|(_, reach)| matches!(reach.source, Source::Memory(_)));
    let moves = |access: usize| axis.strides[access] != 0 || is_written(body, access);
    let widest = in_memory.clone().filter(|(access, _)| moves(*access)).map(|(_, reach)| reach.size).max()?;
    let count = 16 / widest.max(4);
    let goes = |(access, reach): (usize, &super::nest::Reach)| {
        let piece = (reach.size * count) as isize;
        let side_by_side =
            reach.size >= 4 && axis.strides[access] == reach.size as isize && reach.offset % piece == 0;
        reach.place == 0 && (side_by_side || !moves(access))
    };
    let fills_up = !axis.extent.is_multiple_of(count);
    let mut insts = body.body.blocks.iter().flat_map(|(_, block)| &block.insts);
    let gathers = body.body.values.iter().any(|(_, value)| matches!(value.def, Def::Gather(..)));
    let checks = insts.any(|inst| matches!(inst, Inst::Check(..)));
    let all = widest <= 8 && in_memory.into_iter().all(goes);
    // software gains where a piece has fewer words than elements
    let gains = !abilities.software || widest == 4;
    let loops = body.body.blocks.len() > 1;
    (all && gains && !(fills_up && nest.in_pieces) && abilities.int64 && !gathers && !checks && !loops)
        .then_some(count as u32)
}

/// The stages of a loop whose rows are reduced.
fn of_rows(rows: u64, blocks: u64) -> Vec<Work> {
    if rows * blocks == 1 {
        return vec![Work::Blocks { whole: true }];
    }
    let mut works = vec![Work::Blocks { whole: false }];
    trees(blocks, rows == 1, &mut works);
    if rows > 1 {
        let runs = Merging::Run(numfuse_kernels::RUN as u32);
        let left = rows.div_ceil(u64::from(runs.leaves()));
        works.push(Work::Tree { merging: runs, whole: left == 1 });
        trees(left, true, &mut works);
    }
    works
}

/// The stages of a loop whose rows are added up element by element.
fn of_columns(rows: u64, run: u32) -> Vec<Work> {
    let runs = rows.div_ceil(u64::from(run));
    let mut works = vec![Work::Runs { run, whole: runs == 1 }];
    trees(runs, true, &mut works);
    works
}

/// The stages that merge `leaves` pairwise until one is left.
fn trees(mut leaves: u64, last: bool, works: &mut Vec<Work>) {
    let merging = Merging::Pairwise;
    while leaves > 1 {
        leaves = leaves.div_ceil(u64::from(merging.leaves()));
        works.push(Work::Tree { merging, whole: last && leaves == 1 });
    }
}

/// Refuses reductions that nothing has none of.
fn nothing_is_reduced(body: &Loop) -> Result<()> {
    use numfuse_kernels::Fold;
    match body.reduces.iter().find(|reduce| matches!(reduce.fold, Fold::Min | Fold::Max)) {
        None => Ok(()),
        Some(reduce) => {
            let name = format!("{:?}", reduce.fold).to_lowercase();
            Err(Error::new(ErrorKind::Domain, format!("the {name} of no elements does not exist")))
        }
    }
}

/// Cuts a space into parts of at most `most` positions, along its outermost axes.
fn cut(extents: &[usize], most: u64, parts: &mut Vec<Part>) {
    let whole = Part { start: vec![0; extents.len()], extent: extents.to_vec() };
    let mut left = vec![whole];
    while let Some(part) = left.pop() {
        let positions = part.positions();
        let axis = part.extent.iter().position(|extent| *extent > 1);
        let Some(axis) = axis.filter(|_| positions > most) else {
            parts.push(part);
            continue;
        };
        let extent = part.extent[axis];
        let inside = positions / extent as u64;
        let step = usize::try_from(most / inside).unwrap_or(usize::MAX).clamp(1, extent);
        // the last first: parts come from the end of the stack
        for k in (0..extent.div_ceil(step)).rev() {
            let mut piece = part.clone();
            piece.start[axis] += k * step;
            piece.extent[axis] = step.min(extent - k * step);
            left.push(piece);
        }
    }
}

impl Stage {
    fn new(gpu: &Arc<Gpu>, body: &Loop, nest: &Nest, work: Work, largest: u64) -> Result<Stage> {
        let abilities = gpu.abilities();
        let mut reaching = match largest > abilities.range && abilities.addresses {
            true => Reaching::Addresses,
            false => Reaching::Bindings,
        };
        let mut shader = write(abilities, reaching, nest, body, work)?;
        if shader.bindings.len() > abilities.bindings as usize && abilities.addresses {
            reaching = Reaching::Addresses;
            shader = write(abilities, reaching, nest, body, work)?;
        }
        if reaching == Reaching::Bindings {
            refuse_too_much(abilities, &shader, largest)?;
        }
        let words: u32 = shader.arguments.iter().map(|(_, words)| words).sum();
        let push_bytes = match (shader.pushes, reaching) {
            (true, _) => 4 * words,
            (false, Reaching::Bindings) => 0,
            (false, Reaching::Addresses) => 8,
        };
        let buffers = shader.bindings.len() as u32;
        let pipeline = gpu.pipeline(&shader.words, Bindings { buffers, push_bytes })?;
        let turns = if spirv::has_loops(body) { FEW_TURNS } else { MOST_TURNS };
        Ok(Stage { shader, pipeline, work, turns })
    }

    /// How many items a dispatch of about `most` elements takes, and how many elements along the axis of a running
    /// reduction.
    ///
    /// # Errors
    /// Where elementwise loops may take more turns than the device does.
    pub(super) fn at_once(
        &self,
        extent: &Extent,
        abilities: &Abilities,
        most: u64,
        turns: Option<&Turns>,
    ) -> Result<(u64, u64)> {
        // trees have what their leaves came to
        let turns = turns.filter(|_| !matches!(self.work, Work::Tree { .. } | Work::Nothing));
        let per_element = turns.map_or(1, Turns::per_element);
        if self.work == Work::Running {
            let along = (most / extent.items.max(1)).min(self.turns) / per_element;
            let along = along.clamp(1, extent.per_item);
            turns.map_or(Ok(()), |turns| refuse_turns(abilities, turns, along))?;
            return Ok((extent.items, along));
        }
        let rounds = match self.work {
            _ if turns.is_some() => 1,
            // of a product's sums
            Work::Positions if extent.per_item > 1 => 1,
            Work::Positions | Work::Wide { .. } | Work::Nothing => 4,
            Work::Blocks { .. } | Work::Runs { .. } | Work::Tree { .. } | Work::Running => 1,
        };
        let in_rounds = u64::from(abilities.groups) * extent.per_group * rounds;
        let unhurried = (most / extent.per_item).clamp(1, in_rounds);
        let Some(turns) = turns else { return Ok((unhurried, extent.per_item)) };
        let one_by_one = match self.work {
            Work::Blocks { .. } => extent.per_item.div_ceil(numfuse_kernels::LANES as u64),
            _ => extent.per_item,
        };
        refuse_turns(abilities, turns, one_by_one)?;
        // to do fewer at once than a card has room for would make no dispatch shorter
        let items = (most / extent.per_item / per_element).max(SIDE_BY_SIDE).min(unhurried);
        Ok((items, extent.per_item))
    }
}

/// Refuses more turns than the device's loops take, for an invocation of so many elements.
fn refuse_turns(abilities: &Abilities, turns: &Turns, elements: u64) -> Result<()> {
    // a position may be gone to twice: to read it, and to write what it came to
    let around = turns.once.saturating_add(turns.position.saturating_mul(2)).saturating_add(BLOCK_TURNS);
    let total = elements.saturating_mul(turns.per_element()).saturating_add(around);
    if !abilities.software || total < SOFTWARE_TURNS {
        return Ok(());
    }
    let one = turns.once.max(turns.position).max(turns.element);
    let message = match (one, elements) {
        (u64::MAX, _) => format!(
            "an elementwise loop without a known bound: software ends the loops of a shader after {SOFTWARE_TURNS} turns"
        ),
        (one, 1) => format!(
            "elementwise loops of up to {one} turns: software ends the loops of a shader after {SOFTWARE_TURNS}"
        ),
        (one, elements) => format!(
            "elementwise loops of up to {one} turns, for {elements} elements one after the other: software ends the loops of a shader after {SOFTWARE_TURNS}"
        ),
    };
    let help = "lower the bound of the loops, or run the program on the processor";
    Err(Error::new(ErrorKind::Limit, message).with_help(help))
}

/// Refuses what only addresses could reach, where the device has none.
fn refuse_too_much(abilities: &Abilities, shader: &Shader, largest: u64) -> Result<()> {
    let count = shader.bindings.len();
    let message = match () {
        () if largest > abilities.range => {
            format!("an array of {largest} bytes: a shader of this device reaches {}", abilities.range)
        }
        () if count > abilities.bindings as usize => {
            format!("{count} arrays in one loop: a shader of this device reaches {}", abilities.bindings)
        }
        () => return Ok(()),
    };
    Err(Error::new(ErrorKind::Limit, message))
}

/// The shader of a stage.
pub(super) fn write(
    abilities: &Abilities,
    reaching: Reaching,
    nest: &Nest,
    body: &Loop,
    work: Work,
) -> Result<Shader> {
    match work {
        Work::Positions => match body.product {
            Some(product) => spirv::product(abilities, reaching, nest, body, product),
            None => spirv::map(abilities, reaching, nest, body),
        },
        Work::Wide { count } => spirv::wide(abilities, reaching, nest, body, count),
        Work::Blocks { whole } => spirv::rows(abilities, reaching, nest, body, whole),
        Work::Runs { run, whole } => spirv::columns(abilities, reaching, nest, body, run, whole),
        Work::Tree { merging, whole } => spirv::tree(abilities, reaching, nest, body, merging, whole),
        Work::Running => spirv::running(abilities, reaching, nest, body),
        Work::Nothing => spirv::nothing(abilities, reaching, nest, body),
    }
}

/// What a dispatch of a stage does, and how its partial results lie.
#[derive(Clone, Copy, Debug)]
pub(super) struct Extent {
    /// Items of the stage.
    pub(super) items: u64,
    /// Items that a workgroup does in a turn.
    pub(super) per_group: u64,
    /// Elements that an item visits.
    pub(super) per_item: u64,
    /// Accumulators that the stage leaves.
    pub(super) partials: u64,
    /// The leaves of each tree that it reads, and the trees.
    pub(super) leaves: u64,
    pub(super) trees: u64,
    /// What each tree comes to.
    pub(super) parts: u64,
    /// Whether leaves of different trees lie side by side.
    pub(super) interleaved: bool,
}

/// The extents of stages over a part of the space.
fn extents_of(
    nest: &Nest,
    works: &[Work],
    part: &Part,
    group_size: u32,
    has_loops: bool,
) -> Result<Vec<Extent>> {
    let [_, rows, elements] = nest.counts()?;
    let (kept, group) = (part.positions(), u64::from(group_size));
    let blocks = blocks(elements);
    let mut all: Vec<Extent> = Vec::with_capacity(works.len());
    for work in works {
        let before = all.last();
        let interleaved = before.is_some_and(|extent| extent.interleaved);
        let (trees, leaves) = match (before, *work) {
            // runs of rows take what blocks of each row came to
            (Some(_), Work::Tree { merging: Merging::Run(_), .. }) => (kept, rows),
            (Some(before), _) => (before.trees, before.parts),
            (None, _) => (kept, 1),
        };
        let one = Extent {
            items: kept,
            per_group: group,
            per_item: 1,
            partials: 0,
            leaves,
            trees,
            parts: 1,
            interleaved,
        };
        all.push(match *work {
            Work::Positions => {
                let terms = if nest.kind == NestKind::Product { elements } else { 1 };
                // with elementwise loops there is none beside another
                let side_by_side = if has_loops { 1 } else { u64::from(spirv::SIDE_BY_SIDE) };
                Extent { per_group: group * side_by_side, per_item: terms, ..one }
            }
            Work::Wide { count } => {
                let count = u64::from(count);
                let per_group = group * u64::from(spirv::SIDE_BY_SIDE).div_ceil(count);
                Extent { items: kept.div_ceil(count), per_group, per_item: count, ..one }
            }
            Work::Nothing => one,
            Work::Running => Extent { per_item: rows, partials: kept, ..one },
            Work::Blocks { whole } => Extent {
                items: kept * rows * blocks,
                per_group: group / numfuse_kernels::LANES as u64,
                per_item: elements.min(numfuse_kernels::BLOCK as u64),
                partials: if whole { 0 } else { kept * rows * blocks },
                trees: kept * rows,
                parts: blocks,
                ..one
            },
            Work::Runs { run, whole } => {
                let runs = rows.div_ceil(u64::from(run));
                Extent {
                    items: kept * runs,
                    per_item: u64::from(run).min(rows),
                    partials: if whole { 0 } else { kept * runs },
                    trees: kept,
                    parts: runs,
                    interleaved: true,
                    ..one
                }
            }
            Work::Tree { merging, whole } => {
                let parts = leaves.div_ceil(u64::from(merging.leaves()));
                Extent {
                    items: trees * parts,
                    per_item: u64::from(merging.leaves()).min(leaves),
                    partials: if whole { 0 } else { trees * parts },
                    parts,
                    ..one
                }
            }
        });
    }
    match all.iter().all(|extent| extent.items <= MOST && extent.partials <= MOST_PARTIALS) {
        true => Ok(all),
        false => Err(Error::new(ErrorKind::Limit, "a reduction has more parts than the device counts")),
    }
}

impl Schedule {
    /// The extents of the stages over a part of the space.
    pub(super) fn extents(&self, part: &Part, group_size: u32) -> Result<Vec<Extent>> {
        let works: Vec<Work> = self.stages.iter().map(|stage| stage.work).collect();
        extents_of(&self.nest, &works, part, group_size, self.counting.is_some())
    }

    /// The value of an argument that the space says, for a part of it.
    pub(super) fn argument(&self, argument: Argument, part: &Part, extent: &Extent) -> Option<u64> {
        let interleaved = extent.interleaved;
        Some(match argument {
            Argument::Extent(Group::Kept, axis) => part.extent[axis] as u64,
            Argument::Extent(Group::Middle, axis) => self.nest.middle[axis].extent as u64,
            Argument::Extent(Group::Inner, axis) => self.nest.inner[axis].extent as u64,
            Argument::Kept => part.positions(),
            Argument::Rows => self.nest.middle.iter().map(|axis| axis.extent as u64).product(),
            Argument::Elements => self.nest.inner.iter().map(|axis| axis.extent as u64).product(),
            Argument::Parts => extent.parts,
            Argument::Apart => extent.partials,
            Argument::LeavesApart => extent.leaves * extent.trees,
            Argument::Leaves => extent.leaves,
            Argument::LeafStep => {
                if interleaved {
                    extent.trees
                } else {
                    1
                }
            }
            Argument::TreeStep => {
                if interleaved {
                    1
                } else {
                    extent.leaves
                }
            }
            Argument::PartStep => {
                if interleaved {
                    extent.trees
                } else {
                    1
                }
            }
            Argument::PartTreeStep => {
                if interleaved {
                    1
                } else {
                    extent.parts
                }
            }
            _ => return None,
        })
    }

    /// Where an access begins in a part of the space, in bytes from the beginning of its memory, or as an index.
    pub(super) fn begin(&self, access: usize, part: &Part) -> i64 {
        let along = self.nest.kept.iter().zip(&part.start);
        let moved: isize = along.map(|(axis, start)| axis.strides[access] * *start as isize).sum();
        (self.nest.reaches[access].offset + moved) as i64
    }

    /// Whether an access's places are numbers, not memory.
    pub(super) fn is_index(&self, access: usize) -> bool {
        self.nest.reaches[access].source == Source::Index
    }
}
