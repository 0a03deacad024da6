//! From a call's inputs to a plan bound to them: the whole way from graph to schedule, and what is kept of it.

use std::cell::Cell;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use smallvec::SmallVec;

use super::value::OutputView;
use crate::arena::Id;
use crate::dtype::{DType, Scalar};
use crate::error::{Error, ErrorKind, Result};
use crate::exec::cpu::Prepared;
#[cfg(feature = "vulkan")]
use crate::exec::vulkan;
use crate::exec::{Options, Resolved};
use crate::graph::Graph;
use crate::infer::{AxisSet, Signature, Weak, infer};
use crate::input::{Extents, Input, Strides};
use crate::names;
use crate::plan::{Plan, plan};
use crate::{lower, simplify};

/// What a program keeps from its calls: the last one's binding, and a few plans.
pub(super) struct Bindings {
    /// No other program's, ever.
    id: u64,
    /// How many elements a loop may run over.
    most: u64,
    cache: Mutex<Cache>,
}

#[derive(Default)]
struct Cache {
    last: Option<Arc<Call>>,
    plans: Vec<(Signature, Arc<Plan>)>,
    #[cfg(feature = "vulkan")]
    on_devices: Vec<DeviceCall>,
}

/// A plan bound to a device, and to types, shapes and strides.
#[cfg(feature = "vulkan")]
struct DeviceCall {
    /// The device's number.
    device: u64,
    /// Each with whether it is told to shaders as a number, or lies in memory.
    inputs: SmallVec<[(InputKey, bool); 4]>,
    prepared: Arc<vulkan::Prepared>,
}

/// Bindings to devices that a program keeps.
#[cfg(feature = "vulkan")]
const KEPT_ON_DEVICES: usize = 8;

/// Plans of one program that are kept: one for each combination of types, ranks and equal extents.
const KEPT_PLANS: usize = 16;

/// A plan bound to the types, shapes and strides of a call.
pub(super) struct Call {
    key: Key,
    pub(super) prepared: Prepared,
    pub(super) options: Resolved,
}

/// What a binding depends on.
struct Key {
    inputs: SmallVec<[InputKey; 4]>,
    outputs: Option<Box<[(Extents, Strides)]>>,
}

struct InputKey {
    dtype: DType,
    weak: Option<Weak>,
    swapped: bool,
    shape: Extents,
    strides: Strides,
    /// Its value, where a shape depends on it.
    value: Option<Scalar>,
}

impl InputKey {
    fn of(input: &Input<'_>, value: Option<Scalar>) -> InputKey {
        let Input { dtype, weak, swapped, .. } = *input;
        let (shape, strides) = (input.shape.clone(), input.strides.clone());
        InputKey { dtype, weak, swapped, shape, strides, value }
    }

    #[inline]
    fn is_of(&self, input: &Input<'_>) -> bool {
        self.dtype == input.dtype
            && self.weak == input.weak
            && self.swapped == input.swapped
            && same(&self.shape, &input.shape)
            && same(&self.strides, &input.strides)
            && self.value.is_none_or(|value| input.number().is_some_and(|number| number.same(value)))
    }
}

/// Equality of a few words: a call of `memcmp` would cost more than the comparison.
#[inline]
fn same<T: PartialEq>(a: &[T], b: &[T]) -> bool {
    match (a, b) {
        ([x], [y]) => x == y,
        _ => a.len() == b.len() && a.iter().zip(b).all(|(x, y)| x == y),
    }
}

impl Key {
    #[inline]
    fn is_of(&self, inputs: &[&Input<'_>], outputs: Option<&[OutputView<'_>]>) -> bool {
        let same_outputs = match (&self.outputs, outputs) {
            (None, None) => true,
            (Some(keys), Some(views)) => {
                let mut pairs = keys.iter().zip(views);
                pairs.all(|((shape, strides), view)| same(shape, &view.shape) && same(strides, &view.strides))
            }
            _ => false,
        };
        same_outputs && self.inputs.iter().zip(inputs).all(|(key, input)| key.is_of(input))
    }
}

/// A binding that this thread has used, and whose it is.
type Recent = Cell<Option<(u64, Arc<Call>)>>;
/// How many programs a thread calls by turns without asking their caches.
const RECENT: usize = 4;

