//! Every module that programs come to is valid SPIR-V, as the Khronos validator sees it, and has the structure that
//! exact arithmetic takes: by binding and by address, with arguments pushed and in memory.

use std::collections::BTreeSet;
use std::collections::hash_map::DefaultHasher;
use std::hash::{Hash, Hasher};
use std::path::PathBuf;
use std::process::Command;

use numfuse::internals::vulkan::{Config, Forced, shaders};
use numfuse::{Device, DeviceInput, ErrorKind, Input, Program};

use crate::engine::card;
use crate::loops;
use crate::programs::{EVERY_LOOP, conversions_and_reductions, inputs, rows, stored};
use crate::structure;

/// The ways to reach memory and arguments.
fn devices() -> Vec<(&'static str, Device)> {
    let forced = [
        ("by binding", Forced::default()),
        ("by address", Forced { bindings: Some(1), ..Forced::default() }),
        ("arguments in memory", Forced { push_bytes: Some(16), ..Forced::default() }),
        (
            "by address, arguments in memory",
            Forced { bindings: Some(1), push_bytes: Some(16), ..Forced::default() },
        ),
    ];
    let open = |(what, forced)| Some((what, card::opened(Config { forced, ..Config::default() })?));
    forced.into_iter().filter_map(open).collect()
}

/// Modules that were seen, to look at each once.
#[derive(Default)]
struct Modules {
    seen: BTreeSet<u64>,
    files: Vec<PathBuf>,
    directory: PathBuf,
    validate: bool,
}

impl Modules {
    fn new(name: &str) -> Modules {
        let directory = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("shaders-{name}"));
        let _ = std::fs::remove_dir_all(&directory);
        std::fs::create_dir_all(&directory).unwrap();
        let validate = Command::new("spirv-val").arg("--version").output().is_ok();
        if !validate {
            card::skip("there is no spirv-val (spirv-tools on Debian): modules are not validated");
        }
        Modules { directory, validate, ..Modules::default() }
    }

    /// The modules of a text; whether it has any.
    fn add(&mut self, device: &Device, text: &str, inputs: &[(&str, Input<'_>)], what: &str) -> bool {
        let Ok(program) = Program::compile(text) else { panic!("{text} does not compile") };
        self.add_program(device, (text, &program), inputs, what)
    }

    /// The modules of a program, and what it is called; whether it has any.
    fn add_program(
        &mut self,
        device: &Device,
        (text, program): (&str, &Program),
        inputs: &[(&str, Input<'_>)],
        what: &str,
    ) -> bool {
        let given = inputs.iter().map(|(name, input)| (*name, DeviceInput::from(input.clone())));
        let modules = match shaders(program, device, given) {
            Ok(modules) => modules,
            // not every operation takes every type
            Err(error) if matches!(error.kind(), ErrorKind::Type | ErrorKind::Unsupported) => return false,
            Err(error) => panic!("{text}, {what}: {error}"),
        };
        for words in &modules {
            let mut hasher = DefaultHasher::new();
            words.hash(&mut hasher);
            if !self.seen.insert(hasher.finish()) {
                continue;
            }
            let of =
                format!("{text} of {:?}, {what}", inputs.iter().map(|i| i.1.dtype()).collect::<Vec<_>>());
            structure::check(words).unwrap_or_else(|why| panic!("{of}: {why}"));
            let file = self.directory.join(format!("{}.spv", self.files.len()));
            let bytes: Vec<u8> = words.iter().flat_map(|word| word.to_le_bytes()).collect();
            std::fs::write(&file, bytes).unwrap();
            std::fs::write(file.with_extension("txt"), of).unwrap();
            self.files.push(file);
        }
        true
    }

    /// Validates them all, some at a time.
    fn validate(&self, most: usize) {
        if !self.validate {
            return;
        }
        for files in self.files.chunks(most) {
            let start = |file: &PathBuf| {
                let mut command = Command::new("spirv-val");
                command.args(["--target-env", "vulkan1.2"]).arg(file);
                command.stdout(std::process::Stdio::piped()).stderr(std::process::Stdio::piped());
                command.spawn().unwrap()
            };
            let started: Vec<_> = files.iter().map(|file| (file, start(file))).collect();
            for (file, child) in started {
                let output = child.wait_with_output().unwrap();
                let of = std::fs::read_to_string(file.with_extension("txt")).unwrap();
                let said = [output.stdout, output.stderr].concat();
                let said = String::from_utf8_lossy(&said);
                assert!(output.status.success(), "{of}: {} is not valid: {said}", file.display());
            }
        }
    }
}

#[test]
fn every_kind_of_loop_is_valid_and_exact() {
    let (inputs, mut modules) = (inputs(), Modules::new("loops"));
    let devices = devices();
    for (what, device) in &devices {
        for text in EVERY_LOOP {
            assert!(modules.add(device, text, &inputs.named(), what), "{text} has no shader, {what}");
        }
    }
    assert!(devices.is_empty() || modules.files.len() > 100, "{} modules", modules.files.len());
    modules.validate(4);
}

#[test]
fn elementwise_loops_are_valid_and_exact() {
    let (inputs, mut modules) = (loops::inputs(), Modules::new("elementwise"));
    let devices = devices();
    for (what, device) in &devices {
        for (name, graph) in loops::every_program() {
            let program = numfuse::internals::program(graph);
            let given = loops::given(&program, &inputs);
            assert!(
                modules.add_program(device, (name, &program), &given, what),
                "{name} has no shader, {what}"
            );
        }
    }
    assert!(devices.is_empty() || modules.files.len() > 50, "{} modules", modules.files.len());
    modules.validate(4);
}

#[test]
fn every_operation_is_valid_and_exact() {
    let mut modules = Modules::new("rows");
    let devices = devices();
    let mut all = rows();
    all.extend(conversions_and_reductions());
    let mut made = 0;
    for (k, (text, types)) in all.iter().enumerate() {
        let arrays: Vec<_> = types.iter().map(|of| stored(*of, &[40, 3], 1)).collect();
        let names = ["a", "b", "c"].into_iter();
        let inputs: Vec<_> = names.zip(arrays.iter().map(|array| array.input())).collect();
        // each way to reach memory by turns: the kinds of loops go all of them
        if let Some((what, device)) = devices.get(k % devices.len().max(1)) {
            made += usize::from(modules.add(device, text, &inputs, what));
        }
    }
    assert!(devices.is_empty() || made > 400, "{made} programs");
    modules.validate(4);
}
