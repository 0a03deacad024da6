//! The file that keeps compiled pipelines between processes.
//!
//! Drivers trust the data that they are given, so a file with a flipped bit could crash one: a header of our own
//! with a checksum is tested first, and what does not pass it is as good as no file.

use std::ffi::OsString;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

use vulkano::device::DeviceProperties;

use super::config::CacheAt;

const MAGIC: &[u8; 8] = b"nfvkpc01";
const HEADER: usize = 24;

/// Files beyond this are neither read nor written: reading them at every start costs more than it saves.
const MOST_BYTES: u64 = 256 << 20;

/// A file for the pipelines of one device and one version of its driver.
pub(super) struct CacheFile {
    path: PathBuf,
}

impl CacheFile {
    /// The file for a device, where files are to be kept.
    pub(super) fn of(at: &CacheAt, device: &DeviceProperties) -> Option<Self> {
        let directory = match at {
            CacheAt::Nowhere => return None,
            CacheAt::Directory(directory) => directory.clone(),
            CacheAt::User => user_directory()?.join("numfuse").join("vulkan"),
        };
        let uuid: String = device.pipeline_cache_uuid.iter().map(|byte| format!("{byte:02x}")).collect();
        let (vendor, id, driver) = (device.vendor_id, device.device_id, device.driver_version);
        Some(Self { path: directory.join(format!("{vendor:x}-{id:x}-{uuid}-{driver:x}.bin")) })
    }

    /// What was written last, if it is whole.
    pub(super) fn read(&self) -> Option<Vec<u8>> {
        if fs::metadata(&self.path).ok()?.len() > MOST_BYTES {
            return None;
        }
        let mut file = fs::read(&self.path).ok()?;
        let (header, data) = file.split_at_checked(HEADER)?;
        if header != self::header(data) {
            return None;
        }
        file.drain(..HEADER);
        Some(file)
    }

    /// Replaces the file at once, so that no process ever reads half of it. Failing is silent.
    pub(super) fn write(&self, data: &[u8]) {
        if data.len() as u64 > MOST_BYTES - HEADER as u64 {
            return;
        }
        let temporary = self.temporary();
        if self.write_through(&temporary, data).is_err() {
            let _ = fs::remove_file(&temporary);
        }
    }

    fn write_through(&self, temporary: &Path, data: &[u8]) -> std::io::Result<()> {
        if let Some(directory) = self.path.parent() {
            fs::create_dir_all(directory)?;
        }
        let mut file = fs::File::create_new(temporary)?;
        file.write_all(&header(data))?;
        file.write_all(data)?;
        drop(file);
        fs::rename(temporary, &self.path)
    }

    fn temporary(&self) -> PathBuf {
        static WRITTEN: AtomicU64 = AtomicU64::new(0);
        let number = WRITTEN.fetch_add(1, Ordering::Relaxed);
        self.path.with_extension(format!("{}-{number}.tmp", std::process::id()))
    }
}

fn header(data: &[u8]) -> [u8; HEADER] {
    let mut header = [0; HEADER];
    header[..8].copy_from_slice(MAGIC);
    header[8..16].copy_from_slice(&(data.len() as u64).to_le_bytes());
    header[16..].copy_from_slice(&checksum(data).to_le_bytes());
    header
}

/// FNV-1a over words of 8 bytes, the last one padded with zeros (the length is kept beside it).
fn checksum(data: &[u8]) -> u64 {
    data.chunks(8).fold(0xcbf2_9ce4_8422_2325, |sum, chunk| {
        let mut word = [0; 8];
        word[..chunk.len()].copy_from_slice(chunk);
        // The rotation carries high bits down, which multiplication alone would not.
        (sum ^ u64::from_le_bytes(word)).wrapping_mul(0x0000_0100_0000_01b3).rotate_left(29)
    })
}

/// Where caches of the user go, by the customs of the system.
fn user_directory() -> Option<PathBuf> {
    let absolute = |variable: &str| {
        let value: OsString = std::env::var_os(variable)?;
        Some(PathBuf::from(value)).filter(|path| path.is_absolute())
    };
    if cfg!(windows) {
        absolute("LOCALAPPDATA")
    } else if cfg!(target_os = "macos") {
        Some(absolute("HOME")?.join("Library").join("Caches"))
    } else {
        absolute("XDG_CACHE_HOME").or_else(|| Some(absolute("HOME")?.join(".cache")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(name: &str) -> CacheFile {
        let directory = std::env::temp_dir().join(format!("numfuse-cache-{}-{name}", std::process::id()));
        let _ = fs::remove_dir_all(&directory);
        CacheFile { path: directory.join("deep").join("1-2-3-4.bin") }
    }

    #[test]
    fn whole_files_are_read_and_others_are_not() {
        let file = file("whole");
        assert_eq!(file.read(), None);
        let data: Vec<u8> = (0..1003_u32).map(|i| (i * 7) as u8).collect();
        file.write(&data);
        assert_eq!(file.read().as_ref(), Some(&data));
        let whole = fs::read(&file.path).unwrap();
        for cut in [0, 7, HEADER - 1, HEADER, whole.len() - 1] {
            fs::write(&file.path, &whole[..cut]).unwrap();
            assert_eq!(file.read(), None, "cut to {cut}");
        }
        for at in (0..whole.len()).step_by(13).chain([whole.len() - 1]) {
            let mut bad = whole.clone();
            bad[at] ^= 0x10;
            fs::write(&file.path, &bad).unwrap();
            assert_eq!(file.read(), None, "a bit flipped at {at}");
        }
        file.write(&data);
        assert_eq!(file.read(), Some(data));
        let directory = file.path.parent().unwrap();
        assert_eq!(fs::read_dir(directory).unwrap().count(), 1, "temporary files are left");
        fs::remove_dir_all(directory.parent().unwrap()).unwrap();
    }

    #[test]
    fn where_nothing_can_be_written_nothing_happens() {
        let file = file("blocked");
        let blocked = file.path.parent().unwrap().parent().unwrap().to_owned();
        fs::write(&blocked, "a file where a directory should be").unwrap();
        file.write(b"data");
        assert_eq!(file.read(), None);
        fs::remove_file(blocked).unwrap();
    }
}