thread_local! {
    // a lock and a shared count are a third of a small call's time: a thread that calls again asks nobody
    static RECENTLY: [Recent; RECENT] = const { [const { Cell::new(None) }; RECENT] };
}

impl Bindings {
    pub(super) fn new(most: u64) -> Self {
        static NEXT: AtomicU64 = AtomicU64::new(0);
        Self { id: NEXT.fetch_add(1, Ordering::Relaxed), most, cache: Mutex::default() }
    }

    /// Calls `run` with the graph's plan bound to these inputs and outputs, as many as there are results.
    pub(super) fn with<R>(
        &self,
        graph: &Graph,
        options: Options,
        inputs: &[&Input<'_>],
        outputs: Option<&[OutputView<'_>]>,
        run: impl FnOnce(&Call) -> Result<R>,
    ) -> Result<R> {
        let slot = self.id as usize % RECENT;
        // taken out for the run: a run inside the run finds nothing, and asks the cache
        let recent = RECENTLY.try_with(|recently| recently[slot].take()).ok().flatten();
        let call = match recent {
            Some((id, call)) if id == self.id && call.is_for(inputs, outputs) => call,
            _ => self.call(graph, options, inputs, outputs)?,
        };
        let result = run(&call);
        let _ = RECENTLY.try_with(|recently| recently[slot].set(Some((self.id, call))));
        result
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Cache> {
        self.cache.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The plan bound to a call: the last one's if nothing has changed.
    fn call(
        &self,
        graph: &Graph,
        options: Options,
        inputs: &[&Input<'_>],
        outputs: Option<&[OutputView<'_>]>,
    ) -> Result<Arc<Call>> {
        if let Some(last) = &self.lock().last
            && last.is_for(inputs, outputs)
        {
            return Ok(last.clone());
        }
        let signature = signature(graph, inputs)?;
        let plan = self.plan(graph, &signature)?;
        // a plan for extents knows those of its views as well
        let extents: SmallVec<[usize; 8]> = match graph.is_sized() {
            true => plan.signature.extents().into(),
            false => signature.extents().into(),
        };
        for (k, view) in outputs.unwrap_or_default().iter().enumerate() {
            check_target(graph, &plan, k, &extents, view)?;
        }
        check_elements(&plan, &extents, self.most)?;
        let options = options.resolve()?;
        let given: Option<SmallVec<[Strides; 1]>> =
            outputs.map(|views| views.iter().map(|view| view.strides.clone()).collect());
        let prepared = Prepared::new(plan, &extents, inputs, given.as_deref(), options)?;
        let key = Key {
            inputs: inputs
                .iter()
                .zip(signature.inputs())
                .map(|(input, ty)| InputKey::of(input, ty.value))
                .collect(),
            outputs: outputs
                .map(|views| views.iter().map(|view| (view.shape.clone(), view.strides.clone())).collect()),
        };
        let call = Arc::new(Call { key, prepared, options });
        self.lock().last = Some(call.clone());
        Ok(call)
    }

    /// The plan bound to a device: an earlier call's if it was for the same inputs.
    #[cfg(feature = "vulkan")]
    pub(super) fn on_device(
        &self,
        graph: &Graph,
        gpu: &Arc<vulkan::Gpu>,
        inputs: &[&Input<'_>],
    ) -> Result<Arc<vulkan::Prepared>> {
        let is_for = |call: &DeviceCall| {
            let same = |((key, number), input): (&(InputKey, bool), &&Input<'_>)| {
                key.is_of(input) && *number == input.is_number()
            };
            call.device == gpu.id() && call.inputs.iter().zip(inputs).all(same)
        };
        if let Some(call) = self.lock().on_devices.iter().find(|call| is_for(call)) {
            return Ok(call.prepared.clone());
        }
        let signature = signature(graph, inputs)?;
        let plan = self.plan(graph, &signature)?;
        let extents: SmallVec<[usize; 8]> = match graph.is_sized() {
            true => plan.signature.extents().into(),
            false => signature.extents().into(),
        };
        check_elements(&plan, &extents, self.most)?;
        let prepared = vulkan::Prepared::new(gpu, plan, &extents, inputs)?;
        let prepared = Arc::new(prepared.in_text(graph.source()));
        let keys = inputs.iter().zip(signature.inputs());
        let keys = keys.map(|(input, ty)| (InputKey::of(input, ty.value), input.is_number()));
        let call = DeviceCall { device: gpu.id(), inputs: keys.collect(), prepared: prepared.clone() };
        let mut cache = self.lock();
        if cache.on_devices.len() == KEPT_ON_DEVICES {
            cache.on_devices.remove(0);
        }
        cache.on_devices.push(call);
        Ok(prepared)
    }

    /// The stages after the graph, or what an earlier call kept of them.
    fn plan(&self, graph: &Graph, signature: &Signature) -> Result<Arc<Plan>> {
        let serves = |known: &Signature| {
            known == signature && (!graph.is_sized() || known.extents() == signature.extents())
        };
        let known = self.lock().plans.iter().find(|(s, _)| serves(s)).map(|(_, plan)| plan.clone());
        if let Some(plan) = known {
            return Ok(plan);
        }
        let typed = infer(graph, signature)?;
        let plan = Arc::new(plan(&lower::lower(&simplify::simplify(&typed))));
        let mut cache = self.lock();
        if cache.plans.len() == KEPT_PLANS {
            cache.plans.remove(0);
        }
        cache.plans.push((signature.clone(), plan.clone()));
        Ok(plan)
    }
}

impl Call {
    #[inline]
    fn is_for(&self, inputs: &[&Input<'_>], outputs: Option<&[OutputView<'_>]>) -> bool {
        self.key.is_of(inputs, outputs) && outputs.is_none_or(|views| are_result_types(&self.prepared, views))
    }
}

fn are_result_types(prepared: &Prepared, views: &[OutputView<'_>]) -> bool {
    let plan = prepared.plan();
    plan.results.iter().zip(views).all(|(buffer, view)| plan.buffers[*buffer].dtype == view.dtype)
}

/// What a message calls the k-th result.
pub(super) fn which(graph: &Graph, k: usize) -> String {
    match graph.names().get(k) {
        Some(Some(name)) => format!("the result `{}`", names::shortened(name)),
        _ if graph.results().len() == 1 => "the result".to_owned(),
        _ => format!("result {}", k + 1),
    }
}

/// Refuses an output of another type or shape than the k-th result's.
fn check_target(
    graph: &Graph,
    plan: &Plan,
    k: usize,
    extents: &[usize],
    view: &OutputView<'_>,
) -> Result<()> {
    let buffer = &plan.buffers[plan.results[k]];
    let shape: Extents = buffer.dims.iter().map(|d| extents[d.index()]).collect();
    if (buffer.dtype, &shape) == (view.dtype, &view.shape) {
        return Ok(());
    }
    let (which, result) = (which(graph, k), buffer.dtype);
    let message = format!("{which} is {result}{shape:?}, and the output {}{:?}", view.dtype, view.shape);
    Err(Error::new(ErrorKind::Output, message))
}

/// Refuses loops over more elements than `most`.
fn check_elements(plan: &Plan, extents: &[usize], most: u64) -> Result<()> {
    for nest in &plan.loops {
        if let Some(steps) = &nest.steps {
            check_elements(&steps.plan, steps.plan.signature.extents(), most)?;
        }
        let extents = nest.dims.iter().map(|dim| extents[dim.index()] as u64);
        // an array that is too large for the address space has an error of its own
        let elements = extents.fold(1u64, u64::saturating_mul);
        if elements > most {
            let message = format!("a loop runs over {elements} elements, more than the limit of {most}");
            return Err(Error::new(ErrorKind::Limit, message));
        }
    }
    Ok(())
}

/// The inputs' types and shapes, and the values of those that shapes depend on.
pub(crate) fn signature(graph: &Graph, inputs: &[&Input<'_>]) -> Result<Signature> {
    let mut signature = Signature::new();
    for input in inputs {
        if input.shape.len() > AxisSet::MAX_RANK {
            let message = format!("an input has {} axes, more than {}", input.shape.len(), AxisSet::MAX_RANK);
            return Err(Error::new(ErrorKind::Limit, message));
        }
        signature.push(input.dtype, input.weak, &input.shape);
    }
    for input in graph.known_inputs() {
        if let Some(number) = inputs.get(input.index()).and_then(|input| input.number()) {
            signature.set_value(input.index(), number);
        }
    }
    Ok(signature)
}
