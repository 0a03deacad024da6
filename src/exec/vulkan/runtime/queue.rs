//! The one queue: submissions are numbered, and a timeline semaphore counts those that are done.
//!
//! Waiting for a number needs no lock and no fence, so a thread that waits holds up no other.

use std::collections::VecDeque;
use std::ptr;
use std::sync::{Arc, Mutex};

use ash::vk;
use vulkano::VulkanObject;

use super::connection::Connection;
use super::lock;
use super::recorder::Recorder;
use crate::error::Result;

/// Submissions that the device may lag behind; who submits more waits.
const MOST_IN_FLIGHT: usize = 64;

/// The queue of a device.
pub(super) struct Queue {
    connection: Arc<Connection>,
    queue: Arc<vulkano::device::Queue>,
    timeline: vk::Semaphore,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    /// The number of the last submission.
    submitted: u64,
    in_flight: VecDeque<(u64, Recorder)>,
    idle: Vec<Recorder>,
}

impl Queue {
    pub(super) fn new(connection: &Arc<Connection>, queue: Arc<vulkano::device::Queue>) -> Result<Self> {
        let mut kind = vk::SemaphoreTypeCreateInfo::default().semaphore_type(vk::SemaphoreType::TIMELINE);
        let info = vk::SemaphoreCreateInfo::default().push_next(&mut kind);
        let mut timeline = vk::Semaphore::null();
        let create = connection.functions().v1_0.create_semaphore;
        // SAFETY: the information is complete, and the feature is switched on.
        let result = unsafe { create(connection.handle(), &info, ptr::null(), &mut timeline) };
        connection.check(result, "creating a semaphore")?;
        Ok(Self { connection: connection.clone(), queue, timeline, state: Mutex::default() })
    }

    /// A recorder that has begun. Waits where too many submissions are under way.
    pub(super) fn recorder(&self) -> Result<Recorder> {
        self.connection.alive()?;
        let mut recorder = loop {
            let oldest = {
                let mut state = lock(&self.state);
                if state.idle.is_empty() {
                    self.retire(&mut state)?;
                }
                match (state.idle.pop(), state.in_flight.front()) {
                    (Some(recorder), _) => break recorder,
                    (None, Some(&(oldest, _))) if state.in_flight.len() >= MOST_IN_FLIGHT => oldest,
                    (None, _) => break Recorder::new(&self.connection, self.queue.queue_family_index())?,
                }
            };
            self.wait(oldest)?;
        };
        recorder.begin()?;
        Ok(recorder)
    }

    /// Takes back a recorder that was not submitted.
    pub(super) fn give_back(&self, mut recorder: Recorder) {
        // SAFETY: it was not submitted. One that cannot be reset is dropped.
        if unsafe { recorder.reset() }.is_ok() {
            lock(&self.state).idle.push(recorder);
        }
    }

    /// Submits, and returns the number to wait for.
    pub(super) fn submit(&self, recorder: Recorder) -> Result<u64> {
        self.connection.alive()?;
        recorder.end()?;
        let (commands, semaphores) = ([recorder.commands()], [self.timeline]);
        let mut state = lock(&self.state);
        let number = state.submitted + 1;
        let numbers = [number];
        let mut signal = vk::TimelineSemaphoreSubmitInfo::default().signal_semaphore_values(&numbers);
        let info = vk::SubmitInfo::default()
            .command_buffers(&commands)
            .signal_semaphores(&semaphores)
            .push_next(&mut signal);
        let submit = self.connection.functions().v1_0.queue_submit;
        // SAFETY: the queue is used with the lock only; the commands are complete and not in use.
        let result = unsafe { submit(self.queue.handle(), 1, &info, vk::Fence::null()) };
        if result == vk::Result::ERROR_DEVICE_LOST {
            // The commands may or may not have begun: they are kept until the device is closed.
            state.in_flight.push_back((number, recorder));
            return self.connection.check(result, "submitting").map(|()| number);
        }
        self.connection.check(result, "submitting")?;
        state.submitted = number;
        state.in_flight.push_back((number, recorder));
        Ok(number)
    }

    /// The number of the last submission.
    pub(super) fn submitted(&self) -> u64 {
        lock(&self.state).submitted
    }

    /// The number of the last submission that is done.
    pub(super) fn done(&self) -> Result<u64> {
        let mut number = 0;
        let count = self.connection.functions().v1_2.get_semaphore_counter_value;
        // SAFETY: the semaphore is a timeline.
        let result = unsafe { count(self.connection.handle(), self.timeline, &mut number) };
        self.connection.check(result, "counting submissions")?;
        Ok(number)
    }

    /// Waits for a submission and all before it.
    pub(super) fn wait(&self, number: u64) -> Result<()> {
        self.connection.alive()?;
        if self.done()? >= number {
            return Ok(());
        }
        let (semaphores, numbers) = ([self.timeline], [number]);
        let info = vk::SemaphoreWaitInfo::default().semaphores(&semaphores).values(&numbers);
        let wait = self.connection.functions().v1_2.wait_semaphores;
        // SAFETY: the semaphore is a timeline, and lives as long as the queue.
        let result = unsafe { wait(self.connection.handle(), &info, u64::MAX) };
        self.connection.check(result, "waiting")?;
        // A lost device may signal everything rather than fail.
        self.connection.alive()
    }

    /// Waits for everything.
    pub(super) fn synchronize(&self) -> Result<()> {
        self.wait(self.submitted())?;
        self.retire(&mut lock(&self.state))
    }

    fn retire(&self, state: &mut State) -> Result<()> {
        if state.in_flight.is_empty() {
            return Ok(());
        }
        let done = self.done()?;
        while state.in_flight.front().is_some_and(|(number, _)| *number <= done) {
            let Some((_, mut recorder)) = state.in_flight.pop_front() else { break };
            // SAFETY: the semaphore says that the commands are done.
            unsafe { recorder.reset() }?;
            state.idle.push(recorder);
        }
        Ok(())
    }

    /// Commands that were made, in use or not.
    #[cfg(test)]
    pub(super) fn recorders(&self) -> usize {
        let state = lock(&self.state);
        state.in_flight.len() + state.idle.len()
    }
}

impl Drop for Queue {
    fn drop(&mut self) {
        let functions = &self.connection.functions().v1_0;
        // SAFETY: nobody else has the queue any more. Where the device was lost this returns at once, and what
        // was under way may be destroyed all the same.
        unsafe {
            let _ = (functions.queue_wait_idle)(self.queue.handle());
            *lock(&self.state) = State::default();
            (functions.destroy_semaphore)(self.connection.handle(), self.timeline, ptr::null());
        }
    }
}
