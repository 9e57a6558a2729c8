//! Reading the settings from the file, the environment and the flags.

use std::ffi::OsString;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use crate::config::{self, Config, FilePath, SecretFile, Sources};

use super::{SettingsArguments, Told};

pub(super) fn load(arguments: &SettingsArguments, environment: &[(OsString, OsString)]) -> Result<Config, Told> {
    let mut flags = Vec::with_capacity(arguments.set.len());
    for flag in &arguments.set {
        let (name, value) = flag
            .split_once('=')
            .ok_or_else(|| Told("--set takes NAME=VALUE, such as --set BIND_ADDRESS=0.0.0.0:8000".to_owned()))?;
        flags.push((name.to_owned(), value.to_owned()));
    }
    let path = config::file_path(arguments.config.as_deref(), environment);
    let (path, text) = match &path {
        FilePath::Required(path) => (path, Some(read(path)?.ok_or_else(|| missing(path))?)),
        FilePath::IfPresent(path) => (path, read(path)?),
    };
    let mut secret_files = Vec::new();
    for setting in config::SETTINGS {
        let Some(variable) = setting.file_variable() else { continue };
        let named = environment.iter().rev().find(|(name, path)| *name == *variable && !path.is_empty());
        let Some((_, path)) = named else { continue };
        let path = PathBuf::from(path);
        let missing = || Told(format!("{variable}: there is no file {}", path.display()));
        let text = read(&path)?.ok_or_else(missing)?;
        secret_files.push(SecretFile { setting: setting.name, path, text });
    }
    let key_file = read(Path::new("openai-key.txt"))?;
    Ok(config::load(Sources {
        file: text.as_deref().map(|text| (path.as_path(), text)),
        env: environment,
        flags: &flags,
        secret_files: &secret_files,
        openai_key_file: key_file.as_deref(),
    })?)
}

fn read(path: &Path) -> Result<Option<String>, Told> {
    match std::fs::read_to_string(path) {
        Ok(text) => Ok(Some(text)),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(Told(format!("{} cannot be read: {error}", path.display()))),
    }
}

fn missing(path: &Path) -> Told {
    Told(format!("there is no settings file {}", path.display()))
}
