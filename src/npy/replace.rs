//! A file that appears under its name when it is complete.
//!
//! What is written goes to another file in the same folder, which is renamed at the end: a run that fails or is
//! interrupted leaves an existing file untouched. On Linux the other file has no name until it is complete, so that a
//! killed process leaves nothing behind either; elsewhere, and on file systems that know no nameless files, it has a
//! name of its own, which an error removes and a kill does not.
//!
//! The contents are flushed to the disk before the renaming (`fdatasync`): after a power failure there is the old file
//! or the new one, never an empty one. The folder is not flushed: which of the two is the system's choice.

use std::ffi::OsString;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

/// A file being written.
pub(super) struct Replacement {
    file: File,
    place: Place,
}

enum Place {
    /// The file itself, which is no regular one: a pipe, `/dev/stdout`.
    Direct,
    /// Without a name so far.
    #[cfg(target_os = "linux")]
    Nameless { target: PathBuf },
    /// Under a name of its own.
    Named { target: PathBuf, temporary: Temporary },
}

/// A name that is removed again, unless its file has moved.
struct Temporary(PathBuf);

impl Drop for Temporary {
    fn drop(&mut self) {
        // gone after a rename; and where removing fails, there is nobody left to tell
        let _ = fs::remove_file(&self.0);
    }
}

impl Replacement {
    pub(super) fn create(path: &Path) -> io::Result<Self> {
        let target = match fs::canonicalize(path) {
            // a link stays a link, to a new file
            Ok(target) => {
                if !fs::metadata(&target)?.is_file() {
                    let file = OpenOptions::new().write(true).open(&target)?;
                    return Ok(Self { file, place: Place::Direct });
                }
                // renaming asks for no permission to write to what is replaced; people expect that it does
                OpenOptions::new().write(true).open(&target)?;
                target
            }
            Err(_) => path.to_owned(),
        };
        #[cfg(target_os = "linux")]
        if let Some(file) = nameless::create(folder(&target)) {
            return Ok(Self { file, place: Place::Nameless { target } });
        }
        let (temporary, file) = under_new_name(&target, |name| mappable().create_new(true).open(name))?;
        Ok(Self { file, place: Place::Named { target, temporary } })
    }

    /// The file, to be mapped; `None` where it is a pipe or a device.
    #[cfg(target_os = "linux")]
    pub(super) fn as_regular_file(&self) -> Option<&File> {
        match self.place {
            Place::Direct => None,
            Place::Nameless { .. } | Place::Named { .. } => Some(&self.file),
        }
    }

    /// Puts the complete file in its place.
    pub(super) fn commit(self) -> io::Result<()> {
        let (target, temporary) = match self.place {
            Place::Direct => return Ok(()),
            #[cfg(target_os = "linux")]
            Place::Nameless { target } => {
                complete(&self.file, &target)?;
                let (temporary, ()) = under_new_name(&target, |name| nameless::link(&self.file, name))?;
                (target, temporary)
            }
            Place::Named { target, temporary } => {
                complete(&self.file, &target)?;
                (target, temporary)
            }
        };
        fs::rename(&temporary.0, target)
    }
}

impl Write for Replacement {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.file.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

/// A mapping that is written to must be readable.
fn mappable() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.read(true).write(true);
    options
}

/// Flushes the contents, and gives the file the permissions of the one it replaces.
fn complete(file: &File, target: &Path) -> io::Result<()> {
    if let Ok(before) = fs::metadata(target) {
        file.set_permissions(before.permissions())?;
    }
    file.sync_data()
}

/// The folder a file is in.
fn folder(target: &Path) -> &Path {
    match target.parent() {
        Some(folder) if folder != Path::new("") => folder,
        _ => Path::new("."),
    }
}

/// Calls `make` with names beside the target until one is free.
fn under_new_name<T>(target: &Path, make: impl Fn(&Path) -> io::Result<T>) -> io::Result<(Temporary, T)> {
    let Some(name) = target.file_name() else {
        return Err(io::Error::new(io::ErrorKind::InvalidInput, "it does not end in a name"));
    };
    let mut number = 0;
    loop {
        let mut beside = OsString::from(".");
        beside.push(name);
        beside.push(format!(".{}-{number}.tmp", std::process::id()));
        let path = target.with_file_name(beside);
        match make(&path) {
            Ok(made) => return Ok((Temporary(path), made)),
            Err(e) if e.kind() == io::ErrorKind::AlreadyExists && number < 1000 => number += 1,
            Err(e) => return Err(e),
        }
    }
}

#[cfg(target_os = "linux")]
mod nameless {
    use super::*;
    use std::ffi::CString;
    use std::os::fd::AsRawFd;
    use std::os::unix::ffi::OsStrExt;
    use std::os::unix::fs::OpenOptionsExt;

    /// A file without a name; `None` where the file system, or the way to name it later, is missing.
    pub(super) fn create(folder: &Path) -> Option<File> {
        let file = mappable().custom_flags(libc::O_TMPFILE).open(folder).ok()?;
        handle(&file).exists().then_some(file)
    }

    fn handle(file: &File) -> PathBuf {
        PathBuf::from(format!("/proc/self/fd/{}", file.as_raw_fd()))
    }

    /// Gives it a name, which must be free. `std::fs::hard_link` would link the link in `/proc`, not the file.
    pub(super) fn link(file: &File, name: &Path) -> io::Result<()> {
        let from = CString::new(handle(file).as_os_str().as_bytes())?;
        let to = CString::new(name.as_os_str().as_bytes())?;
        let (here, follow) = (libc::AT_FDCWD, libc::AT_SYMLINK_FOLLOW);
        // SAFETY: both are strings that end in a zero byte and outlive the call.
        match unsafe { libc::linkat(here, from.as_ptr(), here, to.as_ptr(), follow) } {
            0 => Ok(()),
            _ => Err(io::Error::last_os_error()),
        }
    }
}
