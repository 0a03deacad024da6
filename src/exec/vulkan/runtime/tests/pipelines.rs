//! Pipelines in memory and on disk.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Arc;

use super::{download, gpu, plain, shader, silent, upload};
use crate::exec::vulkan::runtime::{CacheAt, Config};

fn directory(name: &str) -> PathBuf {
    let directory = std::env::temp_dir().join(format!("numfuse-pipelines-{}-{name}", std::process::id()));
    let _ = fs::remove_dir_all(&directory);
    directory
}

fn cached(directory: &Path) -> Config {
    Config { cache: CacheAt::Directory(directory.to_owned()), ..plain() }
}

#[test]
fn equal_words_are_one_pipeline() {
    let Some(gpu) = gpu(plain()) else { return };
    let first = gpu.pipeline(&shader::add(), shader::BINDINGS).unwrap();
    let again = gpu.pipeline(&shader::add(), shader::BINDINGS).unwrap();
    let other = gpu.pipeline(&shader::module(5), shader::BINDINGS).unwrap();
    assert!(Arc::ptr_eq(&first, &again) && !Arc::ptr_eq(&first, &other));
    assert_eq!(gpu.pipelines(), 2);
    let a = upload(&gpu, &[1; 64]);
    let mut batch = gpu.batch();
    for pipeline in [&first, &other, &first] {
        batch.dispatch(pipeline, &[&a, &a], &[2, 0, 0, 0, 64, 0, 0, 0], 1).unwrap();
    }
    batch.submit().unwrap();
    assert_eq!(download(&a, 64), [1 + 2 + 7 + 2; 64]);
    silent(&gpu);
}

#[test]
fn pipelines_that_nobody_holds_are_forgotten() {
    let Some(gpu) = gpu(plain()) else { return };
    let kept = gpu.pipeline(&shader::add(), shader::BINDINGS).unwrap();
    for more in 1..1100 {
        gpu.pipeline(&shader::module(more), shader::BINDINGS).unwrap();
    }
    assert!(gpu.pipelines() <= 1024, "{}", gpu.pipelines());
    assert!(Arc::ptr_eq(&kept, &gpu.pipeline(&shader::add(), shader::BINDINGS).unwrap()));
}

#[test]
fn a_file_is_written_and_survives_damage() {
    let directory = directory("damage");
    let run = || {
        let gpu = gpu(cached(&directory))?;
        let a = upload(&gpu, &[1; 64]);
        let mut batch = gpu.batch();
        shader::dispatch(&mut batch, &a, &a, 4, 64);
        batch.submit().unwrap();
        assert_eq!(download(&a, 64), [5; 64]);
        silent(&gpu);
        drop((a, gpu));
        let files: Vec<_> = fs::read_dir(&directory).unwrap().map(|entry| entry.unwrap().path()).collect();
        assert_eq!(files.len(), 1, "{files:?}");
        files.into_iter().next()
    };
    let Some(file) = run() else { return };
    let whole = fs::read(&file).unwrap();
    let flipped: Vec<u8> = whole.iter().map(|byte| byte ^ 0x55).collect();
    for damaged in [&whole[..], &whole[..whole.len() - 1], &whole[..10], &[], &flipped, b"something else"] {
        fs::write(&file, damaged).unwrap();
        assert_eq!(run().as_ref(), Some(&file));
        let now = fs::read(&file).unwrap();
        assert_eq!(now[..16], whole[..16], "the file was not replaced");
    }
    fs::remove_dir_all(directory).unwrap();
}

/// What each process of the next test runs; nothing where no cache is named.
#[test]
fn compiles_for_the_cache_of_the_environment() {
    let config = Config::from_environment().unwrap();
    if let CacheAt::Directory(_) = &config.cache {
        let Some(gpu) = gpu(config) else { return };
        for more in 0..20 {
            gpu.pipeline(&shader::module(more + std::process::id()), shader::BINDINGS).unwrap();
        }
    }
}

#[test]
fn two_processes_share_a_file() {
    let directory = directory("two");
    let Some(_) = gpu(plain()) else { return };
    let test = concat!(module_path!(), "::compiles_for_the_cache_of_the_environment");
    let test = test.split_once("::").unwrap().1;
    let processes = [0, 1].map(|_| {
        let mut command = Command::new(std::env::current_exe().unwrap());
        command.args(["--exact", test]).env("NUMFUSE_VULKAN_CACHE", &directory).stdout(Stdio::piped());
        command.spawn().unwrap()
    });
    for process in processes {
        let output = process.wait_with_output().unwrap();
        let said = String::from_utf8_lossy(&output.stdout);
        assert!(output.status.success() && said.contains("1 passed"), "{said}");
    }
    assert_eq!(fs::read_dir(&directory).unwrap().count(), 1);
    let gpu = gpu(cached(&directory)).unwrap();
    let a = upload(&gpu, &[1; 64]);
    let mut batch = gpu.batch();
    shader::dispatch(&mut batch, &a, &a, 4, 64);
    batch.submit().unwrap();
    assert_eq!(download(&a, 64), [5; 64]);
    silent(&gpu);
    drop((a, gpu));
    fs::remove_dir_all(directory).unwrap();
}
